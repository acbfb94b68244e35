package bootstrap_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/iv"
)

// sameDraws compares two results draw by draw, with effects and sets up to a scale.
func sameDraws(t *testing.T, what string, got, want *bootstrap.PermuteResult, scale float64) {
	t.Helper()
	for o, e := range want.Effects {
		g := got.Effects[o]
		if g.Counts != e.Counts || g.P != e.P {
			t.Errorf("%s: %s counts %+v, want %+v", what, e.Outcome, g.Counts, e.Counts)
		}
		for b, s := range e.Statistics {
			near(t, fmt.Sprintf("%s: %s, draw %d", what, e.Outcome, b), g.Statistics[b], s, 1e-8)
		}
		if len(g.Set.Pieces) != len(e.Set.Pieces) {
			t.Errorf("%s: set %v, want %v", what, g.Set, e.Set)
			continue
		}
		for i, piece := range e.Set.Pieces {
			near(t, what+": low", g.Set.Pieces[i][0]/scale/e.SE, piece[0]/e.SE, 1e-6)
			near(t, what+": high", g.Set.Pieces[i][1]/scale/e.SE, piece[1]/e.SE, 1e-6)
		}
	}
}

// TestPermuteIdentities: what must not matter does not. Assignments are given as draws of our own, so that
// they do not depend on the order of units.
func TestPermuteIdentities(t *testing.T) {
	f := trial(t, 9)
	own := ownDraws(t, f, "assigned", 99)
	base := bootstrap.PermuteSpec{Outcomes: []string{"y1", "y2"}, Assignment: "assigned", Unit: "class", Cluster: "school",
		Controls: []string{"c"}, Absorb: iv.Effects("day", "district"), Weights: "weight", Own: own.draws, OwnUnits: own.units}
	want := permute(t, f, base)

	order := rand.New(rand.NewPCG(1, 1)).Perm(f.Len())
	sameDraws(t, "row order", permute(t, f.Take(order), base), want, 1)

	for _, scale := range []float64{1e-9, 1e9} {
		g := f.Clone()
		for _, name := range []string{"y1", "y2", "c"} {
			scaled := make([]float64, f.Len())
			for i, v := range floats(t, f, name) {
				scaled[i] = v * scale
			}
			must(t, g.SetFloats(name, scaled))
		}
		sameDraws(t, fmt.Sprintf("scale %g", scale), permute(t, g, base), want, scale)
	}

	// Effects as columns of text among the controls.
	g := f.Clone()
	for _, name := range []string{"day", "district"} {
		text := make([]string, f.Len())
		for i, v := range floats(t, f, name) {
			text[i] = fmt.Sprint("level ", v)
		}
		must(t, g.SetStrings(name+" text", text))
	}
	explicit := base
	explicit.Absorb, explicit.Controls = nil, []string{"c", "day text", "district text"}
	sameDraws(t, "explicit indicators", permute(t, g, explicit), want, 1)

	// Redundant controls.
	repeated := base
	must(t, g.SetFloats("one", ones(f.Len())))
	repeated.Controls = []string{"c", "one", "day"}
	sameDraws(t, "redundant controls", permute(t, g, repeated), want, 1)
}

func ones(n int) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = 1
	}
	return list
}

// TestPermuteWeights: a weight of zero removes a row, and a frequency weight repeats it.
func TestPermuteWeights(t *testing.T) {
	f := trial(t, 10)
	weights := make([]float64, f.Len())
	var repeated []int
	for i := range weights {
		weights[i] = float64(i % 3)
		for range i % 3 {
			repeated = append(repeated, i)
		}
	}
	must(t, f.SetFloats("times", weights))
	own := ownDraws(t, f, "assigned", 99)
	spec := bootstrap.PermuteSpec{Outcomes: []string{"y1", "y2"}, Assignment: "assigned", Unit: "class", Controls: []string{"c"}, Absorb: iv.Effects("day"),
		Own: own.draws, OwnUnits: own.units}
	want := permute(t, f.Take(repeated), spec)
	spec.Weights, spec.WeightKind = "times", iv.Frequency
	sameDraws(t, "frequency weights", permute(t, f, spec), want, 1)
}

// TestPermuteMatchesModel: estimates, standard errors and the number of units are those of package iv.
func TestPermuteMatchesModel(t *testing.T) {
	f := trial(t, 11)
	res := permute(t, f, bootstrap.PermuteSpec{Outcomes: []string{"y1", "y2"}, Assignment: "assigned", Unit: "class", Controls: []string{"c"}, Draws: 199})
	for _, e := range res.Effects {
		c, err := e.Fit.Coefficient("assigned")
		must(t, err)
		if c.Estimate != e.Estimate || c.SE != e.SE || c.Statistic != e.Statistic || e.Fit.Outcome != e.Outcome {
			t.Errorf("%s: %+v, want %+v", e.Outcome, e, c)
		}
		if !e.Set.Contains(e.Estimate) || e.Set.Contains(0) != (e.P > 0.05) {
			t.Errorf("%s: p = %g, set %v", e.Outcome, e.P, e.Set)
		}
		near(t, "Monte Carlo standard error", e.MonteCarloSE, math.Sqrt(e.P*(1-e.P)/199), 1e-15)
	}
	if res.Units != 24 || res.Draws != 199 || res.Enumerated || res.Strata != 1 {
		t.Errorf("%d units, %d draws", res.Units, res.Draws)
	}
}
