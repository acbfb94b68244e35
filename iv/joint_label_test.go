package iv_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// exactModel is a just-identified linear model computed by textbook formulas: b = (Z'X)^-1 Z'y, and
// what each cluster contributes to the errors of b, by its label.
type exactModel struct {
	b      []float64
	byName map[string][]float64
	n      int
}

// exact fits the rows in which the outcome is known. Regressors and instruments are columns and a
// constant.
func exact(t rapid.TB, f *data.Frame, outcome string, x, z, label []string, rows func(int) bool) exactModel {
	t.Helper()
	y := floats(t, f, outcome)
	k := len(x) + 1
	columns := func(names []string) [][]float64 {
		list := make([][]float64, k)
		for j, name := range names {
			list[j] = floats(t, f, name)
		}
		list[k-1] = slices.Repeat([]float64{1}, f.Len())
		return list
	}
	xs, zs := columns(x), columns(z)
	m := exactModel{byName: map[string][]float64{}}
	zx, zy := mat.NewDense(k, k, nil), mat.NewVecDense(k, nil)
	known := func(i int) bool { return !math.IsNaN(y[i]) && (rows == nil || rows(i)) }
	for i := range y {
		if !known(i) {
			continue
		}
		m.n++
		for a := range k {
			zy.SetVec(a, zy.AtVec(a)+zs[a][i]*y[i])
			for c := range k {
				zx.Set(a, c, zx.At(a, c)+zs[a][i]*xs[c][i])
			}
		}
	}
	var inverse mat.Dense
	if err := inverse.Inverse(zx); err != nil {
		t.Fatal(err)
	}
	var b mat.VecDense
	b.MulVec(&inverse, zy)
	m.b = b.RawVector().Data
	for i := range y {
		if !known(i) {
			continue
		}
		e := y[i]
		for c := range k {
			e -= m.b[c] * xs[c][i]
		}
		if m.byName[label[i]] == nil {
			m.byName[label[i]] = make([]float64, k)
		}
		for a := range k {
			for c := range k {
				m.byName[label[i]][a] += inverse.At(a, c) * zs[c][i] * e
			}
		}
	}
	return m
}

// factor is that of CR1.
func (m exactModel) factor() float64 {
	g, n, k := float64(len(m.byName)), float64(m.n), float64(len(m.b))
	return g / (g - 1) * (n - 1) / (n - k)
}

// covariance is that of coefficient i of one model and j of another, over the clusters of the same label.
func covariance(a, b exactModel, i, j int) (sum float64) {
	for name, own := range a.byName {
		if other, common := b.byName[name]; common {
			sum += own[i] * other[j]
		}
	}
	return sum * math.Sqrt(a.factor()*b.factor())
}

// outcomes draws a frame of clusters of random sizes in random order, with outcomes y0, y1 and y2 that
// share the errors of clusters and rows and are missing in rows and in whole clusters at random, and
// the label of each row's cluster.
func missingOutcomes(t *rapid.T) (f *data.Frame, label []string) {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 11))
	clusters := rapid.IntRange(6, 14).Draw(t, "clusters")
	even := rapid.Bool().Draw(t, "clusters of one size")
	rowwise := rapid.SampledFrom([]float64{0, 0, 0.2}).Draw(t, "missing rows")
	whole := rapid.SampledFrom([]int{0, 1, 2}).Draw(t, "missing clusters")
	size := r.Perm(clusters)
	var rows []int // the cluster of each
	for g := range clusters {
		n := 8
		if !even {
			n = 4 + size[g]
		}
		rows = append(rows, slices.Repeat([]int{g}, n)...)
	}
	if rapid.Bool().Draw(t, "shuffled") {
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	}
	common := make([]float64, clusters)
	for g := range common {
		common[g] = r.NormFloat64()
	}
	columns := map[string][]float64{}
	label = make([]string, len(rows))
	for i, g := range rows {
		label[i] = fmt.Sprint("team ", g)
		z, x, e := float64(r.IntN(2)), r.NormFloat64(), common[g]+r.NormFloat64()
		columns["z"], columns["x"] = append(columns["z"], z), append(columns["x"], x)
		columns["d"] = append(columns["d"], z*0.8+0.3*e+r.NormFloat64())
		columns["cluster"] = append(columns["cluster"], float64(clusters-g)+0.5)
		for o := range 3 {
			columns[fmt.Sprint("y", o)] = append(columns[fmt.Sprint("y", o)], 0.3*z+0.2*x+e+0.5*r.NormFloat64())
		}
	}
	f = &data.Frame{}
	for o := range 3 {
		y, lost := columns[fmt.Sprint("y", o)], r.Perm(clusters)[:whole]
		for i, g := range rows {
			if slices.Contains(lost, g) || r.Float64() < rowwise {
				y[i] = math.NaN()
			}
		}
	}
	for name, values := range columns {
		setFloats(t, f, name, values)
	}
	if err := f.SetStrings("team", label); err != nil {
		t.Fatal(err)
	}
	return f, label
}

