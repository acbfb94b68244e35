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

// Two weeks of the same log in chunks as small as a reader's.
func BenchmarkAggregator(b *testing.B) {
	const rows, size = 640_000, 1_600
	events, spec := manyEvents(b, rows, 5_940, 14, 30)
	var chunks []*data.Frame
	for from := 0; from < rows; from += size {
		chunks = append(chunks, slice(b, events, from, from+size))
	}
	for b.Loop() {
		a := start(b, spec)
		for _, chunk := range chunks {
			if err := a.Add(chunk); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}

// slice is the rows of a frame from one up to another, sharing its values.
func slice(b *testing.B, f *data.Frame, from, to int) *data.Frame {
	part := new(data.Frame)
	for _, name := range f.Names() {
		kind, err := f.Kind(name)
		if err != nil {
			b.Fatal(err)
		}
		switch kind {
		case data.Categorical:
			codes, levels, _ := f.Codes(name)
			err = part.SetCodes(name, codes[from:to], levels)
		case data.Time:
			times, _ := f.Instants(name)
			err = part.SetInstants(name, times[from:to])
		default:
			values, _ := f.Floats(name)
			err = part.SetFloats(name, values[from:to])
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	return part
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
