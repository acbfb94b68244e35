package bootstrap_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// columns makes a frame of numbers.
func columns(t testing.TB, list map[string][]float64) *data.Frame {
	t.Helper()
	f := &data.Frame{}
	for name, v := range list {
		must(t, f.SetFloats(name, v))
	}
	return f
}

// TestPermuteGolden is R's ritest with agents as units, absorbed effects and controls: its p-value has a
// standard error of its own, and so has ours.
func TestPermuteGolden(t *testing.T) {
	f := goldenFrame(t)
	var want struct {
		P     float64
		Reps  int
		Count int
	}
	must(t, json.Unmarshal(refdata.Experiment(t)["ritest_cluster"], &want))
	if want.Reps != 1000 || float64(want.Count)/1000 != want.P {
		t.Fatalf("reference %+v", want)
	}
	res := permute(t, f, bootstrap.PermuteSpec{Outcomes: []string{"y1"}, Assignment: "assigned", Unit: "agent_id",
		Controls: []string{"c1", "c2", "c3", "c4"}, Absorb: iv.Effects("day", "issue_type"), Statistic: bootstrap.Plain, PRule: bootstrap.Share, Seed: 1, NoSet: true})
	e := res.Effects[0]
	both := math.Hypot(e.MonteCarloSE, math.Sqrt(want.P*(1-want.P)/float64(want.Reps)))
	if math.Abs(e.P-want.P) > 4*both {
		t.Errorf("p = %g, want %g within four standard errors of %g", e.P, want.P, both)
	}
}

// TestPermuteRows: each row is a unit, and standard errors are HC1. Draws are re-estimated.
func TestPermuteRows(t *testing.T) {
	f := trial(t, 4)
	rng := rand.New(rand.NewPCG(3, 3))
	assigned := make([]float64, f.Len())
	for i := range assigned {
		assigned[i] = float64(rng.IntN(2))
	}
	assigned[5] = math.NaN()
	must(t, f.SetFloats("z", assigned))
	own := make([][]float64, 99)
	for b := range own {
		own[b] = slices.Clone(assigned)
		rng.Shuffle(len(assigned), func(i, j int) {
			if i != 5 && j != 5 {
				own[b][i], own[b][j] = own[b][j], own[b][i]
			}
		})
		own[b][5] = 0 // of a row whose own assignment is unknown: it is not looked at
	}
	for name, spec := range map[string]bootstrap.PermuteSpec{
		"plain":    {},
		"controls": {Controls: []string{"c", "hour"}, Weights: "weight", Absorb: iv.Effects("class", "day")},
	} {
		spec.Outcomes, spec.Assignment, spec.Own = []string{"y1", "y2"}, "z", own
		res := permute(t, f, spec)
		if res.Units != f.Len()-1 {
			t.Errorf("%d units, want %d", res.Units, f.Len()-1)
		}
		for b, draw := range own {
			g := f.Clone()
			drawn := slices.Clone(draw)
			drawn[5] = math.NaN()
			must(t, g.SetFloats("z", drawn))
			fits, err := iv.Estimate(ctx, g, iv.Spec{Outcomes: spec.Outcomes, Exogenous: append([]string{"z"}, spec.Controls...), Absorb: spec.Absorb, Weights: spec.Weights})
			must(t, err)
			for o, fit := range fits {
				c, err := fit.Coefficient("z")
				must(t, err)
				near(t, fmt.Sprintf("%s: %s, draw %d", name, fit.Outcome, b), res.Effects[o].Statistics[b], c.Statistic, 1e-10)
			}
		}
	}
}

