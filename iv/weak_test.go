package iv_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/dist"
	"github.com/fieldexp/fieldexp/iv"
)

// instrumentedDesigns are models with one endogenous column, by the number of instruments.
func instrumentedDesigns() map[string]iv.Spec {
	y, controls := []string{"y"}, []string{"c1", "c2", "c3"}
	return map[string]iv.Spec{
		"just":         {Outcomes: y, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Exogenous: controls},
		"just effects": {Outcomes: y, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Absorb: iv.Effects("day", "topic"), KeepSingletons: true},
		"over":         {Outcomes: y, Endogenous: []string{"share"}, Instruments: []string{"assigned", "also"}, Exogenous: controls, Weights: "w"},
		"over times":   {Outcomes: y, Endogenous: []string{"used"}, Instruments: []string{"assigned", "also"}, Weights: "times", WeightKind: iv.Frequency},
		"over effects": {Outcomes: y, Endogenous: []string{"share"}, Instruments: []string{"assigned", "also", "hour"}, Absorb: iv.Effects("day"), KeepSingletons: true, Estimator: iv.LIML},
	}
}

func forEachInstrumented(t *testing.T, run func(t *testing.T, f *data.Frame, s iv.Spec)) {
	f := experiment(t, 3, 900, 40)
	for name, spec := range instrumentedDesigns() {
		for _, clusters := range [][]string{nil, {"agent"}, {"agent", "day"}} {
			covariances := []iv.Covariance{{Kind: iv.Classical}, {Kind: iv.HC1}}
			if clusters != nil {
				covariances = []iv.Covariance{{Kind: iv.CR0}, {Kind: iv.CR1}, {Kind: iv.CR2}, {Kind: iv.Jackknife}}
			}
			if len(clusters) > 1 { // factors of their own for the parts
				covariances = append(covariances, iv.Covariance{Kind: iv.CR1, Groups: iv.PerComponent}, iv.Covariance{Kind: iv.Jackknife, Groups: iv.PerComponent})
			}
			for _, covariance := range covariances {
				s := spec
				s.Cluster, s.Covariance = clusters, covariance
				s.Covariance.Repair = iv.Off // repairing a part is not the same as a part of the repaired
				what := fmt.Sprintf("%s by %v, %v", name, clusters, covariance.Kind)
				if covariance.Groups == iv.PerComponent {
					what += " per component"
				}
				t.Run(what, func(t *testing.T) { run(t, f, s) })
			}
		}
	}
}

// TestAndersonRubinIsReducedForm: at zero the test is that of the instruments in the reduced form, and at
// any value that of the regression of the outcome less the value times usage.
func TestAndersonRubinIsReducedForm(t *testing.T) {
	forEachInstrumented(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		res := estimate(t, f, s)
		for _, value := range []float64{0, 0.7, -40} {
			g := f.Clone()
			derive(t, g, "rest", []string{"y", s.Endogenous[0]}, func(x []float64) float64 { return x[0] - value*x[1] })
			direct := s
			direct.Outcomes, direct.Exogenous, direct.Endogenous, direct.Instruments = []string{"rest"}, union(s.Instruments, s.Exogenous), nil, nil
			direct.Estimator = iv.TwoStage
			want, err := estimate(t, g, direct).WaldZero(s.Instruments...)
			if err != nil {
				t.Fatal(err)
			}
			got := res.AndersonRubin(value)
			near(t, fmt.Sprint("statistic at ", value), got.Statistic, want.Statistic, same, 0)
			near(t, fmt.Sprint("degrees of freedom at ", value), got.DF2, want.DF2, same, 0)
			near(t, fmt.Sprint("p at ", value), got.P, want.P, tail, tailFrom)
		}
		if len(s.Instruments) == 1 {
			itt := coefficient(t, res.ReducedForm, s.Instruments[0])
			near(t, "at zero", res.AndersonRubin(0).Statistic, itt.Statistic*itt.Statistic, same, 0)
		}
	})
}

