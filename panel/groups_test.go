package panel

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
)

// golden reads the reference results for the simulated experiment, and the experiment's columns.
func golden(t testing.TB) (results map[string]json.RawMessage, columns map[string][]float64) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(refdata.Bytes(t, "experiment", "experiment.csv.gz"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns = make(map[string][]float64)
	for k, name := range rows[0] {
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[k], 64)
			if err != nil {
				v = nan
			}
			columns[name] = append(columns[name], v)
		}
	}
	return refdata.Experiment(t), columns
}

// R's quantile(x, p, type = 7) of three columns at seven probabilities.
func TestQuantileGolden(t *testing.T) {
	results, columns := golden(t)
	var want map[string]any
	if err := json.Unmarshal(results["quantiles"], &want); err != nil {
		t.Fatal(err)
	}
	names := []string{"10%", "25%", "33.33333%", "50%", "66.66667%", "75%", "90%"}
	for _, column := range []string{"baseline", "tenure", "y3"} {
		got, err := Quantile(columns[column], .1, .25, 1./3, .5, 2./3, .75, .9)
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range names {
			if w := want[column].(map[string]any)[name].(float64); !near(got[i], w, 1e-14) {
				t.Errorf("%s at %s: %v, want %v", column, name, got[i], w)
			}
		}
	}
}

// R's cut(x, quantile(x, 0:4/4), include.lowest = TRUE) over rows.
func TestGroupsGolden(t *testing.T) {
	results, columns := golden(t)
	var want struct {
		Cuts   map[string]float64
		Counts map[string]int
	}
	if err := json.Unmarshal(results["feols_split_quartile"], &want); err != nil {
		t.Fatal(err)
	}
	f := frame(t, "baseline", columns["baseline"])
	g, err := Groups(f, GroupSpec{Value: "baseline", N: 4, Name: "qb"})
	if err != nil {
		t.Fatal(err)
	}
	for k, name := range []string{"0%", "25%", "50%", "75%", "100%"} {
		if !near(g.Cuts[k], want.Cuts[name], 1e-15) {
			t.Errorf("cut point %s: %v, want %v", name, g.Cuts[k], want.Cuts[name])
		}
	}
	for k, name := range g.Labels {
		if g.Rows[k] != want.Counts[name] || g.Units[k] != want.Counts[name] || g.Over[k] != want.Counts[name] {
			t.Errorf("%s: %d rows, %d units, %d over, want %d", name, g.Rows[k], g.Units[k], g.Over[k], want.Counts[name])
		}
	}
}

// Values worked by hand from h = (n-1)p.
func TestQuantileByHand(t *testing.T) {
	values := []float64{40, nan, 10, 30, 20}
	got, err := Quantile(values, 0, 0.2, 1./3, 0.5, 1)
	if err != nil {
		t.Fatal(err)
	}
	sameFloats(t, "quantiles", got, []float64{10, 16, 20, 25, 40}, 1e-15)
	if values[0] != 40 {
		t.Error("the values were sorted in place")
	}
	for _, p := range []float64{-0.1, 1.1, nan} {
		if _, err := Quantile(values, p); err == nil {
			t.Errorf("quantile at %v: no error", p)
		}
	}
	if _, err := Quantile([]float64{nan}, 0.5); err == nil {
		t.Error("quantile of no values: no error")
	}
}

func TestQuantileIsMonotoneAndEquivariant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e3, 1e3), 1, 40).Draw(t, "values")
		p := rapid.Float64Range(0, 1).Draw(t, "p")
		q := rapid.Float64Range(p, 1).Draw(t, "q")
		got, err := Quantile(values, p, q)
		if err != nil {
			t.Fatal(err)
		}
		if got[0] > got[1]+1e-12 || got[0] < slices.Min(values)-1e-12 || got[1] > slices.Max(values)+1e-12 {
			t.Fatalf("quantiles at %v and %v are %v", p, q, got)
		}
		scaled := make([]float64, len(values))
		for i, v := range values {
			scaled[i] = 1024 * v
		}
		again, err := Quantile(scaled, p)
		if err != nil || again[0] != 1024*got[0] {
			t.Fatalf("1024 times the values: %v, want %v", again, 1024*got[0])
		}
	})
}

