package moments

// Len is the number of groups.
func (s *Grams) Len() int {
	if s.size() == 0 {
		return 0
	}
	return len(s.data) / s.size()
}

// Block writes the cross-products of the listed columns of group g into a full square matrix, row
// after row.
func (s *Grams) Block(g int, columns []int, into []float64) {
	packed := s.data[g*s.size():]
	at := func(i, j int) float64 {
		i, j = min(i, j), max(i, j)
		return packed[i*s.K-i*(i-1)/2+j-i]
	}
	n := len(columns)
	for i, c := range columns {
		for j, d := range columns {
			into[i*n+j] = at(c, d)
		}
	}
}

// GroupProducts computes the cross-products of the first k columns by groups that need not be
// consecutive: group g has rows order[starts[g]:starts[g+1]].
func GroupProducts(m Matrix, order []int32, starts []int, k int) *Grams {
	s := &Grams{K: k}
	s.data = make([]float64, (len(starts)-1)*s.size())
	for g := range len(starts) - 1 {
		packed := s.data[g*s.size() : (g+1)*s.size()]
		for _, i := range order[starts[g]:starts[g+1]] {
			row, at := m.Row(int(i))[:k], 0
			for a, v := range row {
				for _, w := range row[a:] {
					packed[at] += v * w
					at++
				}
			}
		}
	}
	return s
}
