package panel

import (
	"context"
	"testing"

	"github.com/fieldexp/fieldexp/data"
)

// A log of the paper's size: 2.5 million events of 5,940 agents on 56 days, 30 measures.
func BenchmarkBuild(b *testing.B) {
	events, spec := manyEvents(b, 2_500_000, 5_940, 56, 30)
	b.ResetTimer()
	for b.Loop() {
		f, _, err := Build(context.Background(), events, spec)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(f.Len()), "rows")
	}
}

// The same log in chunks, as a reader gives them.
func BenchmarkAggregator(b *testing.B) {
	events, spec := manyEvents(b, 1<<16, 5_940, 56, 30)
	a := start(b, spec)
	b.ResetTimer()
	for b.Loop() {
		if err := a.Add(events); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(events.Len())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}

func benchmarkPanel(b *testing.B) *data.Frame {
	events, spec := manyEvents(b, 600_000, 5_940, 56, 2)
	f, _, err := Build(context.Background(), events, spec)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

func BenchmarkLag(b *testing.B) {
	f := benchmarkPanel(b)
	b.ResetTimer()
	for b.Loop() {
		if _, err := Lag(f.Clone(), LagSpec{Unit: "unit", Period: "day", Columns: []string{"m0", "m1"}}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGroups(b *testing.B) {
	f := benchmarkPanel(b)
	b.ResetTimer()
	for b.Loop() {
		if _, err := Groups(f.Clone(), GroupSpec{Value: "m0"}); err != nil {
			b.Fatal(err)
		}
	}
}
