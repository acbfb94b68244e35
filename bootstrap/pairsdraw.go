package bootstrap

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/iv"
)

// pairs holds, for each cluster, the cross-products of the columns E of which scores are made
// (regressors or, for two-stage least squares, instruments and exogenous columns), of E with the
// regressors W, and of E with the residuals u, in coordinates in which E'E is the identity.
type pairs struct {
	groups, k, p int
	blocks       []float64 // clusters x k x k: E_g'E_g
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
		return &pairs{groups: m.cp.Clusters, k: m.k, p: m.k, blocks: m.whitenedBlocks(), scores: m.scores, r: h.r.RawRowView(0)}, nil
	}
	spec := WildSpec{Term: term}
	if len(r.FirstStages) == 1 && term != r.FirstStages[0].Outcome {
		return nil, bad(NotAvailable, "pairs for an exogenous term of a model with an endogenous column", "name the endogenous column, or use the ReducedForm")
	}
	m, err := newInstrumental(r, &spec)
	if err != nil {
		return nil, err
	}
	if r.Estimator != iv.TwoStage {
		return nil, bad(NotAvailable, "pairs of "+r.Estimator.String(), "estimate by TwoStage")
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
	out := &pairs{groups: y.cp.Clusters, k: y.k, p: free + 1, blocks: y.whitenedBlocks()}
	out.r = make([]float64, out.p)
	out.r[free] = 1
	moved, driven := y.coordinates(), d.coordinates()
	effect := m.estimate.Estimate
	out.mixed = make([]float64, out.groups*out.k*out.p)
	out.scores = combine(y.scores, -effect, d.scores)
	for g := range out.groups {
		for i := range out.k {
			row := out.blocks[(g*out.k+i)*out.k : (g*out.k+i+1)*out.k]
			into := out.mixed[(g*out.k+i)*out.p : (g*out.k+i+1)*out.p]
			copy(into, row[:free])
			into[free] = d.scores[g*out.k+i] + dot(row, driven)
			// The residual is that of the reduced form of y - effect d, and what the
			// instruments explain of it.
			for j := free; j < out.k; j++ {
				out.scores[g*out.k+i] += row[j] * (moved[j] - effect*driven[j])
			}
		}
	}
	return out, nil
}

// whitenedBlocks are the blocks of all clusters in the model's coordinates.
func (m *linear) whitenedBlocks() []float64 {
	k := m.k
	all, block := make([]float64, m.cp.Clusters*k*k), make([]float64, k*k)
	for g := range m.cp.Clusters {
		m.block(g, block)
		s := mat.NewDense(k, k, all[g*k*k:(g+1)*k*k])
		s.Product(m.whiten, mat.NewDense(k, k, block), m.whiten.T())
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
	sum := func(parts []float64, width int) []float64 { // draws x width
		total := make([]float64, n*width)
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, blas64.General{Rows: n, Cols: s.groups, Stride: s.groups, Data: counts},
			blas64.General{Rows: s.groups, Cols: width, Stride: width, Data: parts}, 0, blas64.General{Rows: n, Cols: width, Stride: width, Data: total})
		return total
	}
	blocks, scores := sum(s.blocks, s.k*s.k), sum(s.scores, s.k)
	mixed := blocks
	if s.mixed != nil {
		mixed = sum(s.mixed, s.k*s.p)
	}
	for b := range n {
		deviations[b], statistics[b] = s.estimate(counts[b*s.groups:(b+1)*s.groups], blocks[b*s.k*s.k:(b+1)*s.k*s.k],
			mixed[b*s.k*s.p:(b+1)*s.k*s.p], scores[b*s.k:(b+1)*s.k])
	}
}

// estimate fits the model to one draw, from its sums.
func (s *pairs) estimate(counts, block, mixed, score []float64) (deviation, t float64) {
	undefined := math.NaN()
	ee, ok := inverse(block, s.k)
	if !ok {
		return undefined, undefined
	}
	// With W = E pi + ..., the estimates are a pi'E'y, a = (pi'E'W)^-1.
	pi, a := identity(s.p), ee
	if s.mixed != nil {
		var normal mat.Dense
		ew := mat.NewDense(s.k, s.p, mixed)
		pi.Reset()
		pi.Mul(ee, ew)
		normal.Mul(pi.T(), ew)
		if a, ok = inverse(normal.RawMatrix().Data, s.p); !ok {
			return undefined, undefined
		}
	}
	var change, influence, along mat.VecDense
	influence.MulVec(a, mat.NewVecDense(s.p, s.r)) // of pi'E'u on the coefficient
	along.MulVec(pi, &influence)                   // of E'u
	change.MulVec(pi.T(), mat.NewVecDense(s.k, score))
	change.MulVec(a, &change)
	deviation = dot(s.r, change.RawVector().Data)
	weights, delta := along.RawVector().Data, change.RawVector().Data
	variance := 0.0
	ours := s.mixed
	if ours == nil {
		ours = s.blocks
	}
	for g, count := range counts {
		if count == 0 {
			continue
		}
		e := 0.0
		for i, w := range weights {
			e += w * (s.scores[g*s.k+i] - dot(ours[(g*s.k+i)*s.p:(g*s.k+i+1)*s.p], delta))
		}
		variance += count * e * e
	}
	if !(variance > 0) {
		return deviation, undefined
	}
	return deviation, deviation / math.Sqrt(variance)
}

// inverse inverts a positive definite matrix, unless it is singular up to leastShare.
func inverse(a []float64, n int) (*mat.SymDense, bool) {
	sym := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			sym.SetSym(i, j, (a[i*n+j]+a[j*n+i])/2)
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(sym) || chol.Cond() > 1/leastShare {
		return nil, false
	}
	result := mat.NewSymDense(n, nil)
	return result, chol.InverseTo(result) == nil
}