// TestJustIdentified: with one instrument all tests of the effect and all first-stage statistics are one,
// the set contains the estimate, and there is nothing to test about the instruments.
func TestJustIdentified(t *testing.T) {
	forEachInstrumented(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		if len(s.Instruments) > 1 {
			return
		}
		res := estimate(t, f, s)
		ar := res.AndersonRubin(0.3)
		for name, test := range map[string]iv.Test{"LM": res.KleibergenLM(0.3), "conditional LR": res.ConditionalLR(0.3)} {
			near(t, name, test.Statistic, ar.Statistic, same, 0)
			near(t, "p of "+name, test.P, ar.P, same, 0)
		}
		first := res.PartialF()[0].Statistic
		near(t, "effective F", res.EffectiveF().Statistic, first, same, 0)
		near(t, "Kleibergen-Paap F", res.KleibergenPaap().Statistic, first, same, 0)
		near(t, "Cragg-Donald F", res.CraggDonald().Statistic, estimatePartialF(t, f, s), same, 0)
		near(t, "at the estimate", res.AndersonRubin(res.Coef[0]).Statistic, 0, 1e-9, 1)
		if set := res.AndersonRubinSet(); !set.Contains(res.Coef[0]) {
			t.Errorf("set %v does not contain the estimate %g", set, res.Coef[0])
		}
		if j := res.Overidentification(); j.Reason == "" {
			t.Errorf("a test of over-identification: %+v", j)
		}
	})
}

// estimatePartialF is the first-stage F without clusters and with equal variances.
func estimatePartialF(t *testing.T, f *data.Frame, s iv.Spec) float64 {
	s.Cluster, s.Covariance = nil, iv.Covariance{Kind: iv.Classical}
	return estimate(t, f, s).PartialF()[0].Statistic
}

// TestSetsEndAtAlpha: the ends of every piece have p = 0.05, values within have more and values without
// less, for strong and weak instruments and every level.
func TestSetsEndAtAlpha(t *testing.T) {
	long(t)
	shapes := map[string]bool{}
	forEachInstrumented(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		s.Covariance.Repair = iv.Usual
		for _, outcome := range []string{"y", "y2", "y3"} {
			for _, level := range []float64{0.5, 0.95, 0.999999} {
				s.Outcomes, s.Level = []string{outcome}, level
				shapes[checkSet(t, estimate(t, f, s))] = true
			}
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		f := experiment(t, rapid.Uint64().Draw(t, "seed"), 300, 20)
		derive(t, f, "noise", []string{"day", "hour", "agent"}, func(x []float64) float64 { return math.Sin(7*x[0] + 3*x[1] + x[2]*x[0]) })
		derive(t, f, "noise2", []string{"day", "hour", "agent"}, func(x []float64) float64 { return math.Cos(5*x[0] - x[1]*x[2]) })
		instruments := [][]string{{"noise"}, {"noise", "noise2"}, {"noise", "noise2", "hour", "c3"}, {"assigned", "noise", "noise2"}}
		s := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Exogenous: []string{"c1"},
			Instruments: rapid.SampledFrom(instruments).Draw(t, "instruments"), Level: rapid.SampledFrom([]float64{0.3, 0.6, 0.9, 0.95}).Draw(t, "level")}
		if rapid.Bool().Draw(t, "clustered") {
			s.Cluster = []string{"agent"}
		}
		shapes[checkSet(t, estimate(t, f, s))] = true
	})
	for _, shape := range []string{"interval", "two rays", "whole line", "empty"} {
		if !shapes[shape] {
			t.Errorf("no set was of the shape %q; the test covers too little: %v", shape, shapes)
		}
	}
}

