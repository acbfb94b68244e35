package itt_test

import (
	"context"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// same is for two ways through the library that differ only in the order of operations.
const same = 1e-10

func estimate(t rapid.TB, f *data.Frame, spec itt.Spec) *itt.Result {
	t.Helper()
	res, err := itt.Estimate(context.Background(), f, spec)
	if err != nil {
		t.Fatalf("Estimate(%+v): %v", spec, err)
	}
	return res
}

func effect(t rapid.TB, res *itt.Result, outcome string) iv.Coefficient {
	t.Helper()
	c, err := res.Effect(outcome)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// eventStudy is that of the first outcome.
func eventStudy(t rapid.TB, f *data.Frame, spec itt.EventSpec) *itt.EventResult {
	t.Helper()
	results, err := itt.EventStudy(context.Background(), f, spec)
	if err != nil {
		t.Fatalf("EventStudy(%+v): %v", spec, err)
	}
	return results[0]
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// frame makes a frame of columns of numbers.
func frame(t rapid.TB, columns map[string][]float64) *data.Frame {
	t.Helper()
	var f data.Frame
	for name, values := range columns {
		must(t, f.SetFloats(name, values))
	}
	return &f
}

func column(t rapid.TB, f *data.Frame, name string) []float64 {
	t.Helper()
	values, err := f.Floats(name)
	must(t, err)
	return values
}
