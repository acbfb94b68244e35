package bootstrap_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// small is ten units of two rows in five pairs, with a column of text.
func small(t testing.TB) *data.Frame {
	t.Helper()
	list := map[string][]float64{}
	for i := range 20 {
		unit := i / 2
		list["unit"] = append(list["unit"], float64(unit))
		list["pair"] = append(list["pair"], float64(unit/2))
		list["row"] = append(list["row"], float64(i%2))
		list["z"] = append(list["z"], float64(unit%2))
		list["one"] = append(list["one"], 1)
		list["firsts"] = append(list["firsts"], map[bool]float64{true: 1}[unit < 4])
		list["varies"] = append(list["varies"], float64(i%2))
		list["y"] = append(list["y"], math.Sin(float64(i*i)))
		list["double"] = append(list["double"], float64(2*(unit%2)))
		list["hole"] = append(list["hole"], 1)
		list["gap"] = append(list["gap"], float64(i))
		list["infinite"] = append(list["infinite"], float64(i%2))
	}
	list["gap"][3], list["hole"][3], list["infinite"][3] = math.NaN(), math.NaN(), math.Inf(1)
	f := columns(t, list)
	arms := make([]string, 20)
	for i := range arms {
		arms[i] = []string{"treatment", "control"}[i/2%2]
	}
	must(t, f.SetStrings("arm", arms))
	return f
}

