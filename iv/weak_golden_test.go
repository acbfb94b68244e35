package iv_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// weakReference is a model's tests of instruments by other programs, and by formulas written out on the
// rows; see testdata/golden/weak.py.
type weakReference struct {
	Wu, Durbin, Sargan, J []float64
	GMMJ                  []float64 `json:"gmm_j"`
	LIMLSargan            *float64  `json:"liml_sargan"`
	CraggDonald           *float64  `json:"cragg_donald"`
	KleibergenPaap        float64   `json:"kleibergen_paap"`
	Under                 float64
	EffectiveF            *float64 `json:"effective_f"`
	DifferenceInJ         *float64 `json:"difference_in_j"`
	At                    []struct {
		B             []float64
		AR, LM        float64
		CLR, Strength *float64
	}
	IVModels []struct {
		B           []float64
		AR, LM, CLR []float64
	}
	ARSet  [][]string `json:"ar_set"`
	CLRSet [][]string `json:"clr_set"`
	LMSet  [][]string `json:"lm_set"`
}

// weakModels are the models of weak.json.
func weakModels() map[string]iv.Spec {
	model := func(endogenous, instruments string) iv.Spec {
		return iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1", "c2"}, Endogenous: strings.Fields(endogenous), Instruments: strings.Fields(instruments)}
	}
	return map[string]iv.Spec{
		"just": model("used", "assigned"), "over": model("share", "assigned reminded"),
		"three": model("used", "assigned reminded third"), "two": model("used share", "assigned reminded third"),
		"weak": model("used", "wave tide swell"), "weak_just": model("used", "tide"),
	}
}

func weakFrame(t *testing.T) *data.Frame {
	f := readCSV(t, refdata.Path(t, "golden", "experiment.csv"))
	derive(t, f, "third", []string{"assigned", "c2"}, func(x []float64) float64 { return x[0] * x[1] })
	derive(t, f, "wave", []string{"agent", "day"}, func(x []float64) float64 { return math.Cos(x[0] * x[1]) })
	derive(t, f, "tide", []string{"agent", "day"}, func(x []float64) float64 { return math.Sin(2*x[0] + x[1]) })
	derive(t, f, "swell", []string{"day", "team"}, func(x []float64) float64 { return math.Cos(3*x[0] + x[1]) })
	return f
}

func TestInstrumentsAgainstOthers(t *testing.T) {
	var file struct{ Results map[string]weakReference }
	refdata.JSON(t, &file, "golden", "weak.json")
	f := weakFrame(t)
	models := weakModels()
	for _, key := range slices.Sorted(maps.Keys(file.Results)) {
		t.Run(key, func(t *testing.T) {
			at := strings.LastIndex(key, "_")
			s, known := models[key[:at]]
			if !known {
				t.Fatalf("no model %s", key)
			}
			s.Covariance = map[string]iv.Covariance{"classical": {Kind: iv.Classical}, "robust": {Kind: iv.HC1}, "clustered": {Kind: iv.CR1}}[key[at+1:]]
			if s.Covariance.Kind == iv.CR1 {
				s.Cluster = []string{"agent"}
			}
			compareWeak(t, f, s, file.Results[key])
		})
	}
	if len(file.Results) != 3*len(models) {
		t.Errorf("%d results, want three for each of %d models", len(file.Results), len(models))
	}
}

func compareWeak(t *testing.T, f *data.Frame, s iv.Spec, want weakReference) {
	res := estimate(t, f, s)
	test := func(what string, got iv.Test, want []float64) {
		t.Helper()
		if want == nil {
			return
		}
		near(t, what, got.Statistic, want[0], agree, 0)
		near(t, "p of "+what, got.P, want[1], tail, tailFrom)
	}
	statistic := func(what string, got float64, want *float64) {
		t.Helper()
		if want != nil {
			near(t, what, got, *want, agree, 0)
		}
	}
	test("Wu-Hausman", res.WuHausman(), want.Wu)
	test("Durbin", res.DifferenceInJ(), want.Durbin)
	test("Sargan", res.Overidentification(), want.Sargan)
	test("J", res.Overidentification(), want.J)
	test("J of two-step GMM", res.Overidentification(), want.GMMJ)
	statistic("difference in J", res.DifferenceInJ().Statistic, want.DifferenceInJ)
	statistic("Cragg-Donald", res.CraggDonald().Statistic, want.CraggDonald)
	statistic("Kleibergen-Paap", res.KleibergenPaap().Statistic, &want.KleibergenPaap)
	statistic("underidentification", res.UnderIdentification().Statistic, &want.Under)
	statistic("effective F", res.EffectiveF().Statistic, want.EffectiveF)
	if want.LIMLSargan != nil {
		liml := s
		liml.Estimator = iv.LIML
		statistic("Sargan of LIML", estimate(t, f, liml).Overidentification().Statistic, want.LIMLSargan)
	}
	for _, p := range want.At {
		statistic(fmt.Sprint("Anderson-Rubin at ", p.B), res.AndersonRubin(p.B...).Statistic, &p.AR)
		statistic(fmt.Sprint("LM at ", p.B), res.KleibergenLM(p.B...).Statistic, &p.LM)
		if p.CLR != nil {
			statistic(fmt.Sprint("conditional LR at ", p.B), res.ConditionalLR(p.B[0]).Statistic, p.CLR)
		}
	}
	asymptotic := s
	asymptotic.Covariance.DF = iv.DFNormal
	for _, p := range want.IVModels {
		test(fmt.Sprint("ivmodels, Anderson-Rubin at ", p.B), res.AndersonRubin(p.B...), p.AR)
		large := estimate(t, f, asymptotic)
		if len(p.B) == 1 {
			test(fmt.Sprint("ivmodels, LM at ", p.B), large.KleibergenLM(p.B...), p.LM)
			test(fmt.Sprint("ivmodels, conditional LR at ", p.B), large.ConditionalLR(p.B[0]), p.CLR)
		}
	}
	compareSet(t, "Anderson-Rubin", res.AndersonRubinSet(), want.ARSet, agree)
	asymptotic.Estimator = iv.LIML
	liml := estimate(t, f, asymptotic)
	compareSet(t, "conditional LR", liml.ConditionalLRSet(), want.CLRSet, 1e-6)
	if want.LMSet != nil { // what ivmodels finds when it searches outwards from LIML
		near := iv.Set{}
		for _, piece := range liml.KleibergenLMSet().Pieces {
			if piece[0] <= liml.Coef[0] && liml.Coef[0] <= piece[1] {
				near.Pieces = append(near.Pieces, piece)
			}
		}
		compareSet(t, "LM", near, want.LMSet, 1e-6)
	}
}

// compareSet compares the ends of a set's pieces.
func compareSet(t *testing.T, what string, got iv.Set, want [][]string, tol float64) {
	t.Helper()
	if want == nil {
		return
	}
	if got.Reason != "" || len(got.Pieces) != len(want) {
		t.Fatalf("%s set %v, ivmodels has %v", what, got, want)
	}
	for i, piece := range want {
		for side, text := range piece {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "end of the "+what+" set", got.Pieces[i][side], v, tol, 0)
		}
	}
}
