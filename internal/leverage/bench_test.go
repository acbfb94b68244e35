package leverage_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/leverage"
	"github.com/fieldexp/fieldexp/internal/moments"
	"gonum.org/v1/gonum/mat"
)

const agents = 500

// many is a design of four regressors and effects of agents and of 56 days. Agents are the clusters and are
// seen on 21 days each. Columns are noise, and not net of the effects, which changes nothing of what it costs.
func many(b *testing.B) (m moments.Matrix, rows leverage.Rows, effects leverage.Effects, d *leverage.Design) {
	const days, k = 21, 4
	rng := rand.New(rand.NewPCG(11, 12))
	n := agents * days
	m = moments.Matrix{N: n, P: k, X: make([]float64, n*k)}
	for i := range m.X {
		m.X[i] = rng.NormFloat64()
	}
	agent, day := make([]int32, n), make([]int32, n)
	for i := range n {
		agent[i], day[i] = int32(i/days), int32((i*8/3)%56)
	}
	effects = leverage.Effects{Nested: []absorb.Effect{{Codes: agent, Levels: agents}}, Kept: []absorb.Effect{{Codes: day, Levels: 56}}}
	rows = leverage.GroupRows(agent, agents)
	total := mat.NewDense(k, k, nil)
	x := mat.NewDense(n, k, m.X)
	total.Mul(x.T(), x)
	d = &leverage.Design{Blocks: build(b, m, rows, effects), Score: sequence(0, k), Fitted: identity(k), Bread: symmetric(inverse(total)), Basis: identity(k)}
	return m, rows, effects, d
}

func build(b *testing.B, m moments.Matrix, rows leverage.Rows, effects leverage.Effects) *leverage.Blocks {
	grams := moments.GroupProducts(m, rows.Order, rows.Starts, m.P)
	blocks, err := leverage.Build(context.Background(), m, rows, grams, effects)
	if err != nil {
		b.Fatal(err)
	}
	return blocks
}

// BenchmarkBuild is the cross-products of clusters with the kept columns on their supports.
func BenchmarkBuild(b *testing.B) {
	m, rows, effects, _ := many(b)
	for b.Loop() {
		build(b, m, rows, effects)
	}
	perSecond(b)
}

// BenchmarkAdjust is CR2's maps from scores to influence.
func BenchmarkAdjust(b *testing.B) {
	_, _, _, d := many(b)
	for b.Loop() {
		if _, err := d.Adjust(context.Background(), leverage.InverseRoot); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b)
}

// BenchmarkDegrees is Satterthwaite's degrees of freedom of every estimate.
func BenchmarkDegrees(b *testing.B) {
	_, _, _, d := many(b)
	a, err := d.Adjust(context.Background(), leverage.InverseRoot)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := a.Each(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b)
}

// perSecond reports how many clusters a second a benchmark did.
func perSecond(b *testing.B) {
	b.ReportMetric(float64(agents*b.N)/b.Elapsed().Seconds(), "clusters/s")
}
