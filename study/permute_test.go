package study

import (
	"slices"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// TestPermuteRows: permutations of a design about some rows are those of a frame of these rows alone.
func TestPermuteRows(t *testing.T) {
	const units, days = 24, 6
	var f data.Frame
	var unit, arm, y []float64
	var day []int64
	launch := time.Date(2024, 5, 4, 0, 0, 0, 0, time.UTC)
	for i := range units * days {
		unit, arm = append(unit, float64(i/days)), append(arm, float64(i/days%2))
		day = append(day, launch.AddDate(0, 0, i%days-3).UnixNano())
		y = append(y, float64(i*i*7%31))
	}
	for name, values := range map[string][]float64{"unit": unit, "arm": arm, "y": y} {
		if err := f.SetFloats(name, values); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetInstants("day", day); err != nil {
		t.Fatal(err)
	}
	keep := func(row int) bool { return row%7 != 0 && unit[row] < 20 }
	draws := bootstrap.PermuteSpec{Unit: "unit", Draws: 99, Seed: 5}
	for name, spec := range map[string]itt.Spec{
		"cross-section":             {Cluster: []string{"unit"}},
		"difference-in-differences": {Cluster: []string{"unit"}, Absorb: iv.Effects("unit", "day"), Time: "day", Launch: launch},
	} {
		spec.Outcomes, spec.Assignment = []string{"y"}, "arm"
		permute := func(f *data.Frame, spec itt.Spec) bootstrap.PermuteEffect {
			design, err := itt.NewDesign(f, spec)
			if err != nil {
				t.Fatal(err)
			}
			result, err := permuteDesign(t.Context(), design, draws)
			if err != nil {
				t.Fatal(err)
			}
			return result.Effects[0]
		}
		want := permute(f.Filter(keep), spec)
		spec.Rows = keep
		if got := permute(&f, spec); got.Estimate != want.Estimate || got.P != want.P || !slices.Equal(got.Statistics, want.Statistics) {
			t.Errorf("%s: %g with p %g, want %g with %g, or other draws", name, got.Estimate, got.P, want.Estimate, want.P)
		}
	}
}
