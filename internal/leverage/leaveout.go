package leverage

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Instrumented is a two-stage model: its instruments are the design's score columns.
type Instrumented struct {
	X      []int       // leading columns of the regressors
	Total  []float64   // score columns times residuals, over all clusters
	Scores []float64   // the same by cluster
	Kept   [][]float64 // kept columns times residuals, from Blocks.Scores
}

// unidentified is the share of the fitted variation of a combination of regressors below which the
// model without a cluster counts as not identified.
const unidentified = 1e-9

// LeaveOut has a row for each cluster: what leaving it out, in both stages, takes from the
// two-stage estimates. It follows from the cross-products that are left of instruments Z and
// regressors X once the cluster's own are subtracted and the kept columns T are partialled out anew:
// with u the residuals at the estimates b, and t_g = T_g'u_g,
//
//	(Z'u)_-g = Z'u - Z_g'u_g - Z_g'T_g (T'T - T_g'T_g)^- t_g
//
// and likewise (Z'Z)_-g and (Z'X)_-g. Combinations that are not identified without a cluster stay as
// they are; lost reports the estimates that they enter, for each cluster that there are such of.
func (d *Design) LeaveOut(ctx context.Context, in Instrumented) (rows *mat.Dense, lost [][]bool, err error) {
	b := d.Blocks
	z := len(d.Score)
	columns := append(append([]int(nil), d.Score...), in.X...)
	n := len(columns)
	total, block := make([]float64, n*n), make([]float64, n*n)
	for g := range b.Len() {
		b.Grams.Block(g, columns, block)
		for i, v := range block {
			total[i] += v
		}
	}
	estimates, _ := d.Basis.Dims()
	rows = mat.NewDense(b.Len(), estimates, nil)
	lost = make([][]bool, b.Len())
	failed := make([]bool, b.Len())
	err = b.each(ctx, func(g int, _ *scratch) {
		left := make([]float64, n*n)
		b.Grams.Block(g, columns, left)
		for i, v := range left {
			left[i] = total[i] - v
		}
		zu := make([]float64, z)
		for i := range zu {
			zu[i] = in.Total[i] - in.Scores[g*z+i]
		}
		b.partialKept(g, columns, left, zu, b.keptScores(g, z, in.Kept[g]))
		products := mat.NewDense(n, n, left)
		step, gone := twoStage(products.Slice(0, z, 0, z), products.Slice(0, z, z, n), mat.NewVecDense(z, zu), d.Bread)
		if failed[g] = step == nil; failed[g] {
			return
		}
		lost[g] = d.loses(gone)
		var influence mat.VecDense
		influence.MulVec(d.Basis, step)
		for j := range estimates {
			rows.Set(g, j, -influence.AtVec(j))
		}
	})
	for g, f := range failed {
		if f {
			return nil, nil, &NotFactored{Cluster: g}
		}
	}
	return rows, lost, err
}

// loses reports which estimates enter combinations of regressors, given as columns with unit
// variance, that cannot be told without a cluster; nil when there are none.
func (d *Design) loses(gone *mat.Dense) []bool {
	if gone == nil {
		return nil
	}
	const negligible = 1e-8
	var on, spread mat.Dense
	on.Mul(d.Basis, gone)
	spread.Product(d.Basis, d.Bread, d.Basis.T())
	estimates, directions := on.Dims()
	var lost []bool
	for j := range estimates {
		sum := 0.0
		for l := range directions {
			sum += on.At(j, l) * on.At(j, l)
		}
		if sum > negligible*spread.At(j, j) {
			if lost == nil {
				lost = make([]bool, estimates)
			}
			lost[j] = true
		}
	}
	return lost
}

