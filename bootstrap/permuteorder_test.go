package bootstrap_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
)

// TestPermuteOrderOfRows: draws go by the names of units and strata, so that simulated p-values of rows in another order are
// the same to the last draw: with units named by text or by number, with and without strata, in pairs, and with several
// rows of each unit.
func TestPermuteOrderOfRows(t *testing.T) {
	draw := rand.New(rand.NewPCG(11, 5))
	const units = 40
	f := new(data.Frame)
	var id, site, pair []string
	var number, z, y []float64
	for u := range units {
		for range 1 + u%3 {
			id, number = append(id, fmt.Sprintf("u%d", u)), append(number, float64(u*37%101))
			site, pair = append(site, fmt.Sprintf("s%d", u%4)), append(pair, fmt.Sprintf("p%d", u/2))
			z, y = append(z, float64((u+u/4)%2)), append(y, draw.NormFloat64()+float64((u+u/4)%2)/2)
		}
	}
	for name, set := range map[string]func() error{
		"id": func() error { return f.SetStrings("id", id) }, "site": func() error { return f.SetStrings("site", site) },
		"pair": func() error { return f.SetStrings("pair", pair) }, "number": func() error { return f.SetFloats("number", number) },
		"z": func() error { return f.SetFloats("z", z) }, "y": func() error { return f.SetFloats("y", y) },
	} {
		if err := set(); err != nil {
			t.Fatal(name, err)
		}
	}
	for name, spec := range map[string]bootstrap.PermuteSpec{
		"units": {Unit: "id"}, "numbers": {Unit: "number"}, "strata": {Unit: "id", Strata: []string{"site"}}, "pairs": {Unit: "number", Pairs: "pair"},
	} {
		spec.Outcomes, spec.Assignment, spec.Draws, spec.Seed = []string{"y"}, "z", 499, 3
		want, err := bootstrap.Permute(t.Context(), f, spec)
		if err != nil {
			t.Fatal(name, err)
		}
		for range 5 {
			got, err := bootstrap.Permute(t.Context(), f.Take(draw.Perm(f.Len())), spec)
			if err != nil {
				t.Fatal(name, err)
			}
			if got.Enumerated || got.Effects[0].P != want.Effects[0].P {
				t.Errorf("%s: p is %v, in another order of rows %v", name, want.Effects[0].P, got.Effects[0].P)
			}
		}
	}
}
