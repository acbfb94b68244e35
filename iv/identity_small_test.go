package iv_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// corrected lists the covariances that correct for leverage, and others with Satterthwaite degrees
// of freedom.
func corrected(working iv.WorkingModel) []iv.Covariance {
	return []iv.Covariance{
		{Kind: iv.CR2, Working: working}, {Kind: iv.CR3, Working: working}, {Kind: iv.Jackknife, Working: working},
		{Kind: iv.Jackknife, Centre: iv.CentreMean, Working: working}, {Kind: iv.CR1, Params: iv.CountAll, DF: iv.DFSatterthwaite, Working: working},
		{Kind: iv.CR2, DF: iv.DFClusters, ClusterFactor: iv.On, Working: working},
	}
}

// smallModels are models whose regressors vary within agents and days.
func smallModels() map[string]iv.Spec {
	return map[string]iv.Spec{
		"OLS":           {Exogenous: []string{"c1", "c2", "c3"}},
		"weighted":      {Exogenous: []string{"c1", "c2", "c3"}, Weights: "w"},
		"frequency":     {Exogenous: []string{"c1", "c2", "c3"}, Weights: "times", WeightKind: iv.Frequency},
		"2SLS":          {Exogenous: []string{"c1"}, Endogenous: []string{"share"}, Instruments: []string{"z", "z2"}},
		"2SLS weighted": {Exogenous: []string{"c1", "c2"}, Endogenous: []string{"used"}, Instruments: []string{"z"}, Weights: "w"},
		"LIML":          {Exogenous: []string{"c1"}, Endogenous: []string{"share"}, Instruments: []string{"z", "z2"}, Weights: "w", Estimator: iv.LIML},
		"Fuller":        {Exogenous: []string{"c1"}, Endogenous: []string{"share", "used"}, Instruments: []string{"z", "z2", "hour"}, Estimator: iv.Fuller},
	}
}

// smallFrame is an experiment with instruments that vary within agents, and rows numbered.
func smallFrame(t testing.TB, seed uint64, n, clusters int) *data.Frame {
	t.Helper()
	f := withTeams(t, experiment(t, seed, n, clusters))
	derive(t, f, "z", []string{"used", "c3", "hour"}, func(x []float64) float64 { return x[0] + x[1]*0.7 + 0.1*x[2]*x[1] })
	derive(t, f, "z2", []string{"share", "c2", "day"}, func(x []float64) float64 { return x[0] - 0.2*x[1] + 0.05*x[2]*x[1] })
	row := make([]float64, f.Len())
	for i := range row {
		row[i] = float64(i)
	}
	setFloats(t, f, "row", row)
	return f
}

// TestCorrectedWithSingletonClusters: with every row a cluster, HC2 is CR2 and HC3 is CR3.
func TestCorrectedWithSingletonClusters(t *testing.T) {
	f := smallFrame(t, 31, 150, 12)
	for name, s := range smallModels() {
		if name == "frequency" {
			continue // a row of several is a cluster of several
		}
		for _, effects := range [][]string{nil, {"day"}, {"day", "topic"}, {"agent", "day", "topic"}} {
			s.Outcomes, s.Absorb, s.KeepSingletons = []string{"y"}, iv.Effects(effects...), true
			for rows, clusters := range map[iv.CovarianceKind]iv.CovarianceKind{iv.HC2: iv.CR2, iv.HC3: iv.CR3} {
				white := estimate(t, f, by(s, iv.Covariance{Kind: rows, DF: iv.DFNormal}))
				by := estimate(t, f, by(s, iv.Covariance{Kind: clusters, DF: iv.DFNormal, Working: iv.InverseWeights}, "row"))
				sameFit(t, fmt.Sprintf("%s with effects %v, %v", name, effects, rows), by, white, same)
			}
		}
	}
}

// TestCorrectedAbsorbedIsDummies compares absorbed effects with the regression with every indicator
// written out, for every covariance that corrects for leverage: standard errors, degrees of
// freedom and joint tests.
func TestCorrectedAbsorbedIsDummies(t *testing.T) {
	long(t)
	f := smallFrame(t, 32, 200, 9)
	for _, c := range absorbCases {
		wide := strings.Contains(c.name, "interaction") // with so many indicators that writing them out takes long
		for name, s := range smallModels() {
			if wide && name != "OLS" {
				continue
			}
			for _, working := range []iv.WorkingModel{iv.EqualVariances, iv.InverseWeights} {
				if working == iv.InverseWeights && s.Weights != "w" {
					continue
				}
				for _, clusters := range [][]string{nil, {"agent"}, {"team"}, {"agent", "day"}} {
					if len(clusters) > 1 && (wide || name != "OLS" && name != "weighted" || len(c.effects) != 2) {
						continue
					}
					if liml := s.Estimator != iv.TwoStage; liml && (len(clusters) != 1 || clusters[0] != "agent") {
						continue
					}
					s := s
					s.Outcomes, s.Cluster, s.KeepSingletons = []string{"y"}, clusters, true
					t.Run(fmt.Sprintf("%s, %s by %v for %v", c.name, name, clusters, working), func(t *testing.T) {
						compareCorrected(t, f, s, working, c.effects, c.dummies)
					})
				}
			}
		}
	}
}