func TestPermuteBadInput(t *testing.T) {
	units := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	own := func(n, width int) [][]float64 {
		draws := make([][]float64, n)
		for b := range draws {
			draws[b] = make([]float64, width)
			draws[b][b%width] = 1
		}
		return draws
	}
	for name, c := range map[string]struct {
		change  func(s *bootstrap.PermuteSpec)
		problem fieldexp.Problem
		want    string
	}{
		"varies within the unit": {func(s *bootstrap.PermuteSpec) { s.Assignment = "varies" }, fieldexp.BadDesign, `assignment "varies" varies within unit "0": 0 in row 1, 1 in row 2`},
		"one arm":                {func(s *bootstrap.PermuteSpec) { s.Assignment = "one" }, fieldexp.BadDesign, "all 10 units have the assignment 1"},
		"infinite assignment":    {func(s *bootstrap.PermuteSpec) { s.Assignment, s.Unit = "infinite", "" }, fieldexp.BadSpec, `"infinite" is infinite in row 4`},
		"text":                   {func(s *bootstrap.PermuteSpec) { s.Assignment = "arm" }, fieldexp.BadSpec, `assignment "arm" is a column of text`},
		"too few draws":          {func(s *bootstrap.PermuteSpec) { s.Draws = 50 }, fieldexp.BadSpec, "50 draws; ask for at least 99"},
		"every stratum one arm":  {func(s *bootstrap.PermuteSpec) { s.Strata = []string{"unit"} }, fieldexp.BadDesign, "all units have one assignment"},
		"stratum within unit":    {func(s *bootstrap.PermuteSpec) { s.Strata = []string{"row"} }, fieldexp.BadDesign, `row varies within unit "0"`},
		"missing stratum":        {func(s *bootstrap.PermuteSpec) { s.Strata = []string{"hole"} }, fieldexp.BadDesign, "no value of hole"},
		"missing unit":           {func(s *bootstrap.PermuteSpec) { s.Unit = "gap" }, fieldexp.BadDesign, `row 4 has an assignment but no "gap"`},
		"pair of four":           {func(s *bootstrap.PermuteSpec) { s.Pairs = "firsts" }, fieldexp.BadDesign, `of "firsts" has 4 unit(s)`},
		"pair of one arm":        {func(s *bootstrap.PermuteSpec) { s.Assignment, s.Pairs = "firsts", "pair" }, fieldexp.BadDesign, "with assignments [1 1]"},
		"pairs and strata":       {func(s *bootstrap.PermuteSpec) { s.Pairs, s.Strata = "pair", []string{"row"} }, fieldexp.BadSpec, "both strata and pairs"},
		"own draws too narrow":   {func(s *bootstrap.PermuteSpec) { s.Own, s.OwnUnits = own(99, 9), units }, fieldexp.BadDesign, "draw 1 of your own has 9 assignments, for 10 units"},
		"own draws too few":      {func(s *bootstrap.PermuteSpec) { s.Own, s.OwnUnits = own(9, 10), units }, fieldexp.BadSpec, "9 draws"},
		"own draws unlabelled":   {func(s *bootstrap.PermuteSpec) { s.Own = own(99, 10) }, fieldexp.BadSpec, "without the order of the units"},
		"own draws lack a unit":  {func(s *bootstrap.PermuteSpec) { s.Own, s.OwnUnits = own(99, 9), units[:9] }, fieldexp.BadDesign, `unit "9" is not among the units of your own draws`},
		"own unit twice":         {func(s *bootstrap.PermuteSpec) { s.Own, s.OwnUnits = own(99, 2), []string{"1", "1"} }, fieldexp.BadDesign, `unit "1" is twice`},
		"own draws in strata":    {func(s *bootstrap.PermuteSpec) { s.Own, s.OwnUnits, s.Strata = own(99, 10), units, []string{"pair"} }, fieldexp.BadSpec, "draws of your own and strata"},
		"own missing assignment": {func(s *bootstrap.PermuteSpec) { s.Own, s.OwnUnits = own(99, 10), units; s.Own[3][2] = math.NaN() }, fieldexp.BadDesign, "draw 4 of your own assigns NaN to unit 3"},
		"own lack the data":      {func(s *bootstrap.PermuteSpec) { s.Own, s.OwnUnits, s.OwnAll = own(9, 10), units, true }, fieldexp.BadDesign, "is not among the 9"},
		"all of none":            {func(s *bootstrap.PermuteSpec) { s.OwnAll = true }, fieldexp.BadSpec, "all draws of your own are said to be given, and there are none"},
		"units of no draws":      {func(s *bootstrap.PermuteSpec) { s.OwnUnits = units }, fieldexp.BadSpec, "units of your own draws without the draws"},
		"unit across clusters":   {func(s *bootstrap.PermuteSpec) { s.Cluster = "row" }, fieldexp.NotAvailable, `some "unit" lie in several clusters of "row"`},
		"frequency rows": {func(s *bootstrap.PermuteSpec) {
			s.Assignment, s.Unit, s.Weights, s.WeightKind = "varies", "", "one", iv.Frequency
		}, fieldexp.BadSpec, "frequency weights"},
		"level":         {func(s *bootstrap.PermuteSpec) { s.Level = 95 }, fieldexp.BadSpec, "a confidence level of 95"},
		"unknown tail":  {func(s *bootstrap.PermuteSpec) { s.Tail = 9 }, fieldexp.BadSpec, "unknown statistic"},
		"no outcome":    {func(s *bootstrap.PermuteSpec) { s.Outcomes = nil }, fieldexp.BadSpec, "no outcome"},
		"no assignment": {func(s *bootstrap.PermuteSpec) { s.Assignment = "" }, fieldexp.BadSpec, "no assignment"},
		"two roles":     {func(s *bootstrap.PermuteSpec) { s.Controls = []string{"z"} }, fieldexp.BadSpec, `column "z" is named twice`},
		"exact fit":     {func(s *bootstrap.PermuteSpec) { s.Outcomes, s.Statistic = []string{"double"}, bootstrap.Plain }, fieldexp.Degenerate, `reproduce outcome "double" exactly`},
	} {
		spec := bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: "z", Unit: "unit"}
		c.change(&spec)
		_, err := bootstrap.Permute(ctx, small(t), spec)
		var e *fieldexp.Error
		if !errors.As(err, &e) || e.Op != "bootstrap" || e.Problem != c.problem || !strings.Contains(err.Error(), c.want) || len(e.Remedy) == 0 {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// TestPermuteRefusalsOfOthers: what the frame and the model refuse comes as their errors.
func TestPermuteRefusalsOfOthers(t *testing.T) {
	spec := bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: "z", Unit: "unit"}
	unknown := spec
	unknown.Controls = []string{"nobody"}
	var column *fieldexp.Error
	if _, err := bootstrap.Permute(ctx, small(t), unknown); !errors.As(err, &column) || !slices.Equal(column.Columns, []string{"nobody"}) {
		t.Errorf("unknown control: %v", err)
	}
	absorbed := spec
	absorbed.Absorb = iv.Effects("unit")
	var model *fieldexp.Error
	if _, err := bootstrap.Permute(ctx, small(t), absorbed); !errors.As(err, &model) || model.Op != "iv" {
		t.Errorf("absorbed assignment: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := bootstrap.Permute(cancelled, small(t), spec); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestPermuteManyColumns: effects that cross the units of assignment are columns, and too many are refused.
func TestPermuteManyColumns(t *testing.T) {
	list := map[string][]float64{}
	for i := range 2400 {
		list["unit"] = append(list["unit"], float64(i%8))
		list["z"] = append(list["z"], float64(i%2))
		list["customer"] = append(list["customer"], float64((i*7+i/1200)%1200))
		list["y"] = append(list["y"], math.Sin(float64(i*i)))
	}
	_, err := bootstrap.Permute(ctx, columns(t, list), bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: "z", Unit: "unit", Absorb: iv.Effects("customer")})
	var e *fieldexp.Error
	if !errors.As(err, &e) || e.Problem != fieldexp.NotAvailable || !strings.Contains(e.Message, "1200 columns") {
		t.Errorf("error %v, want a refusal of 1200 columns", err)
	}
}

// TestPermuteWarnings: strata that have one arm, few assignments, and draws in which assignment repeats a
// control.
func TestPermuteWarnings(t *testing.T) {
	codes := func(res *bootstrap.PermuteResult) (list []string) {
		for _, w := range res.Warnings {
			list = append(list, w.Code)
		}
		return list
	}
	f := small(t)
	res := permute(t, f, bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: "z", Unit: "unit", Pairs: "pair"})
	if got := codes(res); !slices.Equal(got, []string{"few-assignments"}) || res.Draws != 32 {
		t.Errorf("five pairs: %v", got)
	}
	// Units 0 to 3 are a stratum with one arm, the others have two.
	z := slices.Clone(floats(t, f, "z"))
	for i := range 8 {
		z[i] = 1
	}
	must(t, f.SetFloats("z", z))
	res = permute(t, f, bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: "z", Unit: "unit", Strata: []string{"firsts"}})
	if got := codes(res); !slices.Equal(got, []string{"few-assignments", "few-units", "fixed-strata"}) || res.FixedStrata != 1 || res.Draws != 20 {
		t.Errorf("a stratum of one arm: %v, %d draws", got, res.Draws)
	}
	// A control that some draw reproduces leaves that draw without an estimate.
	control := make([]float64, f.Len())
	for i := range control {
		control[i] = map[bool]float64{true: 1}[i < 8 || i >= 14]
	}
	must(t, f.SetFloats("control", control))
	res = permute(t, f, bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: "z", Unit: "unit", Strata: []string{"firsts"}, Controls: []string{"control"}})
	if e := res.Effects[0]; e.Counts.Undefined != 1 || !slices.Contains(codes(res), "undefined-draws") || !strings.Contains(res.String(), "count as extreme") {
		t.Errorf("a draw that repeats a control: %+v, %v", e.Counts, codes(res))
	}
}

