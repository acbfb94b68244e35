package leverage

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// Instrumented is a model with instruments, which are the first of the design's score columns; the others, if
// any, are endogenous regressors.
type Instrumented struct {
	X      []int       // leading columns of the regressors
	Basis  *mat.Dense  // maps estimates on them to the estimates that are reported
	Total  []float64   // score columns times residuals, over all clusters
	Scores []float64   // the same by cluster
	Kept   [][]float64 // kept columns times residuals, from Blocks.Scores
	LIML   *LIML       // nil for two-stage least squares
}

// unidentified is the share of the fitted variation of a combination of regressors below which the
// model without a cluster counts as not identified.
const unidentified = 1e-9

// LeaveOut has a row for each cluster: what leaving it out, in both stages, takes from the
// estimates. It follows from the cross-products that are left of instruments Z and
// regressors X once the cluster's own are subtracted and the kept columns T are partialled out anew:
// with u the residuals at the estimates b, and t_g = T_g'u_g,
//
//	(Z'u)_-g = Z'u - Z_g'u_g - Z_g'T_g (T'T - T_g'T_g)^- t_g
//
// and likewise (Z'Z)_-g and (Z'X)_-g. Combinations that are not identified without a cluster stay as
// they are; lost reports the estimates that they enter, for each cluster that there are such of.
func (d *Design) LeaveOut(ctx context.Context, in Instrumented) (rows *mat.Dense, lost [][]bool, err error) {
	b := d.Blocks
	s := len(d.Score)
	columns := slices.Concat(d.Score, in.X)
	n := len(columns)
	total, block := make([]float64, n*n), make([]float64, n*n)
	for g := range b.Len() {
		b.Grams.Block(g, columns, block)
		for i, v := range block {
			total[i] += v
		}
	}
	estimates, _ := in.Basis.Dims()
	rows = mat.NewDense(b.Len(), estimates, nil)
	lost = make([][]bool, b.Len())
	failed := make([]bool, b.Len())
	err = b.each(ctx, func(g int, _ *scratch) {
		left := make([]float64, n*n)
		b.Grams.Block(g, columns, left)
		for i, v := range left {
			left[i] = total[i] - v
		}
		scores := make([]float64, s, s+1)
		for i := range scores {
			scores[i] = in.Total[i] - in.Scores[g*s+i]
		}
		scores = append(scores, in.LIML.without(g))
		if failed[g] = !b.partialKept(g, columns, left, scores, b.keptScores(g, s, in.Kept[g])); failed[g] {
			return
		}
		step, gone := in.step(d, mat.NewDense(n, n, left), scores)
		if failed[g] = step == nil; failed[g] {
			return
		}
		lost[g] = d.loses(in.Basis, gone)
		var influence mat.VecDense
		influence.MulVec(in.Basis, step)
		for j := range estimates {
			rows.Set(g, j, -influence.AtVec(j))
		}
	})
	if slices.Contains(failed, true) {
		return nil, nil, errNotFactored
	}
	return rows, lost, err
}

// step is what the estimates move by, given the products that are left of score columns and regressors, and
// those of the score columns and of the residuals with the residuals.
func (in *Instrumented) step(d *Design, products *mat.Dense, scores []float64) (step *mat.VecDense, gone *mat.Dense) {
	s, n := len(d.Score), len(d.Score)+len(in.X)
	z := s
	if in.LIML != nil {
		z = in.LIML.Instruments
	}
	zz, zx, zu := products.Slice(0, z, 0, z), products.Slice(0, z, s, n), mat.NewVecDense(z, scores[:z])
	t := newTwoStage(zz, zx, zu, d.Bread)
	if t == nil {
		return nil, nil
	}
	if in.LIML != nil && !in.LIML.blend(t, in.X, d.Score, products, scores) {
		return nil, nil
	}
	return t.solve()
}

