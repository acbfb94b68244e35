package bootstrap

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// kernel holds what a replicate is made of. With weights v_h of the bootstrap clusters h, the
// estimates of a replicate deviate from those it was drawn from by
//
//	n = r c,  c = sum over h of v_h s_h
//
// and the variance of n is the sum, over the groups g of each clustering, of the squares of
//
//	e_g = sum over cells of g of v_h a_cell  -  d_g c
//
// where s_h are scores, a_cell = m_g' s_cell and d_g = m_g' S_g: n is linear in the weights, and its
// variance quadratic, with coefficients that do not change (Roodman, MacKinnon, Nielsen and Webb 2019).
//
// Where the scores depend on the null they are linear in it: part 0 is their value at the origin, and
// part 1 their slope.
type kernel struct {
	k, q, boot int
	r          *mat.Dense
	c          [][]float64 // by part: bootstrap clusters x k
	meats      []meat
	at         float64 // the null's place on the scale of the slope
	shared     *loaded // what other tests of a design and restriction have too; nil where nothing is
}

// meat is one clustering's part of the variance.
type meat struct {
	factor float64     // small-sample factor, with the sign of inclusion-exclusion
	start  []int       // group g has cells start[g] to start[g+1]-1
	cell   []int32     // bootstrap cluster of each cell
	a      [][]float64 // by part: cells x q
	d      []float64   // groups x q x k
}

// oneWay is the layout of a clustering whose groups are the bootstrap clusters themselves.
func oneWay(groups int) (start []int, cell []int32) {
	start, cell = make([]int, groups+1), make([]int32, groups)
	for g := range groups {
		start[g+1], cell[g] = g+1, int32(g)
	}
	return start, cell
}

// groupChunk is the number of groups whose deviations are computed at once, so that they stay in
// the processor's cache.
const groupChunk = 64

// workspace is the memory of one goroutine.
type workspace struct {
	all     []float64   // weights: bootstrap clusters of all tests x draws
	own     []float64   // of one test, where its clusters are others, or in another order
	weights []float64   // the one or the other
	c       [][]float64 // by part: k x draws
	e       [][]float64 // by part: groups of a chunk x q x draws
}

// newWorkspace makes the memory that the largest of the tests needs.
func newWorkspace(plan drawing, tests []*wildTest) *workspace {
	w := &workspace{all: make([]float64, plan.clusters*drawBlock)}
	k, q, parts := 0, 0, 0
	for _, t := range tests {
		k, q, parts = max(k, t.kernel.k), max(q, t.kernel.q), max(parts, len(t.kernel.c))
	}
	for range parts {
		w.c = append(w.c, make([]float64, k*drawBlock))
		w.e = append(w.e, make([]float64, groupChunk*q*drawBlock))
	}
	return w
}

// gather makes the weights those of clusters at the given places among all.
func (w *workspace) gather(places []int32, n int) {
	w.weights = w.all
	inOrder := true
	for g, place := range places {
		inOrder = inOrder && g == int(place)
	}
	if inOrder {
		return
	}
	if w.own == nil {
		w.own = make([]float64, len(w.all))
	}
	w.weights = w.own
	for g, place := range places {
		copy(w.own[g*n:(g+1)*n], w.all[int(place)*n:])
	}
}

// sums computes c of a block of n draws.
func (k *kernel) sums(w *workspace, n int) {
	v := blas64.General{Rows: k.boot, Cols: n, Stride: n, Data: w.weights}
	for part, scores := range k.c {
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, blas64.General{Rows: k.boot, Cols: k.k, Stride: k.k, Data: scores}, v,
			0, blas64.General{Rows: k.k, Cols: n, Stride: n, Data: w.c[part]})
	}
}

// numerator computes row i of r times c of a part.
func (k *kernel) numerator(w *workspace, part, i, n int, into []float64) {
	clear(into[:n])
	for j, r := range k.r.RawRowView(i) {
		if r == 0 {
			continue
		}
		for b, c := range w.c[part][j*n : (j+1)*n] {
			into[b] += r * c
		}
	}
}

