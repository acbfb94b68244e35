package iv_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// sameBits fails unless two results hold the same numbers to the last bit.
func sameBits(t *testing.T, what string, got, want *iv.Result) {
	t.Helper()
	if !slices.Equal(got.Terms, want.Terms) || got.N != want.N || got.K != want.K {
		t.Errorf("%s: %v N %d K %d, want %v N %d K %d", what, got.Terms, got.N, got.K, want.Terms, want.N, want.K)
		return
	}
	bits := func(name string, a, b float64) {
		if math.Float64bits(a) != math.Float64bits(b) {
			t.Errorf("%s: %s differs: %v and %v", what, name, a, b)
		}
	}
	for i, name := range want.Terms {
		bits(name, got.Coef[i], want.Coef[i])
		for j := range i + 1 {
			bits("covariance of "+name+" and "+want.Terms[j], got.Vcov.At(i, j), want.Vcov.At(i, j))
		}
	}
	for _, v := range []struct {
		name string
		a, b float64
	}{{"R2", got.R2, want.R2}, {"within R2", got.WithinR2, want.WithinR2}, {"RSS", got.RSS, want.RSS},
		{"kappa", got.Kappa, want.Kappa}, {"mean", got.MeanY, want.MeanY}} {
		bits(v.name, v.a, v.b)
	}
	for i := range want.FirstStages {
		sameBits(t, what+", first stage", got.FirstStages[i], want.FirstStages[i])
	}
	if want.ReducedForm != nil {
		sameBits(t, what+", reduced form", got.ReducedForm, want.ReducedForm)
	}
}

// everyCovariance runs a check for each covariance that suits a model.
func everyCovariance(s iv.Spec, run func(s iv.Spec)) {
	for _, c := range covariances(s.Cluster != nil) {
		s.Covariance = c
		run(s)
	}
}

func TestZeroWeightIsRowRemoved(t *testing.T) {
	long(t)
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		zeroed := f.Clone()
		derive(t, zeroed, "w", []string{"w", "agent", "c1"}, func(x []float64) float64 {
			if x[1] == 3 || x[2] > 1.2 { // a whole cluster, and rows of others
				return 0
			}
			return x[0]
		})
		kept := where(t, zeroed, "w", func(w float64) bool { return w > 0 })
		removed := take(t, zeroed, kept)
		s.Weights = "w"
		everyCovariance(s, func(s iv.Spec) {
			got, want := estimate(t, zeroed, s), estimate(t, removed, s)
			sameFit(t, fmt.Sprintf("%+v", s.Covariance), got, want, same)
			near(t, "N", float64(got.N), float64(len(kept)), 0, 0)
			near(t, "R2", got.R2, want.R2, same, 0)
			near(t, "dropped for their weight", float64(got.Dropped.ZeroWeight), float64(f.Len()-len(kept)), 0, 0)
			for i := range want.Clusters {
				near(t, "clusters", float64(got.Clusters[i].Count), float64(want.Clusters[i].Count), 0, 0)
			}
		})
	})
}

func TestFrequencyWeightIsRepeatedRow(t *testing.T) {
	long(t)
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		if s.Weights != "" {
			t.Skip("weighted in another way")
		}
		var repeated []int
		for i, times := range floats(t, f, "times") {
			for range int(times) {
				repeated = append(repeated, i)
			}
		}
		long := take(t, f, repeated)
		everyCovariance(s, func(s iv.Spec) {
			weighted := s
			weighted.Weights, weighted.WeightKind = "times", iv.Frequency
			got, want := estimate(t, f, weighted), estimate(t, long, s)
			sameFit(t, fmt.Sprintf("%+v", s.Covariance), got, want, same)
			near(t, "N", float64(got.N), float64(long.Len()), 0, 0)
			near(t, "R2", got.R2, want.R2, same, 0)
			near(t, "adjusted R2", got.AdjR2, want.AdjR2, same, 0)
			near(t, "sigma", got.Sigma, want.Sigma, same, 0)
		})
	})
}

