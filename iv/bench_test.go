package iv_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// benchFrame is an experiment of the given size in memory: agents of unequal size, days, issue
// types, four controls, usage by those assigned, ten outcomes.
func benchFrame(b *testing.B, rows, agents int) *data.Frame {
	b.Helper()
	rng := rand.New(rand.NewPCG(11, 12))
	f := &data.Frame{}
	agent, day, issue := make([]int32, rows), make([]int32, rows), make([]int32, rows)
	assigned, used := make([]float64, rows), make([]float64, rows)
	for i := range rows {
		a := int(float64(agents) * rng.Float64() * rng.Float64())
		agent[i], day[i], issue[i] = int32(a), int32(rng.IntN(30)), int32(rng.IntN(12))
		assigned[i] = float64(a % 2)
		if a%2 == 1 && rng.Float64() < 0.55 {
			used[i] = 1
		}
	}
	levels := func(n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprint(i)
		}
		return list
	}
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	must(f.SetCodes("agent", agent, levels(agents)))
	must(f.SetCodes("day", day, levels(30)))
	must(f.SetCodes("issue", issue, levels(12)))
	must(f.SetFloats("assigned", assigned))
	must(f.SetFloats("used", used))
	for _, prefix := range []string{"c", "y"} {
		for j := 1; j <= 10; j++ {
			values := make([]float64, rows)
			for i := range values {
				values[i] = rng.NormFloat64() + 0.1*used[i] + 0.01*float64(agent[i]%7)
			}
			must(f.SetFloats(fmt.Sprintf("%s%d", prefix, j), values))
		}
	}
	return f
}

func names(prefix string, n int) []string {
	list := make([]string, n)
	for j := range list {
		list[j] = fmt.Sprintf("%s%d", prefix, j+1)
	}
	return list
}

// BenchmarkPanel estimates what a study of the reference's size does: sixteen outcomes of 5,940
// agents over their weeks, agent and week effects.
func BenchmarkPanel(b *testing.B) {
	const agents, weeks, outcomes = 5_940, 30, 16
	rng := rand.New(rand.NewPCG(13, 14))
	f := &data.Frame{}
	columns := map[string][]float64{}
	add := func(name string, v float64) { columns[name] = append(columns[name], v) }
	for a := range agents {
		for w := range weeks {
			if rng.Float64() < 0.1 {
				continue
			}
			treated := 0.0
			if a%2 == 1 && w >= 10 {
				treated = 1
			}
			used := treated * float64(rng.IntN(2))
			add("agent", float64(a))
			add("week", float64(w))
			add("treated", treated)
			add("used", used)
			for j := range outcomes {
				add(fmt.Sprintf("y%d", j+1), rng.NormFloat64()+0.1*used)
			}
		}
	}
	for name, values := range columns {
		if err := f.SetFloats(name, values); err != nil {
			b.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		spec iv.Spec
	}{
		{"ITT", iv.Spec{Outcomes: names("y", outcomes), Exogenous: []string{"treated"}}},
		{"LATE", iv.Spec{Outcomes: names("y", outcomes), Endogenous: []string{"used"}, Instruments: []string{"treated"}}},
	} {
		c.spec.Absorb, c.spec.Cluster = iv.Effects("agent", "week"), []string{"agent"}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := iv.Estimate(context.Background(), f, c.spec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEstimate(b *testing.B) {
	const rows, agents = 1_000_000, 2_000
	f := benchFrame(b, rows, agents)
	controls, effects, cluster := names("c", 4), iv.Effects("day", "issue"), []string{"agent"}
	for _, c := range []struct {
		name string
		spec iv.Spec
	}{
		{"ITT", iv.Spec{Outcomes: names("y", 1), Exogenous: append([]string{"assigned"}, controls...), Absorb: effects, Cluster: cluster}},
		{"ITTx10", iv.Spec{Outcomes: names("y", 10), Exogenous: append([]string{"assigned"}, controls...), Absorb: effects, Cluster: cluster}},
		{"LATEx10", iv.Spec{Outcomes: names("y", 10), Exogenous: controls, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Absorb: effects, Cluster: cluster}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := iv.Estimate(context.Background(), f, c.spec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
