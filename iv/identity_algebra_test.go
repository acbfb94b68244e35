package iv_test

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// TestSingletonClusters compares HC with CR where each row is its own cluster: N/(N-K) is
// N/(N-1) times (N-1)/(N-K).
func TestSingletonClusters(t *testing.T) {
	f := experiment(t, 6, 500, 30)
	row := 0.0
	derive(t, f, "row", []string{"y"}, func([]float64) float64 { row++; return row })
	for name, s := range designs() {
		t.Run(name, func(t *testing.T) {
			for hc, cr := range map[iv.CovarianceKind]iv.CovarianceKind{iv.HC0: iv.CR0, iv.HC1: iv.CR1} {
				want := estimate(t, f, by(s, iv.Covariance{Kind: hc}))
				got := estimate(t, f, by(s, iv.Covariance{Kind: cr}, "row"))
				nearVcov(t, hc.String(), got.Vcov, want.Vcov, same)
				near(t, "degrees of freedom", got.DF, float64(f.Len()-1), 0, 0)
			}
		})
	}
}

// TestWithIsEstimation changes the covariance of a result, and estimates with it from the start.
func TestWithIsEstimation(t *testing.T) {
	long(t)
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		base := estimate(t, f, s)
		everyCovariance(s, func(s iv.Spec) {
			got, want := with(t, base, s.Covariance), estimate(t, f, s)
			what := fmt.Sprintf("%+v", s.Covariance)
			sameFit(t, what, got, want, 1e-12)
			nearVcov(t, what, got.Vcov, want.Vcov, 1e-12)
			near(t, what+": factor", got.Factor, want.Factor, 1e-12, 0)
			near(t, what+": K", float64(got.K), float64(want.K), 0, 0)
			for i := range want.FirstStages {
				sameFit(t, what+": first stage", got.FirstStages[i], want.FirstStages[i], 1e-12)
				sameFit(t, what+": reduced form", got.ReducedForm, want.ReducedForm, 1e-12)
				sameFit(t, what+": as used", got.AsUsed, want.AsUsed, 1e-12)
			}
		})
		sameFit(t, "the first result", base, estimate(t, f, s), 0) // With left it alone
	})
}

// TestStagesAreRegressions holds the companions of an instrumental-variable result against the
// same regressions run by themselves.
func TestStagesAreRegressions(t *testing.T) {
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		res := estimate(t, f, s)
		if len(s.Endogenous) == 0 {
			if res.FirstStages != nil || res.ReducedForm != nil || res.AsUsed != nil || len(res.PartialF()) != 0 {
				t.Error("a regression without endogenous columns has stages")
			}
			return
		}
		ols := s
		ols.Endogenous, ols.Instruments, ols.Estimator = nil, nil, iv.TwoStage
		ols.Exogenous = union(s.Endogenous, s.Exogenous)
		sameFit(t, "as used", res.AsUsed, estimate(t, f, ols), same)
		ols.Exogenous = union(s.Instruments, s.Exogenous)
		sameFit(t, "reduced form", res.ReducedForm, estimate(t, f, ols), same)
		for i, name := range s.Endogenous {
			first := estimate(t, f, outcome(ols, name))
			sameFit(t, "first stage", res.FirstStages[i], first, same)
			near(t, "R2 of the first stage", res.FirstStages[i].R2, first.R2, same, 0)
			test, err := first.WaldZero(s.Instruments...)
			if err != nil {
				t.Fatal(err)
			}
			got := res.PartialF()[i]
			compareTest(t, "partial F of "+name, got, &test.Statistic, &test.DF1, &test.DF2, nil)
		}
	})
}

// TestLATEIsRatio: with one instrument the complier effect is the ratio of reduced form and first
// stage, and its standard error that of the instrument in the regression of y - b usage, over the
// first stage. At b = 0 that regression is the reduced form: the Anderson-Rubin test.
func TestLATEIsRatio(t *testing.T) {
	f := experiment(t, 17, 800, 40)
	for _, usage := range []string{"used", "share"} {
		for _, clusters := range [][]string{nil, {"agent"}, {"agent", "day"}} {
			for _, effects := range [][]iv.Effect{nil, iv.Effects("day", "topic")} {
				s := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{usage}, Instruments: []string{"assigned"},
					Exogenous: []string{"c1", "c2"}, Absorb: effects, KeepSingletons: true, Weights: "w", Cluster: clusters}
				everyCovariance(s, func(s iv.Spec) {
					what := fmt.Sprintf("%s by %v with %v, %+v", usage, clusters, effects, s.Covariance)
					late := estimate(t, f, s)
					b := coefficient(t, late, usage)
					itt := coefficient(t, late.ReducedForm, "assigned")
					first := coefficient(t, late.FirstStages[0], "assigned")
					near(t, what, b.Estimate, itt.Estimate/first.Estimate, same, 0)

					g := f.Clone()
					derive(t, g, "rest", []string{"y", usage}, func(x []float64) float64 { return x[0] - b.Estimate*x[1] })
					ols := outcome(s, "rest")
					ols.Endogenous, ols.Instruments = nil, nil
					ols.Exogenous = union(s.Instruments, s.Exogenous)
					z := coefficient(t, estimate(t, g, ols), "assigned")
					near(t, what+": effect left", z.Estimate, 0, same, z.SE)
					near(t, what+": standard error", b.SE, z.SE/math.Abs(first.Estimate), same, 0)

					zero, err := late.ReducedForm.WaldZero("assigned")
					if err != nil {
						t.Fatal(err)
					}
					near(t, what+": test of no effect", zero.Statistic, itt.Statistic*itt.Statistic, same, 0)
					near(t, what+": its p", zero.P, itt.P, same, 0)
				})
			}
		}
	}
}