// joined estimates and joins four models of missingOutcomes: two outcomes at once, a third by itself on
// some of the rows, and one of the effect of d, instrumented by z.
func joined(t rapid.TB, f *data.Frame, cluster string, rows func(int) bool) *iv.Joint {
	t.Helper()
	by := []string{cluster}
	results := estimateAll(t, f, iv.Spec{Outcomes: []string{"y0", "y1"}, Exogenous: []string{"z", "x"}, Cluster: by})
	results = append(results,
		estimate(t, f, iv.Spec{Outcomes: []string{"y2"}, Exogenous: []string{"z"}, Cluster: by, Rows: rows}),
		estimate(t, f, iv.Spec{Outcomes: []string{"y1"}, Endogenous: []string{"d"}, Instruments: []string{"z"}, Cluster: by}))
	joint, err := iv.Join(results...)
	if err != nil {
		t.Fatal(err)
	}
	return joint
}

// contrasts are differences between the models of joined, and the estimates themselves.
var contrasts = [][]map[string]float64{
	{{"z": 1}}, {nil, nil, nil, {"d": 1}},
	{{"z": 1}, {"z": -1}}, {{"z": 1}, nil, {"z": -1}},
	{nil, {"x": 1, "z": 1}, {"z": -2}}, {nil, {"z": 1}, nil, {"d": -1}},
}

// TestJoinByLabel compares the joint inference of models over different rows and clusters with
// contributions of clusters that are computed by hand and paired by their labels.
func TestJoinByLabel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, label := missingOutcomes(t)
		rows := func(i int) bool { return label[i] != "team 1" && i%9 != 4 }
		joint := joined(t, f, "team", rows)
		names := [][]string{{"z", "x"}, {"z", "x"}, {"z"}, {"d"}}
		models := []exactModel{
			exact(t, f, "y0", names[0], names[0], label, nil),
			exact(t, f, "y1", names[1], names[1], label, nil),
			exact(t, f, "y2", names[2], names[2], label, rows),
			exact(t, f, "y1", names[3], []string{"z"}, label, nil),
		}
		df := math.Inf(1)
		for _, m := range models {
			df = min(df, float64(len(m.byName)-1))
		}
		gap := mat.NewVecDense(2, nil)
		v := mat.NewSymDense(2, nil)
		variance := func(w, u []map[string]float64) (sum float64) {
			for a := range w {
				for p, left := range w[a] {
					for b := range u {
						for q, right := range u[b] {
							sum += left * right * covariance(models[a], models[b], slices.Index(names[a], p), slices.Index(names[b], q))
						}
					}
				}
			}
			return sum
		}
		for _, weights := range contrasts {
			want := 0.0
			for m, terms := range weights {
				for name, w := range terms {
					want += w * models[m].b[slices.Index(names[m], name)]
				}
			}
			got, err := joint.Combine("contrast", weights...)
			if err != nil {
				t.Fatal(err)
			}
			se := math.Sqrt(variance(weights, weights))
			near(t, fmt.Sprint("estimate of ", weights), got.Estimate, want, same, se)
			near(t, fmt.Sprint("standard error of ", weights), got.SE, se, same, 0)
			if got.DF != df {
				t.Errorf("%v degrees of freedom, want %v", got.DF, df)
			}
		}
		two := contrasts[2:4]
		test, err := joint.WaldZero("z does as much to each outcome", two...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range two {
			gap.SetVec(i, models[0].b[0]-models[i+1].b[0])
			for j := range i + 1 {
				v.SetSym(i, j, variance(two[i], two[j]))
			}
		}
		var solved mat.VecDense
		if err := solved.SolveVec(v, gap); err != nil {
			t.Fatal(err)
		}
		near(t, "F", test.Statistic, mat.Dot(gap, &solved)/2, sameDrawn, 1)
		if test.DF1 != 2 || test.DF2 != df {
			t.Errorf("F(%v, %v), want (2, %v)", test.DF1, test.DF2, df)
		}
	})
}