// TestFrequencyWeightIsNoSingleton holds a row that stands for two against two rows: neither is
// alone in its group.
func TestFrequencyWeightIsNoSingleton(t *testing.T) {
	f := experiment(t, 21, 300, 30)
	lonely := f.Clone()
	derive(t, lonely, "group", []string{"day"}, func(x []float64) float64 { return x[0] })
	group, times := slices.Clone(floats(t, lonely, "group")), slices.Clone(floats(t, f, "times"))
	group[17], times[17] = 100, 2 // stands for two rows
	group[18], times[18] = 101, 1 // is alone
	setFloats(t, lonely, "group", group)
	setFloats(t, lonely, "times", times)
	var repeated []int
	for i, n := range times {
		for range int(n) {
			repeated = append(repeated, i)
		}
	}
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c1"}, Absorb: iv.Effects("group")}
	want := estimate(t, take(t, lonely, repeated), s)
	s.Weights, s.WeightKind = "times", iv.Frequency
	got := estimate(t, lonely, s)
	sameFit(t, "one row for two", got, want, same)
	near(t, "N", float64(got.N), float64(want.N), 0, 0)
}

// TestWeightScale multiplies analytic weights by a constant, which is no information.
func TestWeightScale(t *testing.T) {
	long(t)
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		s.Weights = "w"
		scaled := f.Clone()
		derive(t, scaled, "w", []string{"w"}, func(x []float64) float64 { return 1e6 * x[0] })
		everyCovariance(s, func(s iv.Spec) {
			got, want := estimate(t, scaled, s), estimate(t, f, s)
			sameFit(t, fmt.Sprintf("%+v", s.Covariance), got, want, same)
			near(t, "R2", got.R2, want.R2, same, 0)
			near(t, "sigma", got.Sigma, want.Sigma, same, 0) // weights have a mean of one, as Stata's
		})
	})
}

// TestMissingRows gives each outcome and other columns missing rows of their own: each result is
// that of the complete cases of its own columns.
func TestMissingRows(t *testing.T) {
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		s.Outcomes = []string{"y", "y2", "y3"}
		holed := f.Clone()
		r := rand.New(rand.NewPCG(8, 1))
		for _, name := range []string{"y2", "y3", s.Exogenous[1], "agent", "w"} {
			derive(t, holed, name, []string{name}, func(x []float64) float64 {
				if r.IntN(20) == 0 {
					return math.NaN()
				}
				return x[0]
			})
		}
		used := union(s.Exogenous, s.Endogenous, s.Instruments, s.Cluster)
		if s.Weights != "" {
			used = append(used, s.Weights)
		}
		for i, got := range estimateAll(t, holed, s) {
			one := s
			one.Outcomes = s.Outcomes[i : i+1]
			var complete []int
			for row := range holed.Len() {
				whole := true
				for _, name := range union(one.Outcomes, used) {
					whole = whole && !math.IsNaN(floats(t, holed, name)[row])
				}
				if whole {
					complete = append(complete, row)
				}
			}
			want := estimate(t, take(t, holed, complete), one)
			sameFit(t, one.Outcomes[0], got, want, same)
			near(t, "N", float64(got.N), float64(len(complete)), 0, 0)
			near(t, "dropped as missing", float64(got.Dropped.Missing), float64(f.Len()-len(complete)), 0, 0)
		}
	})
}

// TestMissingEffect drops rows without a group to absorb.
func TestMissingEffect(t *testing.T) {
	f := experiment(t, 4, 300, 20)
	holed := f.Clone()
	derive(t, holed, "day", []string{"day", "c1"}, func(x []float64) float64 {
		if x[1] > 1 {
			return math.NaN()
		}
		return x[0]
	})
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c2"}, Absorb: iv.Effects("day^topic"), Cluster: []string{"agent"}}
	got := estimate(t, holed, s)
	want := estimate(t, take(t, f, where(t, f, "c1", func(v float64) bool { return v <= 1 })), s)
	sameFit(t, "without day", got, want, same)
}