// TestPermuteEnumerated checks designs whose p-value can be counted by hand.
func TestPermuteEnumerated(t *testing.T) {
	ranks := []float64{8, 1, 7, 2, 6, 3, 5, 4}
	z := []float64{1, 0, 1, 0, 1, 0, 1, 0} // the four largest are assigned
	pair := []float64{1, 1, 2, 2, 3, 3, 4, 4}
	block := []float64{1, 1, 1, 1, 2, 2, 2, 2}
	f := columns(t, map[string][]float64{"y": ranks, "z": z, "pair": pair, "block": block})
	for name, c := range map[string]struct {
		spec        bootstrap.PermuteSpec
		assignments int
		p           float64
	}{
		// 8!/(4! 4!) = 70; the largest difference and its mirror image.
		"complete": {bootstrap.PermuteSpec{}, 70, 2.0 / 70},
		// 2^4.
		"pairs": {bootstrap.PermuteSpec{Pairs: "pair"}, 16, 2.0 / 16},
		// 6 x 6: in each block the two largest are assigned.
		"blocks":                 {bootstrap.PermuteSpec{Strata: []string{"block"}}, 36, 2.0 / 36},
		"blocks of two columns":  {bootstrap.PermuteSpec{Strata: []string{"block", "pair"}}, 16, 2.0 / 16},
		"ties do not count":      {bootstrap.PermuteSpec{Ties: bootstrap.TiesExcluded}, 70, 0},
		"equal-tailed":           {bootstrap.PermuteSpec{Tail: bootstrap.EqualTailed}, 70, 2.0 / 70},
		"as many as are asked":   {bootstrap.PermuteSpec{Pairs: "pair", Draws: 99}, 16, 2.0 / 16},
		"with effects of blocks": {bootstrap.PermuteSpec{Strata: []string{"block"}, Absorb: iv.Effects("block")}, 36, 2.0 / 36},
	} {
		for _, statistic := range []bootstrap.Statistic{bootstrap.Plain, bootstrap.Studentised} {
			c.spec.Outcomes, c.spec.Assignment, c.spec.Statistic = []string{"y"}, "z", statistic
			res := permute(t, f, c.spec)
			e := res.Effects[0]
			if !res.Enumerated || res.Draws != c.assignments || e.MonteCarloSE != 0 {
				t.Errorf("%s: %d draws (enumerated: %v), want all %d", name, res.Draws, res.Enumerated, c.assignments)
			}
			near(t, fmt.Sprintf("%s, %v: p", name, statistic), e.P, c.p, 1e-15)
		}
	}
	// Three doses of two units each: 6!/(2!2!2!) = 90 assignments, all different.
	doses := columns(t, map[string][]float64{"y": {1, 4, 16, 64, 256, 1024}, "z": {0, 0, 1, 1, 3, 3}})
	res := permute(t, doses, bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: "z", Statistic: bootstrap.Plain})
	distinct := map[string]bool{}
	for _, s := range res.Effects[0].Statistics {
		distinct[fmt.Sprintf("%.9f", s)] = true
	}
	if res.Draws != 90 || res.Effects[0].Counts.Larger != 0 || len(distinct) != 90 {
		t.Errorf("%d draws, %d distinct statistics, %+v", res.Draws, len(distinct), res.Effects[0].Counts)
	}
}

// TestPermuteSetByTrial compares the set from all assignments of a small experiment with p-values at nulls
// picked at random.
func TestPermuteSetByTrial(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	y, z := make([]float64, 9), make([]float64, 9)
	for i := range y {
		z[i] = float64(i % 2)
		y[i] = rng.NormFloat64() + 3*z[i]
	}
	for _, tail := range []bootstrap.Tail{bootstrap.Symmetric, bootstrap.EqualTailed} {
		for _, statistic := range []bootstrap.Statistic{bootstrap.Plain, bootstrap.Studentised} {
			spec := bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: "z", Statistic: statistic, Tail: tail, Level: 0.9}
			e := permute(t, columns(t, map[string][]float64{"y": y, "z": z}), spec).Effects[0]
			for range 40 {
				null := e.Estimate + 6*(rng.Float64()-0.5)*e.SE
				shifted := make([]float64, len(y))
				for i := range y {
					shifted[i] = y[i] - null*z[i]
				}
				p := permute(t, columns(t, map[string][]float64{"y": shifted, "z": z}), spec).Effects[0].P
				if p > 0.1*(1+1e-9) != e.Set.Contains(null) {
					t.Errorf("%v, %v: p is %g at %g, set %v", statistic, tail, p, null, e.Set)
				}
			}
		}
	}
}

