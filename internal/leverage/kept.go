package leverage

// Levels is the number of columns that the kept effects became, with those that others span.
func (b *Blocks) Levels() int { return b.levels }

// Reweighed reports whether the blocks were made for errors whose variances are not inverse to the
// weights, so that Scores are not those of the kept columns.
func (b *Blocks) Reweighed() bool { return b.unequal != nil }

// Kept is cluster g's part of the cross-products that involve kept columns: the columns that it touches
// and that no others span, their products with the leading columns (leading x support) and with
// each other (support x support).
func (b *Blocks) Kept(g int) (support []int32, cross, own []float64) {
	group := &b.groups[g]
	return group.support, group.cross, group.own
}