// TestLIML: its kappa is the smallest ratio of residual sums of squares, of y - b usage on the
// exogenous columns and on the instruments too, and LIML's b is where it is attained.
func TestLIML(t *testing.T) {
	f := experiment(t, 18, 800, 40)
	s := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"share"}, Instruments: []string{"assigned", "also"},
		Exogenous: []string{"c1"}, Estimator: iv.LIML, Absorb: iv.Effects("day"), KeepSingletons: true, Weights: "w"}
	res := estimate(t, f, s)
	ratio := func(b float64) float64 {
		g := f.Clone()
		derive(t, g, "rest", []string{"y", "share"}, func(x []float64) float64 { return x[0] - b*x[1] })
		ols := outcome(s, "rest")
		ols.Endogenous, ols.Instruments, ols.Estimator = nil, nil, iv.TwoStage
		short := estimate(t, g, ols)
		ols.Exogenous = union(s.Instruments, s.Exogenous)
		return short.RSS / estimate(t, g, ols).RSS
	}
	b := coefficient(t, res, "share").Estimate
	near(t, "kappa", res.Kappa, ratio(b), same, 0)
	for _, step := range []float64{-0.1, 0.1} {
		if r := ratio(b + step); r <= res.Kappa {
			t.Errorf("the ratio is %v at %v, no more than %v at LIML's %v", r, b+step, res.Kappa, b)
		}
	}

	fuller := s
	fuller.Estimator = iv.Fuller
	for _, alpha := range []float64{0, 1, 4} {
		fuller.FullerAlpha = alpha
		if alpha == 0 {
			alpha = 1
		}
		columns := 2 + 1 + 9 // instruments, control, days
		near(t, "Fuller's kappa", estimate(t, f, fuller).Kappa, res.Kappa-alpha/float64(f.Len()-columns), same, 0)
	}

	s.Instruments = s.Instruments[:1]
	just := estimate(t, f, s)
	s.Estimator = iv.TwoStage
	twoStage := estimate(t, f, s)
	near(t, "kappa of a just-identified model", just.Kappa, 1, same, 0)
	sameFit(t, "LIML just identified", just, twoStage, 1e-8)
}

// TestMultiway: clustering twice by the same groups is clustering once; by nested groups, by the
// coarser; and three ways, the sum over one, less two, plus three at a time.
func TestMultiway(t *testing.T) {
	f := withTeams(t, experiment(t, 19, 900, 40))
	derive(t, f, "again", []string{"agent"}, func(x []float64) float64 { return 1000 - x[0] })
	s := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Exogenous: []string{"c1", "c2"}, Weights: "w"}
	for _, c := range []iv.Covariance{{}, {Groups: iv.PerComponent}, {Kind: iv.CR0}, {RowFactor: iv.Off}, {DF: iv.DFNormal}} {
		what := fmt.Sprintf("%+v", c)
		sameFit(t, what+": the same twice", estimate(t, f, by(s, c, "agent", "again")), estimate(t, f, by(s, c, "agent")), same)
		sameFit(t, what+": either order", estimate(t, f, by(s, c, "day", "agent")), estimate(t, f, by(s, c, "agent", "day")), same)
	}
	cr0 := iv.Covariance{Kind: iv.CR0}
	nested := estimate(t, f, by(s, cr0, "agent", "team"))
	nearVcov(t, "nested", nested.Vcov, estimate(t, f, by(s, cr0, "team")).Vcov, same)
	near(t, "degrees of freedom", nested.DF, 6, 0, 0)

	f2 := experiment(t, 20, 4000, 40)
	pair := func(name, a, b string) {
		derive(t, f2, name, []string{a, b}, func(x []float64) float64 { return 100*x[0] + x[1] })
	}
	pair("agent-day", "agent", "day")
	pair("agent-hour", "agent", "hour")
	pair("day-hour", "day", "hour")
	pair("agent-day-hour", "agent-day", "hour")
	var sum *mat.SymDense
	for name, sign := range map[string]float64{"agent": 1, "day": 1, "hour": 1, "agent-day": -1, "agent-hour": -1, "day-hour": -1, "agent-day-hour": 1} {
		v := estimate(t, f2, by(s, cr0, name)).Vcov
		if sum == nil {
			sum = mat.NewSymDense(v.SymmetricDim(), nil)
		}
		sum = add(sum, sign, v)
	}
	var values mat.EigenSym
	if !values.Factorize(sum, false) || values.Values(nil)[0] <= 0 {
		t.Fatal("the sum is not positive definite: choose another seed, since a repaired covariance is not the sum")
	}
	nearVcov(t, "three ways", estimate(t, f2, by(s, cr0, "agent", "day", "hour")).Vcov, sum, same)
}

