package absorb

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestLeverage compares the leverage of rows with the diagonal of the hat matrix of all indicators.
func TestLeverage(t *testing.T) {
	for _, d := range designs() {
		t.Run(d.name, func(t *testing.T) {
			n := len(d.x) / columns
			h, err := Leverage(context.Background(), n, d.w, d.effects)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range hatDiagonal(d) {
				if math.Abs(h[i]-want) > 1e-10 {
					t.Fatalf("row %d: leverage %.12g, want %.12g", i, h[i], want)
				}
			}
		})
	}
}

// hatDiagonal is the diagonal of UU', with U the left singular vectors of the weighted indicators.
func hatDiagonal(d design) []float64 {
	n, levels := len(d.x)/columns, 0
	for _, e := range d.effects {
		levels += e.Levels
	}
	indicators := mat.NewDense(n, levels, nil)
	at := 0
	for _, e := range d.effects {
		for i, c := range e.Codes {
			root := 1.0
			if d.w != nil {
				root = math.Sqrt(d.w[i])
			}
			indicators.Set(i, at+int(c), root)
		}
		at += e.Levels
	}
	var svd mat.SVD
	svd.Factorize(indicators, mat.SVDThin)
	var u mat.Dense
	svd.UTo(&u)
	h := make([]float64, n)
	for i := range h {
		for j := range svd.Rank(1e-10) {
			h[i] += u.At(i, j) * u.At(i, j)
		}
	}
	return h
}

// TestLeverageOfTooMany refuses effects whose equations are not solved directly.
func TestLeverageOfTooMany(t *testing.T) {
	n := DirectLimit + 5
	a, b := Effect{Levels: n, Codes: make([]int32, n)}, Effect{Levels: n, Codes: make([]int32, n)}
	for i := range n {
		a.Codes[i], b.Codes[i] = int32(i), int32((i+1)%n)
	}
	_, err := Leverage(context.Background(), n, nil, []Effect{a, b})
	var many *TooManyLevels
	if !errors.As(err, &many) || many.Levels != n {
		t.Errorf("%v, want too many levels", err)
	}
}

// TestInverse checks that A A^- A = A for a singular matrix, and which row was found spanned.
func TestInverse(t *testing.T) {
	a := []float64{2, 1, 3, 1, 2, 3, 3, 3, 6} // the third row is the sum of the others
	inverse, spanned := Inverse(append([]float64(nil), a...), 3, []float64{2, 2, 6})
	if spanned[0] || spanned[1] || !spanned[2] {
		t.Errorf("spanned rows %v, want the third", spanned)
	}
	m := mat.NewDense(3, 3, a)
	var back mat.Dense
	back.Product(m, mat.NewDense(3, 3, inverse), m)
	if !mat.EqualApprox(&back, m, 1e-12) {
		t.Errorf("A A^- A = %v, want %v", mat.Formatted(&back), mat.Formatted(m))
	}
}
