package hetero_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// denseModel is the model of one half of a split with every indicator written out, by textbook formulas
// over a frame that holds the rows of the estimation alone.
type denseModel struct {
	impacts, stages []float64 // by group; the effects of its own exposure on the usage in it
	// Contributions of each cluster, by label, to the errors of the impacts and stages, times the root of
	// the small-sample factor.
	onImpacts, onStages map[string][]float64
}

// denseSpec says what is in a denseModel: exposure and usage (empty for the ITT) in each of the groups,
// controls, and the indicators of each effect; absorbed reports that the first of these are those of the
// clusters.
type denseSpec struct {
	exposure, usage, group string
	groups                 int
	controls               []string
	effects                []iv.Effect
	cluster                string
	absorbed               bool
	kind                   iv.CovarianceKind
}

// solveDense estimates the model. The rows in which the group is missing are left out.
func solveDense(t *testing.T, f *data.Frame, s denseSpec) denseModel {
	t.Helper()
	grouping := func(e iv.Effect) data.Grouping {
		g, err := f.Group(e[0], e[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	group, cluster := grouping(iv.Effect{s.group}), grouping(iv.Effect{s.cluster})
	var rows []int
	members := map[string][]int{} // places in rows
	for i, g := range group.Codes {
		if g >= 0 {
			label := cluster.Labels[cluster.Codes[i]]
			members[label] = append(members[label], len(rows))
			rows = append(rows, i)
		}
	}
	n := len(rows)
	column := func(value func(row int) float64) []float64 {
		c := make([]float64, n)
		for at, row := range rows {
			c[at] = value(row)
		}
		return c
	}
	byGroup := func(name string) (list [][]float64) {
		values := studytest.Floats(t, f, name)
		for k := range s.groups {
			list = append(list, column(func(row int) float64 {
				if group.Labels[group.Codes[row]] == fmt.Sprint("Q", k+1) {
					return values[row]
				}
				return 0
			}))
		}
		return list
	}
	var others [][]float64
	for _, name := range s.controls {
		values := studytest.Floats(t, f, name)
		others = append(others, column(func(row int) float64 { return values[row] }))
	}
	nested := 0.0 // levels of the effect of clusters, which K leaves out but for one
	for e, effect := range s.effects {
		g := grouping(effect)
		for l := range g.Len() {
			indicator := column(func(row int) float64 {
				if int(g.Codes[row]) == l {
					return 1
				}
				return 0
			})
			if mat.Sum(mat.NewVecDense(n, indicator)) > 0 {
				others = append(others, indicator)
				if s.absorbed && e == 0 {
					nested++
				}
			}
		}
	}
	matrix := func(lists ...[][]float64) *mat.Dense {
		m := mat.NewDense(n, len(lists[0])+len(others), nil)
		at := 0
		for _, list := range append(lists, others) {
			for _, c := range list {
				m.SetCol(at, c)
				at++
			}
		}
		return m
	}
	exposures := byGroup(s.exposure)
	z := matrix(exposures)
	y := column(func(row int) float64 { return studytest.Floats(t, f, "y")[row] })

	// solve regresses outcomes on x, where fitted holds x as instruments predict it.
	solve := func(y []float64, x, fitted *mat.Dense) ([]float64, map[string][]float64) {
		inverse, rank := pseudoInverse(fitted)
		var b, e mat.VecDense
		b.MulVec(inverse, mat.NewVecDense(n, y))
		e.MulVec(x, &b)
		e.SubVec(mat.NewVecDense(n, y), &e)
		var hat mat.Dense
		hat.Mul(fitted, inverse)
		factor, g := 1.0, float64(len(members))
		if s.kind == iv.CR1 {
			k := float64(rank) - nested + min(nested, 1)
			factor = g / (g - 1) * float64(n-1) / (float64(n) - k)
		}
		influence := map[string][]float64{}
		for label, own := range members {
			maker := mat.NewSymDense(len(own), nil) // of residuals, of this cluster
			residuals := mat.NewVecDense(len(own), nil)
			for i, p := range own {
				residuals.SetVec(i, e.AtVec(p))
				for j, q := range own[:i+1] {
					maker.SetSym(i, j, -hat.At(p, q))
				}
				maker.SetSym(i, i, 1-hat.At(p, p))
			}
			switch s.kind {
			case iv.CR2:
				residuals.MulVec(symmetricPower(t, maker, -0.5), residuals)
			case iv.CR3:
				residuals.MulVec(symmetricPower(t, maker, -1), residuals)
			}
			influence[label] = make([]float64, s.groups)
			for k := range s.groups {
				for i, p := range own {
					influence[label][k] += math.Sqrt(factor) * inverse.At(k, p) * residuals.AtVec(i)
				}
			}
		}
		return b.RawVector().Data[:s.groups], influence
	}
	var m denseModel
	if s.usage == "" {
		m.impacts, m.onImpacts = solve(y, z, z)
		return m
	}
	usages := byGroup(s.usage)
	x := matrix(usages)
	project, _ := pseudoInverse(z)
	var b, fitted mat.Dense
	b.Mul(project, x)
	fitted.Mul(z, &b)
	m.impacts, m.onImpacts = solve(y, x, &fitted)
	m.stages, m.onStages = make([]float64, s.groups), map[string][]float64{}
	for k, usage := range usages {
		own, influence := solve(usage, z, z)
		m.stages[k] = own[k]
		for label := range influence {
			if m.onStages[label] == nil {
				m.onStages[label] = make([]float64, s.groups)
			}
			m.onStages[label][k] = influence[label][k]
		}
	}
	return m
}

// times is the model with standard errors that many times as large.
func (m denseModel) times(scale float64) denseModel {
	for _, influences := range []map[string][]float64{m.onImpacts, m.onStages} {
		for _, own := range influences {
			for k := range own {
				own[k] *= scale
			}
		}
	}
	return m
}

// pseudoInverse is (X'X)^+ X', and the rank of X.
func pseudoInverse(x *mat.Dense) (*mat.Dense, int) {
	var svd mat.SVD
	svd.Factorize(x, mat.SVDThin)
	rank := svd.Rank(1e-10)
	rows, _ := x.Dims()
	identity := mat.NewDense(rows, rows, nil)
	for i := range rows {
		identity.Set(i, i, 1)
	}
	var inverse mat.Dense
	svd.SolveTo(&inverse, identity, rank)
	return &inverse, rank
}

// symmetricPower is a power of a positive semi-definite matrix on its range.
func symmetricPower(t *testing.T, m *mat.SymDense, power float64) *mat.Dense {
	t.Helper()
	var eigen mat.EigenSym
	if !eigen.Factorize(m, true) {
		t.Fatal("no eigenvalues")
	}
	var vectors, scaled, result mat.Dense
	eigen.VectorsTo(&vectors)
	scaled.CloneFrom(&vectors)
	for j, v := range eigen.Values(nil) {
		scale := 0.0
		if v > 1e-9 {
			scale = math.Pow(v, power)
		}
		for i := range m.SymmetricDim() {
			scaled.Set(i, j, vectors.At(i, j)*scale)
		}
	}
	result.Mul(&scaled, vectors.T())
	return &result
}

// averaged is the average over models of a combination of impacts, or of stages, and its standard error by
// what each cluster contributes to the average; a cluster that a model lacks adds nothing to it.
func averaged(models []denseModel, weights []float64, stages bool) (estimate, se float64) {
	byCluster := map[string]float64{}
	for _, m := range models {
		values, influence := m.impacts, m.onImpacts
		if stages {
			values, influence = m.stages, m.onStages
		}
		for k, w := range weights {
			estimate += w * values[k] / float64(len(models))
			for label, own := range influence {
				byCluster[label] += w * own[k] / float64(len(models))
			}
		}
	}
	squares := 0.0
	for _, v := range byCluster {
		squares += v * v
	}
	return estimate, math.Sqrt(squares)
}

// compareSplit compares an averaged fit of three groups with dense models.
func compareSplit(t *testing.T, what string, got *hetero.SplitFit, models []denseModel, df float64) {
	t.Helper()
	compare := func(name string, c iv.Coefficient, weights []float64, stages bool) {
		estimate, se := averaged(models, weights, stages)
		near(t, what+": "+name, c.Estimate, estimate, 1e-8, se)
		near(t, what+": standard error of "+name, c.SE, se, 1e-7, 0)
		if c.DF != df {
			t.Errorf("%s: %s has %v degrees of freedom, want %v", what, name, c.DF, df)
		}
	}
	each := [][]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	for k, weights := range each {
		compare(fmt.Sprint("impact ", k), got.Impacts[k], weights, false)
		if got.FirstStages != nil {
			compare(fmt.Sprint("first stage ", k), got.FirstStages[k], weights, true)
		}
	}
	compare("interaction", got.Interactions[1], []float64{-1, 0, 1}, false)
	compare("trend", got.Trend, []float64{-0.5, 0, 0.5}, false)
}

// TestSplitByHand: estimates and standard errors of every kind are those of the dense models over
// filtered frames, whether units are absorbed or not.
func TestSplitByHand(t *testing.T) {
	f := world{seed: 66, units: 24, periods: 7, groups: 3, skill: 1, noise: 1, effect: 1, seen: 0.9}.frame(t)
	half := pastHalves(t, f, 7)
	for _, rule := range []hetero.TimeEffects{hetero.GroupSpecific, hetero.Common} {
		for _, usage := range []string{"", "use"} {
			for _, absorbed := range []bool{true, false} {
				for _, kind := range []iv.CovarianceKind{iv.CR0, iv.CR1, iv.CR2, iv.CR3} {
					spec := splitSpec(rule, usage)
					spec.N, spec.Controls, spec.Covariance.Kind, spec.KeepSingletons = 3, []string{"c1"}, kind, true
					dense := denseSpec{exposure: "treat", usage: usage, group: "half group", groups: 3,
						controls: spec.Controls, effects: iv.Effects("unit", "period^half group"),
						cluster: "unit", absorbed: absorbed, kind: kind}
					if rule == hetero.Common {
						dense.effects = iv.Effects("unit", "period", "half group")
					}
					if !absorbed {
						spec.Absorb, dense.effects = nil, dense.effects[1:]
					}
					got := splitEstimate(t, f, spec)
					var models []denseModel
					for h := range 2 {
						models = append(models, solveDense(t, inHalf(t, f, half, h), dense))
					}
					what := fmt.Sprintf("%v, usage %q, units absorbed %v, %v", rule, usage, absorbed, kind)
					compareSplit(t, what, &got.Fits[0], models, float64(got.Units-1))
				}
			}
		}
	}
}

// inHalf is the frame of the rows that half h does not hold, with the groups that it makes.
func inHalf(t *testing.T, f *data.Frame, half []int, h int) *data.Frame {
	t.Helper()
	g := f.Clone()
	marks := make([]float64, f.Len())
	for i := range marks {
		if half[i] == h {
			marks[i] = 1
		}
	}
	if err := g.SetFloats("defines", marks); err != nil {
		t.Fatal(err)
	}
	baseline := panel.BaselineSpec{Unit: "unit", Measures: []panel.Measure{{Name: "half base", Column: "y"}}, PreColumn: "defines"}
	if _, err := panel.Baselines(g, baseline); err != nil {
		t.Fatal(err)
	}
	if _, err := panel.Groups(g, panel.GroupSpec{Value: "half base", Unit: "unit", N: 3, Name: "half group"}); err != nil {
		t.Fatal(err)
	}
	return g.Filter(func(row int) bool { return half[row] != h })
}

// TestPredictedSplitByHand: with groups by a prediction, half of the controls is in the model of one half
// and the other half in that of the other, and what they contribute is averaged by unit all the same.
func TestPredictedSplitByHand(t *testing.T) {
	const units, k, seed = 60, 2, 4
	f := survey(t, 12, units, k)
	z := studytest.Floats(t, f, "z")
	var controls []int
	for u := range units {
		if z[u] == 0 {
			controls = append(controls, u)
		}
	}
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(controls), func(i, j int) { controls[i], controls[j] = controls[j], controls[i] })
	defines := [2]map[int]bool{{}, {}}
	for at, u := range controls {
		defines[min(1, at/(len(controls)/2))][u] = true
	}
	for _, usage := range []string{"", "take"} {
		for _, kind := range []iv.CovarianceKind{iv.CR1, iv.CR2, iv.CR3} {
			spec := hetero.SplitSpec{Unit: "id", Baseline: "y", Covariates: covariates(k), N: 3, Splits: 1, Seed: seed}
			spec.Spec = hetero.Spec{
				Spec: itt.Spec{
					Outcomes:   []string{"y"},
					Assignment: "z",
					Cluster:    []string{"id"},
					Covariance: iv.Covariance{Kind: kind},
				},
				Usage: usage,
			}
			got := splitEstimate(t, f, spec)
			var models []denseModel
			fewest := units
			for h := range 2 {
				g := f.Clone()
				p := fitOne(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: covariates(k),
					Rows: func(row int) bool { return defines[h][row] }})
				x1, x2 := coefficient(t, p, "x1").Estimate, coefficient(t, p, "x2").Estimate
				studytest.Derive(t, g, "p", covariates(k), func(x []float64) float64 { return x1*x[0] + x2*x[1] })
				if _, err := panel.Groups(g, panel.GroupSpec{Value: "p", Unit: "id", N: 3, Name: "group"}); err != nil {
					t.Fatal(err)
				}
				g = g.Filter(func(row int) bool { return !defines[h][row] })
				fewest = min(fewest, g.Len())
				models = append(models, solveDense(t, g, denseSpec{exposure: "z", usage: usage, group: "group", groups: 3,
					effects: iv.Effects("group"), cluster: "id", kind: kind}).times(math.Sqrt(units/float64(g.Len()))))
			}
			compareSplit(t, fmt.Sprintf("usage %q, %v", usage, kind), &got.Fits[0], models, float64(fewest-1))
		}
	}
}

// TestCorrectedSplitOfManyUnits: CR2 is available however many rows make the groups, and close to CR1
// where units are many.
func TestCorrectedSplitOfManyUnits(t *testing.T) {
	f := world{seed: 67, units: 1300, periods: 8, groups: 3, skill: 1, noise: 1}.frame(t)
	var fits []*hetero.SplitFit
	for _, kind := range []iv.CovarianceKind{iv.CR1, iv.CR2} {
		spec := splitSpec(hetero.GroupSpecific, "")
		spec.N, spec.Absorb, spec.Covariance.Kind = 3, nil, kind
		fits = append(fits, &splitEstimate(t, f, spec).Fits[0])
	}
	for k, c := range fits[1].Impacts {
		near(t, c.Name, c.Estimate, fits[0].Impacts[k].Estimate, same, c.SE)
		near(t, "standard error of "+c.Name, c.SE, fits[0].Impacts[k].SE, 0.005, 0)
	}
}
