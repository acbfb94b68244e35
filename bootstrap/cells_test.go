package bootstrap_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

func estimateCells(t testing.TB, f *data.Frame, spec iv.Spec, by ...string) *iv.Cells {
	t.Helper()
	cells, err := iv.EstimateCells(ctx, f, spec, by...)
	if err != nil {
		t.Fatal(err)
	}
	return cells[0]
}

// TestCellsOfOneClustering: cells that are finer than the clusters, drawn by the clusters, give the draws
// of Wild.
func TestCellsOfOneClustering(t *testing.T) {
	f := withEffects(t, smallPanel(t, 12))
	spec := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x3"}, Absorb: iv.Effects("g"), Cluster: []string{"g"}}
	want := estimate(t, f, spec)
	cells := estimateCells(t, f, spec, "period")
	for _, test := range []bootstrap.WildSpec{
		{Term: "x1", Value: 0.3},
		{Term: "x1", Unrestricted: true, Weights: bootstrap.Gamma, Draws: 500},
		{Null: []bootstrap.Restriction{{Term: "x1"}, {Term: "x3"}}},
	} {
		a := wild(t, want, test)
		b, err := bootstrap.WildCells(ctx, cells, "g", test)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "statistic", b.Statistic, a.Statistic, 1e-10)
		for i := range a.Statistics {
			near(t, "draw", b.Statistics[i], a.Statistics[i], 1e-9)
		}
		if a.Set.String() != b.Set.String() || a.P != b.P {
			t.Errorf("set %v and p %g, want %v and %g", b.Set, b.P, a.Set, a.P)
		}
	}
}

// TestCellsAgainstReestimation: subclusters, and errors clustered in two ways, against outcomes made row by
// row.
func TestCellsAgainstReestimation(t *testing.T) {
	f := withEffects(t, smallPanel(t, 12))
	x, cluster := design(t, f, "x1", "x3")
	y := vector(t, f, "y")
	codes := func(name string) []int {
		g, err := f.Group(name)
		if err != nil {
			t.Fatal(err)
		}
		list := make([]int, f.Len())
		for i, c := range g.Codes {
			list[i] = int(c)
		}
		return list
	}
	period, unit := codes("period"), codes("unit")
	both := make([]int, f.Len())
	for i := range both {
		both[i] = cluster[i]*4 + period[i]
	}
	for _, c := range []struct {
		clusters []string
		by       string
		boot     []int
	}{
		{[]string{"g"}, "unit", unit},
		{[]string{"g", "period"}, "period", period},
		{[]string{"g", "period"}, "g", cluster},
	} {
		for _, unrestricted := range []bool{false, true} {
			t.Run(fmt.Sprint(c.clusters, c.by, unrestricted), func(t *testing.T) {
				spec := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x3"}, Cluster: c.clusters, Covariance: iv.Covariance{Kind: iv.CR0}}
				cells := estimateCells(t, f, spec, c.by)
				r := newRegression(t, x, cluster)
				variance := func(u *mat.VecDense) float64 {
					v := (&regression{x, cluster, 12, r.inverse}).variance(u).At(0, 0)
					if len(c.clusters) > 1 {
						v += (&regression{x, period, 4, r.inverse}).variance(u).At(0, 0)
						v -= (&regression{x, both, 48, r.inverse}).variance(u).At(0, 0)
					}
					return v
				}
				const null = 0.4
				w, err := bootstrap.WildCells(ctx, cells, c.by, bootstrap.WildSpec{Term: "x1", Value: null, Draws: 300, Seed: 8, Weights: bootstrap.Webb, Unrestricted: unrestricted, NoSet: true})
				if err != nil {
					t.Fatal(err)
				}
				from, centre := r.fitRestricted(t, y, null), null
				if unrestricted {
					from, _ = r.fit(y)
					centre = from.AtVec(0)
				}
				fitted, u := &mat.VecDense{}, &mat.VecDense{}
				fitted.MulVec(x, from)
				u.SubVec(y, fitted)
				groups := 0
				for _, g := range c.boot {
					groups = max(groups, g+1)
				}
				undefined := 0
				for b, v := range bootstrap.Draws(bootstrap.Webb, 8, 300, groups) {
					star := mat.NewVecDense(f.Len(), nil)
					for i, h := range c.boot {
						star.SetVec(i, fitted.AtVec(i)+v[h]*u.AtVec(i))
					}
					bs, us := r.fit(star)
					at := variance(us)
					if at <= 0 {
						undefined++
						if !math.IsNaN(w.Statistics[b]) {
							t.Errorf("draw %d has variance %g and statistic %g", b, at, w.Statistics[b])
						}
						continue
					}
					near(t, fmt.Sprintf("draw %d", b), w.Statistics[b], (bs.AtVec(0)-centre)/math.Sqrt(at), 1e-8)
				}
				if undefined != w.Counts.Undefined {
					t.Errorf("%d draws undefined, want %d", w.Counts.Undefined, undefined)
				}
			})
		}
	}
}