// checkSet checks the Anderson-Rubin set of a result and returns its shape.
func checkSet(t rapid.TB, res *iv.Result) string {
	set := res.AndersonRubinSet()
	if set.Reason != "" {
		t.Errorf("no set: %s", set.Reason)
		return ""
	}
	alpha := 1 - res.Level
	var ends []float64
	for _, piece := range set.Pieces {
		for _, end := range piece {
			if !math.IsInf(end, 0) {
				near(t, fmt.Sprintf("p at the end %g of %v", end, set), res.AndersonRubin(end).P, alpha, 1e-6, 0)
				ends = append(ends, end)
			}
		}
	}
	// Values between and beyond the ends, far and near.
	scale := 1 + math.Abs(res.Coef[0])
	values := []float64{0, res.Coef[0], -1e6 * scale, 1e6 * scale, -3 * scale, 3 * scale}
	for i, end := range ends {
		values = append(values, end-1e-3*scale, end+1e-3*scale)
		if i > 0 {
			values = append(values, (ends[i-1]+end)/2)
		}
	}
	for _, v := range values {
		if p := res.AndersonRubin(v).P; math.Abs(p-alpha) > 1e-9 && set.Contains(v) != (p > alpha) {
			t.Errorf("%g has p = %g, and is it in %v? %v", v, p, set, set.Contains(v))
		}
	}
	switch n := len(set.Pieces); {
	case n == 0:
		return "empty"
	case set.Whole():
		return "whole line"
	case n == 1 && set.Bounded():
		return "interval"
	case n == 2 && len(ends) == 2:
		return "two rays"
	}
	return "several pieces"
}

// TestInstrumentScalesDoNotMatter: statistics stay when columns are rescaled, and sets move with them.
func TestInstrumentScalesDoNotMatter(t *testing.T) {
	long(t)
	forEachInstrumented(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		want := estimate(t, f, s)
		g := f.Clone()
		scale := func(name string, by float64) {
			derive(t, g, name, []string{name}, func(x []float64) float64 { return x[0] * by })
		}
		scale("y", 1e5)
		scale(s.Endogenous[0], 1e-6)
		for i, z := range s.Instruments {
			scale(z, math.Pow(1e4, float64(1-2*(i%2))))
		}
		got := estimate(t, g, s)
		factor := 1e11
		for name, pair := range map[string][2]float64{
			"Anderson-Rubin":   {got.AndersonRubin(0.4 * factor).Statistic, want.AndersonRubin(0.4).Statistic},
			"LM":               {got.KleibergenLM(0.4 * factor).Statistic, want.KleibergenLM(0.4).Statistic},
			"p of LR":          {got.ConditionalLR(0.4 * factor).P, want.ConditionalLR(0.4).P},
			"Cragg-Donald":     {got.CraggDonald().Statistic, want.CraggDonald().Statistic},
			"Kleibergen-Paap":  {got.KleibergenPaap().Statistic, want.KleibergenPaap().Statistic},
			"underidentified":  {got.UnderIdentification().Statistic, want.UnderIdentification().Statistic},
			"effective F":      {got.EffectiveF().Statistic, want.EffectiveF().Statistic},
			"its critical":     {got.EffectiveF().Critical[1].Value, want.EffectiveF().Critical[1].Value},
			"Wu-Hausman":       {got.WuHausman().Statistic, want.WuHausman().Statistic},
			"difference in J":  {got.DifferenceInJ().Statistic, want.DifferenceInJ().Statistic},
			"over-identifying": {got.Overidentification().Statistic, want.Overidentification().Statistic},
		} {
			near(t, name, pair[0], pair[1], 1e-7, 1e-3)
		}
		for name, inversion := range inversions {
			scaled, set := inversion.set(got), inversion.set(want).Scaled(factor)
			if len(scaled.Pieces) != len(set.Pieces) {
				t.Fatalf("%s set %v, want %v", name, scaled, set)
			}
			for i, p := range set.Pieces {
				near(t, name+", low end", scaled.Pieces[i][0], p[0], same, factor)
				near(t, name+", high end", scaled.Pieces[i][1], p[1], same, factor)
			}
		}
	})
}