func compareCorrected(t *testing.T, f *data.Frame, s iv.Spec, working iv.WorkingModel, effects, dummies []string) {
	t.Helper()
	if dummies == nil {
		dummies = effects
	}
	written := f.Clone()
	full := s
	for _, name := range dummies {
		full.Exogenous = union(full.Exogenous, indicators(t, written, name, ""))
	}
	s.Absorb = iv.Effects(effects...)
	kinds := corrected(working)
	if s.Cluster == nil {
		kinds = []iv.Covariance{{Kind: iv.HC2, Params: iv.CountAll}, {Kind: iv.HC3, Params: iv.CountAll}}
	}
	s.Covariance, full.Covariance = kinds[0], kinds[0]
	absorbed, explicit := estimate(t, f, s), estimate(t, written, full)
	for _, cov := range kinds {
		if len(s.Cluster) > 1 && cov.DF == iv.DFSatterthwaite {
			continue
		}
		cov.Repair = iv.Off
		got, want := with(t, absorbed, cov), with(t, explicit, cov)
		// Degrees of freedom are ratios of sums in which digits cancel.
		tol := 1e-8
		if cov.Kind == iv.Jackknife && s.Endogenous != nil {
			tol = 1e-6 // the indicators that a cluster takes with it leave the first stage ill-conditioned
		}
		sameFit(t, fmt.Sprintf("%+v", cov), got, want, tol, slopes(got)...)
		a, err := got.WaldZero(slopes(got)...)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := want.WaldZero(slopes(got)...)
		near(t, fmt.Sprintf("%+v: joint test", cov), a.Statistic, b.Statistic, 10*tol, 0)
		near(t, fmt.Sprintf("%+v: its degrees of freedom", cov), a.DF2, b.DF2, tol, 0)
		if t.Failed() {
			return
		}
	}
}

// TestJackknifeLeavesOut compares the jackknife with estimating again without each cluster. Fuller's estimator
// keeps what it takes off the root of LIML in the whole sample.
func TestJackknifeLeavesOut(t *testing.T) {
	f := smallFrame(t, 33, 260, 9)
	agents := floats(t, f, "agent")
	for name, s := range smallModels() {
		for _, effects := range [][]string{nil, {"agent"}, {"day"}, {"agent", "day", "topic"}} {
			s.Outcomes, s.Cluster, s.Absorb, s.KeepSingletons = []string{"y"}, []string{"agent"}, iv.Effects(effects...), true
			s.Covariance = iv.Covariance{Kind: iv.Jackknife, Working: iv.InverseWeights}
			res := estimate(t, f, s)
			term := res.Terms[0]
			list, err := res.Influence(term)
			if err != nil {
				t.Fatal(err)
			}
			sum, estimates := 0.0, res.Coef[0]
			for _, c := range list {
				var rows []int
				for i, a := range agents {
					if fmt.Sprint(a) != c.Cluster {
						rows = append(rows, i)
					}
				}
				less := by(s, iv.Covariance{Params: iv.CountAll}, "agent")
				if s.Estimator == iv.Fuller {
					less.FullerAlpha = fullerFreedom(t, take(t, f, rows), less) / fullerFreedom(t, f, less)
				}
				without := coefficient(t, estimate(t, take(t, f, rows), less), term).Estimate
				near(t, fmt.Sprintf("%s with effects %v without cluster %s", name, effects, c.Cluster), c.Without, without, same, 1)
				sum += (without - estimates) * (without - estimates)
			}
			g := float64(len(list))
			near(t, fmt.Sprintf("%s with effects %v: standard error", name, effects), coefficient(t, res, term).SE, math.Sqrt((g-1)/g*sum), 1e-8, 0)
		}
	}
}

// fullerFreedom is what Fuller's constant is divided by: observations less all parameters of the reduced form.
func fullerFreedom(t *testing.T, f *data.Frame, s iv.Spec) float64 {
	r := estimate(t, f, s)
	return float64(r.N - r.ReducedForm.K)
}

