package iv_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// badInput is a frame of 40 rows with columns that a model cannot take, and those that it can.
func badInput(t *testing.T) *data.Frame {
	t.Helper()
	f := experiment(t, 2, 40, 8)
	spoil := func(name string, value func(row int, y float64) float64) {
		row := -1
		derive(t, f, name, []string{"y"}, func(x []float64) float64 { row++; return value(row, x[0]) })
	}
	spoil("empty", func(int, float64) float64 { return math.NaN() })
	spoil("one", func(int, float64) float64 { return 1 })
	spoil("zero", func(int, float64) float64 { return 0 })
	spoil("minus", func(row int, _ float64) float64 { return []float64{1, 1, -2}[min(row, 2)%3] })
	spoil("half", func(row int, _ float64) float64 { return []float64{1, 2, 1.5}[row%3] })
	spoil("endless", func(row int, y float64) float64 { return []float64{y, math.Inf(1), y, math.Inf(-1)}[row%4] })
	spoil("row", func(row int, _ float64) float64 { return float64(row) })
	spoil("first half", func(row int, y float64) float64 { return []float64{y, math.NaN()}[row/20] })
	spoil("second half", func(row int, y float64) float64 { return []float64{math.NaN(), y}[row/20] })
	derive(t, f, "mixed", []string{"c1", "c2"}, func(x []float64) float64 { return 2*x[0] - 3*x[1] + 4 })
	derive(t, f, "twice", []string{"used"}, func(x []float64) float64 { return 2 * x[0] })
	return f
}