// TestInstrumentsAndProcessors: the same to the last bit on one processor and on two.
func TestInstrumentsAndProcessors(t *testing.T) {
	f := experiment(t, 9, 20000, 300)
	for _, clusters := range [][]string{nil, {"agent"}, {"agent", "day"}} {
		s := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"share"}, Instruments: []string{"assigned", "also"}, Exogenous: []string{"c1"}, Absorb: iv.Effects("day", "topic"), Cluster: clusters}
		var first []float64
		for _, processors := range []int{1, 2} {
			before := runtime.GOMAXPROCS(processors)
			res := estimate(t, f, s)
			set := res.AndersonRubinSet()
			got := []float64{set.Pieces[0][0], set.Pieces[0][1], res.KleibergenPaap().Statistic, res.UnderIdentification().Statistic, res.EffectiveF().Statistic,
				res.Overidentification().Statistic, res.WuHausman().Statistic, res.DifferenceInJ().Statistic, res.ConditionalLR(0).P}
			runtime.GOMAXPROCS(before)
			if first == nil {
				first = got
			}
			for i, v := range got {
				if v != first[i] || math.IsNaN(v) {
					t.Errorf("clusters %v, number %d: %v with one processor, %v with two", clusters, i, first[i], v)
				}
			}
		}
	}
}

// TestDirectEffects: a set given direct effects is the set of the outcome less these effects.
func TestDirectEffects(t *testing.T) {
	f := experiment(t, 6, 900, 40)
	derive(t, f, "rest", []string{"y", "assigned", "also"}, func(x []float64) float64 { return x[0] - 0.2*x[1] + 0.1*x[2] })
	s := iv.Spec{Outcomes: []string{"y", "rest"}, Endogenous: []string{"share"}, Instruments: []string{"assigned", "also"}, Cluster: []string{"agent"}}
	both := estimateAll(t, f, s)
	got, want := both[0].AndersonRubinSetGiven(0.2, -0.1), both[1].AndersonRubinSet()
	if len(got.Pieces) != 1 || len(want.Pieces) != 1 {
		t.Fatalf("sets %v and %v, want intervals", got, want)
	}
	near(t, "low end", got.Pieces[0][0], want.Pieces[0][0], same, 1)
	near(t, "high end", got.Pieces[0][1], want.Pieces[0][1], same, 1)
	for _, direct := range [][]float64{{1}, {0, math.NaN()}} {
		if set := both[0].AndersonRubinSetGiven(direct...); set.Reason == "" {
			t.Errorf("direct effects %v: %v", direct, set)
		}
	}
}

// TestEffectGiven: an effect given a direct effect is that of the outcome less it, with its standard error.
func TestEffectGiven(t *testing.T) {
	f := experiment(t, 6, 900, 40)
	derive(t, f, "rest", []string{"y", "assigned"}, func(x []float64) float64 { return x[0] - 0.2*x[1] })
	for _, s := range []iv.Spec{{Cluster: []string{"agent"}}, {}, {Covariance: iv.Covariance{Kind: iv.Classical}}, {Absorb: iv.Effects("day"), Weights: "w"}} {
		s.Outcomes, s.Endogenous, s.Instruments = []string{"y", "rest"}, []string{"used"}, []string{"assigned"}
		both := estimateAll(t, f, s)
		got, err := both[0].EffectGiven(0.2, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := coefficient(t, both[1], "used")
		near(t, "estimate", got.Estimate, want.Estimate, same, want.SE)
		near(t, "standard error", got.SE, want.SE, same, 0)
		wider, err := both[0].EffectGiven(0.2, 0.1)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "with uncertainty", wider.SE, math.Hypot(want.SE, 0.1/both[0].FirstStages[0].Coef[0]), same, 0)
		for _, bad := range [][2]float64{{math.NaN(), 0}, {0, -1}} {
			if _, err := both[0].EffectGiven(bad[0], bad[1]); err == nil {
				t.Errorf("a direct effect of %v was taken", bad)
			}
		}
	}
	if _, err := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"assigned", "also"}}).EffectGiven(0, 0); err == nil {
		t.Error("two instruments were taken")
	}
}

