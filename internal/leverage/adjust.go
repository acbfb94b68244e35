package leverage

import (
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// Design is a set of regressors over the blocks of a clustering.
type Design struct {
	Blocks *Blocks
	Score  []int         // leading columns of which the regressors are made
	Fitted *mat.Dense    // score columns x regressors: the (fitted) regressors
	Bread  *mat.SymDense // inverse of the regressors' cross-products
	Basis  *mat.Dense    // maps estimates on the regressors to the estimates that are reported
}

// Power is the power of the residual maker's block that multiplies residuals.
type Power int

const (
	// None leaves residuals as they are: CR0, CR1.
	None Power = iota
	// InverseRoot is that of CR2.
	InverseRoot
	// InverseWhole is that of CR3 and the jackknife.
	InverseWhole
)

// singular is what a cluster must leave of a direction of the regressors for the direction to count:
// where the cluster has 1-singular of it or more, its residuals in that direction are zero but for
// rounding, and so is its influence.
const singular = 1e-10

func (p Power) of(left float64) float64 {
	switch {
	case p == None:
		return 1
	case left <= singular:
		return 0
	case p == InverseRoot:
		return 1 / math.Sqrt(left)
	}
	return 1 / left
}

// Adjusted holds, for every cluster, the map from its scores to its adjusted influence.
type Adjusted struct {
	design *Design
	maps   []*mat.Dense // estimates x (regressors + support)
	// Leverage is the trace of each cluster's block of the hat matrix, without nested effects.
	Leverage []float64
	// Lost reports, for each cluster that determines some combination of the regressors alone, the
	// estimates that it enters; nil for other clusters.
	Lost [][]bool

	weighted *weighted // for errors of equal variance in spite of weights; nil otherwise
}

// Adjust computes the maps.
func (d *Design) Adjust(ctx context.Context, power Power) (*Adjusted, error) {
	n := d.Blocks.Len()
	a := &Adjusted{design: d, maps: make([]*mat.Dense, n), Leverage: make([]float64, n), Lost: make([][]bool, n)}
	lower := symmetric.Factor(d.Bread)
	if d.Blocks.unequal != nil {
		a.weighted = d.weigh()
	}
	if lower == nil || d.Blocks.unequal != nil && a.weighted == nil {
		return nil, errNotFactored
	}
	failed := make([]bool, n)
	err := d.Blocks.each(ctx, func(g int, _ *scratch) {
		failed[g] = !a.adjust(g, power, lower) || a.weighted != nil && !a.reweigh(g, power)
	})
	if err != nil {
		return nil, err
	}
	if slices.Contains(failed, true) {
		return nil, errNotFactored
	}
	return a, nil
}

// errNotFactored says that eigenvalues could not be found.
var errNotFactored = errors.New("the eigenvalues of a cluster's leverage could not be computed; the columns are too unequal in scale or too nearly collinear")

// adjust computes the map of cluster g, and reports whether it could; lower is the factor of the regressors' bread.
func (a *Adjusted) adjust(g int, power Power, lower *mat.Dense) bool {
	d := a.design
	k, _ := d.Bread.Dims()
	n := d.products(g)
	m := n.SymmetricDim()
	root := mat.NewDense(m, m, nil)
	root.Slice(0, k, 0, k).(*mat.Dense).Copy(lower)
	if m > k {
		within := symmetric.Factor(d.Blocks.within(g))
		if within == nil {
			return false
		}
		root.Slice(k, m, k, m).(*mat.Dense).Copy(within)
	}
	values, vectors, ok := symmetric.Eigen(symmetric.Sandwich(root, n))
	if !ok {
		return false
	}
	powers := make([]float64, m)
	for i, v := range values {
		a.Leverage[g] += v
		powers[i] = power.of(1 - v)
	}
	ones := m // from here on, the cluster's leverage is one
	for ones > 0 && 1-values[ones-1] <= singular {
		ones--
	}
	if ones < m {
		var gone mat.Dense
		gone.Mul(lower, vectors.Slice(0, k, ones, m))
		a.Lost[g] = d.loses(d.Basis, &gone)
	}
	// basis [lower, 0] vectors powers vectors' root'
	a.maps[g] = &mat.Dense{}
	a.maps[g].Product(d.Basis, lower, vectors.Slice(0, k, 0, m), mat.NewDiagDense(m, powers), vectors.T(), root.T())
	return true
}

// products is the cluster's cross-products of the regressors and the kept columns of its support.
func (d *Design) products(g int) *mat.SymDense {
	k, s := d.Fitted.RawMatrix().Cols, len(d.Score)
	group := &d.Blocks.groups[g]
	t := len(group.support)
	block := mat.NewDense(s, s, nil)
	d.Blocks.Grams.Block(g, d.Score, block.RawMatrix().Data)
	own := symmetric.Sandwich(d.Fitted, symmetric.Of(block))
	if t == 0 {
		return own
	}
	n := mat.NewSymDense(k+t, nil)
	for i := range k {
		for j := i; j < k; j++ {
			n.SetSym(i, j, own.At(i, j))
		}
	}
	cross := mat.NewDense(s, t, nil)
	for i, c := range d.Score {
		cross.SetRow(i, group.cross[c*t:(c+1)*t])
	}
	var xt mat.Dense
	xt.Mul(d.Fitted.T(), cross)
	for j := range t {
		for i := range k {
			n.SetSym(i, k+j, xt.At(i, j))
		}
		for i := j; i < t; i++ {
			n.SetSym(k+j, k+i, group.own[j*t+i])
		}
	}
	return n
}

// places lists the places of the cluster's regressors and kept columns among all.
func (d *Design) places(g int) []int {
	k := d.Bread.SymmetricDim()
	support := d.Blocks.groups[g].support
	at := make([]int, k+len(support))
	for i := range at {
		at[i] = i
		if i >= k {
			at[i] = k + int(support[i-k])
		}
	}
	return at
}

// within is the inverse of the kept columns' cross-products on the support of cluster g.
func (b *Blocks) within(g int) *mat.SymDense {
	support := b.groups[g].support
	m := mat.NewSymDense(len(support), nil)
	for i, l := range support {
		for j := i; j < len(support); j++ {
			m.SetSym(i, j, b.inverse[int(l)*b.levels+int(support[j])])
		}
	}
	return m
}

// Influences has a row for each cluster: its adjusted influence on the estimates, which is what
// leaving the cluster out takes from them where the power is InverseWhole. Scores are those of the
// design's score columns, cluster after cluster, and kept those of Blocks.Scores.
func (a *Adjusted) Influences(scores []float64, kept [][]float64) *mat.Dense {
	d := a.design
	s, k := len(d.Score), d.Fitted.RawMatrix().Cols
	estimates, _ := d.Basis.Dims()
	rows := mat.NewDense(len(a.maps), estimates, nil)
	for g, m := range a.maps {
		var all, influence mat.VecDense
		if a.weighted != nil {
			all = *a.weighted.locals[g].sums(kept[g])
		} else {
			var own mat.VecDense
			own.MulVec(d.Fitted.T(), mat.NewVecDense(s, scores[g*s:(g+1)*s]))
			both := append(append(make([]float64, 0, k+len(kept[g])), own.RawVector().Data...), kept[g]...)
			all = *mat.NewVecDense(len(both), both)
		}
		influence.MulVec(m, &all)
		for j := range estimates {
			rows.Set(g, j, influence.AtVec(j))
		}
	}
	return rows
}

// whole is M over the regressors and all kept columns.
func (d *Design) whole() []float64 {
	k, levels := d.Bread.SymmetricDim(), d.Blocks.levels
	n := k + levels
	whole := make([]float64, n*n)
	for i := range k {
		for j := range k {
			whole[i*n+j] = d.Bread.At(i, j)
		}
	}
	for l := range levels {
		copy(whole[(k+l)*n+k:(k+l+1)*n], d.Blocks.inverse[l*levels:(l+1)*levels])
	}
	return whole
}
