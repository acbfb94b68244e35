package bootstrap

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/invert"
)

// mostSetInstruments is the number of instruments up to which the wild Anderson-Rubin test is inverted: the
// degree of the polynomials, four times as many, is what double precision resolves.
const mostSetInstruments = 8

// arForms holds, for draws or the data, what the instruments move the outcome less the null's effect by and
// the variance of that as functions of the null: c n0 + s n1 and c c v0 + c s v1 + s s v2 in the
// direction (c, s). Variances are lower triangles, row after row.
type arForms struct {
	q          int
	n0, n1     []float64
	v0, v1, v2 []float64
}

func newARForms(q, draws int) *arForms {
	pairs := q * (q + 1) / 2
	of := func(n int) []float64 { return make([]float64, n*draws) }
	return &arForms{q: q, n0: of(q), n1: of(q), v0: of(pairs), v1: of(pairs), v2: of(pairs)}
}

// add adds the square of a group's deviation, e0 c + e1 s, to the variance of a draw.
func (f *arForms) add(draw int, e0, e1 []float64, factor float64) {
	at := draw * f.q * (f.q + 1) / 2
	for i, x0 := range e0 {
		x0, x1 := factor*x0, factor*e1[i]
		for j, y0 := range e0[:i+1] {
			y1 := e1[j]
			f.v0[at] += x0 * y0
			f.v1[at] += x0*y1 + x1*y0
			f.v2[at] += x1 * y1
			at++
		}
	}
}

// toward writes the numbers of a draw in a direction.
func (f *arForms) toward(draw int, at invert.Direction, n, v []float64) {
	c, s := at.Cos, at.Sin
	for i := range n {
		n[i] = c*f.n0[draw*f.q+i] + s*f.n1[draw*f.q+i]
	}
	from := draw * len(v)
	for i := range v {
		v[i] = c*c*f.v0[from+i] + c*s*f.v1[from+i] + s*s*f.v2[from+i]
	}
}

// arSpace is the scratch memory of one goroutine.
type arSpace struct{ n, v, square []float64 }

func (f *arForms) newSpace() *arSpace {
	return &arSpace{make([]float64, f.q), make([]float64, f.q*(f.q+1)/2), make([]float64, (f.q+1)*(f.q+1))}
}

// ratio is the statistic n' V^-1 n of a draw as a ratio of forms of degree 2q: determinants of V
// bordered by n, and of V.
func (f *arForms) ratio(draw int, at invert.Direction, space *arSpace) ratio {
	f.toward(draw, at, space.n, space.v)
	border := func(size int) []float64 {
		square, from := space.square[:size*size], 0
		for i := range f.q {
			for j := range i + 1 {
				square[i*size+j], square[j*size+i] = space.v[from], space.v[from]
				from++
			}
		}
		return square
	}
	denominator := determinant(border(f.q), f.q)
	square := border(f.q + 1)
	for i, x := range space.n {
		square[i*(f.q+1)+f.q], square[f.q*(f.q+1)+i] = x, x
	}
	square[len(square)-1] = 0
	return ratio{-determinant(square, f.q+1), denominator}
}

// statistic is the same as a number; NaN where V is singular.
func (f *arForms) statistic(draw int, at invert.Direction, space *arSpace) float64 {
	f.toward(draw, at, space.n, space.v)
	return wald(space.v, space.n)
}

// determinant is that of a square matrix, row after row, which it overwrites.
func determinant(a []float64, size int) float64 {
	product := 1.0
	for i := range size {
		pivot := i
		for r := i + 1; r < size; r++ {
			if math.Abs(a[r*size+i]) > math.Abs(a[pivot*size+i]) {
				pivot = r
			}
		}
		if a[pivot*size+i] == 0 {
			return 0
		}
		if pivot != i {
			product = -product
			for j := i; j < size; j++ {
				a[i*size+j], a[pivot*size+j] = a[pivot*size+j], a[i*size+j]
			}
		}
		product *= a[i*size+i]
		for r := i + 1; r < size; r++ {
			by := a[r*size+i] / a[i*size+i]
			for j := i + 1; j < size; j++ {
				a[r*size+j] -= by * a[i*size+j]
			}
		}
	}
	return product
}

// arSet inverts the test of several instruments: the set is where the statistics of enough draws are
// as large as the data's, each of them a ratio of polynomials of degree 2q in the null.
type arSet struct {
	nullScale
	data, drawn *arForms
}

// observe computes the forms of the data from the scores and estimates by part.
func (a *arSet) observe(r *mat.Dense, parts []part, k int, factor float64) {
	q, _ := r.Dims()
	a.data = newARForms(q, 1)
	copy(a.data.n0, parts[0].gap)
	copy(a.data.n1, parts[1].gap)
	e0, e1 := make([]float64, q), make([]float64, q)
	for g := 0; g < len(parts[0].scores); g += k {
		for i := range q {
			row := r.RawRowView(i)
			e0[i], e1[i] = dot(row, parts[0].scores[g:g+k]), dot(row, parts[1].scores[g:g+k])
		}
		a.data.add(0, e0, e1, factor)
	}
}

// arBlock computes the forms of a block of draws, and their statistics at the null.
func (k *kernel) arBlock(w *workspace, into *arForms, from int, statistics []float64) {
	n, q := len(statistics), k.q
	k.sums(w, n)
	row := make([]float64, n)
	for i := range q {
		for part, moved := range [][]float64{into.n0, into.n1} {
			k.numerator(w, part, i, n, row)
			for b, x := range row {
				moved[(from+b)*q+i] = x
			}
		}
	}
	e0, e1 := make([]float64, q), make([]float64, q)
	at := newARForms(q, n) // of the deviations at the null itself, computed without a detour
	for m := range k.meats {
		meat := &k.meats[m]
		k.deviations(w, meat, n, func(rows int, e [][]float64) {
			for g := 0; g < rows; g += q {
				for b := range n {
					for i := range q {
						e0[i], e1[i] = e[0][(g+i)*n+b], e[1][(g+i)*n+b]
					}
					into.add(from+b, e0, e1, meat.factor)
					for i := range q {
						e0[i] += k.at * e1[i]
					}
					at.addPlain(b, e0, meat.factor)
				}
			}
		})
	}
	moved := make([]float64, q)
	pairs := q * (q + 1) / 2
	for b := range statistics {
		for i := range q {
			moved[i] = into.n0[(from+b)*q+i] + k.at*into.n1[(from+b)*q+i]
		}
		statistics[b] = wald(at.v0[b*pairs:(b+1)*pairs], moved) / float64(q)
	}
}

// addPlain adds the square of a deviation that does not depend on the null.
func (f *arForms) addPlain(draw int, e []float64, factor float64) {
	at := draw * f.q * (f.q + 1) / 2
	for i, x := range e {
		for _, y := range e[:i+1] {
			f.v0[at] += factor * x * y
			at++
		}
	}
}

// inversion is that of the test.
func (a *arSet) inversion(spec *WildSpec, plan drawing) *inversion {
	return &inversion{Scale: a.Scale, order: 2 * a.data.q, draws: plan.draws,
		forms: func(at invert.Direction, from, to int, into []ratio) {
			space := a.drawn.newSpace()
			for b := range to - from {
				into[b] = a.drawn.ratio(from+b, at, space)
			}
		},
		data: func(at invert.Direction) ratio { return a.data.ratio(0, at, a.data.newSpace()) },
		extreme: func(b int, at invert.Direction) (above, below int) {
			space := a.data.newSpace()
			return spec.extreme(a.drawn.statistic(b, at, space), a.data.statistic(0, at, space))
		},
	}
}