// TestCorrectedInvariances: order of rows, labels of clusters, scale of columns, weights that count
// rows, and the number of processors.
func TestCorrectedInvariances(t *testing.T) {
	f := smallFrame(t, 34, 400, 17)
	for name, s := range smallModels() {
		s.Outcomes, s.Cluster, s.Absorb = []string{"y"}, []string{"agent"}, iv.Effects("agent", "day")
		for _, cov := range corrected(iv.EqualVariances) {
			s.Covariance = cov
			what := fmt.Sprintf("%s, %+v", name, cov)
			want := estimate(t, f, s)
			before := runtime.GOMAXPROCS(3)
			if again := estimate(t, f, s); !slices.Equal(again.Vcov.RawSymmetric().Data, want.Vcov.RawSymmetric().Data) || again.Coefficients()[0] != want.Coefficients()[0] {
				t.Errorf("%s: results depend on the number of processors", what)
			}
			runtime.GOMAXPROCS(before)
			sameFit(t, what+" of shuffled rows", estimate(t, take(t, f, shuffled(5, f.Len())), s), want, same)

			other := f.Clone()
			derive(t, other, "agent", []string{"agent"}, func(x []float64) float64 { return -7 * x[0] })
			derive(t, other, "c1", []string{"c1"}, func(x []float64) float64 { return 1e7 * x[0] })
			got := coefficient(t, estimate(t, other, s), "c1")
			near(t, what+" of a scaled column", 1e7*got.SE, coefficient(t, want, "c1").SE, same, 0)
			near(t, what+" of a scaled column: degrees of freedom", got.DF, coefficient(t, want, "c1").DF, same, 0)
			if s.WeightKind == iv.Frequency {
				var rows []int
				for i, n := range floats(t, f, "times") {
					for range int(n) {
						rows = append(rows, i)
					}
				}
				plain := s
				plain.Weights, plain.WeightKind = "", iv.Analytic
				sameFit(t, what+" of repeated rows", estimate(t, take(t, f, rows), plain), want, same)
			}
		}
	}
}

// TestFrequencyHC2: HC2 and HC3 with frequency weights are those of the repeated rows.
func TestFrequencyHC2(t *testing.T) {
	f := smallFrame(t, 35, 200, 11)
	var rows []int
	for i, n := range floats(t, f, "times") {
		for range int(n) {
			rows = append(rows, i)
		}
	}
	for _, kind := range []iv.CovarianceKind{iv.HC2, iv.HC3} {
		s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Absorb: iv.Effects("day", "topic"), Covariance: iv.Covariance{Kind: kind}}
		weighted := s
		weighted.Weights, weighted.WeightKind = "times", iv.Frequency
		sameFit(t, kind.String(), estimate(t, f, weighted), estimate(t, take(t, f, rows), s), same)
	}
}

// TestContrasts: a contrast has its own degrees of freedom, which are the coefficient's where it is
// one, and those of the model in other terms; a joint test of one restriction is its t squared.
func TestContrasts(t *testing.T) {
	f := smallFrame(t, 36, 300, 10)
	derive(t, f, "sum", []string{"c1", "c3"}, func(x []float64) float64 { return x[0] + x[1] })
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1", "c3"}, Cluster: []string{"agent"}, Covariance: iv.Covariance{Kind: iv.CR2}}
	res := estimate(t, f, s)
	one, err := res.Combine("c1", map[string]float64{"c1": 1})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "degrees of freedom of c1", one.DF, coefficient(t, res, "c1").DF, same, 0)
	difference, err := res.Combine("difference", map[string]float64{"c1": -1, "c3": 1})
	if err != nil {
		t.Fatal(err)
	}
	s.Exogenous = []string{"sum", "c3"} // the coefficient of c3 is now the difference
	other := coefficient(t, estimate(t, f, s), "c3")
	near(t, "difference", difference.Estimate, other.Estimate, same, 0)
	near(t, "its standard error", difference.SE, other.SE, same, 0)
	near(t, "its degrees of freedom", difference.DF, other.DF, same, 0)
	if smallest := min(coefficient(t, res, "c1").DF, coefficient(t, res, "c3").DF); difference.DF == smallest {
		t.Errorf("the contrast has the smaller degrees of freedom %g of its coefficients", smallest)
	}
	test := res.Wald("c1 = c3", mat.NewDense(1, 3, []float64{-1, 1, 0}), nil)
	near(t, "F of one restriction", test.Statistic, difference.Statistic*difference.Statistic, same, 0)
	near(t, "its degrees of freedom", test.DF2, difference.DF, same, 0)
	near(t, "its p", test.P, difference.P, same, 0)
}

