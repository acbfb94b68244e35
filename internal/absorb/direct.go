package absorb

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// rankTolerance is the share of a level's weight below which its pivot counts as zero: the level
// is then spanned by the ones before it. Pivots of spanned levels are rounding errors of about
// 1e-14; the smallest true ones, where a single row in a million links two parts, about 1e-6.
const rankTolerance = 1e-11

// solveDirect replaces the right-hand sides rhs (levels x p) by the coefficients of the other
// effects and counts the redundant levels of each. A redundant level has coefficient zero.
func (s *system) solveDirect(ctx context.Context, rhs []float64, p int, redundant []int) error {
	a, err := s.reduced(ctx)
	if err != nil {
		return err
	}
	n := s.levels
	spanned := factor(a, n, s.totals())
	for e := range s.others {
		end := n
		if e+1 < len(s.offset) {
			end = s.offset[e+1]
		}
		for l := s.offset[e]; l < end; l++ {
			if spanned[l] {
				redundant[s.place[e]]++
			}
		}
	}
	blocks := columnBlocks(p)
	return parallel.For(ctx, len(blocks), func(b int) {
		substitute(a, n, spanned, rhs, p, blocks[b][0], blocks[b][1])
	})
}

// reduced is the matrix D'WMD of the other effects' indicators D after the main effect's means
// are taken out: their cross-table less, for each level g of the main effect, c_g c_g'/mass_g,
// where c_g holds the weights of the other levels within g. Only the lower triangle is filled.
func (s *system) reduced(ctx context.Context) ([]float64, error) {
	n := s.levels
	a := make([]float64, n*n)
	for l, total := range s.totals() {
		a[l*n+l] = total
	}
	for e, other := range s.others {
		for f, another := range s.others[:e] {
			into := a[s.offset[e]*n+s.offset[f]:]
			for i, l := range other.Codes {
				into[int(l)*n+int(another.Codes[i])] += s.weightOf(i)
			}
		}
	}
	for g, mass := range s.mass {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		levels, weights := s.within(g)
		for i, l := range levels {
			share := weights[i] / mass
			row := a[int(l)*n : int(l)*n+int(l)+1]
			for k, m := range levels[:i+1] { // in ascending order
				row[m] -= share * weights[k]
			}
		}
	}
	return a, nil
}

// factor overwrites the lower triangle of the n x n positive semi-definite a with its Cholesky
// factor, and reports the rows that the ones before them span. Their rows and columns are zero.
func factor(a []float64, n int, diagonal []float64) (spanned []bool) {
	spanned = make([]bool, n)
	for j := range n {
		rowj := a[j*n : j*n+j+1]
		pivot := rowj[j]
		for _, v := range rowj[:j] {
			pivot -= v * v
		}
		if pivot <= rankTolerance*diagonal[j] {
			spanned[j] = true
			clear(rowj)
			for i := j + 1; i < n; i++ {
				a[i*n+j] = 0
			}
			continue
		}
		pivot = math.Sqrt(pivot)
		rowj[j] = pivot
		for i := j + 1; i < n; i++ {
			rowi := a[i*n : i*n+j+1]
			dot := rowi[j]
			for k, v := range rowj[:j] {
				dot -= v * rowi[k]
			}
			rowi[j] = dot / pivot
		}
	}
	return spanned
}

// Inverse is a generalised inverse of the n x n positive semi-definite matrix a, of which the lower
// triangle is read: the inverse over a largest set of rows that do not span each other, with zeros
// in the rows and columns of the others, which it reports. A row is spanned when what the rows
// before it leave of its diagonal element is a negligible share of scale. The matrix a is
// overwritten.
func Inverse(a []float64, n int, scale []float64) (inverse []float64, spanned []bool) {
	spanned = factor(a, n, scale)
	var free []int
	for i, s := range spanned {
		if !s {
			free = append(free, i)
		}
	}
	inverse = make([]float64, n*n)
	if len(free) == 0 {
		return inverse, spanned
	}
	upper := mat.NewTriDense(len(free), mat.Upper, nil)
	for i, row := range free {
		for j, column := range free[:i+1] {
			upper.SetTri(j, i, a[row*n+column])
		}
	}
	var chol mat.Cholesky
	chol.SetFromU(upper)
	var within mat.SymDense
	// The error is a warning about the condition, which factor has bounded.
	_ = chol.InverseTo(&within)
	for i, row := range free {
		for j, column := range free {
			inverse[row*n+column] = within.At(i, j)
		}
	}
	return inverse, spanned
}

// substitute solves LL'z = b for columns from..to of the right-hand sides b (n x p), in place.
func substitute(l []float64, n int, spanned []bool, b []float64, p, from, to int) {
	for i := range n {
		bi := b[i*p+from : i*p+to]
		if spanned[i] {
			clear(bi)
			continue
		}
		for k := range i {
			if v := l[i*n+k]; v != 0 {
				for j, z := range b[k*p+from : k*p+to] {
					bi[j] -= v * z
				}
			}
		}
		for j := range bi {
			bi[j] /= l[i*n+i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		if spanned[i] {
			continue
		}
		bi := b[i*p+from : i*p+to]
		for j := range bi {
			bi[j] /= l[i*n+i]
		}
		for k := range i {
			if v := l[i*n+k]; v != 0 {
				for j, z := range bi {
					b[k*p+from+j] -= v * z
				}
			}
		}
	}
}
