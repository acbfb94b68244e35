package bootstrap_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// withEffects adds a column of periods that cross the clusters, and one of units within them.
func withEffects(t testing.TB, f *data.Frame) *data.Frame {
	t.Helper()
	periods, units := make([]string, f.Len()), make([]string, f.Len())
	for i, g := range floats(t, f, "g") {
		periods[i] = fmt.Sprint("p", (i*7+int(g))%4)
		units[i] = fmt.Sprint("u", int(g), i%2)
	}
	if err := f.SetStrings("period", periods); err != nil {
		t.Fatal(err)
	}
	if err := f.SetStrings("unit", units); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestAbsorbedEffects: absorbed effects, nested in the clusters and kept as columns, give the same draws
// as indicators among the regressors, for least squares and two-stage least squares.
func TestAbsorbedEffects(t *testing.T) {
	f := withEffects(t, smallPanel(t, 8))
	for name, absorb := range map[string][]iv.Effect{
		"nested":          iv.Effects("unit"),
		"crossing":        iv.Effects("period"),
		"both":            iv.Effects("unit", "period"),
		"crossing, twice": iv.Effects("period", "half"),
	} {
		columns := []string{"x1", "x3"}
		for _, e := range absorb {
			if e[0] == "half" {
				columns = append(columns, "half")
				continue
			}
			columns = append(columns, e[0])
		}
		spec := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x3"}, Absorb: absorb, Cluster: []string{"g"}, Covariance: iv.Covariance{Kind: iv.CR2}}
		absorbed := estimate(t, f, spec)
		written := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: columns, Cluster: []string{"g"}, Covariance: iv.Covariance{Kind: iv.CR2}})
		for _, variant := range []bootstrap.Type{bootstrap.Type11, bootstrap.Type33} {
			t.Run(name+" "+variant.String(), func(t *testing.T) {
				got := wild(t, absorbed, bootstrap.WildSpec{Term: "x1", Value: 0.2, Type: variant})
				want := wild(t, written, bootstrap.WildSpec{Term: "x1", Value: 0.2, Type: variant})
				if variant == bootstrap.Type33 && (name == "nested" || name == "both") {
					// Leaving a cluster out leaves its units' indicators without rows: they are
					// not estimable in either form, and the generalised inverses differ by form.
					return
				}
				ratio := got.SE / want.SE // the forms count different parameters
				for b := range want.Statistics {
					near(t, "draw", got.Statistics[b]*ratio, want.Statistics[b], 1e-9)
				}
			})
		}
		t.Run(name+" two-stage", func(t *testing.T) {
			two := spec
			two.Endogenous, two.Instruments = []string{"d"}, []string{"z1"}
			with := func(spec iv.Spec) *iv.Result {
				r, err := estimate(t, f, spec).With(iv.Covariance{Kind: iv.CR0})
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			a := with(two)
			two.Absorb, two.Exogenous = nil, columns
			b := with(two)
			got, want := wre(t, a, bootstrap.WildSpec{Term: "d"}), wre(t, b, bootstrap.WildSpec{Term: "d"})
			for i := range want.Statistics {
				near(t, "draw", got.Statistics[i], want.Statistics[i], 1e-8)
			}
			gotAR, wantAR := andersonRubin(t, a, bootstrap.WildSpec{Term: "d"}), andersonRubin(t, b, bootstrap.WildSpec{Term: "d"})
			for i := range wantAR.Statistics {
				near(t, "draw of Anderson-Rubin", gotAR.Statistics[i], wantAR.Statistics[i], 1e-8)
			}
		})
	}
}