// TestFactorsMultiply reads the small-sample factors off the covariances that they scale.
func TestFactorsMultiply(t *testing.T) {
	f := experiment(t, 22, 400, 25)
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c1"}}
	n, k := 400.0, 3.0
	for _, c := range []struct {
		cov    iv.Covariance
		factor float64
	}{
		{iv.Covariance{Kind: iv.CR0}, 1},
		{iv.Covariance{Kind: iv.CR0, ClusterFactor: iv.On}, 25.0 / 24},
		{iv.Covariance{Kind: iv.CR0, RowFactor: iv.On}, (n - 1) / (n - k)},
		{iv.Covariance{Kind: iv.CR1}, 25.0 / 24 * (n - 1) / (n - k)},
		{iv.Covariance{Kind: iv.CR1, RowFactor: iv.Off}, 25.0 / 24},
		{iv.Covariance{Kind: iv.CR1, ClusterFactor: iv.Off}, (n - 1) / (n - k)},
	} {
		base := estimate(t, f, by(s, iv.Covariance{Kind: iv.CR0}, "agent"))
		got := estimate(t, f, by(s, c.cov, "agent"))
		near(t, "factor", got.Factor, c.factor, 1e-14, 0)
		var want mat.SymDense
		want.ScaleSym(c.factor, base.Vcov)
		nearVcov(t, fmt.Sprintf("%+v", c.cov), got.Vcov, &want, 1e-12)
	}
	hc0, hc1 := estimate(t, f, by(s, iv.Covariance{Kind: iv.HC0})), estimate(t, f, by(s, iv.Covariance{Kind: iv.HC1}))
	var want mat.SymDense
	want.ScaleSym(n/(n-k), hc0.Vcov)
	nearVcov(t, "HC1", hc1.Vcov, &want, 1e-12)
	near(t, "factor of HC1", hc1.Factor, n/(n-k), 1e-14, 0)
}

// TestCombinationsProperty: a combination of coefficients is the coefficient of a model written in
// other columns, and Wald tests do not depend on how a hypothesis is written.
func TestCombinationsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := experiment(t, rapid.Uint64().Draw(t, "seed"), 300, 25)
		a, b := rapid.Float64Range(-3, 3).Draw(t, "a"), rapid.Float64Range(0.2, 3).Draw(t, "b")
		s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1", "c2", "c3"}, Cluster: []string{"agent"}}
		res := estimate(t, f, s)
		// With d = c2 - (a/b) c1 in place of c2, c1's coefficient is that of c1 plus a/b times c2's.
		derive(t, f, "d", []string{"c1", "c2"}, func(x []float64) float64 { return x[1] - a/b*x[0] })
		s.Exogenous = []string{"c1", "d", "c3"}
		other := estimate(t, f, s)
		want := coefficient(t, other, "c1")
		got, err := res.Combine("b c1 + a c2", map[string]float64{"c1": b, "c2": a})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "estimate", got.Estimate/b, want.Estimate, same, want.SE)
		near(t, "standard error", got.SE/b, want.SE, same, 0)
		near(t, "p", got.P, want.P, same, 1e-9)
		near(t, "low", got.Low/b, want.Low, same, want.SE)
		near(t, "high", got.High/b, want.High, same, want.SE)

		one, err := res.WaldZero("c1", "c2")
		if err != nil {
			t.Fatal(err)
		}
		two, err := other.WaldZero("d", "c1")
		if err != nil {
			t.Fatal(err)
		}
		near(t, "joint test", two.Statistic, one.Statistic, same, 0)
		equal, err := res.WaldEqual("c1", "c2")
		if err != nil {
			t.Fatal(err)
		}
		difference, err := res.Combine("c1 - c2", map[string]float64{"c1": 1, "c2": -1})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "equality", equal.Statistic, difference.Statistic*difference.Statistic, same, 1e-6)
		near(t, "p of equality", equal.P, difference.P, same, 1e-9)
		value := res.Wald("c1 is 0.2", mat.NewDense(1, 4, []float64{1, 0, 0, 0}), []float64{0.2})
		c1 := coefficient(t, res, "c1")
		z := (c1.Estimate - 0.2) / c1.SE
		near(t, "test of a value", value.Statistic, z*z, same, 1e-6)
	})
}

