package leverage

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
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
	lower := factor(d.Bread)
	failed := make([]bool, n)
	if d.Blocks.unequal != nil {
		a.weighted = d.weigh()
	}
	err := d.Blocks.each(ctx, func(g int, _ *scratch) {
		failed[g] = !a.adjust(g, power, lower) || a.weighted != nil && !a.reweigh(g, power)
	})
	if err != nil {
		return nil, err
	}
	for g := range n {
		if failed[g] {
			return nil, &NotFactored{Cluster: g}
		}
	}
	return a, nil
}

// NotFactored says that the eigenvalues of a cluster's leverage could not be found.
type NotFactored struct{ Cluster int }

// Error names the cluster by its place.
func (e *NotFactored) Error() string {
	return "the eigenvalues of a cluster's leverage could not be computed; the columns are too unequal in scale or too nearly collinear"
}

// adjust computes the map of cluster g; lower is the factor of the regressors' bread.
func (a *Adjusted) adjust(g int, power Power, lower *mat.Dense) bool {
	d := a.design
	k, _ := d.Bread.Dims()
	n := d.products(g)
	m := n.SymmetricDim()
	root := mat.NewDense(m, m, nil)
	root.Slice(0, k, 0, k).(*mat.Dense).Copy(lower)
	if m > k {
		root.Slice(k, m, k, m).(*mat.Dense).Copy(factor(d.Blocks.within(g)))
	}
	whitened := sandwich(root, n)
	var eigen mat.EigenSym
	if !eigen.Factorize(whitened, true) {
		return false
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
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
	var left, turned mat.Dense
	left.Product(d.Basis, lower, vectors.Slice(0, k, 0, m))
	for j := range k {
		row := left.RawRowView(j)
		for i, p := range powers {
			row[i] *= p
		}
	}
	turned.Mul(&left, vectors.T())
	a.maps[g] = mat.NewDense(k, m, nil)
	a.maps[g].Mul(&turned, root.T())
	return true
}

// products is the cluster's cross-products of the regressors and the kept columns of its support.
func (d *Design) products(g int) *mat.SymDense {
	k, s := d.Fitted.RawMatrix().Cols, len(d.Score)
	group := &d.Blocks.groups[g]
	t := len(group.support)
	block := mat.NewDense(s, s, nil)
	d.Blocks.Grams.Block(g, d.Score, block.RawMatrix().Data)
	var xx mat.Dense
	xx.Product(d.Fitted.T(), block, d.Fitted)
	n := mat.NewSymDense(k+t, nil)
	for i := range k {
		for j := i; j < k; j++ {
			n.SetSym(i, j, (xx.At(i, j)+xx.At(j, i))/2)
		}
	}
	if t == 0 {
		return n
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

// factor is a root of a positive semi-definite matrix: a = factor factor'. It is Cholesky's where
// the matrix is definite, and the symmetric root where rounding has made it singular.
func factor(a *mat.SymDense) *mat.Dense {
	n := a.SymmetricDim()
	scale := make([]float64, n)
	scaled := mat.NewSymDense(n, nil)
	for i := range n {
		scale[i] = math.Sqrt(a.At(i, i))
	}
	for i := range n {
		for j := i; j < n; j++ {
			scaled.SetSym(i, j, a.At(i, j)/scale[i]/scale[j])
		}
	}
	root := mat.NewDense(n, n, nil)
	var chol mat.Cholesky
	var eigen mat.EigenSym
	switch {
	case chol.Factorize(scaled):
		var lower mat.TriDense
		chol.LTo(&lower)
		root.Copy(&lower)
	case eigen.Factorize(scaled, true):
		eigen.VectorsTo(root)
		for j, v := range eigen.Values(nil) {
			for i := range n {
				root.Set(i, j, root.At(i, j)*math.Sqrt(max(v, 0)))
			}
		}
	}
	for i := range n {
		for j := range n {
			root.Set(i, j, root.At(i, j)*scale[i])
		}
	}
	return root
}

// sandwich is root' n root.
func sandwich(root *mat.Dense, n *mat.SymDense) *mat.SymDense {
	var v mat.Dense
	v.Product(root.T(), n, root)
	m, _ := v.Dims()
	s := mat.NewSymDense(m, nil)
	for i := range m {
		for j := i; j < m; j++ {
			s.SetSym(i, j, (v.At(i, j)+v.At(j, i))/2)
		}
	}
	return s
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