// TestInstrumentsRotate: statistics depend on the span of the instruments alone.
func TestInstrumentsRotate(t *testing.T) {
	f := experiment(t, 8, 900, 40)
	derive(t, f, "sum", []string{"assigned", "also"}, func(x []float64) float64 { return 3*x[0] - x[1] })
	for _, clusters := range [][]string{nil, {"agent"}} {
		s := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"share"}, Instruments: []string{"assigned", "also"}, Exogenous: []string{"c1"}, Cluster: clusters}
		want := estimate(t, f, s)
		s.Instruments = []string{"sum", "also"}
		got := estimate(t, f, s)
		for name, pair := range map[string][2]float64{
			"Anderson-Rubin": {got.AndersonRubin(1).Statistic, want.AndersonRubin(1).Statistic}, "LM": {got.KleibergenLM(1).Statistic, want.KleibergenLM(1).Statistic},
			"LR": {got.ConditionalLR(1).P, want.ConditionalLR(1).P}, "J": {got.Overidentification().Statistic, want.Overidentification().Statistic},
			"effective F": {got.EffectiveF().Statistic, want.EffectiveF().Statistic}, "critical": {got.EffectiveF().Critical[0].Value, want.EffectiveF().Critical[0].Value},
		} {
			near(t, name, pair[0], pair[1], same, 0)
		}
	}
}

// TestEffectiveFCritical: with one instrument the generalised and the simplified critical values are
// the same, and those of the paper; with equal variances, the worst-case bias of L instruments is
// (L-2)/L of the benchmark, which gives critical values in closed form.
func TestEffectiveFCritical(t *testing.T) {
	f := experiment(t, 5, 900, 40)
	s := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Exogenous: []string{"c1"}, Cluster: []string{"agent"}}
	c := estimate(t, f, s).EffectiveF().Critical
	for i, want := range []float64{37.42, 23.11, 15.06, 12.05} {
		near(t, "critical value", c[i].Value, want, 5e-3/want, 0)
		near(t, "simplified", c[4+i].Value, c[i].Value, 1e-9, 0)
	}
	derive(t, f, "z3", []string{"day", "hour"}, func(x []float64) float64 { return math.Sin(x[0]*3 + x[1]) })
	derive(t, f, "z4", []string{"day", "agent"}, func(x []float64) float64 { return math.Cos(x[0]*x[1] + 1) })
	for _, instruments := range [][]string{{"assigned", "also", "z3"}, {"assigned", "also", "z3", "z4"}} {
		s.Instruments, s.Cluster, s.Covariance = instruments, nil, iv.Covariance{Kind: iv.Classical}
		l := float64(len(instruments))
		for _, c := range estimate(t, f, s).EffectiveF().Critical {
			x := (l - 2) / l / c.Tolerated
			if strings.Contains(c.Criterion, "simplified") {
				x = 1 / c.Tolerated
			}
			near(t, c.Criterion, c.Value, dist.NoncentralChiSquaredQuantile(0.95, l, x*l)/l, 1e-6, 0)
		}
	}
}

// TestStockYogo compares some values with those that the paper and Stata print.
func TestStockYogo(t *testing.T) {
	f := weakFrame(t)
	models := weakModels()
	for _, c := range []struct {
		model     string
		estimator iv.Estimator
		criterion string
		tolerated float64
		want      float64
	}{
		{"just", iv.TwoStage, "2SLS size", 0.10, 16.38}, {"just", iv.TwoStage, "2SLS size", 0.25, 5.53}, {"over", iv.TwoStage, "2SLS size", 0.10, 19.93},
		{"three", iv.TwoStage, "2SLS bias", 0.05, 13.91}, {"three", iv.TwoStage, "2SLS bias", 0.30, 5.39}, {"three", iv.TwoStage, "2SLS size", 0.15, 12.83},
		{"two", iv.TwoStage, "2SLS size", 0.10, 13.43}, {"three", iv.LIML, "LIML size", 0.10, 6.46}, {"over", iv.LIML, "LIML size", 0.15, 5.33},
	} {
		s := models[c.model]
		s.Estimator = c.estimator
		found := false
		for _, got := range estimate(t, f, s).CraggDonald().Critical {
			if got.Criterion == c.criterion && got.Tolerated == c.tolerated {
				near(t, c.model+" "+c.criterion, got.Value, c.want, 0, 0)
				found = true
			}
		}
		if !found {
			t.Errorf("%s has no %s at %g", c.model, c.criterion, c.tolerated)
		}
	}
}

