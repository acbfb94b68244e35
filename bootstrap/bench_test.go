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

// BenchmarkWild is B = 9,999 over 2,000 clusters with 30 days as columns, whatever the number of
// rows, with a confidence set.
func BenchmarkWild(b *testing.B) {
	f := experiment(b, 2000, 30, 2)
	results, err := iv.Estimate(context.Background(), f, iv.Spec{Outcomes: []string{"y"},
		Exogenous: []string{"assigned", "c1", "c2", "c3", "c4", "day"}, Cluster: []string{"agent"}})
	if err != nil {
		b.Fatal(err)
	}
	for _, variant := range []bootstrap.Type{bootstrap.Type11, bootstrap.Type33} {
		b.Run("type"+variant.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bootstrap.Wild(context.Background(), results[0], bootstrap.WildSpec{Term: "assigned", Type: variant}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkInstrumental is the same for a coefficient of usage.
func BenchmarkInstrumental(b *testing.B) {
	f := experiment(b, 2000, 30, 2)
	results, err := iv.Estimate(context.Background(), f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"},
		Exogenous: []string{"c1", "c2", "c3", "c4", "day"}, Cluster: []string{"agent"}})
	if err != nil {
		b.Fatal(err)
	}
	for name, test := range map[string]func(context.Context, *iv.Result, bootstrap.WildSpec) (*bootstrap.WildResult, error){"WRE": bootstrap.WRE, "AR": bootstrap.AndersonRubin} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := test(context.Background(), results[0], bootstrap.WildSpec{Term: "used"}); err != nil {
					b.Fatal(err)
				}
			}
		})
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
