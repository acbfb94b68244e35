package bootstrap

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// pairs holds, for each cluster, the cross-products of the columns E of which scores are made
// (regressors or, for two-stage least squares, instruments and exogenous columns), of E with the
// regressors W, and of E with the residuals u, in coordinates in which E'E is the identity.
type pairs struct {
	groups, k, p int
	blocks       []float64 // clusters x k(k+1)/2: the lower triangle of E_g'E_g, row after row
	mixed        []float64 // clusters x k x p: E_g'W_g; nil for least squares, where W is E
	scores       []float64 // clusters x k: E_g'u_g
	r            []float64 // p: the coefficient as a combination of those of W
}

// newPairs lays a result out.
func newPairs(r *iv.Result, term string) (*pairs, error) {
	if r.ReducedForm == nil {
		m, err := newLinear(r)
		if err != nil {
			return nil, err
		}
		h, err := m.hypothesis([]Restriction{{Term: term}})
		if err != nil {
			return nil, err
		}
		return &pairs{groups: m.cp.Clusters, k: m.k, p: m.k, blocks: m.whitenedBlocks(func(int, []float64) {}), scores: m.scores, r: h.r.RawRowView(0)}, nil
	}
	spec := WildSpec{Term: term}
	if len(r.FirstStages) == 1 && term != r.FirstStages[0].Outcome {
		return nil, bad(fieldexp.NotAvailable,
			"pairs for an exogenous term of a model with an endogenous column", "name the endogenous column",
			"use {ReducedForm}")
	}
	m, err := newInstrumental(r, &spec)
	if err != nil {
		return nil, err
	}
	if r.Estimator != iv.TwoStage {
		return nil, bad(fieldexp.NotAvailable, "pairs of "+r.Estimator.String(), "estimate by {TwoStage}")
	}
	return m.pairs()
}

// pairs lays a two-stage model out. The exogenous columns are the first coordinates of E, and the
// regressors W are they and the endogenous column, which is last.
func (m *instrumental) pairs() (*pairs, error) {
	y, err := newLinearWithLast(m.outcome.result, m.instruments)
	if err != nil {
		return nil, err
	}
	d, err := newLinearWithLast(m.endogenous.result, m.instruments)
	if err != nil {
		return nil, err
	}
	free := y.k - m.instruments
	out := &pairs{groups: y.cp.Clusters, k: y.k, p: free + 1}
	out.r = make([]float64, out.p)
	out.r[free] = 1
	moved, driven := y.coordinates(), d.coordinates()
	effect := m.estimate.Estimate
	out.mixed = make([]float64, out.groups*out.k*out.p)
	out.scores = combine(y.scores, -effect, d.scores)
	out.blocks = y.whitenedBlocks(func(g int, block []float64) {
		for i := range out.k {
			row := block[i*out.k : (i+1)*out.k]
			into := out.mixed[(g*out.k+i)*out.p : (g*out.k+i+1)*out.p]
			copy(into, row[:free])
			into[free] = d.scores[g*out.k+i] + dot(row, driven)
			// The residual is that of the reduced form of y - effect d, and what the
			// instruments explain of it.
			for j := free; j < out.k; j++ {
				out.scores[g*out.k+i] += row[j] * (moved[j] - effect*driven[j])
			}
		}
	})
	return out, nil
}

// whitenedBlocks are the lower triangles of the blocks of all clusters in the model's coordinates.
// It shows each block in full to visit.
func (m *linear) whitenedBlocks(visit func(g int, block []float64)) []float64 {
	k := m.k
	var all []float64
	block, white := make([]float64, k*k), mat.NewDense(k, k, nil)
	for g := range m.cp.Clusters {
		m.block(g, block)
		white.Product(m.whiten, mat.NewDense(k, k, block), m.whiten.T())
		visit(g, white.RawMatrix().Data)
		for i := range k {
			all = append(all, white.RawRowView(i)[:i+1]...)
		}
	}
	return all
}