// TestJoinKnowsClustersByLabel: neither the order of rows nor what clusters are called changes a joint
// standard error; nor does it matter whether models have the labels of clusters from one place.
func TestJoinKnowsClustersByLabel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, label := missingOutcomes(t)
		// Rows are chosen by what they hold, so that they are the same in another order.
		rowsOf := func(g *data.Frame) func(int) bool {
			x := floats(t, g, "x")
			return func(i int) bool { return x[i] < 1 }
		}
		want := joined(t, f, "team", rowsOf(f))
		order := shuffled(rapid.Uint64().Draw(t, "order"), f.Len())
		other := f.Take(order)
		renamed := make([]string, len(order)) // the levels of other are those of f, in the order of f
		for i, row := range order {
			renamed[i] = "the " + label[row]
		}
		if err := other.SetStrings("renamed", renamed); err != nil {
			t.Fatal(err)
		}
		for what, got := range map[string]*iv.Joint{
			"rows in another order":  joined(t, other, "team", rowsOf(other)),
			"clusters renamed":       joined(t, other, "renamed", rowsOf(other)),
			"clusters numbered":      joined(t, other, "cluster", rowsOf(other)),
			"clusters by two of one": joined(t, f, "team^cluster", rowsOf(f)),
		} {
			for _, weights := range contrasts {
				a, err := got.Combine("", weights...)
				if err != nil {
					t.Fatal(err)
				}
				b, err := want.Combine("", weights...)
				if err != nil {
					t.Fatal(err)
				}
				near(t, what+": estimate", a.Estimate, b.Estimate, same, b.SE)
				near(t, what+": standard error", a.SE, b.SE, same, 0)
				near(t, what+": degrees of freedom", a.DF, b.DF, 0, 0)
			}
		}
	})
}

// alternating is a frame of clusters of ten rows, every other of which is assigned, with two outcomes
// that are nearly the same; each is missing in one cluster, y1 in the first and y2 in another.
func alternating(t *testing.T, clusters int) (f *data.Frame, label []string) {
	r := rand.New(rand.NewPCG(1, 2))
	var z, y1, y2 []float64
	for c := range clusters {
		e := 2 * r.NormFloat64()
		for range 10 {
			u, treat := e+r.NormFloat64(), float64(c%2)
			a, b := treat+u, treat+u+0.1*r.NormFloat64()
			if c == 0 {
				a = math.NaN()
			}
			if c == clusters-2 {
				b = math.NaN()
			}
			label = append(label, fmt.Sprintf("g%02d", c))
			z, y1, y2 = append(z, treat), append(y1, a), append(y2, b)
		}
	}
	f = &data.Frame{}
	setFloats(t, f, "z", z)
	setFloats(t, f, "y1", y1)
	setFloats(t, f, "y2", y2)
	if err := f.SetStrings("g", label); err != nil {
		t.Fatal(err)
	}
	return f, label
}