// deviations calls visit for each chunk of the groups of a clustering, with their e by part: a row
// of n draws for each group and restriction.
func (k *kernel) deviations(w *workspace, m *meat, n int, visit func(rows int, e [][]float64)) {
	groups := len(m.start) - 1
	for from := 0; from < groups; from += groupChunk {
		to := min(from+groupChunk, groups)
		rows := (to - from) * k.q
		d := blas64.General{Rows: rows, Cols: k.k, Stride: k.k, Data: m.d[from*k.q*k.k:]}
		for part := range k.c {
			e := w.e[part]
			blas64.Gemm(blas.NoTrans, blas.NoTrans, -1, d, blas64.General{Rows: k.k, Cols: n, Stride: n, Data: w.c[part]},
				0, blas64.General{Rows: rows, Cols: n, Stride: n, Data: e})
			for g := from; g < to; g++ {
				for cell := m.start[g]; cell < m.start[g+1]; cell++ {
					h := int(m.cell[cell])
					v := w.weights[h*n : (h+1)*n]
					for i := range k.q {
						row := e[((g-from)*k.q+i)*n : ((g-from)*k.q+i+1)*n]
						a := m.a[part][cell*k.q+i]
						for b, x := range v {
							row[b] += a * x
						}
					}
				}
			}
		}
		visit(rows, w.e[:len(k.c)])
	}
}

// moments are the numerators and variances of the draws of a test of one restriction. As functions
// of the null, at z on the scale of the slope, they are n0 + n1 z and d00 + 2 d01 z + d11 z^2; n and d
// are those at the null itself, computed without that detour.
type moments struct {
	n0, n1, n     []float64
	d00, d01, d11 []float64
	d             []float64
}

func newMoments(draws int) *moments {
	all := make([]float64, 7*draws)
	next := func() []float64 {
		part := all[:draws:draws]
		all = all[draws:]
		return part
	}
	return &moments{n0: next(), n1: next(), n: next(), d00: next(), d01: next(), d11: next(), d: next()}
}

// addBlock computes the moments of draws from..from+n-1.
func (k *kernel) addBlock(w *workspace, m *moments, from, n int) {
	k.sums(w, n)
	to := from + n
	k.numerator(w, 0, 0, n, m.n0[from:to])
	copy(m.n[from:to], m.n0[from:to])
	if len(k.c) > 1 {
		k.numerator(w, 1, 0, n, m.n1[from:to])
		for b := from; b < to; b++ {
			m.n[b] += k.at * m.n1[b]
		}
	}
	for i := range k.meats {
		meat := &k.meats[i]
		k.deviations(w, meat, n, func(rows int, e [][]float64) {
			d00, d01, d11, d := m.d00[from:to], m.d01[from:to], m.d11[from:to], m.d[from:to]
			for row := range rows {
				e0 := e[0][row*n : (row+1)*n]
				if len(e) == 1 {
					for b, x := range e0 {
						d00[b] += meat.factor * x * x
					}
					continue
				}
				e1 := e[1][row*n : (row+1)*n]
				for b, x := range e0 {
					y := e1[b]
					at := x + k.at*y
					x *= meat.factor
					d00[b] += x * e0[b]
					d01[b] += x * y
					d11[b] += meat.factor * y * y
					d[b] += meat.factor * at * at
				}
			}
		})
	}
	if len(k.c) == 1 {
		copy(m.d[from:to], m.d00[from:to])
	}
	k.dropRounding(m, from, to)
}

// dropRounding sets slopes of the variance to zero that are nothing but rounding: for a draw whose
// weights are all equal the statistic is that of the data, whose variance does not depend on the
// null.
func (k *kernel) dropRounding(m *moments, from, to int) {
	if len(k.c) == 1 {
		return
	}
	scale := 0.0
	for _, meat := range k.meats {
		for _, a := range meat.a[1] {
			scale += math.Abs(meat.factor) * a * a
		}
	}
	for b := from; b < to; b++ {
		if math.Abs(m.d11[b]) <= 1e-22*scale {
			m.d11[b], m.d01[b] = 0, 0
		}
	}
}
