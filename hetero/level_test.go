package hetero_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/iv"
)

// rejections are shares of simulated studies in which a 5% test rejects, and the mean trend.
type rejections struct{ equality, trend, slope float64 }

func (r *rejections) add(equality, trend, slope float64, of int) {
	if equality < 0.05 {
		r.equality += 1 / float64(of)
	}
	if trend < 0.05 {
		r.trend += 1 / float64(of)
	}
	r.slope += slope / float64(of)
}

// TestLevels: in a world without effect and in one in which usage raises the outcome by the same for
// everybody, the default specification rejects equal effects at its level, with CR1, CR2 and the wild
// bootstrap; common period effects reject nearly always, and no longer where the past that makes the
// groups does not enter the estimation.
func TestLevels(t *testing.T) {
	t.Parallel()
	const replications = 60
	for _, c := range []struct {
		name, usage   string
		effect, steep float64
	}{{"no effect on anyone", "", 0, -0.4}, {"one effect of usage", "use", 1, -1}} {
		sums := map[string]*rejections{}
		add := func(kind string, equality, trend, slope float64) {
			if sums[kind] == nil {
				sums[kind] = &rejections{}
			}
			sums[kind].add(equality, trend, slope, replications)
		}
		for seed := range uint64(replications) {
			f := world{seed: 1000 + seed, units: 90, periods: 6, groups: 3, skill: 1, noise: 1.5, effect: c.effect}.frame(t)
			spec := worldSpec(hetero.GroupSpecific)
			spec.Usage, spec.SkipConsistency = c.usage, true
			spec.Covariance.Kind = iv.CR2
			small := estimate(t, f, spec)
			plain, err := small.With(iv.Covariance{Kind: iv.CR1})
			if err != nil {
				t.Fatal(err)
			}
			spec.Covariance, spec.TimeEffects = iv.Covariance{}, hetero.Common
			for kind, fit := range map[string]*hetero.Fit{"CR2": &small.Fits[0], "default": &plain.Fits[0], "common": &estimate(t, f, spec).Fits[0]} {
				add(kind, fit.Equality.P, fit.Trend.P, fit.Trend.Estimate)
			}
			split := splitSpec(hetero.Common, c.usage)
			split.N, split.Splits, split.Seed = 3, 2, seed
			fit := splitEstimate(t, f, split).Fits[0]
			add("common, split", fit.Equality.P, fit.Trend.P, fit.Trend.Estimate)
			if c.usage == "" {
				w := wild(t, small, bootstrap.WildSpec{Draws: 99, Seed: seed, NoSet: true}).Fits[0]
				add("wild bootstrap", w.Equality.P, w.Trend.P, w.Trend.Estimate)
			}
		}
		for kind, s := range sums {
			t.Logf("%s, %s: %+v", c.name, kind, *s)
			if kind == "common" {
				if s.equality < 0.6 || s.trend < 0.7 || s.slope > c.steep {
					t.Errorf("%s: common period effects reject equality in %.2f and a flat trend in %.2f, slope %.2f; want most, and a steep fall", c.name, s.equality, s.trend, s.slope)
				}
			} else if s.equality > 0.15 || s.trend > 0.15 || math.Abs(s.slope) > 0.15 {
				// Four standard errors of the share above 0.05 are 0.16.
				t.Errorf("%s, %s: equality rejected in %.2f, a flat trend in %.2f, slope %.2f; want about 0.05 and 0", c.name, kind, s.equality, s.trend, s.slope)
			}
		}
	}
}

// unlucky adds to y before the launch a piece of luck that a unit has in all of the period.
func unlucky(t *testing.T, f *data.Frame, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	units, labels, err := f.Codes("unit")
	if err != nil {
		t.Fatal(err)
	}
	luck := make([]float64, len(labels))
	for u := range luck {
		luck[u] = 1.5 * r.NormFloat64()
	}
	y, err := f.Floats("y")
	if err != nil {
		t.Fatal(err)
	}
	pre, err := f.Floats("pre")
	if err != nil {
		t.Fatal(err)
	}
	changed := make([]float64, len(y))
	for i, u := range units {
		changed[i] = y[i] + pre[i]*luck[u]
	}
	if err := f.SetFloats("y", changed); err != nil {
		t.Fatal(err)
	}
}

