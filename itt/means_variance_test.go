package itt_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
)

// TestUnbiasedVariance enumerates every assignment of small experiments whose effects are the same
// for all units: the mean of the variance estimates is then the variance of the estimates, for
// simple and blocked assignment, and between small blocks of unequal size.
func TestUnbiasedVariance(t *testing.T) {
	outcome := []float64{3, 1, 4, 1.5, 9, 2.6, 5, 3.5, 8, 9.7, 9.3, 2.3}
	for name, c := range map[string]struct {
		blocks []int // sizes
		arm    []int // number assigned in each
		small  itt.SmallBlocks
	}{
		"simple":                   {[]int{6}, []int{2}, itt.RefuseSmall},
		"blocked":                  {[]int{4, 5}, []int{2, 3}, itt.RefuseSmall},
		"pooled, unequal":          {[]int{2, 3, 2, 4}, []int{1, 1, 1, 1}, itt.PoolSmall},
		"pooled and within blocks": {[]int{2, 3, 2, 5}, []int{1, 2, 1, 2}, itt.PoolSmall},
	} {
		t.Run(name, func(t *testing.T) {
			var block, y []float64
			for b, size := range c.blocks {
				for range size {
					block, y = append(block, float64(b)), append(y, outcome[len(y)])
				}
			}
			spec := itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}, Blocks: "block", Small: c.small}
			if len(c.blocks) == 1 {
				spec.Blocks = ""
			}
			var estimates []float64
			sum, variance := 0.0, 0.0
			for set := range 1 << len(y) {
				z, treated, count := make([]float64, len(y)), slices.Clone(y), make([]int, len(c.blocks))
				for i := range z {
					if set>>i&1 == 1 {
						z[i] = 1
						treated[i] += 7
						count[int(block[i])]++
					}
				}
				if !slices.Equal(count, c.arm) {
					continue
				}
				effect := means(t, frame(t, map[string][]float64{"y": treated, "z": z, "block": block}), spec).Effects()[0]
				estimates = append(estimates, effect.Estimate)
				sum += effect.Estimate
				variance += effect.SE * effect.SE
			}
			n := float64(len(estimates))
			studytest.Near(t, "mean of the estimates", sum/n, 7, 1e-9, 0)
			truth := 0.0
			for _, e := range estimates {
				truth += (e - 7) * (e - 7) / n
			}
			studytest.Near(t, "mean variance", variance/n, truth, 1e-9, 0)
		})
	}
}