// TestLeverageOne: a cluster that alone is assigned determines the effect alone. Its leverage is
// counted and reported, and does not make standard errors huge.
func TestLeverageOne(t *testing.T) {
	f := smallFrame(t, 37, 300, 12)
	derive(t, f, "alone", []string{"agent"}, func(x []float64) float64 { return math.Max(0, 1-x[0]) })
	for _, kind := range []iv.CovarianceKind{iv.CR2, iv.CR3, iv.Jackknife} {
		res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"alone", "c1"}, Cluster: []string{"agent"}, Covariance: iv.Covariance{Kind: kind}})
		if !slices.ContainsFunc(res.Warnings, func(w fieldexp.Warning) bool {
			return w.Code == "leverage-one" && strings.Contains(w.Message, "1 of 12")
		}) {
			t.Errorf("%v: warnings %v, want one of leverage one", kind, res.Warnings)
		}
		if c := coefficient(t, res, "alone"); !(c.SE > 0 && c.SE < 10) {
			t.Errorf("%v: standard error %g of an effect that one cluster determines", kind, c.SE)
		}
	}
}

// TestLeverageOneOfRows: rows alone in an absorbed group are left out, counted, and change nothing.
func TestLeverageOneOfRows(t *testing.T) {
	f := smallFrame(t, 39, 200, 12)
	derive(t, f, "group", []string{"row"}, func(x []float64) float64 { return math.Max(x[0]-190, float64(int(x[0])%4)) })
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Absorb: iv.Effects("group"), Covariance: iv.Covariance{Kind: iv.HC3, DF: iv.DFNormal}}
	dropped := estimate(t, f, s)
	s.KeepSingletons = true
	kept := estimate(t, f, s)
	if !slices.ContainsFunc(kept.Warnings, func(w fieldexp.Warning) bool {
		return w.Code == "leverage-one" && strings.HasPrefix(w.Message, fmt.Sprintf("%d of", dropped.Dropped.Singletons))
	}) || dropped.Dropped.Singletons == 0 {
		t.Errorf("%d singletons, warnings %v", dropped.Dropped.Singletons, kept.Warnings)
	}
	sameFit(t, "with singletons", kept, dropped, same)
}

// TestCorrectedStops: a cancelled context stops the computation.
func TestCorrectedStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Absorb: iv.Effects("day"), Cluster: []string{"agent"}, Covariance: iv.Covariance{Kind: iv.CR2}}
	if _, err := iv.Estimate(ctx, smallFrame(t, 40, 100, 8), s); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that of the context", err)
	}
}

// TestWithCorrected moves among covariances, and is refused where a result does not carry what is
// needed.
func TestWithCorrected(t *testing.T) {
	f := smallFrame(t, 38, 400, 10)
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Endogenous: []string{"used"}, Instruments: []string{"z"}, Cluster: []string{"agent"}}
	for _, effects := range [][]string{nil, {"agent"}, {"day"}, {"agent", "day"}} {
		s.Absorb = iv.Effects(effects...)
		free := len(effects) == 0 || effects[0] == "agent" && len(effects) == 1
		for _, cov := range corrected(iv.EqualVariances) {
			want := estimate(t, f, by(s, cov, "agent"))
			for _, from := range []iv.Covariance{{Kind: iv.CR1}, {Kind: iv.CR2}} {
				got, err := estimate(t, f, by(s, from, "agent")).With(cov)
				var refused *fieldexp.Error
				if from.Kind == iv.CR1 && !free {
					if !errors.As(err, &refused) || refused.Problem != fieldexp.NotAvailable || len(refused.Remedy) == 0 {
						t.Errorf("from %v to %+v with effects %v: %v, want a refusal", from.Kind, cov, effects, err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				sameFit(t, fmt.Sprintf("from %v to %+v", from.Kind, cov), got, want, same)
				near(t, "first-stage F", partialF(t, got).Statistic, partialF(t, want).Statistic, same, 0)
			}
		}
	}
	weighted := by(s, iv.Covariance{Kind: iv.CR2}, "agent")
	weighted.Weights = "w"
	if _, err := estimate(t, f, weighted).With(iv.Covariance{Kind: iv.CR2, Working: iv.InverseWeights}); err == nil {
		t.Error("another working model was not refused")
	}
	if _, err := estimate(t, f, by(s, iv.Covariance{Kind: iv.HC1})).With(iv.Covariance{Kind: iv.HC2}); err == nil {
		t.Error("HC2 of a result without leverages was not refused")
	}
	if _, err := iv.Estimate(context.Background(), f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Covariance: iv.Covariance{DF: iv.DFSatterthwaite}}); err == nil {
		t.Error("Satterthwaite degrees of freedom without clusters were not refused")
	}
}