// TestBadInput: each thing that can be wrong with the data or the spec is an error that names the
// columns, counts what can be counted, and says what to do.
func TestBadInput(t *testing.T) {
	f := badInput(t)
	y, used, assigned := []string{"y"}, []string{"used"}, []string{"assigned"}
	ols := func(change func(s *iv.Spec)) iv.Spec {
		s := iv.Spec{Outcomes: y, Exogenous: []string{"assigned", "c1"}}
		change(&s)
		return s
	}
	late := func(change func(s *iv.Spec)) iv.Spec {
		s := iv.Spec{Outcomes: y, Endogenous: used, Instruments: assigned, Exogenous: []string{"c1", "c2"}}
		change(&s)
		return s
	}
	for _, c := range []struct {
		name string
		spec iv.Spec
		want []string // what the message must contain
	}{
		{"empty spec", iv.Spec{}, []string{"outcome", " Outcomes"}},
		{"unknown outcome", ols(func(s *iv.Spec) { s.Outcomes = []string{"ratings"} }), []string{`"ratings"`, "is not there"}},
		{"misspelt control", ols(func(s *iv.Spec) { s.Exogenous = []string{"asigned"} }), []string{`"asigned"`, `did you mean "assigned"?`}},
		{"unknown instrument", late(func(s *iv.Spec) { s.Instruments = []string{"offered"} }), []string{`"offered"`}},
		{"unknown effect", ols(func(s *iv.Spec) { s.Absorb = iv.Effects("agent^week") }), []string{`"week"`}},
		{"unknown cluster", ols(func(s *iv.Spec) { s.Cluster = []string{"store"} }), []string{`"store"`}},
		{"unknown weight", ols(func(s *iv.Spec) { s.Weights = "weight" }), []string{`"weight"`}},
		{"text outcome", ols(func(s *iv.Spec) { s.Outcomes = []string{"topic"} }), []string{`"topic"`, "text", "number"}},
		{"text usage", late(func(s *iv.Spec) { s.Endogenous = []string{"topic"} }), []string{`"topic"`, "text", "number"}},
		{"text weight", ols(func(s *iv.Spec) { s.Weights = "topic" }), []string{`"topic"`, "text", "number"}},
		{"outcome all missing", ols(func(s *iv.Spec) { s.Outcomes = []string{"y2", "empty"} }), []string{`"empty"`, "40", "missing"}},
		{"control all missing", ols(func(s *iv.Spec) { s.Exogenous = []string{"assigned", "empty"} }), []string{`"empty"`, "40", "missing"}},
		{"never complete together", ols(func(s *iv.Spec) { s.Exogenous = []string{"first half", "second half"} }), []string{"40 rows", "complete"}},
		{"outcome missing where the rest is not", ols(func(s *iv.Spec) { s.Outcomes, s.Exogenous = []string{"first half"}, []string{"second half"} }), []string{`"first half"`, "20", "missing"}},
		{"cluster missing", ols(func(s *iv.Spec) { s.Cluster = []string{"empty"} }), []string{`"empty"`, "missing"}},
		{"effect missing", ols(func(s *iv.Spec) { s.Absorb = iv.Effects("empty") }), []string{`"empty"`, "missing"}},
		{"outcome constant", ols(func(s *iv.Spec) { s.Outcomes = []string{"one"} }), []string{`"one"`, "does not vary", "40"}},
		{"one cluster", ols(func(s *iv.Spec) { s.Cluster = []string{"one"} }), []string{`"one"`, "single cluster", "40", "assigned"}},
		{"one cluster of two clusterings", ols(func(s *iv.Spec) { s.Cluster = []string{"agent", "one"} }), []string{`"one"`, "single cluster"}},
		{"usage without variation", late(func(s *iv.Spec) { s.Endogenous = []string{"one"} }), []string{`"one"`, "does not vary", "40", "usage"}},
		{"no usage", late(func(s *iv.Spec) { s.Endogenous = []string{"zero"} }), []string{`"zero"`, "usage"}},
		{"instrument without variation", late(func(s *iv.Spec) { s.Instruments = []string{"one"} }), []string{`"one"`, "instrument"}},
		{"instrument spanned by controls", late(func(s *iv.Spec) { s.Instruments = []string{"mixed"} }), []string{`"mixed"`, `"used"`, "instrument"}},
		{"instruments that repeat each other", late(func(s *iv.Spec) {
			s.Endogenous, s.Instruments = []string{"share", "twice"}, []string{"c3", "again"}
		}), []string{`"again"`, "instrument"}},
		{"usage spanned by controls", late(func(s *iv.Spec) { s.Endogenous = []string{"mixed"} }), []string{`"mixed"`}},
		{"usage twice", late(func(s *iv.Spec) {
			s.Endogenous, s.Instruments = []string{"used", "twice"}, []string{"assigned", "c3"}
		}), []string{`"twice"`}},
		{"effects that absorb the treatment", ols(func(s *iv.Spec) { s.Exogenous, s.Absorb = assigned, iv.Effects("agent") }), []string{`"assigned"`, "absorbed"}},
		{"effects that absorb the instrument", late(func(s *iv.Spec) { s.Absorb = iv.Effects("agent") }), []string{`"assigned"`, `"used"`, "instrument"}},
		{"effects that absorb everything", ols(func(s *iv.Spec) { s.Absorb, s.KeepSingletons = iv.Effects("row"), true }), []string{`"y"`, "absorbed"}},
		{"everyone alone", ols(func(s *iv.Spec) { s.Absorb = iv.Effects("row") }), []string{`"y"`, "alone", "coarser"}},
		{"negative weights", ols(func(s *iv.Spec) { s.Weights = "minus" }), []string{`"minus"`, "38 negative", "row 3"}},
		{"all weights zero", ols(func(s *iv.Spec) { s.Weights = "zero" }), []string{`"zero"`, "40", "weight"}},
		{"infinite weights", ols(func(s *iv.Spec) { s.Weights, s.Outcomes = "endless", []string{"y2"} }), []string{`"endless"`, "infinite"}},
		{"fractions as frequencies", ols(func(s *iv.Spec) { s.Weights, s.WeightKind = "half", iv.Frequency }), []string{`"half"`, "13", "row 3", "Analytic"}},
		{"infinite outcome", ols(func(s *iv.Spec) { s.Outcomes = []string{"endless"} }), []string{`"endless"`, "20 infinite", "row 2", "missing"}},
		{"infinite control", ols(func(s *iv.Spec) { s.Exogenous = []string{"endless"} }), []string{`"endless"`, "20 infinite", "row 2"}},
		{"no instrument", late(func(s *iv.Spec) { s.Instruments = nil }), []string{`"used"`, "0 instrument", " Instruments"}},
		{"fewer instruments than usages", late(func(s *iv.Spec) { s.Endogenous = []string{"used", "share"} }), []string{`"share"`, "1 instrument", " Instruments"}},
		{"instrument for nothing", ols(func(s *iv.Spec) { s.Instruments = []string{"also"} }), []string{`"also"`, "endogenous"}},
		{"the same control twice", ols(func(s *iv.Spec) { s.Exogenous = []string{"c1", "assigned", "c1"} }), []string{`"c1"`, "twice"}},
		{"outcome among the regressors", ols(func(s *iv.Spec) { s.Exogenous = []string{"assigned", "y"} }), []string{`"y"`, "twice"}},
		{"usage as its own instrument", late(func(s *iv.Spec) { s.Instruments = used }), []string{`"used"`, "twice"}},
		{"the same outcome twice", ols(func(s *iv.Spec) { s.Outcomes = []string{"y", "y"} }), []string{`"y"`, "twice"}},
		{"the same cluster twice", ols(func(s *iv.Spec) { s.Cluster = []string{"agent", "agent"} }), []string{`"agent"`, "twice"}},
		{"the same effect twice", ols(func(s *iv.Spec) { s.Absorb = iv.Effects("day", "day") }), []string{`day`, "twice"}},
		{"effect of nothing", ols(func(s *iv.Spec) { s.Absorb = []iv.Effect{{}} }), []string{"effect", " Absorb"}},
		{"clustered without clusters", ols(func(s *iv.Spec) { s.Covariance.Kind = iv.CR1 }), []string{"CR1", " Cluster"}},
		{"level in percent", ols(func(s *iv.Spec) { s.Level = 95 }), []string{"95", "0.95"}},
		{"negative Fuller constant", late(func(s *iv.Spec) { s.Estimator, s.FullerAlpha = iv.Fuller, -1 }), []string{"Fuller", "-1"}},
		{"nothing to estimate", iv.Spec{Outcomes: y, NoConstant: true}, []string{"regressor"}},
		{"unknown estimator", late(func(s *iv.Spec) { s.Estimator = iv.Estimator(9) }), []string{"Estimator(9)"}},
		{"unknown covariance", ols(func(s *iv.Spec) { s.Covariance.Kind = iv.CovarianceKind(77) }), []string{"CovarianceKind(77)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := f
			if slices.Contains(c.spec.Instruments, "again") {
				g = f.Clone()
				derive(t, g, "again", []string{"c3"}, func(x []float64) float64 { return 1 - x[0] })
			}
			results, err := iv.Estimate(context.Background(), g, c.spec)
			if err == nil {
				t.Fatalf("no error; it estimated %v of %q (dropped %+v)", results[0].Terms, results[0].Outcome, results[0].Dropped)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the message lacks %q: %v", part, err)
				}
			}
			var model *fieldexp.Error
			var column *fieldexp.Error
			if !errors.As(err, &model) && !errors.As(err, &column) {
				t.Errorf("the error is of type %T", err)
			}
		})
	}
}