// TestWhatSplitsDoNotMend: luck that lasts through all of the time before the launch is in both halves,
// and common period effects mistake its end for an effect, split or not; group-specific ones do not.
func TestWhatSplitsDoNotMend(t *testing.T) {
	const replications = 30
	var common, own rejections
	for seed := range uint64(replications) {
		f := world{seed: 2000 + seed, units: 90, periods: 8, groups: 3, skill: 1, noise: 1}.frame(t)
		unlucky(t, f, seed)
		for rule, sum := range map[hetero.TimeEffects]*rejections{hetero.Common: &common, hetero.GroupSpecific: &own} {
			split := splitSpec(rule, "use")
			split.N, split.Splits, split.Seed = 3, 2, seed
			fit := splitEstimate(t, f, split).Fits[0]
			sum.add(fit.Equality.P, fit.Trend.P, fit.Trend.Estimate, replications)
		}
	}
	t.Logf("common %+v, group-specific %+v", common, own)
	if common.trend < 0.7 || common.slope > -0.5 {
		t.Errorf("common period effects reject a flat trend in %.2f, slope %.2f; want most: the luck lasted", common.trend, common.slope)
	}
	if own.trend > 0.2 || math.Abs(own.slope) > 0.3 {
		t.Errorf("group-specific period effects reject a flat trend in %.2f, slope %.2f", own.trend, own.slope)
	}
}

// TestSplitFindsHeterogeneity: where the effect does rise with skill, the average over splits finds it.
func TestSplitFindsHeterogeneity(t *testing.T) {
	f := world{seed: 81, units: 240, periods: 12, groups: 3, skill: 1, noise: 0.4, effect: 1, gradient: 1}.frame(t)
	whole := estimate(t, f, worldSpec(hetero.GroupSpecific)).Fits[0]
	for _, rule := range []hetero.TimeEffects{hetero.GroupSpecific, hetero.Common} {
		spec := splitSpec(rule, "use")
		spec.N, spec.Splits = 3, 5
		r := splitEstimate(t, f, spec)
		fit := r.Fits[0]
		if !(fit.Equality.P < 1e-4) || fit.Trend.Estimate > whole.Trend.Estimate+2*fit.Trend.SE || fit.Trend.Estimate < 0.5*whole.Trend.Estimate {
			t.Errorf("%v: trend %+v, equality p %v; with groups from all of the past %v", rule, fit.Trend, fit.Equality.P, whole.Trend.Estimate)
		}
		for k, c := range fit.FirstStages {
			near(t, c.Name, c.Estimate, whole.Groups[k].FirstStage.Estimate, 0.15, 0)
			if c.Name != "first stage in "+r.Groups[k] || !(c.SE > 0 && c.SE < 0.1) {
				t.Errorf("%+v", c)
			}
		}
	}
}

// TestStudySplit: in the simulated study, whose effect is the same for all, common period effects and a
// split past find no fall of the effects from quintile to quintile, where all of the past finds a steep one.
func TestStudySplit(t *testing.T) {
	t.Parallel()
	f := studyPanel(t)
	spec := hetero.SplitSpec{Spec: studySpec(hetero.Common, "rating", "dissat"), Unit: "worker", Baseline: "rating", Splits: 10, Seed: 1}
	whole := estimate(t, f, spec.Spec)
	spec.Group = ""
	split := splitEstimate(t, f, spec)
	for i, fit := range split.Fits {
		was := whole.Fits[i]
		t.Logf("%s: split %+v, %+v; whole %+v", fit.Outcome, fit.Trend, fit.Equality, was.Trend)
		if !(was.Trend.P < 1e-6) || fit.Trend.P < 0.05 || math.Abs(fit.Trend.Estimate) > 0.25*math.Abs(was.Trend.Estimate) {
			t.Errorf("%s: trend %+v with a split past, %+v with all of it", fit.Outcome, fit.Trend, was.Trend)
		}
	}
}