// TestGoldenTwoWay: errors clustered by agent and day, drawn by day.
func TestGoldenTwoWay(t *testing.T) {
	long(t)
	want := goldenRow(t, "boottest_full_2way")
	cells := estimateCells(t, goldenFrame(t), iv.Spec{Outcomes: []string{"y1"}, Exogenous: goldenControls, Cluster: []string{"agent_id", "day"},
		Covariance: iv.Covariance{Kind: iv.CR1, Groups: iv.PerComponent}})
	if cells.Products.Clusters != 8993 {
		t.Errorf("%d cells, want 8993", cells.Products.Clusters)
	}
	w, err := bootstrap.WildCells(ctx, cells, "day", bootstrap.WildSpec{Term: "assigned", Draws: 1999, PRule: bootstrap.Share})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "estimate", w.Estimate, want.Estimate, 1e-9)
	near(t, "t", w.Statistic, want.T, 1e-9)
	if math.Abs(w.P-want.P) > 4*math.Sqrt(2*want.P*(1-want.P)/float64(want.B)) {
		t.Errorf("p %g, want %g", w.P, want.P)
	}
	if len(w.Set.Pieces) != 1 {
		t.Fatalf("set %v", w.Set)
	}
	near(t, "lower end", w.Set.Pieces[0][0], want.CI[0], 0.05*(want.CI[1]-want.CI[0]))
	near(t, "upper end", w.Set.Pieces[0][1], want.CI[1], 0.05*(want.CI[1]-want.CI[0]))
}

func TestCellsRefusals(t *testing.T) {
	f := withEffects(t, smallPanel(t, 8))
	spec := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1"}, Cluster: []string{"g"}}
	cells := estimateCells(t, f, spec, "unit")
	for what, run := range map[string]func() error{
		"unknown column": func() error {
			_, err := bootstrap.WildCells(ctx, cells, "period", bootstrap.WildSpec{Term: "x1"})
			return err
		},
		"jackknife": func() error {
			_, err := bootstrap.WildCells(ctx, cells, "unit", bootstrap.WildSpec{Term: "x1", Type: bootstrap.Type33})
			return err
		},
	} {
		var own *fieldexp.Error
		if err := run(); !errors.As(err, &own) || own.Op != "bootstrap" {
			t.Errorf("%s: %v", what, err)
		}
	}
	crossing, two := spec, spec
	crossing.Absorb = iv.Effects("period")
	two.Absorb, two.Cluster = iv.Effects("unit"), []string{"g", "period"}
	none, endogenous := spec, spec
	none.Cluster = nil
	endogenous.Endogenous, endogenous.Instruments = []string{"d"}, []string{"z1"}
	for what, spec := range map[string]iv.Spec{"crossing effect": crossing, "not nested in all": two, "no cluster": none, "endogenous": endogenous} {
		_, err := iv.EstimateCells(ctx, f, spec, "unit")
		var model *fieldexp.Error
		if !errors.As(err, &model) || model.Op != "iv" || model.Problem != fieldexp.NotAvailable {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestTiesAtEveryNull: two of the sign vectors, all of one sign, give the data's statistic at every null, also
// with errors clustered in two ways, whose variance is made of parts that cancel: where no share of draws is below
// theirs nothing is rejected, and where ties do not count they add no null.
func TestTiesAtEveryNull(t *testing.T) {
	for seed := range uint64(300) {
		clusters := 3 + int(seed%4)
		rng := rand.New(rand.NewPCG(seed, 9))
		list := map[string][]float64{}
		for i := range 20 * clusters {
			x := 10 + rng.NormFloat64()
			for name, v := range map[string]float64{"g": float64(i % clusters), "h": float64(i / 7 % 9), "x": x, "c": x + rng.NormFloat64(),
				"y": x + float64(i%clusters) + rng.NormFloat64()} {
				list[name] = append(list[name], v)
			}
		}
		cells := estimateCells(t, columns(t, list), iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x", "c"}, Cluster: []string{"g", "h"}}, "g", "h")
		// less than the two draws' share of all
		spec := bootstrap.WildSpec{Term: "x", Level: 1 - 1.9/math.Pow(2, float64(clusters))}
		for _, spec.Tail = range []bootstrap.Tail{bootstrap.Symmetric, bootstrap.EqualTailed} {
			spec.Ties = bootstrap.TiesCount
			w, err := bootstrap.WildCells(ctx, cells, "g", spec)
			var e *fieldexp.Error
			if errors.As(err, &e) && strings.Contains(e.Message, "multi-way variance") {
				continue // not positive
			}
			must(t, err)
			if !w.Counts.Enumerated || len(w.Set.Pieces) != 1 || !math.IsInf(w.Set.Pieces[0][0], -1) || !math.IsInf(w.Set.Pieces[0][1], 1) {
				t.Errorf("seed %d, %v: set %v leaves nulls out at which two draws tie", seed, spec.Tail, w.Set)
			}
		}
	}
}