// Ten agents with values 1 to 10, two rows each, and one without a value: quintiles hold two each.
func tenAgents(t tester) *data.Frame {
	var agent []string
	var value, treated []float64
	for _, row := range []int{10, 3, 5, 1, 2, 4, 9, 8, 6, 7, 0, 7, 6, 8, 9, 4, 2, 1, 5, 3, 10, 0} {
		agent = append(agent, "w"+strconv.Itoa(row))
		treated = append(treated, float64(row%2))
		if row == 0 {
			value = append(value, nan)
		} else {
			value = append(value, float64(row))
		}
	}
	return frame(t, "agent", agent, "value", value, "treated", treated)
}

func TestGroupsOfUnits(t *testing.T) {
	f := tenAgents(t)
	g, err := Groups(f, GroupSpec{Unit: "agent", Value: "value"})
	if err != nil {
		t.Fatal(err)
	}
	sameFloats(t, "cuts", g.Cuts, []float64{1, 2.8, 4.6, 6.4, 8.2, 10}, 1e-15)
	sameStrings(t, "group", labels(t, f, "group"), []string{
		"Q5", "Q2", "Q3", "Q1", "Q1", "Q2", "Q5", "Q4", "Q3", "Q4", "",
		"Q4", "Q3", "Q4", "Q5", "Q2", "Q1", "Q1", "Q3", "Q2", "Q5", ""})
}

func TestGroupsOverControls(t *testing.T) {
	f := tenAgents(t)
	treated := floats(t, f, "treated")
	g, err := Groups(f, GroupSpec{Unit: "agent", Value: "value", N: 2, Name: "half", Over: func(row int) bool { return treated[row] == 0 }})
	if err != nil {
		t.Fatal(err)
	}
	// controls 2, 4, 6, 8, 10; agent 1, below them all, still has a group
	sameFloats(t, "cuts", g.Cuts, []float64{2, 6, 10}, 0)
	if !slices.Equal(g.Over, []int{3, 2}) || !slices.Equal(g.Units, []int{6, 4}) || !slices.Equal(g.Rows, []int{12, 8}) {
		t.Errorf("over %v, units %v, rows %v", g.Over, g.Units, g.Rows)
	}
	if g.Without != 1 || g.WithoutRows != 2 {
		t.Errorf("%d units and %d rows without a value, want 1 and 2", g.Without, g.WithoutRows)
	}
	got := labels(t, f, "half")
	if got[3] != "Q1" || got[0] != "Q2" || got[10] != "" {
		t.Errorf("groups %q", got)
	}
}

// Values outside the cut points of the controls belong to the outer groups.
func TestGroupsBeyondTheCutPoints(t *testing.T) {
	f := frame(t, "v", []float64{-5, 1, 2, 3, 4, 99})
	_, err := Groups(f, GroupSpec{Value: "v", N: 2, Over: func(row int) bool { return row > 0 && row < 5 }})
	if err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "group", labels(t, f, "group"), []string{"Q1", "Q1", "Q1", "Q2", "Q2", "Q2"})
}