// TestPermuteRedraws: assignments keep the number of units of each arm in each stratum, and no unit is
// favoured.
func TestPermuteRedraws(t *testing.T) {
	const units = 40
	list := map[string][]float64{"unit": nil, "stratum": nil, "z": nil}
	for u := range units {
		for range 1 + u%3 {
			list["unit"] = append(list["unit"], float64(u))
			list["stratum"] = append(list["stratum"], float64(u%2))
			list["z"] = append(list["z"], map[bool]float64{true: 1}[u%8 < 3])
		}
	}
	f := columns(t, list)
	// The outcome that is one in a single unit shows how often it was assigned: its coefficient is
	// then positive.
	for u := range units {
		var y []float64
		for _, v := range list["unit"] {
			y = append(y, map[bool]float64{true: 1}[int(v) == u])
		}
		must(t, f.SetFloats(fmt.Sprint("y", u), y))
	}
	var outcomes []string
	for u := range units {
		outcomes = append(outcomes, fmt.Sprint("y", u))
	}
	const draws = 4000
	res := permute(t, f, bootstrap.PermuteSpec{Outcomes: outcomes, Assignment: "z", Unit: "unit", Strata: []string{"stratum"}, Statistic: bootstrap.Plain, NoSet: true, Draws: draws, Seed: 5})
	var per [2]float64
	for u := range units {
		count := 0.0
		for _, s := range res.Effects[u].Statistics {
			if s > 0 {
				count++
			}
		}
		share := map[int]float64{0: 0.5, 1: 0.25}[u%2]
		if math.Abs(count/draws-share) > 4.5*math.Sqrt(share*(1-share)/draws) {
			t.Errorf("unit %d is assigned in a share %g of draws, want %g", u, count/draws, share)
		}
		per[u%2] += count / draws
	}
	near(t, "assigned units of the first stratum in a draw", per[0], 10, 1e-12)
	near(t, "assigned units of the second stratum in a draw", per[1], 5, 1e-12)
}

// TestPermuteBits: results do not depend on the number of processors, and depend on the seed.
func TestPermuteBits(t *testing.T) {
	f := trial(t, 5)
	spec := bootstrap.PermuteSpec{Outcomes: []string{"y1", "y2"}, Assignment: "assigned", Unit: "class", Strata: []string{"school"}, Controls: []string{"c"}, Absorb: iv.Effects("day"), Draws: 500, Seed: 11}
	was := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(was)
	one := permute(t, f, spec)
	runtime.GOMAXPROCS(4)
	four := permute(t, f, spec)
	spec.Seed = 12
	other := permute(t, f, spec)
	for o := range one.Effects {
		if !slices.Equal(one.Effects[o].Statistics, four.Effects[o].Statistics) || one.Effects[o].Set.String() != four.Effects[o].Set.String() {
			t.Error("statistics depend on the number of processors")
		}
		if slices.Equal(one.Effects[o].Statistics, other.Effects[o].Statistics) {
			t.Error("another seed gives the same draws")
		}
	}
	// A draw is the same whatever is asked of it: fewer draws are the first of more, and another
	// outcome has the same ones.
	spec.Seed, spec.Draws, spec.Outcomes = 11, 200, []string{"y2"}
	if fewer := permute(t, f, spec); !slices.Equal(fewer.Effects[0].Statistics, one.Effects[1].Statistics[:200]) {
		t.Error("fewer draws of one outcome are not the first of more")
	}
}

