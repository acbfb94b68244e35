package bootstrap_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// TestPermuteChunks has each row of a small experiment many times, in no order, so that the passes over rows go in
// several chunks: coefficients are those of the small one, standard errors are but for their factor, and nothing
// depends on the number of processors.
func TestPermuteChunks(t *testing.T) {
	f := trial(t, 3)
	var rows []int
	for len(rows) < 70_000 {
		for i := range f.Len() {
			rows = append(rows, i)
		}
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	large := f.Take(rows)
	own := ownDraws(t, f, "assigned", 99)
	for name, spec := range map[string]bootstrap.PermuteSpec{
		"strata, days and weights": {Controls: []string{"c"}, Absorb: iv.Effects("day", "school", "hour"), Weights: "weight"},
		"cluster above unit":       {Controls: []string{"c"}, Absorb: iv.Effects("day"), Cluster: "school"},
		"class by hour":            {Post: "post", Absorb: iv.Effects("class^hour", "day"), Cluster: "school"},
	} {
		for _, statistic := range []bootstrap.Statistic{bootstrap.Plain, bootstrap.Studentised} {
			spec.Outcomes, spec.Assignment, spec.Unit, spec.Statistic = []string{"y1", "y2"}, "assigned", "class", statistic
			spec.Own, spec.OwnUnits = own.draws, own.units
			what := fmt.Sprintf("%s, %v", name, statistic)
			want, got := permute(t, f, spec), onProcessors(t, 4, large, spec)
			one := onProcessors(t, 1, large, spec)
			for o, w := range want.Effects {
				g := got.Effects[o]
				if !slices.Equal(g.Statistics, one.Effects[o].Statistics) || !slices.Equal(g.Set.Pieces, one.Effects[o].Set.Pieces) {
					t.Errorf("%s: %s depends on the number of processors", what, w.Outcome)
				}
				near(t, what+": estimate", g.Estimate, w.Estimate, 1e-10)
				for b, s := range w.Statistics {
					near(t, fmt.Sprintf("%s: %s, draw %d", what, w.Outcome, b), g.Statistics[b]*g.SE/w.SE, s, 1e-9)
				}
				if len(g.Set.Pieces) != len(w.Set.Pieces) {
					t.Fatalf("%s: set %v, want %v", what, g.Set, w.Set)
				}
				for i, piece := range w.Set.Pieces {
					near(t, what+": end of the set", g.Set.Pieces[i][0], piece[0], 1e-8)
					near(t, what+": end of the set", g.Set.Pieces[i][1], piece[1], 1e-8)
				}
			}
		}
	}
}

func onProcessors(t *testing.T, n int, f *data.Frame, spec bootstrap.PermuteSpec) *bootstrap.PermuteResult {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	return permute(t, f, spec)
}
