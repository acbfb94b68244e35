package iv_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

const (
	// agree is what the project promises against reference programs: their values carry 15
	// digits, and both they and we lose a few to the conditioning of the columns.
	agree = 1e-8
	// tail is for p-values below tailFrom: an error of e in t is one of t^2 e in p there.
	tail     = 1e-6
	tailFrom = 1e-8
	// same is for two ways through this library that differ only in the order of operations, and
	// sameDrawn for models drawn at random, which may be so weakly identified that digits are lost.
	same      = 1e-9
	sameDrawn = 1e-7
)

// long leaves a test of many estimations out in short mode, which the race detector runs in: it
// takes the same paths through the goroutines as the tests that stay.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("many estimations of the kinds that other tests make too")
	}
}

// readCSV reads a CSV file into a frame.
func readCSV(t rapid.TB, path string) *data.Frame {
	t.Helper()
	f, err := data.ReadCSV(context.Background(), path, data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// estimate fits a model of one outcome.
func estimate(t rapid.TB, f *data.Frame, spec iv.Spec) *iv.Result {
	t.Helper()
	results := estimateAll(t, f, spec)
	if len(results) != 1 {
		t.Fatalf("%d results for outcomes %v, want 1", len(results), spec.Outcomes)
	}
	return results[0]
}

func estimateAll(t rapid.TB, f *data.Frame, spec iv.Spec) []*iv.Result {
	t.Helper()
	results, err := iv.Estimate(context.Background(), f, spec)
	if err != nil {
		t.Fatalf("Estimate(%+v): %v", spec, err)
	}
	return results
}

// with is res.With without an error to handle.
func with(t rapid.TB, res *iv.Result, c iv.Covariance) *iv.Result {
	t.Helper()
	other, err := res.With(c)
	if err != nil {
		t.Fatalf("With(%+v): %v", c, err)
	}
	return other
}

// near fails unless got is within tol of want, relative to the larger of |want| and scale.
func near(t rapid.TB, what string, got, want, tol, scale float64) {
	t.Helper()
	if math.IsNaN(want) || math.IsInf(want, 0) {
		if !(math.IsNaN(want) && math.IsNaN(got)) && got != want {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
		return
	}
	if bound := tol * max(math.Abs(want), scale); !(math.Abs(got-want) <= bound) {
		t.Errorf("%s: got %.15g, want %.15g: off by %.2g, allowed %.2g", what, got, want, math.Abs(got-want), bound)
	}
}

// nearVcov compares covariance matrices, each element relative to the standard errors it belongs to.
func nearVcov(t rapid.TB, what string, got, want mat.Symmetric, tol float64) {
	t.Helper()
	n := want.SymmetricDim()
	if got.SymmetricDim() != n {
		t.Errorf("%s: covariance of %d coefficients, want %d", what, got.SymmetricDim(), n)
		return
	}
	for i := range n {
		for j := range i + 1 {
			scale := math.Sqrt(want.At(i, i) * want.At(j, j))
			near(t, fmt.Sprintf("%s: covariance[%d,%d]", what, i, j), got.At(i, j), want.At(i, j), tol, scale)
		}
	}
}

// sameFit fails unless the coefficients that both results have agree: estimates to tol of their
// standard errors, standard errors, degrees of freedom.
func sameFit(t rapid.TB, what string, got, want *iv.Result, tol float64, terms ...string) {
	t.Helper()
	if terms == nil {
		terms = want.Terms
	}
	for _, name := range terms {
		g, w := coefficient(t, got, name), coefficient(t, want, name)
		near(t, what+": "+name, g.Estimate, w.Estimate, tol, w.SE)
		near(t, what+": standard error of "+name, g.SE, w.SE, tol, 0)
		near(t, what+": degrees of freedom of "+name, g.DF, w.DF, tol, 0)
		near(t, what+": p of "+name, g.P, w.P, tail, tailFrom)
	}
}

func coefficient(t rapid.TB, res *iv.Result, name string) iv.Coefficient {
	t.Helper()
	c, err := res.Coefficient(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func floats(t rapid.TB, f *data.Frame, name string) []float64 {
	t.Helper()
	v, err := f.Floats(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func setFloats(t rapid.TB, f *data.Frame, name string, values []float64) {
	t.Helper()
	if err := f.SetFloats(name, values); err != nil {
		t.Fatal(err)
	}
}

// derive sets a column computed row by row from others.
func derive(t rapid.TB, f *data.Frame, name string, from []string, value func(x []float64) float64) {
	t.Helper()
	columns := make([][]float64, len(from))
	for j, c := range from {
		columns[j] = floats(t, f, c)
	}
	out := make([]float64, f.Len())
	x := make([]float64, len(from))
	for i := range out {
		for j := range columns {
			x[j] = columns[j][i]
		}
		out[i] = value(x)
	}
	setFloats(t, f, name, out)
}

// indicators adds a column name=label for each group of a column but the base, and returns the
// names that it added. With an empty base it leaves out no group.
func indicators(t rapid.TB, f *data.Frame, name, base string) []string {
	t.Helper()
	g, err := f.Group(name)
	if err != nil {
		t.Fatal(err)
	}
	var added []string
	for level, label := range g.Labels {
		if label == base {
			continue
		}
		v := make([]float64, f.Len())
		for i, c := range g.Codes {
			if int(c) == level {
				v[i] = 1
			}
		}
		column := name + "=" + label
		setFloats(t, f, column, v)
		added = append(added, column)
	}
	return added
}

// take is the frame of the given rows, in that order, a row as often as it is named.
func take(t rapid.TB, f *data.Frame, rows []int) *data.Frame {
	t.Helper()
	var out data.Frame
	for _, name := range f.Names() {
		kind, err := f.Kind(name)
		if err != nil {
			t.Fatal(err)
		}
		switch kind {
		case data.Float:
			setFloats(t, &out, name, pick(floats(t, f, name), rows))
		case data.Categorical:
			codes, levels, err := f.Codes(name)
			if err == nil {
				err = out.SetCodes(name, pick(codes, rows), levels)
			}
			if err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("column %q is of kind %v", name, kind)
		}
	}
	return &out
}

func pick[T any](values []T, rows []int) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = values[r]
	}
	return out
}

// where lists the rows whose value satisfies a condition.
func where(t rapid.TB, f *data.Frame, name string, keep func(v float64) bool) []int {
	t.Helper()
	var rows []int
	for i, v := range floats(t, f, name) {
		if keep(v) {
			rows = append(rows, i)
		}
	}
	return rows
}

// experiment simulates an encouragement design: units assigned by cluster, usage chosen and
// one-sided, several rows for each unit. It has one row for each of n, columns of every kind that
// a Spec can name, and outcomes with different missing rows.
func experiment(t rapid.TB, seed uint64, n, clusters int) *data.Frame {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	type agent struct{ ability, assigned, also float64 }
	agents := make([]agent, clusters)
	for g := range agents {
		agents[g] = agent{ability: r.NormFloat64(), assigned: float64(g % 2), also: r.Float64()}
	}
	r.Shuffle(clusters, func(a, b int) { agents[a].assigned, agents[b].assigned = agents[b].assigned, agents[a].assigned })

	names := []string{"agent", "day", "hour", "assigned", "also", "used", "share", "c1", "c2", "c3", "w", "times", "y", "y2", "y3"}
	columns := make(map[string][]float64, len(names))
	for _, name := range names {
		columns[name] = make([]float64, n)
	}
	topics := make([]string, n)
	for i := range n {
		g := i % clusters
		if i >= 2*clusters { // unequal sizes, every cluster at least twice
			g = min(r.IntN(clusters), r.IntN(clusters))
		}
		a := agents[g]
		day, hour, topic := r.IntN(9), r.IntN(6), r.IntN(5)
		c1, c2, e := r.NormFloat64(), r.ExpFloat64(), r.NormFloat64()
		c3 := float64(r.IntN(2))
		used := 0.0
		if a.assigned == 1 && a.ability+0.5*c1+e+r.NormFloat64() > -0.4 {
			used = 1
		}
		y := 2 + 0.4*used + 0.3*c1 - 0.2*c2 + 0.1*c3 + a.ability + 0.05*float64(day*topic) + e
		row := map[string]float64{"agent": float64(g), "day": float64(day), "hour": float64(hour),
			"assigned": a.assigned, "also": a.also * a.assigned, "used": used, "share": used * (0.1 + 0.7*a.also + 0.2*r.Float64()),
			"c1": c1, "c2": c2, "c3": c3, "w": 0.2 + r.ExpFloat64(), "times": float64(1 + r.IntN(3)),
			"y": y, "y2": math.Exp(0.3*y) + e, "y3": y*y + c1}
		for name, v := range row {
			columns[name][i] = v
		}
		topics[i] = fmt.Sprintf("topic %c", 'a'+topic)
	}
	var f data.Frame
	for _, name := range names {
		setFloats(t, &f, name, columns[name])
	}
	if err := f.SetStrings("topic", topics); err != nil {
		t.Fatal(err)
	}
	return &f
}

// covariances lists a covariance of every kind and convention, for clustered errors or not.
func covariances(clustered bool) []iv.Covariance {
	kinds := []iv.CovarianceKind{iv.Classical, iv.HC0, iv.HC1}
	if clustered {
		kinds = []iv.CovarianceKind{iv.CR0, iv.CR1}
	}
	var all []iv.Covariance
	for _, k := range kinds {
		for _, p := range []iv.ParamCount{iv.CountNotNested, iv.CountAll, iv.CountCoefficients, iv.CountOnePerEffect} {
			all = append(all, iv.Covariance{Kind: k, Params: p, RowFactor: iv.On})
		}
		all = append(all, iv.Covariance{Kind: k}, iv.Covariance{Kind: k, DF: iv.DFNormal}, iv.Covariance{Kind: k, DF: iv.DFResidual})
		if clustered {
			all = append(all, iv.Covariance{Kind: k, ClusterFactor: iv.On}, iv.Covariance{Kind: k, Groups: iv.PerComponent, ClusterFactor: iv.On})
		}
	}
	return all
}

// shuffled is the numbers below n in a random order.
func shuffled(seed uint64, n int) []int {
	return rand.New(rand.NewPCG(seed, 11)).Perm(n)
}

// union joins lists of names.
func union(lists ...[]string) []string { return slices.Concat(lists...) }