// TestPooledByHand: with blocks that have one unit in an arm beside larger ones, weighted, the
// variance is that within the larger and that between the small, and so are degrees of freedom, for
// the effect, for the precision-weighted one and for their difference.
func TestPooledByHand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5))
		columns := map[string][]float64{}
		for b, c := range [][2]int{{1, 2}, {1, 3}, {3, 1}, {1, 1}, {2, 2}, {4, 3}} {
			for i := range c[0] + c[1] {
				z := 0.0
				if i < c[0] {
					z = 1
				}
				for name, v := range map[string]float64{"block": float64(b), "z": z, "w": 0.8 + 0.4*r.Float64(), "y": r.NormFloat64() + float64(b)*z} {
					columns[name] = append(columns[name], v)
				}
			}
		}
		f := frame(t, columns)
		spec := itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Weights: rapid.SampledFrom([]string{"", "w"}).Draw(t, "weights")}, Blocks: "block", Small: itt.PoolSmall}
		design := means(t, f, spec).Fits[0]
		spec.DF = itt.WelchDF
		welch := means(t, f, spec).Fits[0]
		const small = 4 // the first blocks
		shares, effects := make([]float64, len(design.Blocks)), make([]float64, len(design.Blocks))
		for b, block := range design.Blocks {
			shares[b], effects[b] = block.Share, block.Effects[0]
			if math.IsNaN(block.SE[0]) != (b < small) {
				t.Errorf("block %d: standard error %v", b, block.SE[0])
			}
		}
		// within is the weighted variance within the larger blocks.
		within := func(weights []float64) (sum float64) {
			for b, block := range design.Blocks[small:] {
				sum += weights[small+b] * weights[small+b] * block.SE[0] * block.SE[0]
			}
			return sum
		}
		// between solves for the variance between the small: the sum of a_b (e_b - mean)^2 whose
		// expectation is right when effects are the same.
		between := func(weights []float64) float64 {
			mass, mean := 0.0, 0.0
			for b := range small {
				mass += weights[b]
				mean += weights[b] * effects[b]
			}
			mean /= mass
			n, sum, scale := mass, 0.0, 0.0
			for b := range small {
				q := weights[b] * weights[b] / (n * (n - 2*weights[b]))
				scale += q
				sum += q * (effects[b] - mean) * (effects[b] - mean)
			}
			return mass * mass * sum / (1 + scale)
		}
		strata := design.Strata[0]
		for name, c := range map[string]struct {
			got     float64
			weights []float64
		}{"effect": {design.Effects[0].SE, shares}, "precision": {strata.Precision.SE, strata.Weights}} {
			studytest.Near(t, name+": standard error", c.got, math.Sqrt(within(c.weights)+between(c.weights)), 1e-10, 0)
		}
		change, spread := make([]float64, len(shares)), 0.0
		for b := range shares {
			change[b] = shares[b] - strata.Weights[b]
			if b < small {
				v := change[b] * (effects[b] - design.Effects[0].Estimate)
				spread += v * v * small / (small - 1)
			}
		}
		studytest.Near(t, "difference", strata.Difference.Estimate, design.Effects[0].Estimate-strata.Precision.Estimate, 1e-10, 1)
		studytest.Near(t, "difference: standard error", strata.Difference.SE, math.Sqrt(within(change)+spread), 1e-9, 0)
		// Of the larger blocks 4 + 7 units less two each, of the small their number less one.
		studytest.Near(t, "degrees of freedom", design.Effects[0].DF, 2+5+small-1, 0, 0)
		if spec.Weights != "" {
			return // where arms have their own degrees of freedom; see TestWelch
		}
		total := welch.Effects[0].SE * welch.Effects[0].SE
		uncertainty := between(shares) * between(shares) / (small - 1)
		for b, block := range welch.Blocks[small:] {
			for _, arm := range block.Arms {
				v := shares[small+b] * shares[small+b] * arm.SE * arm.SE
				uncertainty += v * v / float64(arm.Units-1)
			}
		}
		studytest.Near(t, "Welch's degrees of freedom", welch.Effects[0].DF, total*total/uncertainty, 1e-10, 0)
	})
}

// TestPairsOfClusters: pairs of unequal size have the variance of Imai, King and Nall, for weights by
// size and by precision.
func TestPairsOfClusters(t *testing.T) {
	f := readTrial(t)
	for _, weights := range []string{"", "w"} {
		fit := means(t, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "zs", Cluster: []string{"school"}, Weights: weights}, Blocks: "region", Pairs: true}).Fits[0]
		n := float64(len(fit.Blocks))
		variance := func(weight func(b int) float64) float64 {
			mean, sum := 0.0, 0.0
			for b, block := range fit.Blocks {
				mean += weight(b) * block.Effects[0]
			}
			for b, block := range fit.Blocks {
				d := n*weight(b)*block.Effects[0] - mean
				sum += d * d
			}
			return sum / (n * (n - 1))
		}
		size := variance(func(b int) float64 { return fit.Blocks[b].Share })
		precision := variance(func(b int) float64 { return fit.Strata[0].Weights[b] })
		studytest.Near(t, "by size", fit.Effects[0].SE, math.Sqrt(size), 1e-10, 0)
		studytest.Near(t, "by precision", fit.Strata[0].Precision.SE, math.Sqrt(precision), 1e-10, 0)
		if fit.Effects[0].DF != n-1 || n != 8 {
			t.Errorf("%v degrees of freedom with %v pairs", fit.Effects[0].DF, n)
		}
	}
}
