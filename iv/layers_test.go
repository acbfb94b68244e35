package iv

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/internal/absorb"
)

// TestLayers: sums by layer, dealt out to effects, are those by level of each effect, and subtracting
// layers subtracts every effect; for effects that run, that are combined and that stand alone, over
// any runs of rows.
func TestLayers(t *testing.T) {
	const n = 5_000
	rng := rand.New(rand.NewPCG(1, 2))
	effect := func(levels int, code func(i int) int) absorb.Effect {
		e := absorb.Effect{Codes: make([]int32, n), Levels: levels}
		for i := range e.Codes {
			e.Codes[i] = int32(code(i))
		}
		return e
	}
	random := func(levels int) absorb.Effect { return effect(levels, func(int) int { return rng.IntN(levels) }) }
	units := effect(250, func(i int) int { return i / 20 })
	for i := 0; i <= n; i += 20 {
		units.Starts = append(units.Starts, i)
	}
	for name, c := range map[string]struct {
		effects []absorb.Effect
		layers  int
	}{
		"runs":             {[]absorb.Effect{units}, 1},
		"alone":            {[]absorb.Effect{random(400)}, 1},
		"three combined":   {[]absorb.Effect{random(3), random(5), random(4)}, 1},
		"too many to join": {[]absorb.Effect{random(30), random(40)}, 2},
		"all kinds":        {[]absorb.Effect{random(6), units, random(300), random(7)}, 3},
	} {
		list, err := layers(context.Background(), c.effects, n)
		if err != nil || len(list) != c.layers {
			t.Fatalf("%s: %d layers, error %v, want %d", name, len(list), err, c.layers)
		}
		values, want := make([]float64, n), make([][]float64, len(c.effects))
		coef := make([][]float64, len(c.effects))
		for i := range values {
			if values[i] = rng.NormFloat64(); i/20%3 == 0 { // whole units of zeros
				values[i] = 0
			}
		}
		for e, of := range c.effects {
			want[e], coef[e] = make([]float64, of.Levels), make([]float64, of.Levels)
			for l := range coef[e] {
				coef[e][l] = rng.NormFloat64()
			}
			for i, l := range of.Codes {
				want[e][l] += values[i]
			}
		}
		sums := make([][]float64, len(list))
		for l := range list {
			sums[l] = make([]float64, list[l].groups)
		}
		left := append([]float64(nil), values...)
		for from := 0; from < n; {
			to := min(n, from+1+rng.IntN(700))
			sumUp(list, from, values[from:to], sums)
			for l := range list {
				list[l].subtract(from, list[l].total(coef), left[from:to])
			}
			from = to
		}
		got := make([][]float64, len(c.effects))
		for e := range got {
			got[e] = make([]float64, c.effects[e].Levels)
		}
		for l := range list {
			for _, p := range list[l].parts {
				for g, level := range p.of {
					got[p.effect][level] += sums[l][g]
				}
			}
		}
		for e := range got {
			for l := range got[e] {
				if math.Abs(got[e][l]-want[e][l]) > 1e-12 {
					t.Fatalf("%s: effect %d, level %d sums to %g, want %g", name, e, l, got[e][l], want[e][l])
				}
			}
		}
		for i := range left {
			rest := values[i]
			for e, of := range c.effects {
				rest -= coef[e][of.Codes[i]]
			}
			if math.Abs(left[i]-rest) > 1e-13 {
				t.Fatalf("%s: row %d is left with %g, want %g", name, i, left[i], rest)
			}
		}
	}
}
