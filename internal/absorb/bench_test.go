package absorb

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
)

// sums are those of so many columns of noise, centred, by level of each effect, as Solve takes them.
func sums(effects []Effect, count int) Columns {
	rng := rand.New(rand.NewPCG(5, 6))
	c := Columns{Count: count, Squares: make([]float64, count)}
	for _, e := range effects {
		c.Sums = append(c.Sums, make([]float64, e.Levels*count))
	}
	n := len(effects[0].Codes)
	column := make([]float64, n)
	for j := range count {
		mean := 0.0
		for i := range column {
			column[i] = rng.NormFloat64()
			mean += column[i] / float64(n)
		}
		for i, v := range column {
			v -= mean
			c.Squares[j] += v * v
			for e := range effects {
				c.Sums[e][int(effects[e].Codes[i])*count+j] += v
			}
		}
	}
	return c
}

// random is an effect whose levels rows fall into at random; each has rows.
func random(rows, levels int) Effect {
	rng := rand.New(rand.NewPCG(7, 8))
	e := Effect{Codes: make([]int32, rows), Levels: levels}
	for i := range e.Codes {
		e.Codes[i] = int32(i)
		if i >= levels {
			e.Codes[i] = int32(rng.IntN(levels))
		}
	}
	return e
}

// panelOfAgents has 21 days for each of 6,000 agents, and effects of agents beside another effect.
func panelOfAgents(other int) []Effect {
	const rows = 126_000
	agents := make([]int32, rows)
	for i := range agents {
		agents[i] = int32(i / 21)
	}
	return []Effect{{Codes: agents, Levels: rows / 21}, random(rows, other)}
}

// BenchmarkEquations is the effects' equations alone, for 20 columns whose sums by level are known: solved
// at once for days beside agents, and by iterations for an effect of thousands of levels.
func BenchmarkEquations(b *testing.B) {
	for _, c := range []struct {
		name   string
		levels int
	}{{"direct", 56}, {"iterated", DirectLimit + 500}} {
		b.Run(c.name, func(b *testing.B) {
			effects := panelOfAgents(c.levels)
			given := sums(effects, 20)
			for b.Loop() {
				columns := given
				columns.Sums = nil
				for _, s := range given.Sums {
					columns.Sums = append(columns.Sums, slices.Clone(s)) // Solve overwrites them
				}
				_, info, err := Solve(context.Background(), nil, effects, columns)
				if err != nil {
					b.Fatal(err)
				}
				if (info.Iterations > 0) != (c.name == "iterated") {
					b.Fatalf("%d iterations", info.Iterations)
				}
			}
			perSecond(b, len(effects[0].Codes))
		})
	}
}

// BenchmarkLeverage is the leverage of every row in the effects, for HC2 and HC3.
func BenchmarkLeverage(b *testing.B) {
	effects := panelOfAgents(56)
	rows := len(effects[0].Codes)
	for b.Loop() {
		if _, err := Leverage(context.Background(), rows, nil, effects); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, rows)
}

// perSecond reports how many rows a second a benchmark did.
func perSecond(b *testing.B, rows int) {
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
