package symmetric

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// products are X'X of columns of various scales; those of rank below their number are singular but for rounding.
func products(rank int, scales ...float64) *mat.SymDense {
	n := len(scales)
	x := mat.NewDense(3*n, n, nil)
	for i := range 3 * n {
		for j, s := range scales {
			if j < rank {
				x.Set(i, j, s*math.Sin(float64(1+3*i+7*j*i)))
			} else { // a combination of the first two
				x.Set(i, j, s*(x.At(i, 0)/scales[0]+float64(j)*x.At(i, 1)/scales[1]))
			}
		}
	}
	var a mat.SymDense
	a.SymOuterK(1, x.T())
	return &a
}

var semidefinite = map[string]struct {
	a        *mat.SymDense
	singular bool
}{
	"definite":             {products(3, 1, 2, 3), false},
	"of unequal scale":     {products(3, 1e-6, 1, 1e6), false},
	"singular":             {products(2, 1, 2, 3), true},
	"singular and unequal": {products(2, 1e-3, 1, 1e3, 1e6), true},
	"one":                  {products(1, 5), false},
}

// near compares matrices element by element, relative to the roots of a's diagonal.
func near(t *testing.T, what string, got, want mat.Matrix, a *mat.SymDense) {
	t.Helper()
	n := a.SymmetricDim()
	for i := range n {
		for j := range n {
			if math.Abs(got.At(i, j)-want.At(i, j)) > 1e-10*math.Sqrt(a.At(i, i)*a.At(j, j)) {
				t.Errorf("%s:\n%.10g\nwant\n%.10g", what, mat.Formatted(got), mat.Formatted(want))
				return
			}
		}
	}
}

// TestFactor: a factor times its transpose is the matrix, singular or not.
func TestFactor(t *testing.T) {
	for name, c := range semidefinite {
		var again mat.Dense
		root := Factor(c.a)
		again.Mul(root, root.T())
		near(t, name, &again, c.a, c.a)
	}
	// One that Cholesky's factorisation refuses: its last column is the first, and rounding made it longer.
	lean := mat.NewSymDense(2, []float64{1, 1, 1, 1 - 1e-15})
	root := Factor(lean)
	var again mat.Dense
	again.Mul(root, root.T())
	near(t, "not quite semi-definite", &again, lean, lean)
}

// TestPseudoInverse: a a^- a is a, a^- a a^- is a^-, and where a is definite a^- a is the identity.
func TestPseudoInverse(t *testing.T) {
	for name, c := range semidefinite {
		inverse := PseudoInverse(c.a)
		var again, twice mat.Dense
		again.Product(c.a, inverse, c.a)
		near(t, name+": a a^- a", &again, c.a, c.a)
		twice.Product(inverse, c.a, inverse)
		near(t, name+": a^- a a^-", &twice, inverse, Of(inverse))
		if c.singular {
			continue
		}
		var unit mat.Dense
		unit.Mul(inverse, c.a)
		for i := range c.a.SymmetricDim() {
			if math.Abs(unit.At(i, i)-1) > 1e-10 {
				t.Errorf("%s: a^- a has %g in its diagonal", name, unit.At(i, i))
			}
		}
	}
}

// TestInverseRoot: r'r a is the identity, and singular matrices have no such root.
func TestInverseRoot(t *testing.T) {
	for name, c := range semidefinite {
		root := InverseRoot(c.a)
		if (root == nil) != c.singular {
			t.Errorf("%s: root %v", name, root)
		}
		if root == nil || c.singular {
			continue
		}
		var unit mat.Dense
		unit.Product(root, c.a, root.T())
		for i := range c.a.SymmetricDim() {
			for j := range i + 1 {
				want := map[bool]float64{true: 1}[i == j]
				if math.Abs(unit.At(i, j)-want) > 1e-9 {
					t.Errorf("%s: r a r' has %g in place %s, want %g", name, unit.At(i, j), fmt.Sprint(i, j), want)
				}
			}
		}
	}
	if root := InverseRoot(mat.NewSymDense(2, nil)); root != nil {
		t.Errorf("a root %v of the inverse of nothing", root)
	}
}
