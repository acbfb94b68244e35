package bootstrap_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// resampled stacks clusters as often as they were drawn, each time as a cluster of its own.
func resampled(t testing.TB, f *data.Frame, counts []int) *data.Frame {
	t.Helper()
	var rows []int
	var label []float64
	g := floats(t, f, "g")
	next := 0.0
	for cluster, count := range counts {
		for range count {
			for i := range g {
				if int(g[i]) == cluster {
					rows, label = append(rows, i), append(label, next)
				}
			}
			next++
		}
	}
	star := f.Take(rows)
	if err := star.SetFloats("g", label); err != nil {
		t.Fatal(err)
	}
	return star
}

// TestPairsAgainstReestimation estimates each draw from its rows.
func TestPairsAgainstReestimation(t *testing.T) {
	f := smallPanel(t, 12)
	for name, spec := range map[string]iv.Spec{
		"least squares": {Outcomes: []string{"y"}, Exogenous: []string{"d", "x1", "x2"}, Cluster: []string{"g"}},
		"two-stage":     {Outcomes: []string{"y"}, Endogenous: []string{"d"}, Exogenous: []string{"x1"}, Instruments: []string{"z1"}, Cluster: []string{"g"}},
		"two-stage, 2":  {Outcomes: []string{"y"}, Endogenous: []string{"d"}, Exogenous: []string{"x1", "x2"}, Instruments: []string{"z1", "z2"}, Cluster: []string{"g"}},
		"absorbed":      {Outcomes: []string{"y"}, Exogenous: []string{"d", "x1"}, Absorb: iv.Effects("g"), Cluster: []string{"g"}},
	} {
		t.Run(name, func(t *testing.T) {
			spec.Covariance = iv.Covariance{Kind: iv.CR0}
			res := estimate(t, f, spec)
			p, err := bootstrap.Pairs(ctx, res, bootstrap.PairsSpec{Term: "d", Draws: 150, Seed: 6})
			if err != nil {
				t.Fatal(err)
			}
			for b, counts := range bootstrap.Resamples(6, 150, 12) {
				star := estimate(t, resampled(t, f, counts), spec)
				c, err := star.Coefficient("d")
				if err != nil {
					t.Fatal(err)
				}
				near(t, fmt.Sprintf("estimate of draw %d", b), p.Estimates[b], c.Estimate, 1e-9)
				near(t, fmt.Sprintf("t of draw %d", b), p.Statistics[b], (c.Estimate-p.Estimate)/c.SE, 1e-7)
			}
		})
	}
}

// TestPairsIntervals: the intervals' ends are quantiles, and a null at an end of the studentised one has
// a p-value of about one less the level.
func TestPairsIntervals(t *testing.T) {
	res := panelResult(t, 30)
	for _, tail := range []bootstrap.Tail{bootstrap.Symmetric, bootstrap.EqualTailed} {
		spec := bootstrap.PairsSpec{Term: "x1", Draws: 1999, Tail: tail}
		p, err := bootstrap.Pairs(ctx, res, spec)
		if err != nil {
			t.Fatal(err)
		}
		sorted := slices.Sorted(slices.Values(p.Estimates))
		near(t, "low percentile", p.Percentile.Low, sorted[49], 1e-12)
		near(t, "high percentile", p.Percentile.High, sorted[1949], 1e-12)
		near(t, "standard deviation", p.SD/p.SE, 1, 0.3)
		for _, end := range []float64{p.Studentised.Low, p.Studentised.High} {
			at := spec
			at.Value = end
			q, err := bootstrap.Pairs(ctx, res, at)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(q.P-0.05) > 2.0/2000 {
				t.Errorf("%v: p %g at the end %g", tail, q.P, end)
			}
		}
	}
}

// TestPairsWithoutTreated: draws that hold no treated cluster are counted.
func TestPairsWithoutTreated(t *testing.T) {
	f := smallPanel(t, 6)
	treated := make([]float64, f.Len())
	for i, g := range floats(t, f, "g") {
		if g < 2 {
			treated[i] = 1
		}
	}
	if err := f.SetFloats("treated", treated); err != nil {
		t.Fatal(err)
	}
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"treated", "x1"}, Cluster: []string{"g"}})
	p, err := bootstrap.Pairs(ctx, res, bootstrap.PairsSpec{Term: "treated", Draws: 999})
	if err != nil {
		t.Fatal(err)
	}
	without := 0
	for _, counts := range bootstrap.Resamples(0, 999, 6) {
		if treatedCount := counts[0] + counts[1]; treatedCount == 0 || treatedCount == 6 {
			without++
		}
	}
	undefined := 0
	for _, e := range p.Estimates {
		if math.IsNaN(e) {
			undefined++
		}
	}
	if without == 0 || undefined != without || len(p.Notes()) != 2 {
		t.Errorf("%d draws without an estimate, want %d; notes %q", undefined, without, p.Notes())
	}
}

func TestPairsRefusals(t *testing.T) {
	f := smallPanel(t, 8)
	res := panelResult(t, 8)
	two := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1"}, Cluster: []string{"g", "half"}})
	plain := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1"}})
	liml := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"d"}, Instruments: []string{"z1", "z2"}, Estimator: iv.LIML, Cluster: []string{"g"}})
	for what, c := range map[string]struct {
		r    *iv.Result
		spec bootstrap.PairsSpec
	}{
		"two ways":    {two, bootstrap.PairsSpec{Term: "x1"}},
		"no clusters": {plain, bootstrap.PairsSpec{Term: "x1"}},
		"no term":     {res, bootstrap.PairsSpec{}},
		"unknown":     {res, bootstrap.PairsSpec{Term: "nobody"}},
		"draws":       {res, bootstrap.PairsSpec{Term: "x1", Draws: 5}},
		"LIML":        {liml, bootstrap.PairsSpec{Term: "d"}},
		"control":     {twoStage(t, f, "z1"), bootstrap.PairsSpec{Term: "x1"}},
	} {
		var own *fieldexp.Error
		if _, err := bootstrap.Pairs(ctx, c.r, c.spec); !errors.As(err, &own) || own.Op != "bootstrap" && own.Op != "iv" {
			t.Errorf("%s: %v", what, err)
		}
	}
}
