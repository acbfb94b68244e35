package study

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/data"
)

// Moments of chunks are those of all values in memory, also far from zero and where the mean moves.
func TestMomentsOfChunks(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		name          string
		centre, drift float64
	}{{"near zero", 0, 0}, {"far from zero", 1e9, 0}, {"moving", 50, 3}} {
		var all []float64
		m := new(moments)
		m.add(nil)
		for chunk := range 40 {
			values := make([]float64, 1+random.IntN(200))
			for i := range values {
				values[i] = c.centre + c.drift*float64(chunk) + random.NormFloat64()
				if random.IntN(3) == 0 {
					values[i] = missing
				}
			}
			m.add(values)
			all = append(all, values...)
		}
		f := new(data.Frame)
		if err := f.SetFloats("x", all); err != nil {
			t.Fatal(err)
		}
		want, err := f.Summary("x")
		if err != nil {
			t.Fatal(err)
		}
		if m.n != want.N || math.Abs(m.mean-want.Mean) > 4e-15*math.Abs(c.centre)+1e-13 || math.Abs(m.sd()-want.SD) > (1e-12+1e-17*math.Abs(c.centre))*want.SD {
			t.Errorf("%s: %d values, mean %v, sd %v; want %d, %v, %v", c.name, m.n, m.mean, m.sd(), want.N, want.Mean, want.SD)
		}
	}
	if m := momentsOf([]float64{0.1, 0.1, missing, 0.1, 0.1, 0.1, 0.1, 0.1}); m.n != 7 || m.sd() > 1e-16 {
		t.Errorf("equal values: %d with sd %v, want 7 with none", m.n, m.sd())
	}
	if m := momentsOf([]float64{missing}); m.n != 0 || m.sd() == m.sd() {
		t.Errorf("no values: %d with sd %v, want none", m.n, m.sd())
	}
}