// TestTF compares the critical values with table 3 of the paper, which rounds them up, and the interval
// with its definition.
func TestTF(t *testing.T) {
	for f, want := range map[float64]float64{4: 18.656, 4.212: 12.107, 4.803: 7.507, 5.738: 5.459, 7.94: 3.969, 10.253: 3.385,
		14.631: 2.886, 27.058: 2.406, 42.930: 2.197, 83.823: 2.006, 104.67: 1.96} {
		near(t, fmt.Sprint("critical value at ", f), iv.TFCritical(f), want, 1e-3, 0)
	}
	near(t, "ten", iv.TFCritical(10), 3.43, 2e-4, 0)
	if !math.IsInf(iv.TFCritical(3.84), 1) || iv.TFCritical(1e6) != dist.TQuantile(0.975, math.Inf(1)) || !math.IsNaN(iv.TFCritical(math.NaN())) {
		t.Errorf("critical values at the ends: %g, %g", iv.TFCritical(3.84), iv.TFCritical(1e6))
	}
	for f := 3.9; f < 120; f *= 1.001 {
		if !(iv.TFCritical(f) >= iv.TFCritical(f*1.001)) {
			t.Fatalf("critical values rise at F = %g", f)
		}
	}
	res := estimate(t, weakFrame(t), by(weakModels()["just"], iv.Covariance{}, "agent"))
	tf := res.TF()
	c := coefficient(t, res, "used")
	near(t, "F", tf.F, res.PartialF()[0].Statistic, 0, 0)
	near(t, "low", tf.Low, c.Estimate-tf.Critical*c.SE, same, 0)
	near(t, "adjusted standard error", (tf.High-tf.Low)/2/1.959963984540054, tf.SE, same, 0)
	if tf := estimate(t, weakFrame(t), weakModels()["over"]).TF(); tf.Reason == "" || !math.IsNaN(tf.SE) {
		t.Errorf("tF with two instruments: %+v", tf)
	}
	if tf := estimate(t, weakFrame(t), weakModels()["weak_just"]).TF(); !math.IsInf(tf.High, 1) || !math.IsInf(tf.Low, -1) || tf.Rejects {
		t.Errorf("tF with a weak instrument: %+v", tf)
	}
}

// TestExogenousUsage: where usage is its own instrument but for noise, least squares and two-stage
// least squares agree, and the tests say so; where it is chosen, they reject.
func TestExogenousUsage(t *testing.T) {
	f := experiment(t, 12, 4000, 200)
	s := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Exogenous: []string{"c1"}, Cluster: []string{"agent"}}
	if p := estimate(t, f, s).WuHausman().P; p > 1e-6 {
		t.Errorf("usage that ability drives: Wu-Hausman p = %g", p)
	}
	exact := s
	exact.Endogenous = []string{"copy"}
	derive(t, f, "copy", []string{"assigned"}, func(x []float64) float64 { return 2 * x[0] })
	res := estimate(t, f, exact)
	if test := res.WuHausman(); test.Reason == "" {
		t.Errorf("a first stage without residual: %+v", test)
	}
	near(t, "Anderson-Rubin", res.AndersonRubin(0).Statistic, math.Pow(coefficient(t, res, "copy").Statistic, 2), 1e-6, 0)
}

