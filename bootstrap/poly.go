package bootstrap

import (
	"math"
	"slices"
)

// polynomial holds the coefficients of a polynomial, the constant first.
type polynomial []float64

func (p polynomial) at(x float64) float64 {
	v := 0.0
	for i := len(p) - 1; i >= 0; i-- {
		v = v*x + p[i]
	}
	return v
}

// times is the product of two polynomials.
func (p polynomial) times(q polynomial) polynomial {
	product := make(polynomial, len(p)+len(q)-1)
	for i, a := range p {
		for j, b := range q {
			product[i+j] += a * b
		}
	}
	return product
}

// plus adds a multiple of another polynomial.
func (p polynomial) plus(by float64, q polynomial) polynomial {
	sum := make(polynomial, max(len(p), len(q)))
	copy(sum, p)
	for i, a := range q {
		sum[i] += by * a
	}
	return sum
}

// roots are the places where p changes sign, in increasing order. Roots beyond one are those within
// one of the polynomial with its coefficients reversed, so that large roots are as exact as small
// ones.
func (p polynomial) roots() []float64 {
	reversed := slices.Clone(p)
	slices.Reverse(reversed)
	inner := p.rootsWithin(-1, 1)
	var low, high []float64
	for _, x := range reversed.rootsWithin(-1, 1) {
		switch {
		case x < 0 && x > -1:
			low = append(low, 1/x)
		case x > 0 && x < 1:
			high = append(high, 1/x)
		}
	}
	slices.Reverse(low) // of increasing negative x, 1/x decreases
	slices.Reverse(high)
	return slices.Concat(low, inner, high)
}

// rootsWithin are the changes of sign between low and high: between two neighbouring roots of its
// derivative a polynomial is monotone, and has one root or none.
func (p polynomial) rootsWithin(low, high float64) []float64 {
	degree := len(p) - 1
	for degree > 0 && p[degree] == 0 {
		degree--
	}
	if degree == 0 {
		return nil
	}
	p = p[:degree+1]
	if degree == 1 {
		if x := -p[0] / p[1]; x >= low && x <= high {
			return []float64{x}
		}
		return nil
	}
	slope := make(polynomial, degree)
	for i := range slope {
		slope[i] = float64(i+1) * p[i+1]
	}
	var roots []float64
	left, fLeft := low, p.at(low)
	for _, right := range append(slope.rootsWithin(low, high), high) {
		fRight := p.at(right)
		if fLeft == 0 || fLeft < 0 != (fRight < 0) && fRight != 0 {
			if fLeft == 0 {
				roots = append(roots, left)
			} else {
				roots = append(roots, p.bracketed(left, right, fLeft, fRight))
			}
		}
		left, fLeft = right, fRight
	}
	if fLeft == 0 {
		roots = append(roots, left)
	}
	return roots
}

// bracketed is the root between left and right, where p has different signs: Newton's method,
// held within the bracket by bisection.
func (p polynomial) bracketed(left, right, fLeft, fRight float64) float64 {
	x := (left*fRight - right*fLeft) / (fRight - fLeft)
	const steps = 200
	for range steps {
		if !(x > left && x < right) {
			x = left + (right-left)/2
		}
		if right-left <= 4e-16*math.Max(math.Abs(left), math.Abs(right)) || x == left || x == right {
			return x
		}
		v, slope := 0.0, 0.0
		for i := len(p) - 1; i >= 0; i-- {
			slope = slope*x + v
			v = v*x + p[i]
		}
		if v == 0 {
			return x
		}
		width := right - left
		if v < 0 == (fLeft < 0) {
			left = x
		} else {
			right = x
		}
		next := x - v/slope
		if math.Abs(next-x) <= 2e-16*math.Abs(x) {
			return next
		}
		if right-left > 0.5*width && !(next > left && next < right) {
			next = left + (right-left)/2
		}
		x = next
	}
	return x
}