// loses reports which estimates enter combinations of regressors, given as columns with unit
// variance, that cannot be told without a cluster; nil when there are none.
func (d *Design) loses(basis, gone *mat.Dense) []bool {
	if gone == nil {
		return nil
	}
	const none = 1e-8 // a share of the estimate's variance
	var on, spread mat.Dense
	on.Mul(basis, gone)
	spread.Product(basis, d.Bread, basis.T())
	estimates, directions := on.Dims()
	var lost []bool
	for j := range estimates {
		sum := 0.0
		for l := range directions {
			sum += on.At(j, l) * on.At(j, l)
		}
		if sum > none*spread.At(j, j) {
			if lost == nil {
				lost = make([]bool, estimates)
			}
			lost[j] = true
		}
	}
	return lost
}

// partialKept takes out of the products that are left without cluster g what its kept columns,
// estimated without it, explain, and reports whether it could. Scores are those of the first columns, and
// then the sum of squared residuals.
func (b *Blocks) partialKept(g int, columns []int, left, scores, kept []float64) bool {
	group := &b.groups[g]
	t, n := len(group.support), len(columns)
	if t == 0 {
		return true
	}
	root := symmetric.Factor(b.within(g))
	if root == nil {
		return false
	}
	values, vectors, ok := symmetric.Eigen(symmetric.Sandwich(root, mat.NewSymDense(t, group.own)))
	if !ok {
		return false
	}
	var half mat.Dense
	half.Mul(root, vectors) // (T'T - T_g'T_g)^- is half powers half'
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
			if i < len(scores)-1 {
				scores[i] -= f * sums.AtVec(l)
			}
		}
		scores[len(scores)-1] -= power * sums.AtVec(l) * sums.AtVec(l)
	}
	return true
}

// twoStage is the normal equations of a model without a cluster: normal = X'Z (Z'Z)^-1 Z'X and gradient =
// X'Z (Z'Z)^-1 Z'u.
type twoStage struct {
	normal   *mat.SymDense
	gradient *mat.VecDense
	// half has the combinations of regressors with unit variance in the whole sample along which normal is
	// diagonal; along the first missing of them the model without the cluster is not identified.
	half    *mat.Dense
	missing int
}

// newTwoStage sets the equations up; bread is the inverse of normal in the whole sample. It is nil where
// eigenvalues cannot be found.
func newTwoStage(zz, zx mat.Matrix, zu *mat.VecDense, bread *mat.SymDense) *twoStage {
	inverse, root := symmetric.PseudoInverse(symmetric.Of(zz)), symmetric.Factor(bread)
	if inverse == nil || root == nil {
		return nil
	}
	var first, second mat.Dense // (Z'Z)^- Z'X and X'Z (Z'Z)^- Z'X
	first.Mul(inverse, zx)
	second.Mul(first.T(), zx)
	t := &twoStage{normal: symmetric.Of(&second), gradient: &mat.VecDense{}, half: &mat.Dense{}}
	t.gradient.MulVec(first.T(), zu)
	values, vectors, ok := symmetric.Eigen(symmetric.Sandwich(root, t.normal))
	if !ok {
		return nil
	}
	for t.missing < len(values) && values[t.missing] <= unidentified {
		t.missing++
	}
	t.half.Mul(root, vectors)
	return t
}

// solve is normal^-1 gradient over the combinations of regressors that are identified, and those that are
// not. The step is nil where the equations cannot be solved.
func (t *twoStage) solve() (step *mat.VecDense, gone *mat.Dense) {
	k := t.normal.SymmetricDim()
	step = mat.NewVecDense(k, nil)
	if t.missing < k {
		identified := mat.DenseCopyOf(t.half.Slice(0, k, t.missing, k))
		var chol mat.Cholesky
		if !chol.Factorize(symmetric.Sandwich(identified, t.normal)) {
			return nil, nil
		}
		var turned mat.VecDense
		turned.MulVec(identified.T(), t.gradient)
		if chol.SolveVecTo(&turned, &turned) != nil {
			return nil, nil
		}
		step.MulVec(identified, &turned)
	}
	if t.missing > 0 {
		gone = mat.DenseCopyOf(t.half.Slice(0, k, 0, t.missing))
	}
	return step, gone
}