// draw estimates the model on a block of draws: deviations from the estimate, and their t without a
// small-sample factor.
func (s *pairs) draw(source *rand.PCG, deviations, statistics []float64) {
	n := len(deviations)
	rng := rand.New(source)
	counts := make([]float64, n*s.groups)
	for b := range n {
		row := counts[b*s.groups : (b+1)*s.groups]
		for range s.groups {
			row[rng.IntN(s.groups)]++
		}
	}
	shape := func(parts []float64, rows int) blas64.General {
		width := len(parts) / rows
		return blas64.General{Rows: rows, Cols: width, Stride: width, Data: parts}
	}
	sum := func(parts []float64) blas64.General { // a row for each draw
		of := shape(parts, s.groups)
		total := shape(make([]float64, n*of.Cols), n)
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, shape(counts, n), of, 0, total)
		return total
	}
	blocks, scores, mixed := sum(s.blocks), sum(s.scores), blas64.General{}
	if s.mixed != nil {
		mixed = sum(s.mixed)
	}
	// A cluster's influence on the coefficient is along'(score - E'W change): a product with its
	// score, less one with its cross-products.
	products := s.blocks
	if s.mixed != nil {
		products = s.mixed
	}
	of := shape(products, s.groups)
	along, weigh := shape(make([]float64, n*s.k), n), shape(make([]float64, n*of.Cols), n)
	for b := range n {
		var own []float64
		if s.mixed != nil {
			own = mixed.Data[b*mixed.Stride : (b+1)*mixed.Stride]
		}
		deviations[b] = s.estimate(blocks.Data[b*blocks.Stride:(b+1)*blocks.Stride], own, scores.Data[b*s.k:(b+1)*s.k],
			along.Data[b*s.k:(b+1)*s.k], weigh.Data[b*of.Cols:(b+1)*of.Cols])
	}
	influence := shape(make([]float64, n*s.groups), n)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, along, shape(s.scores, s.groups), 0, influence)
	blas64.Gemm(blas.NoTrans, blas.Trans, -1, weigh, of, 1, influence)
	for b := range n {
		variance := 0.0
		for g, e := range influence.Data[b*s.groups : (b+1)*s.groups] {
			variance += counts[b*s.groups+g] * e * e
		}
		if statistics[b] = deviations[b] / math.Sqrt(variance); !(variance > 0) {
			statistics[b] = math.NaN()
		}
	}
}

// estimate fits the model to one draw, from its sums, and returns the deviation of the coefficient
// from the estimate. It fills in how the coefficient weighs the scores, and the cross-products, of
// clusters.
func (s *pairs) estimate(block, mixed, score, along, weigh []float64) (deviation float64) {
	ee, ok := inverse(unpacked(block, s.k))
	if !ok {
		return math.NaN()
	}
	// With pi the regression of W on E, the estimates are a pi'E'y with a = (pi'E'W)^-1.
	a, pi := ee, identity(s.k)
	if s.mixed != nil {
		var normal mat.Dense
		ew := mat.NewDense(s.k, s.p, mixed)
		pi = &mat.Dense{}
		pi.Mul(ee, ew)
		normal.Mul(pi.T(), ew)
		lower := mat.NewSymDense(s.p, nil)
		for i := range s.p {
			for j := i; j < s.p; j++ {
				lower.SetSym(i, j, normal.At(i, j))
			}
		}
		if a, ok = inverse(lower); !ok {
			return math.NaN()
		}
	}
	var change, influence mat.VecDense
	influence.MulVec(a, mat.NewVecDense(s.p, s.r))
	mat.NewVecDense(s.k, along).MulVec(pi, &influence)
	change.MulVec(pi.T(), mat.NewVecDense(s.k, score))
	change.MulVec(a, &change)
	delta := change.RawVector().Data
	at := 0
	for i, w := range along {
		if s.mixed != nil {
			for _, d := range delta {
				weigh[at] = w * d
				at++
			}
			continue
		}
		for j := range i {
			weigh[at] = w*delta[j] + along[j]*delta[i]
			at++
		}
		weigh[at] = w * delta[i]
		at++
	}
	return dot(s.r, delta)
}

// unpacked is the symmetric matrix with the given lower triangle, row after row.
func unpacked(lower []float64, n int) *mat.SymDense {
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			s.SetSym(i, j, lower[j])
		}
		lower = lower[i+1:]
	}
	return s
}

// inverse inverts a positive definite matrix, unless it is singular up to leastShare.
func inverse(a *mat.SymDense) (*mat.SymDense, bool) {
	var chol mat.Cholesky
	if !chol.Factorize(a) || chol.Cond() > 1/leastShare {
		return nil, false
	}
	result := mat.NewSymDense(a.SymmetricDim(), nil)
	return result, chol.InverseTo(result) == nil
}
