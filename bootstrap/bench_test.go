package bootstrap_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// experiment is a simulated panel: agents by day, half of them assigned, days as text.
func experiment(b testing.TB, agents, days, each int) *data.Frame {
	b.Helper()
	rng := rand.New(rand.NewPCG(5, 6))
	rows := agents * days * each
	agent, day := make([]int32, rows), make([]int32, rows)
	names := []string{"assigned", "used", "c1", "c2", "c3", "c4", "y", "z"}
	columns := make([][]float64, len(names))
	for j := range names {
		columns[j] = make([]float64, rows)
	}
	for i := range rows {
		a := i / (days * each)
		agent[i], day[i] = int32(a), int32(i/each%days)
		columns[0][i] = float64(a % 2)
		if a%2 == 1 && rng.Float64() < 0.6 {
			columns[1][i] = 1
		}
		for j := 2; j < len(names); j++ {
			columns[j][i] = rng.NormFloat64() + 0.1*float64(a%7) + 0.05*float64(day[i])
		}
		columns[6][i] += 0.3 * columns[1][i]
	}
	labels := func(n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprint(i)
		}
		return list
	}
	f := &data.Frame{}
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	must(f.SetCodes("agent", agent, labels(agents)))
	must(f.SetCodes("day", day, labels(days)))
	for j, name := range names {
		must(f.SetFloats(name, columns[j]))
	}
	return f
}

// BenchmarkWild is B = 9,999 over 2,000 clusters with days as columns, whatever the number of rows, with a
// confidence set: one hypothesis, and that of ten outcomes with the same draws.
func BenchmarkWild(b *testing.B) {
	for _, c := range []struct {
		name     string
		days     int
		outcomes int
		kept     bool // days are absorbed effects that a covariance keeps among the columns
		kind     bootstrap.Type
	}{
		{"30days/type11", 30, 1, false, bootstrap.Type11},
		{"30days/type33", 30, 1, false, bootstrap.Type33},
		{"50days/type11", 50, 1, false, bootstrap.Type11},
		{"50days/kept", 50, 1, true, bootstrap.Type11},
		{"50days/type11/10outcomes", 50, 10, false, bootstrap.Type11},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := experiment(b, 2000, c.days, 2)
			spec := iv.Spec{Exogenous: []string{"assigned", "c1", "c2", "c3", "c4", "day"}, Cluster: []string{"agent"}}
			if c.kept {
				spec.Exogenous, spec.Absorb, spec.Covariance.Kind = spec.Exogenous[:5], iv.Effects("day"), iv.CR2
			}
			rng := rand.New(rand.NewPCG(7, 8))
			for o := range c.outcomes {
				y := make([]float64, f.Len())
				for i := range y {
					y[i] = rng.NormFloat64()
				}
				spec.Outcomes = append(spec.Outcomes, fmt.Sprint("y", o))
				if err := f.SetFloats(spec.Outcomes[o], y); err != nil {
					b.Fatal(err)
				}
			}
			results, err := iv.Estimate(context.Background(), f, spec)
			if err != nil {
				b.Fatal(err)
			}
			var list []bootstrap.Hypothesis
			for _, r := range results {
				list = append(list, bootstrap.Hypothesis{Result: r, Null: []bootstrap.Restriction{{Term: "assigned"}}})
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bootstrap.WildAll(context.Background(), list, bootstrap.WildSpec{Type: c.kind}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkInstrumental is B = 9,999 over 2,000 clusters with 30 days as columns for a coefficient of usage, with
// confidence sets: one instrument, and two.
func BenchmarkInstrumental(b *testing.B) {
	f := experiment(b, 2000, 30, 2)
	for _, instruments := range [][]string{{"assigned"}, {"assigned", "z"}} {
		results, err := iv.Estimate(context.Background(), f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: instruments,
			Exogenous: []string{"c1", "c2", "c3", "c4", "day"}, Cluster: []string{"agent"}})
		if err != nil {
			b.Fatal(err)
		}
		for name, test := range map[string]func(context.Context, *iv.Result, bootstrap.WildSpec) (*bootstrap.WildResult, error){"WRE": bootstrap.WRE, "AR": bootstrap.AndersonRubin} {
			b.Run(fmt.Sprintf("%s/%dinstruments", name, len(instruments)), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := test(context.Background(), results[0], bootstrap.WildSpec{Term: "used"}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkPairs is the same by resampling clusters.
func BenchmarkPairs(b *testing.B) {
	f := experiment(b, 2000, 30, 2)
	results, err := iv.Estimate(context.Background(), f, iv.Spec{Outcomes: []string{"y"},
		Exogenous: []string{"assigned", "c1", "c2", "c3", "c4", "day"}, Cluster: []string{"agent"}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bootstrap.Pairs(context.Background(), results[0], bootstrap.PairsSpec{Term: "assigned"}); err != nil {
			b.Fatal(err)
		}
	}
}