func TestGroupsRefuse(t *testing.T) {
	tied := []float64{1, 2, 2, 2, 2, 2, 2, 3, 4, 5}
	f := frame(t, "tied", tied, "three", []float64{1, 2, 3, nan, nan, nan, nan, nan, nan, nan},
		"none", slices.Repeat([]float64{nan}, 10), "same", slices.Repeat([]float64{1}, 10),
		"unit", slices.Repeat([]string{"a", "b"}, 5), "infinite", append(slices.Clone(tied[:9]), math.Inf(1)))
	for _, c := range []struct {
		name string
		spec GroupSpec
		want string
	}{
		{"ties", GroupSpec{Value: "tied"}, `column "tied" cut points 1 and 2 of 5 groups are both 2; ask for 2 groups`},
		{"too few values", GroupSpec{Value: "three"}, "3 values leave group Q2 of 5 empty; ask for 3 groups"},
		{"no values", GroupSpec{Value: "none"}, "has no value among the units"},
		{"no variation", GroupSpec{Value: "same", N: 2}, "cut points 0 and 1 of 2 groups are both 1; group by another value, since these are too few or too often tied even for two groups"},
		{"one group", GroupSpec{Value: "tied", N: 1}, "ask for two or more"},
		{"text", GroupSpec{Value: "unit"}, "holds text, not numbers"},
		{"unknown unit", GroupSpec{Value: "tied", Unit: "who"}, `column "who"`},
		{"unknown value", GroupSpec{Value: "what"}, `column "what"`},
		{"varies", GroupSpec{Value: "tied", Unit: "unit"}, `row 3, column "tied": varies within unit a (1, then 2)`},
		{"name in use", GroupSpec{Value: "tied", Name: "same"}, `column "same" is there already`},
		{"infinite", GroupSpec{Value: "infinite"}, `row 10, column "infinite": the value is infinite`},
		{"over some rows of a unit", GroupSpec{Value: "same", Unit: "unit", Over: func(row int) bool { return row != 5 }},
			`unit b is among the units for the cut points in one row and not in another`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Groups(f, c.spec); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
			if c.spec.Name == "" && f.Has("group") {
				t.Error("a column came with the error")
			}
		})
	}
}

// With values all different and as many units as groups or more, groups differ by at most one
// unit, follow the order of the values, and do not depend on the order of rows.
func TestGroupsAreEvenAndOrdered(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 8).Draw(rt, "groups")
		units := rapid.IntRange(n, 80).Draw(rt, "units")
		order := rapid.Permutation(identity(units)).Draw(rt, "order")
		values := make([]float64, units)
		for i, r := range order {
			values[i] = float64(r)
		}
		f := frame(rt, "v", values)
		g, err := Groups(f, GroupSpec{Value: "v", N: n})
		if err != nil {
			rt.Fatal(err)
		}
		if slices.Max(g.Units)-slices.Min(g.Units) > 1 || sumOf(g.Units) != units {
			rt.Fatalf("%d units in groups of %v", units, g.Units)
		}
		codes, _, err := f.Codes("group")
		if err != nil {
			rt.Fatal(err)
		}
		for i, c := range codes {
			if v := values[i]; v > g.Cuts[c+1] || (c > 0 && v <= g.Cuts[c]) {
				rt.Fatalf("value %v is in group %d, between %v and %v", v, c+1, g.Cuts[c], g.Cuts[c+1])
			}
		}
	})
}

// A unit that lies on a cut point is in the group below it, whatever (n-1)*(k/N) rounds to: of n values 1 to n with N
// dividing n-1, cut point k is the value 1+(n-1)k/N exactly.
func TestGroupsCutOnUnits(t *testing.T) {
	for _, c := range []struct{ n, groups int }{{91, 10}, {71, 10}, {36, 5}, {101, 100}, {85, 7}, {1001, 1000}} {
		values := make([]float64, c.n)
		for i := range values {
			values[i] = float64(i + 1)
		}
		f := new(data.Frame)
		if err := f.SetFloats("x", values); err != nil {
			t.Fatal(err)
		}
		g, err := Groups(f, GroupSpec{Value: "x", N: c.groups})
		if err != nil {
			t.Fatal(err)
		}
		each := (c.n - 1) / c.groups
		for k, cut := range g.Cuts {
			if want := float64(1 + each*k); cut != want {
				t.Errorf("%d groups of %d: cut point %d is %v, want %v", c.groups, c.n, k, cut, want)
			}
		}
		for k, units := range g.Units {
			want := each
			if k == 0 {
				want++ // closed on both sides
			}
			if units != want {
				t.Errorf("%d groups of %d: group %d has %d units, want %d", c.groups, c.n, k+1, units, want)
			}
		}
	}
}
