package moments

import (
	"context"
	"math/rand/v2"
	"testing"
)

// panelOfRows has 200,000 rows of a model with four regressors: of 400 groups, in their order and scattered.
func panelOfRows() (m Matrix, consecutive, scattered Partition) {
	const rows, groups, columns = 200_000, 400, 5
	rng := rand.New(rand.NewPCG(9, 10))
	m = Matrix{N: rows, P: columns, X: make([]float64, rows*columns)}
	for i := range m.X {
		m.X[i] = rng.NormFloat64()
	}
	for g := range groups + 1 {
		consecutive.Starts = append(consecutive.Starts, g*rows/groups)
	}
	scattered = Partition{Codes: make([]int32, rows), Groups: groups}
	for i := range scattered.Codes {
		scattered.Codes[i] = int32(rng.IntN(groups))
	}
	return m, consecutive, scattered
}

func fittedProblem() *Problem {
	x := []int{0, 1, 2, 3}
	return &Problem{Y: 4, X: x, B: []float64{0.1, -0.2, 0.3, 0}, Score: x}
}

// BenchmarkScores is the scores of a fitted model by cluster, of which clustered covariances are made.
func BenchmarkScores(b *testing.B) {
	m, consecutive, scattered := panelOfRows()
	for _, c := range []struct {
		name string
		part Partition
	}{{"consecutive", consecutive}, {"scattered", scattered}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := Scores(context.Background(), m, c.part, nil, []*Problem{fittedProblem()}); err != nil {
					b.Fatal(err)
				}
			}
			perSecond(b, m.N)
		})
	}
}

// BenchmarkMeat is the sandwich's inside where errors are independent: of one model, and of two together.
func BenchmarkMeat(b *testing.B) {
	m, _, _ := panelOfRows()
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			p := fittedProblem()
			p.Meat = true
			if err := Scores(context.Background(), m, Blocks(m.N), nil, []*Problem{p}); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, m.N)
	})
	b.Run("cross", func(b *testing.B) {
		for b.Loop() {
			pair := &Cross{A: fittedProblem(), B: fittedProblem(), Meat: true}
			if err := Crosses(context.Background(), m, nil, []*Cross{pair}); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, m.N)
	})
}

// perSecond reports how many rows a second a benchmark did.
func perSecond(b *testing.B, rows int) {
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