func TestEmptyFrame(t *testing.T) {
	var f data.Frame
	setFloats(t, &f, "y", nil)
	setFloats(t, &f, "x", nil)
	_, err := iv.Estimate(context.Background(), &f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x"}})
	var model *fieldexp.Error
	if !errors.As(err, &model) || model.Problem != fieldexp.NoRows {
		t.Errorf("got %v, want a *fieldexp.Error of kind %q", err, fieldexp.NoRows)
	}
}

func TestFewRows(t *testing.T) {
	f := experiment(t, 2, 3, 3)
	for _, kind := range []iv.CovarianceKind{iv.Default, iv.Classical, iv.HC0} {
		_, err := iv.Estimate(context.Background(), f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1", "c2"}, Covariance: iv.Covariance{Kind: kind}})
		if err == nil || !strings.Contains(err.Error(), "3 observations for 3 parameters") {
			t.Errorf("%v: got %v, want a refusal of 3 observations for 3 parameters", kind, err)
		}
	}
}

// TestCancelled stops before and during an estimation.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f := experiment(t, 1, 2000, 20)
	for _, s := range []iv.Spec{
		{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c1"}},
		{Outcomes: []string{"y", "y2"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Absorb: iv.Effects("day", "topic"), Cluster: []string{"agent", "day"}},
	} {
		if results, err := iv.Estimate(ctx, f, s); !errors.Is(err, context.Canceled) || results != nil {
			t.Errorf("got %v and %v, want no result and %v", results, err, context.Canceled)
		}
	}

	ctx, cancel = context.WithCancel(context.Background())
	holed := f.Clone() // outcomes with different missing rows are separate steps
	derive(t, holed, "y2", []string{"y2", "c1"}, func(x []float64) float64 {
		if x[1] > 1 {
			return math.NaN()
		}
		return x[0]
	})
	s := iv.Spec{Outcomes: []string{"y", "y2"}, Exogenous: []string{"assigned"}, Progress: func(done, total int) { cancel() }}
	if _, err := iv.Estimate(ctx, holed, s); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled after the first step: got %v, want %v", err, context.Canceled)
	}
}

// TestDroppedColumns: a control that others span is dropped, named and warned of, never silently.
func TestDroppedColumns(t *testing.T) {
	f := badInput(t)
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c1", "c2", "mixed", "one", "zero"}})
	want := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c1", "c2"}})
	sameFit(t, "without the spanned columns", res, want, 1e-8)
	dropped := slices.Sorted(slices.Values(res.Dropped.Collinear))
	if !slices.Equal(dropped, []string{"mixed", "one", "zero"}) {
		t.Errorf("dropped %v, want mixed, one and zero", dropped)
	}
	warned := false
	for _, w := range res.Warnings {
		warned = warned || strings.Contains(w.Message, `"mixed"`)
	}
	if !warned {
		t.Errorf("no warning names the dropped columns: %+v", res.Warnings)
	}
	if _, err := res.Coefficient("mixed"); err == nil || !strings.Contains(err.Error(), "collinear") {
		t.Errorf("asking for a dropped column: got %v, want it to say that it was dropped as collinear", err)
	}
}

// TestBadQuestions asks a result for what it does not have.
func TestBadQuestions(t *testing.T) {
	f := experiment(t, 2, 200, 20)
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c1"}, Cluster: []string{"agent"}})
	ask := map[string]func() error{
		"a term":          func() error { _, err := res.Coefficient("c9"); return err },
		"a combination":   func() error { _, err := res.Combine("sum", map[string]float64{"c1": 1, "c9": 1}); return err },
		"a test of zero":  func() error { _, err := res.WaldZero("c9"); return err },
		"a test of equal": func() error { _, err := res.WaldEqual("c1", "c9"); return err },
	}
	for name, question := range ask {
		if err := question(); err == nil || !strings.Contains(err.Error(), `"c9"`) || !strings.Contains(err.Error(), "assigned") {
			t.Errorf("%s: got %v, want an error that names c9 and the terms that there are", name, err)
		}
	}
	if _, err := res.WaldZero(); err == nil {
		t.Error("a test of nothing was made")
	}
	if _, err := res.With(iv.Covariance{Kind: iv.CovarianceKind(77)}); err == nil || !strings.Contains(err.Error(), "CovarianceKind(77)") {
		t.Errorf("an unknown covariance: got %v", err)
	}
	if _, err := res.With(iv.Covariance{Kind: iv.HC1}); err == nil || !strings.Contains(err.Error(), "HC1") {
		t.Errorf("HC1 of a clustered result: got %v, want an error that says to estimate without clusters", err)
	}
	unclustered := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned"}})
	if _, err := unclustered.With(iv.Covariance{Kind: iv.CR1}); err == nil || !strings.Contains(err.Error(), "in Cluster") {
		t.Errorf("CR1 without clusters: got %v, want an error that names Cluster", err)
	}
	few := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1", "c2", "c3"}, Cluster: []string{"assigned"}})
	if test, err := few.WaldZero("c1", "c2", "c3"); err != nil || test.Reason == "" || !math.IsNaN(test.P) {
		t.Errorf("three restrictions on two clusters: got %+v and %v, want a test without a p and with a reason", test, err)
	}
}

// TestWarnings: few clusters are warned of, with the remedy.
func TestWarnings(t *testing.T) {
	f := experiment(t, 2, 400, 60)
	spec := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c1"}, Cluster: []string{"agent"}}
	if res := estimate(t, f, spec); slices.ContainsFunc(res.Warnings, func(w fieldexp.Warning) bool { return w.Code == "few-clusters" }) {
		t.Errorf("60 clusters are called few: %+v", res.Warnings)
	}
	spec.Cluster = []string{"day"}
	res := estimate(t, f, spec)
	at := slices.IndexFunc(res.Warnings, func(w fieldexp.Warning) bool { return w.Code == "few-clusters" })
	if at < 0 {
		t.Fatalf("9 clusters are not warned of: %+v", res.Warnings)
	}
	for _, part := range []string{"9 clusters", `"day"`, "CR2", "wild cluster bootstrap"} {
		if message := res.Warnings[at].String(); !strings.Contains(message, part) {
			t.Errorf("the warning lacks %q: %s", part, message)
		}
	}
}
