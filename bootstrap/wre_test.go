package bootstrap_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

func twoStage(t testing.TB, f *data.Frame, instruments ...string) *iv.Result {
	t.Helper()
	return estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"d"}, Exogenous: []string{"x1", "x2"}, Instruments: instruments, Cluster: []string{"g"}})
}

func wre(t testing.TB, r *iv.Result, spec bootstrap.WildSpec) *bootstrap.WildResult {
	t.Helper()
	w, err := bootstrap.WRE(ctx, r, spec)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func andersonRubin(t testing.TB, r *iv.Result, spec bootstrap.WildSpec) *bootstrap.WildResult {
	t.Helper()
	w, err := bootstrap.AndersonRubin(ctx, r, spec)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// vector is a column of a frame.
func vector(t testing.TB, f *data.Frame, name string) *mat.VecDense {
	t.Helper()
	return mat.NewVecDense(f.Len(), append([]float64(nil), floats(t, f, name)...))
}

// TestWREAgainstReestimation makes outcome and endogenous column of each draw row by row, and estimates
// two-stage least squares on them.
func TestWREAgainstReestimation(t *testing.T) {
	f := smallPanel(t, 8)
	for _, instruments := range [][]string{{"z1"}, {"z1", "z2"}} {
		for _, null := range []float64{0, 0.7} {
			t.Run(fmt.Sprint(instruments, null), func(t *testing.T) {
				res := twoStage(t, f, instruments...)
				w := wre(t, res, bootstrap.WildSpec{Term: "d", Value: null, Draws: 200, Seed: 4, Weights: bootstrap.Gamma, NoSet: true})
				exogenous, cluster := design(t, f, "x1", "x2")
				all, _ := design(t, f, append([]string{"x1", "x2"}, instruments...)...)
				y, d := vector(t, f, "y"), vector(t, f, "d")
				// u1 obeys the null; the first stage has u1 among its regressors.
				left := mat.NewVecDense(f.Len(), nil)
				left.AddScaledVec(y, -null, d)
				_, u1 := newRegression(t, exogenous, cluster).fit(left)
				_, k := all.Dims()
				wide := mat.NewDense(f.Len(), k+1, nil)
				wide.Slice(0, f.Len(), 0, k).(*mat.Dense).Copy(all)
				wide.SetCol(k, u1.RawVector().Data)
				first, _ := newRegression(t, wide, cluster).fit(d)
				fitted, u2 := &mat.VecDense{}, &mat.VecDense{}
				fitted.MulVec(all, first.SliceVec(0, k))
				u2.SubVec(d, fitted)
				for b, v := range bootstrap.Draws(bootstrap.Gamma, 4, 200, 8) {
					ys, ds := mat.NewVecDense(f.Len(), nil), mat.NewVecDense(f.Len(), nil)
					for i, g := range cluster {
						ds.SetVec(i, fitted.AtVec(i)+v[g]*u2.AtVec(i))
						ys.SetVec(i, left.AtVec(i)-u1.AtVec(i)+v[g]*u1.AtVec(i)+null*ds.AtVec(i))
					}
					effect, se := twoStageByHand(t, ys, ds, exogenous, all, cluster)
					near(t, fmt.Sprintf("draw %d", b), w.Statistics[b]*math.Sqrt(res.Factor), (effect-null)/se, 1e-9)
				}
			})
		}
	}
}

// twoStageByHand is the estimate of the effect of d, and its clustered standard error without a
// factor.
func twoStageByHand(t testing.TB, y, d *mat.VecDense, exogenous, all *mat.Dense, cluster []int) (effect, se float64) {
	t.Helper()
	n, k := exogenous.Dims()
	first, _ := newRegression(t, all, cluster).fit(d)
	var fit mat.VecDense
	fit.MulVec(all, first)
	x, hat := mat.NewDense(n, k+1, nil), mat.NewDense(n, k+1, nil)
	for _, m := range []*mat.Dense{x, hat} {
		m.Slice(0, n, 1, k+1).(*mat.Dense).Copy(exogenous)
	}
	x.SetCol(0, d.RawVector().Data)
	hat.SetCol(0, fit.RawVector().Data)
	second := newRegression(t, hat, cluster)
	b, _ := second.fit(y)
	u := &mat.VecDense{}
	u.MulVec(x, b)
	u.SubVec(y, u)
	return b.AtVec(0), math.Sqrt(second.variance(u).At(0, 0))
}

// TestAndersonRubinIsLeastSquares: the test of a null r is that of the instruments in the regression of
// y - r d, draw by draw; and its set holds the nulls that it does not reject.
func TestAndersonRubinIsLeastSquares(t *testing.T) {
	f := smallPanel(t, 9)
	for _, instruments := range [][]string{{"z1"}, {"z1", "z2"}} {
		res := twoStage(t, f, instruments...)
		for _, null := range []float64{-1, 0.4, 0.9} {
			left := vector(t, f, "y")
			left.AddScaledVec(left, -null, vector(t, f, "d"))
			other := f.Clone()
			if err := other.SetFloats("left", left.RawVector().Data); err != nil {
				t.Fatal(err)
			}
			ols := estimate(t, other, iv.Spec{Outcomes: []string{"left"}, Exogenous: append([]string{"x1", "x2"}, instruments...), Cluster: []string{"g"}})
			var nulls []bootstrap.Restriction
			for _, z := range instruments {
				nulls = append(nulls, bootstrap.Restriction{Term: z})
			}
			for _, unrestricted := range []bool{false, true} {
				want := wild(t, ols, bootstrap.WildSpec{Null: nulls, Unrestricted: unrestricted})
				got := andersonRubin(t, res, bootstrap.WildSpec{Term: "d", Value: null, Unrestricted: unrestricted})
				near(t, "statistic", got.Statistic, want.Statistic, 1e-9)
				for b := range want.Statistics {
					near(t, "draw", got.Statistics[b], want.Statistics[b], 1e-8)
				}
				if got.P != want.P || got.Counts != want.Counts {
					t.Errorf("%v null %g: %+v, want %+v", instruments, null, got.Counts, want.Counts)
				}
				if got.Set.Contains(null) != (got.P > 0.05) {
					t.Errorf("null %g has p %g and set %v", null, got.P, got.Set)
				}
			}
		}
	}
}

// TestSetsOfWeakInstruments: with an instrument that hardly moves the endogenous column the
// Anderson-Rubin set is unbounded, and of the nulls in it none is rejected.
func TestSetsOfWeakInstruments(t *testing.T) {
	f := smallPanel(t, 9)
	weak := vector(t, f, "x3") // unrelated to d
	if err := f.SetFloats("weak", weak.RawVector().Data); err != nil {
		t.Fatal(err)
	}
	res := twoStage(t, f, "weak")
	w := andersonRubin(t, res, bootstrap.WildSpec{Term: "d"})
	if w.Set.Bounded() {
		t.Errorf("the set %v of a useless instrument is bounded", w.Set)
	}
	for _, null := range []float64{-1e4, -30, -3, 0, 0.5, 2, 8, 50, 1e4} {
		at := andersonRubin(t, res, bootstrap.WildSpec{Term: "d", Value: null, NoSet: true})
		if w.Set.Contains(null) != (at.P > 0.05) {
			t.Errorf("null %g: p %g, set %v", null, at.P, w.Set)
		}
	}
}

// TestWRESet: the p-value crosses the level at the ends of the set.
func TestWRESet(t *testing.T) {
	res := twoStage(t, smallPanel(t, 9), "z1")
	for _, tail := range []bootstrap.Tail{bootstrap.Symmetric, bootstrap.EqualTailed} {
		w := wre(t, res, bootstrap.WildSpec{Term: "d", Tail: tail})
		if len(w.Set.Pieces) == 0 {
			t.Fatalf("set %v", w.Set)
		}
		checkSteps(t, w, func(null float64) float64 {
			return wre(t, res, bootstrap.WildSpec{Term: "d", Value: null, Tail: tail, NoSet: true}).P
		})
	}
}

// checkSteps checks that the p-value is above one less the level just inside the ends of a set, and not
// just outside.
func checkSteps(t *testing.T, w *bootstrap.WildResult, p func(null float64) float64) {
	t.Helper()
	alpha := (1 - w.Level) * (1 + 1e-12)
	for _, piece := range w.Set.Pieces {
		step := 1e-7 * math.Min(w.SE, piece[1]-piece[0])
		for _, end := range []struct{ at, inward float64 }{{piece[0], step}, {piece[1], -step}} {
			if math.IsInf(end.at, 0) {
				continue
			}
			if in := p(end.at + end.inward); !(in > alpha) {
				t.Errorf("p is %g just inside the end %g of %v", in, end.at, w.Set)
			}
			if out := p(end.at - end.inward); out > alpha {
				t.Errorf("p is %g just outside the end %g of %v", out, end.at, w.Set)
			}
		}
	}
}

// TestPublishedIV compares with boottest after ivregress: 999 draws, of which ours are all 4,096. The
// set that it prints for its Anderson-Rubin test is that of draws which do not impose that the instrument
// has no effect.
func TestPublishedIV(t *testing.T) {
	res := estimate(t, nlsw(t), iv.Spec{Outcomes: []string{"wage"}, Exogenous: []string{"ttl_exp", "collgrad"}, Endogenous: []string{"tenure"}, Instruments: []string{"union"},
		Cluster: []string{"industry"}, Covariance: iv.Covariance{Kind: iv.CR0, DF: iv.DFNormal}})
	want := publishedItem(t, "nlsw_2SLS_wald")
	w := wre(t, res, bootstrap.WildSpec{Term: "tenure", Tail: bootstrap.EqualTailed})
	near(t, "estimate", w.Estimate, want.Computed.Coef, 1e-9)
	near(t, "standard error", w.SE, want.Computed.SE, 1e-9)
	near(t, "z", w.Statistic, want.Computed.Z, 1e-9)
	p := want.Published.WRE
	if math.Abs(w.P-p) > 4*2*math.Sqrt(p/2*(1-p/2)/999) {
		t.Errorf("WRE p %g, published %g", w.P, p)
	}
	for _, end := range want.Published.WREset {
		at := wre(t, res, bootstrap.WildSpec{Term: "tenure", Value: end, Tail: bootstrap.EqualTailed, NoSet: true})
		if math.Abs(at.P-0.05) > 4*2*math.Sqrt(0.025*0.975/999) {
			t.Errorf("at the published end %g our p is %g", end, at.P)
		}
	}
	item := publishedItem(t, "nlsw_2SLS_AR")
	ar := andersonRubin(t, res, bootstrap.WildSpec{Term: "tenure"})
	near(t, "AR z", ar.Statistic, item.Computed.RF, 1e-9)
	near999(t, "AR", ar.P, item.Published.P999)
	free := andersonRubin(t, res, bootstrap.WildSpec{Term: "tenure", Unrestricted: true})
	near999(t, "AR, null not imposed", free.P, item.Published.P999)
	for _, end := range item.Published.CI999 {
		at := andersonRubin(t, res, bootstrap.WildSpec{Term: "tenure", Value: end, Unrestricted: true, NoSet: true})
		if math.Abs(at.P-0.05) > 4*math.Sqrt(0.05*0.95/999) {
			t.Errorf("at the published end %g our p is %g", end, at.P)
		}
	}
}

func TestInstrumentalRefusals(t *testing.T) {
	f := smallPanel(t, 8)
	res := twoStage(t, f, "z1")
	over := twoStage(t, f, "z1", "z2")
	ols := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1"}, Cluster: []string{"g"}})
	liml := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"d"}, Instruments: []string{"z1", "z2"}, Estimator: iv.LIML, Cluster: []string{"g"}})
	plain := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"d"}, Instruments: []string{"z1"}})
	both := []func(r *iv.Result, spec bootstrap.WildSpec) error{
		func(r *iv.Result, spec bootstrap.WildSpec) error { _, err := bootstrap.WRE(ctx, r, spec); return err },
		func(r *iv.Result, spec bootstrap.WildSpec) error {
			_, err := bootstrap.AndersonRubin(ctx, r, spec)
			return err
		},
	}
	for what, c := range map[string]struct {
		r    *iv.Result
		spec bootstrap.WildSpec
		only int // 1: WRE alone refuses
	}{
		"least squares":   {ols, bootstrap.WildSpec{Term: "x1"}, 0},
		"control":         {res, bootstrap.WildSpec{Term: "x1"}, 0},
		"unknown":         {res, bootstrap.WildSpec{Term: "nobody"}, 0},
		"jackknife":       {res, bootstrap.WildSpec{Term: "d", Type: bootstrap.Type31}, 0},
		"draws":           {res, bootstrap.WildSpec{Term: "d", Draws: 10}, 0},
		"no clusters":     {plain, bootstrap.WildSpec{Term: "d"}, 0},
		"LIML":            {liml, bootstrap.WildSpec{Term: "d"}, 1},
		"unrestricted":    {over, bootstrap.WildSpec{Term: "d", Unrestricted: true}, 1},
		"several at once": {res, bootstrap.WildSpec{Null: []bootstrap.Restriction{{Term: "d"}, {Term: "x1"}}}, 0},
	} {
		for i, run := range both {
			if c.only == 1 && i == 1 {
				continue
			}
			err := run(c.r, c.spec)
			var own *fieldexp.Error
			if !errors.As(err, &own) || own.Op != "bootstrap" && own.Op != "iv" {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}
