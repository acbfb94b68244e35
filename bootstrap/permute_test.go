package bootstrap_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// trial is a small experiment: classes in schools in districts, with a panel of days, weights, a
// control, missing values, and assignment by class.
func trial(t testing.TB, seed uint64) *data.Frame {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	const classes, days = 24, 5
	columns := map[string][]float64{}
	add := func(name string, v float64) { columns[name] = append(columns[name], v) }
	for class := range classes {
		school := class / 2
		level := rng.NormFloat64()
		assigned := float64((class + school) % 2)
		for day := range days {
			for range 1 + rng.IntN(3) {
				add("class", float64(100+class))
				add("school", float64(school))
				add("district", float64(school/4))
				add("day", float64(day))
				add("hour", float64(rng.IntN(4)))
				add("assigned", assigned)
				add("dose", 10+assigned*float64(1+class%3))
				add("post", map[bool]float64{true: 1}[day >= 3])
				add("weight", 0.5+rng.Float64())
				c := 1000 + rng.NormFloat64() + 0.3*level
				add("c", c)
				add("y1", level+0.4*c+0.3*assigned+0.2*float64(day)+rng.NormFloat64())
				y2 := level + rng.ExpFloat64()
				if rng.Float64() < 0.1 {
					y2 = math.NaN()
				}
				add("y2", y2)
			}
		}
	}
	f := &data.Frame{}
	for name, v := range columns {
		if err := f.SetFloats(name, v); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func permute(t testing.TB, f *data.Frame, spec bootstrap.PermuteSpec) *bootstrap.PermuteResult {
	t.Helper()
	res, err := bootstrap.Permute(ctx, f, spec)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestPermuteAgainstReestimation gives draws of our own and estimates each model again with the drawn
// assignment: every statistic must agree, and so must p-values at other nulls with the set.
func TestPermuteAgainstReestimation(t *testing.T) {
	long(t)
	for name, spec := range map[string]bootstrap.PermuteSpec{
		"plain":              {},
		"controls":           {Controls: []string{"c"}, Weights: "weight"},
		"strata around":      {Controls: []string{"c"}, Absorb: iv.Effects("school")},
		"strata and days":    {Controls: []string{"c"}, Absorb: iv.Effects("day", "school", "hour"), Weights: "weight"},
		"days":               {Absorb: iv.Effects("day")},
		"crossed effects":    {Controls: []string{"c"}, Absorb: iv.Effects("day^hour", "district")},
		"cluster above unit": {Controls: []string{"c"}, Absorb: iv.Effects("day"), Cluster: "school"},
		"cluster and strata": {Controls: []string{"c"}, Absorb: iv.Effects("district", "hour"), Cluster: "school"},
		"difference":         {Post: "post", Absorb: iv.Effects("class", "day"), Controls: []string{"c"}, Weights: "weight"},
		"difference coarse":  {Post: "post", Absorb: iv.Effects("class", "day"), Cluster: "district", Controls: []string{"hour"}},
		"difference plain":   {Post: "post", Controls: []string{"post", "c"}},
		"class by hour":      {Post: "post", Absorb: iv.Effects("class^hour", "day"), Cluster: "school"},
		"dose":               {Assignment: "dose", Controls: []string{"c"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := trial(t, 3)
			spec.Outcomes = []string{"y1", "y2"}
			reestimate(t, f, spec)
		})
	}
	// Clusters of so few rows that these are kept rather than their products.
	t.Run("few rows", func(t *testing.T) {
		f := trial(t, 3)
		day := floats(t, f, "day")
		f = f.Filter(func(row int) bool { return day[row] == 2 || day[row] == 3 })
		for _, spec := range []bootstrap.PermuteSpec{
			{Post: "post", Absorb: iv.Effects("class", "day", "hour"), Controls: []string{"c", "weight"}},
			{Absorb: iv.Effects("district", "day", "hour"), Controls: []string{"c"}, Weights: "weight"},
		} {
			spec.Outcomes = []string{"y1"}
			reestimate(t, f, spec)
		}
	})
}

// reestimate compares the draws of a spec with models that are estimated again.
func reestimate(t *testing.T, f *data.Frame, spec bootstrap.PermuteSpec) {
	t.Helper()
	if spec.Assignment == "" {
		spec.Assignment = "assigned"
	}
	spec.Unit, spec.Level = "class", 0.9
	own := ownDraws(t, f, spec.Assignment, 99)
	spec.Own, spec.OwnUnits = own.draws, own.units
	studentised := permute(t, f, spec)
	spec.Statistic = bootstrap.Plain
	plain := permute(t, f, spec)
	for b, draw := range own.draws {
		fits := own.fits(t, f, studentised.Spec, draw, 0)
		for o, fit := range fits {
			c, err := fit.Coefficient(studentised.Term)
			if err != nil {
				t.Fatal(err)
			}
			what := fmt.Sprintf("%s, draw %d", fit.Outcome, b)
			near(t, what+" t", studentised.Effects[o].Statistics[b], c.Estimate/c.SE, 1e-10)
			near(t, what+" coefficient", plain.Effects[o].Statistics[b], c.Estimate/plain.Effects[o].SE, 1e-10)
		}
	}
	for _, res := range []*bootstrap.PermuteResult{studentised, plain} {
		own.checkSet(t, f, res)
	}
}

// ours is a list of assignments by class.
type ours struct {
	units []string
	draws [][]float64
}

func ownDraws(t testing.TB, f *data.Frame, assignment string, draws int) ours {
	t.Helper()
	rng := rand.New(rand.NewPCG(8, 8))
	class, values := floats(t, f, "class"), floats(t, f, assignment)
	var o ours
	var observed []float64
	for i, c := range class {
		if i == 0 || c != class[i-1] {
			o.units, observed = append(o.units, fmt.Sprint(c)), append(observed, values[i])
		}
	}
	for range draws {
		draw := append([]float64(nil), observed...)
		rng.Shuffle(len(draw), func(i, j int) { draw[i], draw[j] = draw[j], draw[i] })
		o.draws = append(o.draws, draw)
	}
	return o
}

// fits estimates the models with another assignment, after taking an effect of the data's off the outcomes.
func (o ours) fits(t testing.TB, f *data.Frame, spec bootstrap.PermuteSpec, draw []float64, effect float64) []*iv.Result {
	t.Helper()
	f = f.Clone()
	class, was := floats(t, f, "class"), floats(t, f, spec.Assignment)
	x, shifted := make([]float64, f.Len()), map[string][]float64{}
	post := make([]float64, f.Len())
	for i := range post {
		post[i] = 1
	}
	term := spec.Assignment
	if spec.Post != "" {
		post, term = floats(t, f, spec.Post), spec.Assignment+" x "+spec.Post
	}
	for _, y := range spec.Outcomes {
		for i, v := range floats(t, f, y) {
			shifted[y] = append(shifted[y], v-effect*was[i]*post[i])
		}
	}
	for i, c := range class {
		x[i] = draw[int(c)-100] * post[i]
	}
	must(t, f.SetFloats(term, x))
	for y, v := range shifted {
		must(t, f.SetFloats(y, v))
	}
	results, err := iv.Estimate(ctx, f, iv.Spec{Outcomes: spec.Outcomes, Exogenous: append([]string{term}, spec.Controls...), Absorb: spec.Absorb,
		Weights: spec.Weights, Cluster: []string{spec.Cluster}})
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// checkSet compares the set with p-values computed by estimating every draw again at nulls just
// inside and outside its ends, and some between.
func (o ours) checkSet(t *testing.T, f *data.Frame, res *bootstrap.PermuteResult) {
	t.Helper()
	e := res.Effects[0]
	if len(e.Set.Pieces) == 0 {
		t.Fatalf("empty set: %+v", e.Counts)
	}
	nulls := []float64{e.Estimate}
	for _, piece := range e.Set.Pieces {
		for _, end := range []float64{piece[0], piece[1]} {
			if !math.IsInf(end, 0) {
				nulls = append(nulls, end-1e-5*e.SE, end+1e-5*e.SE)
			}
		}
	}
	spec := res.Spec
	spec.Outcomes = spec.Outcomes[:1]
	for _, null := range nulls {
		extreme := 1
		seen := math.Abs(e.Estimate-null) / e.SE
		for _, draw := range o.draws {
			fit := o.fits(t, f, spec, draw, null)[0]
			c, err := fit.Coefficient(res.Term)
			if err != nil {
				t.Fatal(err)
			}
			size := math.Abs(c.Estimate / c.SE)
			if spec.Statistic == bootstrap.Plain {
				size = math.Abs(c.Estimate / e.SE)
			}
			if size >= seen*(1-1e-9) {
				extreme++
			}
		}
		p := float64(extreme) / float64(len(o.draws)+1)
		if inside := p > 1-e.Level+1e-12; inside != e.Set.Contains(null) {
			t.Errorf("%v: p is %g at %g, set %v", res.Spec.Statistic, p, null, e.Set)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
