package iv_test

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// stata is one result of Stata's ivregress.
type stata struct {
	Params, TStats map[string]float64
	Cov            map[string][]float64
	CovNames       []string `json:"cov_names"`
	Stats          struct {
		R2, RMSE, RSS, F, Chi2, P, Kappa *float64
		AdjR2                            *float64 `json:"r2_a"`
	}
}

// stataPrint is how closely Stata's matrices can be compared: they were written with eleven
// decimals, of which a small covariance leaves eight significant digits.
const stataPrint = 1e-8

// stataModel is the model that the key of a Stata result names, such as
// 2sls-num_endog_1-num_exog_3-num_instr_2-weighted_True-vce(robust)-small_noconstant. It returns
// the reason where the model is out of scope.
func stataModel(key string, params map[string]float64) (spec iv.Spec, reason string) {
	parts := strings.Split(key, "-")
	estimator, instruments, weighted, vce, options := parts[0], parts[3], parts[4], parts[5], parts[6]
	switch {
	case estimator == "gmm":
		return spec, "generalised method of moments is not one of the library's estimators"
	case strings.Contains(vce, "hac"):
		return spec, "kernel covariances are for time series"
	}
	small := strings.Contains(options, "small")
	spec = iv.Spec{Instruments: []string{"z1", "z2"}[:instruments[len(instruments)-1]-'0'],
		NoConstant: strings.Contains(options, "noconstant")}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		switch name {
		case "x1", "x2":
			spec.Endogenous = append(spec.Endogenous, name)
		case "_cons":
		default:
			spec.Exogenous = append(spec.Exogenous, name)
		}
	}
	if estimator == "liml" {
		spec.Estimator = iv.LIML
	}
	if strings.HasSuffix(weighted, "True") {
		spec.Weights = "weights"
	}
	// Stata's ivregress applies no factor at all, and the normal distribution, without "small".
	c := iv.Covariance{DF: iv.DFNormal}
	if small {
		c.DF = iv.DFUsual
	}
	switch vce {
	case "vce(unadjusted)":
		spec.Outcomes, c.Kind = []string{"y_unadjusted"}, iv.Classical
		if !small {
			c.RowFactor = iv.Off
		}
	case "vce(robust)":
		spec.Outcomes, c.Kind = []string{"y_robust"}, iv.HC0
		if small {
			c.Kind = iv.HC1
		}
	default:
		spec.Outcomes, c.Kind, spec.Cluster = []string{"y_clustered"}, iv.CR0, []string{"cluster_id"}
		if small {
			c.Kind = iv.CR1
		}
	}
	spec.Covariance = c
	return spec, ""
}

// TestStata compares every 2SLS and LIML result of linearmodels' test suite: classical, robust and
// clustered, small or not, weighted or not, with a constant or not.
func TestStata(t *testing.T) {
	var refs map[string]stata
	refdata.JSON(t, &refs, "linearmodels", "stata.json.gz")
	f := readCSV(t, refdata.Path(t, "linearmodels", "simulated.csv.gz"))
	compared, outOfScope := 0, map[string]int{}
	for _, key := range slices.Sorted(maps.Keys(refs)) {
		ref := refs[key]
		spec, reason := stataModel(key, ref.Params)
		if reason != "" {
			outOfScope[reason]++
			continue
		}
		compared++
		t.Run(key, func(t *testing.T) {
			compareStata(t, estimate(t, f, spec), ref)
		})
	}
	if compared != 288 {
		t.Errorf("%d results compared, want 288", compared)
	}
	for reason, n := range outOfScope {
		t.Logf("%d results out of scope: %s", n, reason)
	}
}

func compareStata(t *testing.T, res *iv.Result, ref stata) {
	t.Helper()
	names := make([]string, len(ref.CovNames))
	v := mat.NewSymDense(len(names), nil)
	for i, name := range ref.CovNames {
		names[i] = ourName(name)
		for j := range i + 1 {
			v.SetSym(i, j, ref.Cov[name][j])
		}
	}
	nearVcov(t, "covariance", block(t, res, names), v, stataPrint)
	near(t, "terms", float64(len(res.Terms)), float64(len(names)), 0, 0)
	for i, name := range names {
		c, se := coefficient(t, res, name), math.Sqrt(v.At(i, i))
		near(t, name, c.Estimate, ref.Params[ref.CovNames[i]], agree, 0.1*se)
		near(t, "t of "+name, c.Statistic, ref.TStats[ref.CovNames[i]], agree, 0.1)
	}
	if ref.Stats.Kappa == nil || ref.Stats.RSS == nil || ref.Stats.RMSE == nil {
		t.Fatal("the reference lacks kappa, RSS or RMSE")
	}
	near(t, "kappa", res.Kappa, *ref.Stats.Kappa, agree, 0)
	near(t, "RSS", res.RSS, *ref.Stats.RSS, agree, 0)
	// Stata's root mean squared error divides by N without "small", by N-K with it, as we always do.
	rmse := res.Sigma
	if math.IsInf(res.DF, 1) {
		rmse *= math.Sqrt(float64(res.N-len(res.Terms)) / float64(res.N))
	}
	near(t, "RMSE", rmse, *ref.Stats.RMSE, agree, 0)
	if ref.Stats.R2 != nil { // missing without a constant
		near(t, "R2", res.R2, *ref.Stats.R2, agree, 0.1)
		near(t, "adjusted R2", res.AdjR2, *ref.Stats.AdjR2, agree, 0.1)
	}
	want := ref.Stats.Chi2
	if ref.Stats.F != nil {
		want = ref.Stats.F
	}
	if want == nil {
		return // without a constant Stata tests nothing
	}
	test, err := res.WaldZero(slopes(res)...)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "test of all slopes", test.Statistic, *want, agree, 0)
	near(t, "its p", test.P, *ref.Stats.P, 1e-4, 1e-300) // printed with six digits
}