// partialKept takes out of the products that are left without cluster g what its kept columns,
// estimated without it, explain.
func (b *Blocks) partialKept(g int, columns []int, left, zu, kept []float64) {
	group := &b.groups[g]
	t, n := len(group.support), len(columns)
	if t == 0 {
		return
	}
	root := factor(b.within(g))
	own := mat.NewSymDense(t, nil)
	for i := range t {
		for j := i; j < t; j++ {
			own.SetSym(i, j, group.own[i*t+j])
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(sandwich(root, own), true) {
		return
	}
	var vectors, half mat.Dense
	eigen.VectorsTo(&vectors)
	half.Mul(root, &vectors) // (T'T - T_g'T_g)^- is half powers half'
	values := eigen.Values(nil)
	cross := mat.NewDense(n, t, nil)
	for i, c := range columns {
		cross.SetRow(i, group.cross[c*t:(c+1)*t])
	}
	var turned mat.Dense
	var sums mat.VecDense
	turned.Mul(cross, &half)
	sums.MulVec(half.T(), mat.NewVecDense(t, kept))
	for l, v := range values {
		power := InverseWhole.of(1 - v)
		for i := range n {
			f := turned.At(i, l) * power
			for j := range n {
				left[i*n+j] -= f * turned.At(j, l)
			}
			if i < len(zu) {
				zu[i] -= f * sums.AtVec(l)
			}
		}
	}
}

// twoStage is (X'Z (Z'Z)^-1 Z'X)^-1 X'Z (Z'Z)^-1 Z'u over the combinations of regressors that are
// identified, and those that are not: by their variation in the whole sample, whose inverse is
// bread. The step is nil where eigenvalues cannot be found.
func twoStage(zz, zx mat.Matrix, zu *mat.VecDense, bread *mat.SymDense) (step *mat.VecDense, gone *mat.Dense) {
	z, k := zx.Dims()
	sym := mat.NewSymDense(z, nil)
	scale := make([]float64, z)
	for i := range z {
		if scale[i] = math.Sqrt(zz.At(i, i)); !(scale[i] > 0) {
			scale[i] = 1
		}
	}
	for i := range z {
		for j := i; j < z; j++ {
			sym.SetSym(i, j, (zz.At(i, j)+zz.At(j, i))/2/scale[i]/scale[j])
		}
	}
	inverse := pseudoInverse(sym)
	unit := mat.NewDiagDense(z, nil)
	for i, v := range scale {
		unit.SetDiag(i, 1/v)
	}
	var first, second mat.Dense // (Z'Z)^- Z'X and X'Z (Z'Z)^- Z'X
	first.Product(unit, inverse, unit, zx)
	second.Mul(first.T(), zx)
	normal := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			normal.SetSym(i, j, (second.At(i, j)+second.At(j, i))/2)
		}
	}
	root := factor(bread)
	var eigen mat.EigenSym
	if !eigen.Factorize(sandwich(root, normal), true) {
		return nil, nil
	}
	values := eigen.Values(nil) // in ascending order
	missing := 0
	for missing < k && values[missing] <= unidentified {
		missing++
	}
	var vectors, half mat.Dense
	eigen.VectorsTo(&vectors)
	half.Mul(root, &vectors)
	var gradient, turned mat.VecDense
	gradient.MulVec(first.T(), zu)
	turned.MulVec(half.T(), &gradient)
	for i, v := range values {
		if i < missing {
			turned.SetVec(i, 0)
		} else {
			turned.SetVec(i, turned.AtVec(i)/v)
		}
	}
	step = &mat.VecDense{}
	step.MulVec(&half, &turned)
	if missing > 0 {
		gone = mat.DenseCopyOf(half.Slice(0, k, 0, missing))
	}
	return step, gone
}

// pseudoInverse inverts a positive semi-definite matrix of unit scale over the directions in which
// it is not zero.
func pseudoInverse(a *mat.SymDense) *mat.Dense {
	n := a.SymmetricDim()
	inverse := mat.NewDense(n, n, nil)
	var eigen mat.EigenSym
	if !eigen.Factorize(a, true) {
		return inverse
	}
	var vectors, left mat.Dense
	eigen.VectorsTo(&vectors)
	powers := mat.NewDiagDense(n, nil)
	values := eigen.Values(nil)
	for i, v := range values {
		if v > 1e-12*values[n-1] {
			powers.SetDiag(i, 1/v)
		}
	}
	left.Mul(&vectors, powers)
	inverse.Mul(&left, vectors.T())
	return inverse
}
