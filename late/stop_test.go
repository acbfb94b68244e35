//go:build unix

package late_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/gaps"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// bigFrame is cases/newcomer/go-cancel-main.go.txt: many rows, with usage, clusters and an effect to absorb.
func bigFrame(t *testing.T, n int) (*data.Frame, late.Spec) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	y, z, u, c, d := make([]float64, n), make([]float64, n), make([]float64, n), make([]int32, n), make([]int32, n)
	for i := range y {
		c[i], d[i] = int32(i/500), int32(i%100)
		z[i] = float64(c[i] % 2)
		if z[i] == 1 && r.Float64() < 0.4 {
			u[i] = 1
		}
		y[i] = 0.2*u[i] + r.NormFloat64()
	}
	levels := make([]string, n/500)
	for i := range levels {
		levels[i] = fmt.Sprint(i)
	}
	f := new(data.Frame)
	if err := errors.Join(f.SetFloats("y", y), f.SetFloats("z", z), f.SetFloats("u", u), f.SetCodes("g", c, levels), f.SetCodes("d", d, levels[:100])); err != nil {
		t.Fatal(err)
	}
	return f, late.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Cluster: []string{"g"}, Absorb: iv.Effects("d")}, Usage: "u"}
}

// TestLooksAtContext: there are at most 50 ms of work between two looks at the context, over all passes over the rows.
func TestLooksAtContext(t *testing.T) {
	f, spec := bigFrame(t, 1_000_000)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	runtime.GC()
	watch := gaps.New(context.Background())
	if _, err := late.Estimate(watch, f, spec); err != nil {
		t.Fatal(err)
	}
	if watch.Longest > 50*time.Millisecond {
		t.Errorf("%v of work without a look, %s", watch.Longest, watch.Where)
	}
	t.Logf("at most %v between two looks", watch.Longest)
}

// TestStopsAtOnce ends a model of many columns, whose algebra takes a second, in the midst of it.
func TestStopsAtOnce(t *testing.T) {
	const n, columns = 2000, 700
	r := rand.New(rand.NewPCG(3, 4))
	f := new(data.Frame)
	y, z := make([]float64, n), make([]float64, n)
	for i := range y {
		y[i], z[i] = r.NormFloat64(), float64(i%2)
	}
	f.SetFloats("y", y)
	f.SetFloats("z", z)
	spec := itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}
	for j := range columns {
		c := make([]float64, n)
		for i := range c {
			c[i] = r.NormFloat64()
		}
		spec.Controls = append(spec.Controls, fmt.Sprint("c", j))
		f.SetFloats(spec.Controls[j], c)
	}
	for _, wait := range []time.Duration{20, 60, 150} {
		ctx, cancel := context.WithCancel(context.Background())
		var stopped time.Time
		time.AfterFunc(wait*time.Millisecond, func() { stopped = time.Now(); cancel() })
		_, err := itt.Estimate(ctx, f, spec)
		if err == nil {
			t.Skip("the model was estimated before it could be stopped")
		}
		if late := time.Since(stopped); !errors.Is(err, context.Canceled) || late > time.Second {
			t.Errorf("%v after the end: %v", late, err)
		} else {
			t.Logf("ends %v after the end of its context", late)
		}
	}
}
