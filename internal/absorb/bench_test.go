package absorb

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
)

// panelOfAgents has 21 days for each of 6,000 agents, and effects of agents beside an effect into whose levels
// rows fall at random; each level has rows.
func panelOfAgents(levels int) []Effect {
	const rows = 126_000
	rng := rand.New(rand.NewPCG(7, 8))
	agents := Effect{Codes: make([]int32, rows), Levels: rows / 21}
	other := Effect{Codes: make([]int32, rows), Levels: levels}
	for i := range rows {
		agents.Codes[i], other.Codes[i] = int32(i/21), int32(i)
		if i >= levels {
			other.Codes[i] = int32(rng.IntN(levels))
		}
	}
	return []Effect{agents, other}
}

// BenchmarkSolveIterated is Solve for 20 columns where both effects have thousands of levels.
func BenchmarkSolveIterated(b *testing.B) {
	const columns = 20
	effects := panelOfAgents(DirectLimit + 500)
	rows := len(effects[0].Codes)
	rng := rand.New(rand.NewPCG(5, 6))
	x := make([]float64, rows*columns)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	c := columnsOf(x, columns, nil, effects)
	given := slices.Clone(c.Sums)
	for b.Loop() {
		for e := range given {
			c.Sums[e] = slices.Clone(given[e]) // Solve overwrites them
		}
		_, info, err := Solve(context.Background(), nil, effects, c)
		if err != nil {
			b.Fatal(err)
		}
		if info.Iterations == 0 {
			b.Fatal("solved without iterations")
		}
	}
	perSecond(b, rows)
}

// BenchmarkLeverage is the leverage of every row in the effects of agents and days, for HC2 and HC3.
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
