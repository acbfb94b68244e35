package bootstrap

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// mostInstruments is the number of excluded instruments up to which WRE is offered: its work grows
// with the fourth power.
const mostInstruments = 4

// WRE tests a value of the coefficient of an endogenous column by the wild restricted efficient
// bootstrap of Davidson and MacKinnon (2010), by clusters (Roodman, MacKinnon, Nielsen and Webb 2019):
// outcomes and endogenous column are drawn together, from estimates that obey the null and a first
// stage that uses what the structural residuals say about it, and the statistic is the t of
// two-stage least squares. Stata's boottest after ivregress.
//
// A draw costs the same whatever the number of rows, and all nulls are tested with the same sums over
// clusters. The confidence set is exact, of any number of pieces. Under a null r the
// coefficients of the restricted first stage are ratios of quadratic functions of r, so that the square of the
// statistic of each draw is a ratio of polynomials. Where it equals the square of the data's, a polynomial
// in r is zero, of degree 6 with one instrument and 14 with several. All its changes of sign are
// found, and between those of all draws the p-value is constant. Two of them can be missed only where a draw and
// the data differ by less than rounding in between.
func WRE(ctx context.Context, r *iv.Result, spec WildSpec) (*WildResult, error) {
	if err := spec.check(r.Level); err != nil {
		return nil, err
	}
	m, err := newInstrumental(r, &spec)
	switch {
	case err != nil:
		return nil, err
	case spec.Unrestricted:
		return nil, bad(fieldexp.NotAvailable, "an unrestricted bootstrap of a model with an endogenous column",
			"leave {Unrestricted} out", "use {Pairs}")
	case r.Estimator != iv.TwoStage:
		return nil, bad(fieldexp.NotAvailable, fmt.Sprintf("the WRE bootstrap of %s", r.Estimator), "estimate by {TwoStage}")
	case r.Covariance.Kind != iv.CR0 && r.Covariance.Kind != iv.CR1:
		return nil, bad(fieldexp.NotAvailable,
			fmt.Sprintf("the WRE bootstrap with %s standard errors", r.Covariance.Kind),
			"use {CR0} or {CR1}")
	case m.instruments > mostInstruments:
		return nil, bad(fieldexp.NotAvailable,
			fmt.Sprintf("the WRE bootstrap with %d instruments", m.instruments),
			fieldexp.Hint(fmt.Sprintf("use at most %d", mostInstruments)), "use {AndersonRubin}")
	}
	spec.Null, spec.Term, spec.Value = spec.restrictions(), "", 0
	w, err := m.newWRE()
	if err != nil {
		return nil, err
	}
	plan := newDrawing(spec.Weights, spec.Seed, spec.Draws, m.outcome.cp.Clusters)
	if err := w.draw(ctx, plan, spec.Progress); err != nil {
		return nil, err
	}
	return w.result(ctx, spec, plan)
}

// wre holds what the draws are made of, on a scale of nulls and in coordinates in which the exogenous
// columns and instruments are orthonormal and the instruments, the last l of k, orthogonal to the exogenous
// columns.
type wre struct {
	nullScale
	m       *instrumental
	k, l    int
	groups  int
	scores  [][]float64 // clusters x k: of outcome, endogenous column, and each instrument
	cross   []float64   // clusters x l x (k-l): S_g of instruments with exogenous columns
	own     []float64   // clusters x l x l: S_g of instruments
	py, pd  []float64   // what the instruments move outcome and endogenous column by
	c       []float64   // draws x (2+l) x l: sums over clusters of weights times scores
	squares []float64   // draws x size(size+1)/2: sums of products of the clusters' pieces
	size    int
}

// newWRE brings the model into these coordinates.
func (m *instrumental) newWRE() (*wre, error) {
	y, err := newLinearWithLast(m.outcome.result, m.instruments)
	if err != nil {
		return nil, err
	}
	d, err := newLinearWithLast(m.endogenous.result, m.instruments)
	if err != nil {
		return nil, err
	}
	scale, err := m.newNullScale()
	if err != nil {
		return nil, err
	}
	w := &wre{nullScale: scale, m: m, k: y.k, l: m.instruments, groups: y.cp.Clusters}
	w.scores = make([][]float64, 2)
	w.scores[0], w.scores[1] = w.bring(y.scores, d.scores)
	free := w.k - w.l
	w.size = 2*w.l + 2*w.l*w.l
	w.py, w.pd = w.bring(y.coordinates()[free:], d.coordinates()[free:])
	for range w.l {
		w.scores = append(w.scores, make([]float64, w.groups*w.k))
	}
	w.cross, w.own = make([]float64, w.groups*w.l*free), make([]float64, w.groups*w.l*w.l)
	block, unit, column, scratch := make([]float64, w.k*w.k), make([]float64, w.k), make([]float64, w.k), make([]float64, w.k)
	for g := range w.groups {
		y.block(g, block)
		for i := range w.l {
			clear(unit)
			unit[free+i] = 1
			y.times(block, unit, column, scratch)
			copy(w.scores[2+i][g*w.k:], column)
			copy(w.cross[(g*w.l+i)*free:], column[:free])
			copy(w.own[(g*w.l+i)*w.l:], column[free:])
		}
	}
	return w, nil
}