// TestGoldenEffects: the reference fails on absorbed day and issue effects that cross the clusters
// (boottest_full_feols_FE). Kept as columns they give what indicators give.
func TestGoldenEffects(t *testing.T) {
	long(t)
	f := goldenFrame(t).Clone()
	for _, name := range []string{"day", "issue_type"} {
		g, err := f.Group(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCodes(name+"s", g.Codes, g.Labels); err != nil {
			t.Fatal(err)
		}
	}
	spec := iv.Spec{Outcomes: []string{"y1"}, Exogenous: goldenControls, Absorb: iv.Effects("day", "issue_type"), Cluster: []string{"agent_id"}, Covariance: iv.Covariance{Kind: iv.Jackknife}}
	absorbed := estimate(t, f, spec)
	spec.Absorb, spec.Exogenous = nil, append([]string{"days", "issue_types"}, goldenControls...)
	written := estimate(t, f, spec)
	got := wild(t, absorbed, bootstrap.WildSpec{Term: "assigned", Draws: 999})
	want := wild(t, written, bootstrap.WildSpec{Term: "assigned", Draws: 999})
	near(t, "t", got.Statistic, want.Statistic, 1e-9)
	if got.Counts != want.Counts {
		t.Errorf("%+v with absorbed effects, %+v with indicators", got.Counts, want.Counts)
	}
	near(t, "low", got.Set.Pieces[0][0], want.Set.Pieces[0][0], 1e-8)
	near(t, "high", got.Set.Pieces[0][1], want.Set.Pieces[0][1], 1e-8)
}

// TestFrequencyWeights: a row that stands for several is those rows, for every kind of bootstrap.
func TestFrequencyWeights(t *testing.T) {
	f := smallPanel(t, 9)
	var rows []int
	times := make([]float64, f.Len())
	for i := range times {
		times[i] = float64(1 + i%3)
		for range 1 + i%3 {
			rows = append(rows, i)
		}
	}
	repeated := f.Take(rows)
	if err := f.SetFloats("times", times); err != nil {
		t.Fatal(err)
	}
	spec := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x3"}, Cluster: []string{"g"}}
	two := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"d"}, Exogenous: []string{"x1"}, Instruments: []string{"z1"}, Cluster: []string{"g"}}
	weighted := func(s iv.Spec) *iv.Result {
		s.Weights, s.WeightKind = "times", iv.Frequency
		return estimate(t, f, s)
	}
	for _, variant := range []bootstrap.Type{bootstrap.Type11, bootstrap.Type33} {
		got := wild(t, weighted(spec), bootstrap.WildSpec{Term: "x1", Type: variant})
		want := wild(t, estimate(t, repeated, spec), bootstrap.WildSpec{Term: "x1", Type: variant})
		for b := range want.Statistics {
			near(t, "draw", got.Statistics[b], want.Statistics[b], 1e-9)
		}
	}
	got, want := wre(t, weighted(two), bootstrap.WildSpec{Term: "d"}), wre(t, estimate(t, repeated, two), bootstrap.WildSpec{Term: "d"})
	for b := range want.Statistics {
		near(t, "draw of WRE", got.Statistics[b], want.Statistics[b], 1e-8)
	}
	p, err := bootstrap.Pairs(ctx, weighted(two), bootstrap.PairsSpec{Term: "d", Draws: 99})
	if err != nil {
		t.Fatal(err)
	}
	q, err := bootstrap.Pairs(ctx, estimate(t, repeated, two), bootstrap.PairsSpec{Term: "d", Draws: 99})
	if err != nil {
		t.Fatal(err)
	}
	for b := range q.Statistics {
		near(t, "draw of pairs", p.Statistics[b], q.Statistics[b], 1e-8)
	}
}

// TestAnalyticWeights: weighted least squares is least squares of columns times the root of the weight.
func TestAnalyticWeights(t *testing.T) {
	f := smallPanel(t, 9)
	w, root := make([]float64, f.Len()), make([]float64, f.Len())
	scaled := f.Clone()
	mean := 0.0
	for i := range w {
		w[i] = 1 + float64(i%5)/2
		mean += w[i] / float64(f.Len())
	}
	for i := range w {
		root[i] = math.Sqrt(w[i] / mean)
	}
	for _, name := range []string{"y", "x1", "x3"} {
		values := append([]float64(nil), floats(t, f, name)...)
		for i := range values {
			values[i] *= root[i]
		}
		if err := scaled.SetFloats(name, values); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(scaled.SetFloats("root", root), f.SetFloats("w", w)); err != nil {
		t.Fatal(err)
	}
	a := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x3"}, Weights: "w", Cluster: []string{"g"}})
	b := estimate(t, scaled, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x3", "root"}, NoConstant: true, Cluster: []string{"g"}})
	for _, variant := range []bootstrap.Type{bootstrap.Type11, bootstrap.Type13, bootstrap.Type31} {
		got, want := wild(t, a, bootstrap.WildSpec{Term: "x1", Type: variant}), wild(t, b, bootstrap.WildSpec{Term: "x1", Type: variant})
		for i := range want.Statistics {
			near(t, "draw", got.Statistics[i], want.Statistics[i], 1e-9)
		}
	}
}
