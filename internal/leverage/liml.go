package leverage

import (
	"slices"

	"gonum.org/v1/gonum/mat"
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
	var exogenous, instruments []int
	for i, c := range x {
		if place[i] = slices.Index(score, c); place[i] < z {
			exogenous = append(exogenous, place[i])
		}
	}
	for i := range z {
		instruments = append(instruments, i)
	}
	outer, inner := net(products, scores, z, s, exogenous), net(products, scores, z, s, instruments)
	if outer == nil || inner == nil {
		return false
	}
	k, ok := smallestRoot(outer, inner)
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

// net is the products of residuals and endogenous regressors, score columns z to s, net of other score
// columns; nil where it cannot be computed.
func net(products *mat.Dense, scores []float64, z, s int, of []int) *mat.SymDense {
	at := func(i, j int) float64 { // s stands for the residuals
		switch {
		case i == s:
			return scores[j]
		case j == s:
			return scores[i]
		}
		return products.At(i, j)
	}
	own := []int{s}
	for i := z; i < s; i++ {
		own = append(own, i)
	}
	left := mat.NewSymDense(len(own), nil)
	for i, a := range own {
		for j, b := range own[:i+1] {
			left.SetSym(i, j, at(a, b))
		}
	}
	if len(of) == 0 {
		return left
	}
	cross, inside := mat.NewDense(len(of), len(own), nil), mat.NewSymDense(len(of), nil)
	for i, a := range of {
		for j, b := range of[:i+1] {
			inside.SetSym(i, j, (at(a, b)+at(b, a))/2)
		}
		for j, b := range own {
			cross.Set(i, j, at(a, b))
		}
	}
	inverse := pseudoInverse(inside)
	if inverse == nil {
		return nil
	}
	var explained mat.Dense
	explained.Product(cross.T(), inverse, cross)
	for i := range own {
		for j := range i + 1 {
			left.SetSym(i, j, left.At(i, j)-(explained.At(i, j)+explained.At(j, i))/2)
		}
	}
	return left
}

// smallestRoot is the smallest root of det(a - root b).
func smallestRoot(a, b *mat.SymDense) (float64, bool) {
	var chol mat.Cholesky
	if !chol.Factorize(b) {
		return 0, false
	}
	var lower, inverse mat.TriDense
	chol.LTo(&lower)
	if inverse.InverseTri(&lower) != nil {
		return 0, false
	}
	values, _, ok := eigen(sandwich(inverse.T(), a))
	if !ok {
		return 0, false
	}
	return values[0], true
}