// draw computes the sums of every draw.
func (w *wre) draw(ctx context.Context, plan drawing, progress func(done, total int)) error {
	pairs := w.size * (w.size + 1) / 2
	w.c = make([]float64, plan.draws*(2+w.l)*w.l)
	w.squares = make([]float64, plan.draws*pairs)
	report := reporter(progress, plan.draws)
	return parallel.For(ctx, plan.blocks(), func(block int) {
		from, to := plan.bounds(block)
		n := to - from
		weights := make([]float64, w.groups*n)
		plan.fill(block, weights)
		v := blas64.General{Rows: w.groups, Cols: n, Stride: n, Data: weights}
		sums := make([]blas64.General, len(w.scores)) // k x n
		for s, scores := range w.scores {
			sums[s] = blas64.General{Rows: w.k, Cols: n, Stride: n, Data: make([]float64, w.k*n)}
			blas64.Gemm(blas.Trans, blas.NoTrans, 1, blas64.General{Rows: w.groups, Cols: w.k, Stride: w.k, Data: scores}, v, 0, sums[s])
			for i := range w.l {
				for b, c := range sums[s].Data[(w.k-w.l+i)*n : (w.k-w.l+i+1)*n] {
					w.c[((from+b)*len(w.scores)+s)*w.l+i] = c
				}
			}
		}
		w.addSquares(weights, sums, from, n)
		report(n)
	})
}

// addSquares sums the products of the clusters' pieces: of the deviations of outcome, endogenous
// column and instruments from their regression on the exogenous columns, and of the instruments'
// own products.
func (w *wre) addSquares(weights []float64, sums []blas64.General, from, n int) {
	free, pairs := w.k-w.l, w.size*(w.size+1)/2
	totals := make([]float64, pairs*n)
	pieces := make([][]float64, w.size) // each a row of n draws
	for i := (2 + w.l) * w.l; i < w.size; i++ {
		pieces[i] = make([]float64, n)
	}
	chunks := make([]blas64.General, len(sums)) // deviations of a chunk of clusters: a row for each and each instrument
	for s := range chunks {
		chunks[s] = blas64.General{Cols: n, Stride: n, Data: make([]float64, groupChunk*w.l*n)}
	}
	for first := 0; first < w.groups; first += groupChunk {
		last := min(first+groupChunk, w.groups)
		for s := range chunks {
			chunks[s].Rows = (last - first) * w.l
			if free > 0 {
				blas64.Gemm(blas.NoTrans, blas.NoTrans, -1, blas64.General{Rows: chunks[s].Rows, Cols: free, Stride: free, Data: w.cross[first*w.l*free:]},
					blas64.General{Rows: free, Cols: n, Stride: n, Data: sums[s].Data}, 0, chunks[s])
			} else {
				clear(chunks[s].Data)
			}
		}
		for g := first; g < last; g++ {
			v := weights[g*n : (g+1)*n]
			for s, scores := range w.scores {
				for i := range w.l {
					row := (g-first)*w.l + i
					piece, a := chunks[s].Data[row*n:(row+1)*n], scores[g*w.k+free+i]
					for b, x := range v {
						piece[b] += a * x
					}
					pieces[s*w.l+i] = piece
				}
			}
			for i, x := range w.own[g*w.l*w.l : (g+1)*w.l*w.l] {
				piece := pieces[(2+w.l)*w.l+i]
				for b := range piece {
					piece[b] = x
				}
			}
			addPairs(totals, pieces, n)
		}
	}
	for p := range pairs {
		for b, x := range totals[p*n : (p+1)*n] {
			w.squares[(from+b)*pairs+p] = x
		}
	}
}

// addPairs adds the products of all pairs of pieces.
func addPairs(totals []float64, pieces [][]float64, n int) {
	at := 0
	for i, left := range pieces {
		for _, right := range pieces[:i+1] {
			sum := totals[at*n : (at+1)*n]
			for b, x := range left {
				sum[b] += x * right[b]
			}
			at++
		}
	}
}
