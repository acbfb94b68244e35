package hetero_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/panel"
)

// world is a simulated experiment: units seen in some of the periods, half of which are before the
// launch, of whom every other is assigned. An assigned unit uses a share of its own after the
// launch; usage raises the outcome by effect, and by gradient more for each unit of skill.
type world struct {
	seed             uint64
	units, periods   int
	groups           int // quantile groups of the baseline; 0 means five
	skill, noise     float64
	effect, gradient float64
	seen             float64 // share of the periods; 0 means all
}

// frame draws the world: unit, period, arm, pre, treat (arm after the launch), use, y, two
// controls c1 and c2, weights w, base (mean of y before the launch), q (its quantile group).
func (w world) frame(t testing.TB) *data.Frame {
	t.Helper()
	r := rand.New(rand.NewPCG(w.seed, 1))
	columns := map[string][]float64{}
	add := func(name string, v float64) { columns[name] = append(columns[name], v) }
	var unit []int32
	labels := make([]string, w.units)
	for u := range labels {
		labels[u] = "u" + strconv.Itoa(u)
		skill, arm := w.skill*r.NormFloat64(), float64(u%2)
		taste := 1 / (1 + math.Exp(0.8-1.5*r.NormFloat64()))
		for p := range w.periods {
			if w.seen > 0 && r.Float64() > w.seen {
				continue
			}
			treat := 0.0
			if 2*p >= w.periods {
				treat = arm
			}
			use := treat * min(1, max(0, taste+0.1*r.NormFloat64()))
			c1 := r.NormFloat64()
			unit = append(unit, int32(u))
			add("period", float64(p))
			add("arm", arm)
			add("pre", min(1, max(0, float64(w.periods-2*p))))
			add("treat", treat)
			add("use", use)
			add("c1", c1)
			add("c2", 0.5*c1+r.ExpFloat64())
			add("w", 0.2+r.ExpFloat64())
			add("y", skill+0.3*math.Sin(float64(p))+(w.effect+w.gradient*skill)*use+0.2*c1+w.noise*r.NormFloat64())
		}
	}
	var f data.Frame
	if err := f.SetCodes("unit", unit, labels); err != nil {
		t.Fatal(err)
	}
	for name, values := range columns {
		if err := f.SetFloats(name, values); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := panel.Baselines(&f, panel.BaselineSpec{Unit: "unit", Measures: []panel.Measure{{Name: "base", Column: "y"}}, PreColumn: "pre"}); err != nil {
		t.Fatal(err)
	}
	if _, err := panel.Groups(&f, panel.GroupSpec{Value: "base", Unit: "unit", N: w.groups, Name: "q"}); err != nil {
		t.Fatal(err)
	}
	return &f
}