// TestSeveralOutcomesAreOneAtATime compares to the last bit.
func TestSeveralOutcomesAreOneAtATime(t *testing.T) {
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		holed := f.Clone()
		derive(t, holed, "y2", []string{"y2", "c1"}, func(x []float64) float64 {
			if x[1] > 1 {
				return math.NaN()
			}
			return x[0]
		})
		s.Outcomes = []string{"y", "y2", "y3"}
		for i, got := range estimateAll(t, holed, s) {
			one := s
			one.Outcomes = s.Outcomes[i : i+1]
			sameBits(t, s.Outcomes[i], got, estimate(t, holed, one))
			if got.Outcome != s.Outcomes[i] {
				t.Errorf("result %d is of %q, want %q", i, got.Outcome, s.Outcomes[i])
			}
		}
	})
}

// TestSchedulingDoesNotMatter compares one, two and four threads to the last bit, on enough rows
// for the work to be shared out.
func TestSchedulingDoesNotMatter(t *testing.T) {
	f := experiment(t, 12, 40_000, 300)
	clusterings, counts := [][]string{nil, {"agent"}, {"agent", "day"}}, []int{2, 4}
	if testing.Short() {
		clusterings, counts = [][]string{nil, {"agent", "day"}}, []int{4}
	}
	for name, s := range designs() {
		if testing.Short() && (s.Endogenous == nil || s.Absorb == nil && s.Weights == "") {
			continue // those that stay estimate the others' regressions as stages of their own
		}
		for _, clusters := range clusterings {
			s.Cluster = clusters
			s.Outcomes = []string{"y", "y2"}
			before := runtime.GOMAXPROCS(1)
			want := estimateAll(t, f, s)
			for _, threads := range counts {
				runtime.GOMAXPROCS(threads)
				for i, got := range estimateAll(t, f, s) {
					sameBits(t, fmt.Sprintf("%s by %v on %d threads", name, clusters, threads), got, want[i])
				}
			}
			runtime.GOMAXPROCS(before)
		}
	}
}

// TestSingletons compares rows dropped for being alone in a group, repeatedly, with rows removed
// beforehand, and with keeping them.
func TestSingletons(t *testing.T) {
	f := experiment(t, 31, 400, 30)
	lonely := f.Clone()
	a, b := slices.Clone(floats(t, f, "day")), slices.Clone(floats(t, f, "hour"))
	a[10], b[10] = 50, 60 // alone in 50
	b[11] = 60            // alone in 60 once row 10 has gone
	a[11], a[12] = 51, 51 // then row 12 is alone in 51
	a[13], b[13] = 52, 61 // alone in both
	setFloats(t, lonely, "a", a)
	setFloats(t, lonely, "b", b)
	s := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"},
		Exogenous: []string{"c1"}, Absorb: iv.Effects("a", "b"), Cluster: []string{"agent"}}
	var rest []int
	for i := range f.Len() {
		if i < 10 || i > 13 {
			rest = append(rest, i)
		}
	}
	got, want := estimate(t, lonely, s), estimate(t, take(t, lonely, rest), s)
	sameFit(t, "dropped", got, want, same)
	near(t, "singletons", float64(got.Dropped.Singletons), 4, 0, 0)
	s.KeepSingletons = true
	kept := estimate(t, lonely, s)
	near(t, "N with singletons", float64(kept.N), float64(f.Len()), 0, 0)
	near(t, "singletons kept", float64(kept.Dropped.Singletons), 0, 0, 0)
	s.Covariance = iv.Covariance{Kind: iv.CR0}
	nearVcov(t, "CR0 with singletons", estimate(t, lonely, s).Vcov, with(t, got, s.Covariance).Vcov, same)
	for i, name := range got.Terms {
		near(t, name, kept.Coef[i], got.Coef[i], same, 0)
	}
}