// TestIntervals checks the interval against the test: the ends of an interval at level 1-p are
// where p lies.
func TestIntervals(t *testing.T) {
	f := experiment(t, 23, 300, 20)
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c1"}, Cluster: []string{"agent"}}
	for _, df := range []iv.DFRule{iv.DFUsual, iv.DFResidual, iv.DFNormal} {
		s.Covariance.DF = df
		p := coefficient(t, estimate(t, f, s), "assigned").P
		s.Level = 1 - p
		c := coefficient(t, estimate(t, f, s), "assigned")
		end := c.Low
		if c.Estimate < 0 {
			end = c.High
		}
		near(t, fmt.Sprintf("end of the interval at level %v", s.Level), end, 0, 1e-9, c.SE)
		s.Level = 0
	}
}

// TestMatchesByHand computes a small regression with clusters with matrices written out.
func TestMatchesByHand(t *testing.T) {
	f := experiment(t, 24, 60, 8)
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c1", "c2"}, Cluster: []string{"agent"}, Covariance: iv.Covariance{Kind: iv.CR0}}
	res := estimate(t, f, s)
	n, k := f.Len(), 4
	x := mat.NewDense(n, k, nil)
	for j, name := range []string{"assigned", "c1", "c2"} {
		x.SetCol(j, floats(t, f, name))
	}
	for i := range n {
		x.Set(i, 3, 1)
	}
	y := mat.NewVecDense(n, floats(t, f, "y"))
	var xx, bread mat.Dense
	xx.Mul(x.T(), x)
	if err := bread.Inverse(&xx); err != nil {
		t.Fatal(err)
	}
	var xy, b, fitted, u mat.VecDense
	xy.MulVec(x.T(), y)
	b.MulVec(&bread, &xy)
	fitted.MulVec(x, &b)
	u.SubVec(y, &fitted)
	meat := mat.NewDense(k, k, nil)
	agents := floats(t, f, "agent")
	for g := range 8 {
		score := mat.NewVecDense(k, nil)
		for i := range n {
			if int(agents[i]) == g {
				score.AddScaledVec(score, u.AtVec(i), x.RowView(i))
			}
		}
		meat.RankOne(meat, 1, score, score)
	}
	var v mat.Dense
	v.Product(&bread, meat, &bread)
	for i, name := range []string{"assigned", "c1", "c2", iv.Constant} {
		c := coefficient(t, res, name)
		near(t, name, c.Estimate, b.AtVec(i), 1e-10, c.SE)
		near(t, "standard error of "+name, c.SE, math.Sqrt(v.At(i, i)), 1e-10, 0)
	}
}

// TestFirstStageOfNearlyCollinearUsage: usage that controls nearly span is made orthogonal to them
// before products are formed; its first stage must still be that of the column as it is. The
// sample is past the size up to which estimates are polished.
func TestFirstStageOfNearlyCollinearUsage(t *testing.T) {
	f := experiment(t, 8, 30_000, 200)
	derive(t, f, "dose", []string{"used", "c1"}, func(x []float64) float64 { return 2 + 3*x[1] + 1e-4*x[0] })
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"dose"}, Instruments: []string{"assigned"}, Exogenous: []string{"c1", "c2"}, Cluster: []string{"agent"}})
	plain := estimate(t, f, iv.Spec{Outcomes: []string{"dose"}, Exogenous: []string{"assigned", "c1", "c2"}, Cluster: []string{"agent"}})
	for _, c := range plain.Coefficients() {
		of := coefficient(t, res.FirstStages[0], c.Name)
		near(t, "first stage: "+c.Name, of.Estimate, c.Estimate, 1e-8, 0)
		near(t, "its standard error: "+c.Name, of.SE, c.SE, 1e-6, 0)
	}
	simple := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Exogenous: []string{"c1", "c2"}, Cluster: []string{"agent"}})
	near(t, "effect", coefficient(t, res, "dose").Estimate, coefficient(t, simple, "used").Estimate*1e4, 1e-8, 0)
	near(t, "its standard error", coefficient(t, res, "dose").SE, coefficient(t, simple, "used").SE*1e4, 1e-8, 0)
}
