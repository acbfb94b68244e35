package iv_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// TestLargeSamplesAgreeWithSmall holds the paths that samples take by their size and order against
// each other. A small sample, whose rows are held, has frequency weights; the same rows repeated make
// a large one, whose sums come from the cross-products of clusters: in the order of its clusters and in
// none, with clusters of many rows and of few.
func TestLargeSamplesAgreeWithSmall(t *testing.T) {
	long(t)
	const rows = 11_000
	f := experiment(t, 3, rows, 40)
	derive(t, f, "pair", []string{"agent", "hour", "c2"}, func(x []float64) float64 { return x[0] + 100*x[1] + 1000*math.Floor(400*x[2]) })
	var repeated []int
	for i, times := range floats(t, f, "times") {
		for range 1 + int(times) {
			repeated = append(repeated, i)
		}
	}
	derive(t, f, "rows", []string{"times"}, func(x []float64) float64 { return 1 + x[0] })
	anyhow := take(t, f, pick(repeated, shuffled(7, len(repeated))))
	for name, spec := range designs() {
		if spec.Weights != "" {
			continue
		}
		for _, clusters := range [][]string{nil, {"agent"}, {"agent", "day"}, {"pair"}} {
			t.Run(fmt.Sprintf("%s by %v", name, clusters), func(t *testing.T) {
				s := spec
				s.Cluster = clusters
				weighted := s
				weighted.Weights, weighted.WeightKind = "rows", iv.Frequency
				want := estimate(t, f, weighted)
				ordered := anyhow
				if clusters != nil {
					ordered = sortedBy(t, anyhow, clusters[0])
				}
				for what, large := range map[string]*data.Frame{"ordered": ordered, "anyhow": anyhow} {
					got := estimate(t, large, s)
					sameFit(t, what, got, want, same)
					near(t, what+": R2", got.R2, want.R2, same, 0)
					near(t, what+": within R2", got.WithinR2, want.WithinR2, same, 0)
					near(t, what+": sigma", got.Sigma, want.Sigma, same, 0)
					for i, first := range want.FirstStages {
						sameFit(t, what+", first stage", got.FirstStages[i], first, same)
						sameFit(t, what+", reduced form", got.ReducedForm, want.ReducedForm, same)
						sameFit(t, what+", as used", got.AsUsed, want.AsUsed, same)
					}
					for i, test := range instrumentTests(want) {
						near(t, fmt.Sprintf("%s: test %d of the instruments", what, i), instrumentTests(got)[i], test, 1e-7, 0)
					}
				}
			})
		}
	}
}

// sortedBy is the frame in the order of a column.
func sortedBy(t *testing.T, f *data.Frame, column string) *data.Frame {
	t.Helper()
	values := floats(t, f, column)
	order := make([]int, f.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(values[a] - values[b]) })
	return take(t, f, order)
}

// instrumentTests are the statistics of a model with endogenous columns; none of others.
func instrumentTests(r *iv.Result) (statistics []float64) {
	if len(r.FirstStages) == 0 {
		return nil
	}
	for _, v := range []float64{r.KleibergenPaap().Statistic, r.UnderIdentification().Statistic, r.CraggDonald().Statistic,
		r.Overidentification().Statistic, r.WuHausman().Statistic, r.DifferenceInJ().Statistic, r.EffectiveF().Statistic} {
		if !math.IsNaN(v) {
			statistics = append(statistics, v)
		}
	}
	return statistics
}

// TestAlmostExplained holds estimates of an outcome that its regressors almost explain, whose residuals
// would drown in the rounding of cross-products, against those of a small sample.
func TestAlmostExplained(t *testing.T) {
	f := experiment(t, 4, 40_000, 50)
	derive(t, f, "exact", []string{"c1", "c2", "assigned", "y"}, func(x []float64) float64 { return 1000*x[0] - 500*x[1] + x[2] + 1e-4*x[3] })
	s := iv.Spec{Outcomes: []string{"exact"}, Exogenous: []string{"assigned", "c1", "c2"}, Cluster: []string{"agent"}}
	large := estimate(t, f, s)
	derive(t, f, "rest", []string{"y"}, func(x []float64) float64 { return 1e-4 * x[0] })
	s.Outcomes = []string{"rest"}
	rest := estimate(t, f, s)
	for j, term := range large.Terms {
		// The outcome itself is rounded at 1e-13.
		near(t, "standard error of "+term, math.Sqrt(large.Vcov.At(j, j)), math.Sqrt(rest.Vcov.At(j, j)), 1e-8, 0)
	}
	near(t, "RSS", large.RSS, rest.RSS, 1e-8, 0)
}

// TestBitsOfLargeSamples: the same to the last bit whatever the number of processors, also where
// outcomes with different missing values are estimated at once.
func TestBitsOfLargeSamples(t *testing.T) {
	f := experiment(t, 8, 24_000, 60)
	values := slices.Clone(floats(t, f, "y3"))
	for i := range values {
		if i%7 == 0 {
			values[i] = math.NaN()
		}
	}
	setFloats(t, f, "y3", values)
	specs := []iv.Spec{
		{Outcomes: []string{"y", "y2", "y3"}, Exogenous: []string{"assigned", "c1"}, Absorb: iv.Effects("day", "topic")},
		{Outcomes: []string{"y", "y2", "y3"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Exogenous: []string{"c1", "c2"}},
	}
	for _, s := range specs {
		for _, clusters := range [][]string{nil, {"agent"}, {"agent", "day"}} {
			s.Cluster = clusters
			var first []*iv.Result
			for _, processors := range []int{1, 2, 5} {
				restore := processorsTo(processors)
				results, err := iv.Estimate(context.Background(), f, s)
				restore()
				if err != nil {
					t.Fatal(err)
				}
				if first == nil {
					first = results
				}
				for i := range results {
					sameBits(t, fmt.Sprintf("%d processors, clusters %v", processors, clusters), results[i], first[i])
				}
			}
		}
	}
}

// processorsTo sets the number of processors and returns what puts it back.
func processorsTo(n int) func() {
	before := runtime.GOMAXPROCS(n)
	return func() { runtime.GOMAXPROCS(before) }
}