// TestPermuteProgress: it ends at the number of draws.
func TestPermuteProgress(t *testing.T) {
	last, total := 0, 0
	permute(t, trial(t, 7), bootstrap.PermuteSpec{Outcomes: []string{"y1"}, Assignment: "assigned", Unit: "class", Draws: 999, NoSet: true,
		Progress: func(done, of int) { last, total = max(last, done), of }})
	if last != 999 || total != 999 {
		t.Errorf("progress ended at %d of %d", last, total)
	}
}

// TestPermuteNearlyCollinear: controls that the model can still tell apart, but cross-products by unit cannot, are
// refused, not drawn with: statistics of draws would have few digits. Controls that span the same are fine.
func TestPermuteNearlyCollinear(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	list := map[string][]float64{}
	for i := range 400 {
		c, d, z := rng.NormFloat64(), rng.NormFloat64(), float64(i%2)
		for name, v := range map[string]float64{"unit": float64(i % 40), "z": z, "c": c, "d": d, "close": c + 1e-6*d, "y": c + z + rng.NormFloat64()} {
			list[name] = append(list[name], v)
		}
	}
	f := columns(t, list)
	spec := bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: "z", Unit: "unit", Draws: 99, NoSet: true}
	spec.Controls = []string{"c", "close"}
	estimate(t, f, iv.Spec{Outcomes: spec.Outcomes, Exogenous: append([]string{"z"}, spec.Controls...), Cluster: []string{"unit"}})
	_, err := bootstrap.Permute(ctx, f, spec)
	var e *fieldexp.Error
	if !errors.As(err, &e) || e.Problem != fieldexp.Degenerate || !strings.Contains(e.Message, `controls of "y" are too nearly collinear`) {
		t.Errorf("error %v, want a refusal that names the controls", err)
	}
	spec.Controls = []string{"c", "d"}
	permute(t, f, spec)
}