// TestJoinOverOtherClusters: models of as many rows in as many clusters, but not the same ones.
func TestJoinOverOtherClusters(t *testing.T) {
	f, label := alternating(t, 12)
	results := estimateAll(t, f, iv.Spec{Outcomes: []string{"y1", "y2"}, Exogenous: []string{"z"},
		Cluster: []string{"g"}, Covariance: iv.Covariance{Kind: iv.CR0}})
	if a, b := results[0], results[1]; a.N != b.N || a.Clusters[0] != b.Clusters[0] {
		t.Fatalf("%d rows in %v and %d in %v: the test is of equal numbers", a.N, a.Clusters, b.N, b.Clusters)
	}
	joint, err := iv.Join(results...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := joint.Combine("difference", map[string]float64{"z": 1}, map[string]float64{"z": -1})
	if err != nil {
		t.Fatal(err)
	}
	a := exact(t, f, "y1", []string{"z"}, []string{"z"}, label, nil)
	b := exact(t, f, "y2", []string{"z"}, []string{"z"}, label, nil)
	squares := 0.0
	for c := range 12 {
		gap := 0.0
		if own := a.byName[fmt.Sprintf("g%02d", c)]; own != nil {
			gap += own[0]
		}
		if own := b.byName[fmt.Sprintf("g%02d", c)]; own != nil {
			gap -= own[0]
		}
		squares += gap * gap
	}
	near(t, "standard error", got.SE, math.Sqrt(squares), same, 0)
	near(t, "standard error, of which five digits are known", got.SE, 0.43124, 5e-6, 1)
}

// TestJoinOfOtherLabels: results of frames that were read apart share clusters by their labels, and
// clusters that labels do not tell apart are refused.
func TestJoinOfOtherLabels(t *testing.T) {
	f, label := alternating(t, 12)
	spec := iv.Spec{Outcomes: []string{"y1"}, Exogenous: []string{"z"}, Cluster: []string{"g"}}
	other := spec
	other.Outcomes = []string{"y2"}
	second := f.Clone()
	reversed := slices.Clone(label)
	slices.Reverse(reversed)
	if err := second.SetStrings("order", reversed); err != nil {
		t.Fatal(err)
	}
	codes, levels, err := second.Codes("order")
	if err != nil {
		t.Fatal(err)
	}
	// The levels of g in another order, with one that no row has.
	own := slices.Clone(codes)
	for i := range own {
		own[i] = int32(slices.Index(levels, label[i]))
	}
	if err := second.SetCodes("g", own, append(slices.Clone(levels), "nobody")); err != nil {
		t.Fatal(err)
	}
	weights := []map[string]float64{{"z": 1}, {"z": -1}}
	ses := make([]float64, 2)
	for i, of := range []*data.Frame{f, second} {
		joint, err := iv.Join(estimate(t, f, spec), estimate(t, of, other))
		if err != nil {
			t.Fatal(err)
		}
		c, err := joint.Combine("", weights...)
		if err != nil {
			t.Fatal(err)
		}
		ses[i] = c.SE
	}
	near(t, "standard error", ses[1], ses[0], same, 0)

	if err := second.SetCodes("g", own, make([]string, len(levels))); err != nil {
		t.Fatal(err)
	}
	nameless := estimate(t, second, other)
	if _, err := iv.Join(nameless, estimate(t, second, other)); err != nil {
		t.Errorf("clusters of one column are told apart without labels: %v", err)
	}
	for _, pair := range [][2]*iv.Result{{estimate(t, f, spec), nameless}, {nameless, estimate(t, f, spec)}} {
		_, err := iv.Join(pair[0], pair[1])
		var e *fieldexp.Error
		if !errors.As(err, &e) || e.Problem != fieldexp.NotAvailable ||
			!strings.Contains(e.Message, `two clusters of "g" have one label`) {
			t.Errorf("clusters without labels: error %v", err)
		}
	}
}

// TestJoinOfSeparateRows: models without a common cluster are uncorrelated.
func TestJoinOfSeparateRows(t *testing.T) {
	f := experiment(t, 9, 500, 40)
	agent := floats(t, f, "agent")
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c1"}, Absorb: iv.Effects("day"),
		Cluster: []string{"agent"}}
	for _, cov := range []iv.Covariance{{}, {Kind: iv.CR2}, {Kind: iv.CR3}} {
		s.Covariance = cov
		var parts []*iv.Result
		for half := range 2 {
			part := s
			part.Rows = func(i int) bool { return int(agent[i]/2)%2 == half }
			parts = append(parts, estimate(t, f, part))
		}
		joint, err := iv.Join(parts...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := joint.Combine("difference", map[string]float64{"assigned": 1}, map[string]float64{"assigned": -1})
		if err != nil {
			t.Fatal(err)
		}
		a, b := coefficient(t, parts[0], "assigned"), coefficient(t, parts[1], "assigned")
		near(t, cov.Kind.String(), got.SE, math.Hypot(a.SE, b.SE), same, 0)
		if want := float64(min(parts[0].Clusters[0].Count, parts[1].Clusters[0].Count) - 1); got.DF != want {
			t.Errorf("%s: %v degrees of freedom, want %v", cov.Kind, got.DF, want)
		}
	}
}
