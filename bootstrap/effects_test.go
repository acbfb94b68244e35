package bootstrap_test

import (
	"fmt"
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