// TestPermuteUniform: where assignment does nothing, p-values are uniform.
func TestPermuteUniform(t *testing.T) {
	const replications, draws = 300, 99
	rng := rand.New(rand.NewPCG(21, 1))
	for _, statistic := range []bootstrap.Statistic{bootstrap.Plain, bootstrap.Studentised} {
		var p []float64
		for r := range replications {
			list := map[string][]float64{}
			order := rng.Perm(10)
			for u := range 10 {
				level := rng.ExpFloat64()
				for range 1 + u {
					list["unit"] = append(list["unit"], float64(u))
					list["z"] = append(list["z"], map[bool]float64{true: 1}[order[u] < 3])
					list["y"] = append(list["y"], level+rng.NormFloat64())
				}
			}
			res := permute(t, columns(t, list), bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: "z", Unit: "unit", Statistic: statistic, Draws: draws, Seed: uint64(r), NoSet: true})
			p = append(p, res.Effects[0].P)
		}
		slices.Sort(p)
		// Kolmogorov's distance, against its 0.1% point.
		distance := 0.0
		for i, v := range p {
			distance = math.Max(distance, math.Abs(v-(float64(i)+0.5)/replications))
		}
		if limit := 1.95/math.Sqrt(replications) + 1.0/draws; distance > limit {
			t.Errorf("%v: p-values are off a uniform distribution by %g, limit %g", statistic, distance, limit)
		}
	}
}

// TestPermuteJoint computes both joint statistics from the draws.
func TestPermuteJoint(t *testing.T) {
	f := trial(t, 6)
	res := permute(t, f, bootstrap.PermuteSpec{Outcomes: []string{"y1", "y2"}, Assignment: "assigned", Unit: "class", Draws: 299, NoSet: true})
	joint, err := res.Joint()
	must(t, err)
	observed, draws := res.Common()
	rows := [][2]float64{}
	for b := range draws[0] {
		rows = append(rows, [2]float64{draws[0][b], draws[1][b]})
	}
	rows = append(rows, [2]float64{observed[0], observed[1]})
	moments := mat.NewDense(2, 2, nil)
	for _, r := range rows {
		for i := range 2 {
			for j := range 2 {
				moments.Set(i, j, moments.At(i, j)+r[i]*r[j]/300)
			}
		}
	}
	var inverse mat.Dense
	must(t, inverse.Inverse(moments))
	largest, quadratic := 0, 0
	at := func(r [2]float64) (l, q float64) {
		v := mat.NewVecDense(2, r[:])
		return math.Max(math.Abs(r[0]), math.Abs(r[1])), mat.Inner(v, &inverse, v)
	}
	seenL, seenQ := at(rows[299])
	for _, r := range rows {
		l, q := at(r)
		if l >= seenL {
			largest++
		}
		if q >= seenQ {
			quadratic++
		}
	}
	near(t, "largest", joint.Largest, seenL, 1e-14)
	near(t, "quadratic", joint.Quadratic, seenQ, 1e-10)
	near(t, "largest p", joint.LargestP, float64(largest)/300, 1e-14)
	near(t, "quadratic p", joint.QuadraticP, float64(quadratic)/300, 1e-14)

	one, err := res.Joint("y1")
	must(t, err)
	near(t, "one outcome", one.LargestP, res.Effects[0].P, 1e-15)
	near(t, "one outcome", one.QuadraticP, res.Effects[0].P, 1e-15)
	if _, err := res.Joint("nobody"); err == nil {
		t.Error("an outcome that was not tested is accepted")
	}
	// An outcome and its double repeat each other: the quadratic form does not exist.
	double := make([]float64, f.Len())
	for i, v := range floats(t, f, "y1") {
		double[i] = 2 * v
	}
	must(t, f.SetFloats("double", double))
	twice := permute(t, f, bootstrap.PermuteSpec{Outcomes: []string{"y1", "double"}, Assignment: "assigned", Unit: "class", Draws: 299, NoSet: true})
	joint, err = twice.Joint()
	must(t, err)
	if joint.Reason == "" || !math.IsNaN(joint.QuadraticP) || joint.LargestP != twice.Effects[0].P {
		t.Errorf("an outcome and its double: %+v", joint)
	}
}
