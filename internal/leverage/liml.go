package leverage

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// LIML says how a k-class estimator is computed anew without a cluster: k is the smallest characteristic root
// of the residuals and endogenous regressors, of their products net of exogenous columns relative to
// those net of all instruments. Residuals take the place of the outcome, which changes neither k nor what
// the estimates move by.
type LIML struct {
	Instruments int       // the first score columns, exogenous ones included; the others are the endogenous regressors
	Squares     []float64 // squared residuals by cluster
	Sum         float64   // over all clusters
	Less        float64   // what Fuller's estimator takes off the root, in the whole sample
}

// without is the sum of squared residuals without a cluster; zero for other estimators.
func (l *LIML) without(g int) float64 {
	if l == nil {
		return 0
	}
	return l.Sum - l.Squares[g]
}

// blend turns the equations of two-stage least squares into those of the k-class: (1-k) times those of least
// squares and k times those that they were. It reports whether k could be computed.
func (l *LIML) blend(t *twoStage, x, score []int, products *mat.Dense, scores []float64) bool {
	z, s := l.Instruments, len(score)
	place := make([]int, len(x)) // of each regressor among the score columns
	var exogenous, instruments, endogenous []int
	for i, c := range x {
		if place[i] = slices.Index(score, c); place[i] < z {
			exogenous = append(exogenous, place[i])
		}
	}
	for i := range z {
		instruments = append(instruments, i)
	}
	for i := z; i <= s; i++ { // the last are the residuals
		endogenous = append(endogenous, i)
	}
	all := mat.NewDense(s+1, s+1, nil)
	all.Copy(products.Slice(0, s, 0, s))
	all.SetCol(s, scores)
	all.SetRow(s, scores)
	k, ok := smallestRoot(net(all, endogenous, exogenous), net(all, endogenous, instruments))
	if !ok {
		return false
	}
	k -= l.Less
	for i, a := range place {
		t.gradient.SetVec(i, (1-k)*scores[a]+k*t.gradient.AtVec(i))
		for j := i; j < len(place); j++ {
			t.normal.SetSym(i, j, (1-k)*products.At(s+i, s+j)+k*t.normal.At(i, j))
		}
	}
	return true
}

// net is the products of some columns with each other net of others; nil where it cannot be computed.
func net(products *mat.Dense, own, others []int) *mat.SymDense {
	left := pick(products, own, own)
	if len(others) > 0 {
		inverse := symmetric.PseudoInverse(symmetric.Of(pick(products, others, others)))
		if inverse == nil {
			return nil
		}
		cross := pick(products, others, own)
		var explained mat.Dense
		explained.Product(cross.T(), inverse, cross)
		left.Sub(left, &explained)
	}
	return symmetric.Of(left)
}

// pick has some rows and columns of a matrix.
func pick(a *mat.Dense, rows, columns []int) *mat.Dense {
	d := mat.NewDense(len(rows), len(columns), nil)
	for i, r := range rows {
		for j, c := range columns {
			d.Set(i, j, a.At(r, c))
		}
	}
	return d
}

// smallestRoot is the smallest root of det(a - root b); there is none where one of them is nil.
func smallestRoot(a, b *mat.SymDense) (float64, bool) {
	var chol mat.Cholesky
	if a == nil || b == nil || !chol.Factorize(b) {
		return 0, false
	}
	var lower, inverse mat.TriDense
	chol.LTo(&lower)
	if inverse.InverseTri(&lower) != nil {
		return 0, false
	}
	values, _, ok := symmetric.Eigen(symmetric.Sandwich(inverse.T(), a))
	if !ok {
		return 0, false
	}
	return values[0], true
}