// TestInstrumentRefusals: what cannot be computed says why.
func TestInstrumentRefusals(t *testing.T) {
	f := experiment(t, 4, 600, 30)
	ols := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned"}})
	just := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"}})
	two := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used", "share"}, Instruments: []string{"assigned", "also"}})
	for name, reason := range map[string]string{
		"OLS: Anderson-Rubin": ols.AndersonRubin(0).Reason, "OLS: set": ols.AndersonRubinSet().Reason, "OLS: LM": ols.KleibergenLM(0).Reason,
		"OLS: LR": ols.ConditionalLR(0).Reason, "OLS: J": ols.Overidentification().Reason, "OLS: Wu-Hausman": ols.WuHausman().Reason,
		"OLS: difference in J": ols.DifferenceInJ().Reason, "OLS: Cragg-Donald": ols.CraggDonald().Reason, "OLS: rk": ols.KleibergenPaap().Reason,
		"OLS: rk LM": ols.UnderIdentification().Reason, "OLS: effective F": ols.EffectiveF().Reason, "OLS: tF": ols.TF().Reason,
		"two values": just.AndersonRubin(0, 1).Reason, "not a number": just.AndersonRubin(math.NaN()).Reason,
		"OLS: LM set": ols.KleibergenLMSet().Reason, "OLS: LR set": ols.ConditionalLRSet().Reason, "LM set of two": two.KleibergenLMSet().Reason, "LR set of two": two.ConditionalLRSet().Reason,
		"set of two": two.AndersonRubinSet().Reason, "LR of two": two.ConditionalLR(0).Reason, "effective F of two": two.EffectiveF().Reason,
	} {
		if reason == "" {
			t.Errorf("%s: no reason", name)
		}
	}
	if len(ols.Instruments()) != 0 || len(two.Instruments()) != 2 {
		t.Errorf("instruments %v and %v", ols.Instruments(), two.Instruments())
	}
	derive(t, f, "echo", []string{"share", "hour"}, func(x []float64) float64 { return x[0] + 1e-5*x[1] })
	echo := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"share", "echo"}, Instruments: []string{"assigned", "also"}})
	alone := estimate(t, f, iv.Spec{Outcomes: []string{"echo"}, Exogenous: []string{"assigned", "also"}})
	for _, c := range alone.Coefficients() {
		of := coefficient(t, echo.FirstStages[1], c.Name)
		near(t, "first stage of a column that nearly repeats another: "+c.Name, of.Estimate, c.Estimate, 1e-9, 0)
		near(t, "its standard error", of.SE, c.SE, 1e-9, 0)
	}
	if test := echo.AndersonRubin(0, 0); test.Reason != "" || echo.CraggDonald().Reason != "" || echo.WuHausman().Reason != "" {
		t.Errorf("endogenous columns that nearly repeat each other: %+v", test)
	}
	derive(t, f, "parrot", []string{"share"}, func(x []float64) float64 { return 3 - 2*x[0] })
	refused(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"share", "parrot"}, Instruments: []string{"assigned", "also"}}, fieldexp.Collinear)
	few := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"assigned", "also"}, Cluster: []string{"half"}}
	derive(t, f, "half", []string{"agent"}, func(x []float64) float64 { return math.Mod(x[0], 2) })
	if reason := estimate(t, f, few).AndersonRubinSet().Reason; !strings.Contains(reason, "2 clusters") {
		t.Errorf("two instruments by two clusters: %q", reason)
	}
	// A duplicated instrument drops out; one that is a control leaves nothing.
	derive(t, f, "twin", []string{"assigned"}, func(x []float64) float64 { return x[0] })
	twin := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"assigned", "twin"}})
	if got := twin.Instruments(); len(got) != 1 || len(twin.Dropped.Collinear) != 1 {
		t.Errorf("a duplicated instrument: kept %v, dropped %v", got, twin.Dropped.Collinear)
	}
	refused(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"twin"}, Exogenous: []string{"assigned"}}, fieldexp.UnderIdentified)
	refused(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used", "share"}, Instruments: []string{"assigned", "twin"}}, fieldexp.UnderIdentified)
}

func refused(t *testing.T, f *data.Frame, s iv.Spec, problem fieldexp.Problem) {
	t.Helper()
	_, err := iv.Estimate(context.Background(), f, s)
	var e *fieldexp.Error
	if !errors.As(err, &e) || e.Problem != problem {
		t.Errorf("instruments %v of %v: error %v, want %q", s.Instruments, s.Endogenous, err, problem)
	}
}
