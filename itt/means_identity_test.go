package itt_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// drawBlocks is an experiment in blocks of unequal size and share assigned: z by row, zc by cluster of
// unequal size within blocks, three arms, weights, a control.
func drawBlocks(t *rapid.T, blocks int) *data.Frame {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
	columns := map[string][]float64{}
	var arm, label []string
	cluster := 0
	for b := range blocks {
		row := 0
		for c := range 4 + r.IntN(3) {
			cluster++
			for range 2 + r.IntN(4) {
				z := float64(r.IntN(2))
				if row < 6 { // three of each arm in a block, so that one may be left out
					z = float64(row % 2)
				}
				for name, v := range map[string]float64{"z": z, "zc": float64(c % 2), "cluster": float64(cluster),
					"w": 0.3 + r.ExpFloat64(), "times": float64(1 + r.IntN(3)), "x": r.NormFloat64(),
					"y": r.NormFloat64() + float64(b)*(1+z) + float64(cluster%3), "level": 1e6 + r.NormFloat64()} {
					columns[name] = append(columns[name], v)
				}
				arm = append(arm, []string{"text", "control", "voice"}[row%3])
				label = append(label, fmt.Sprintf("block %d", b))
				row++
			}
		}
	}
	f := frame(t, columns)
	must(t, f.SetStrings("arm", arm))
	must(t, f.SetStrings("block", label))
	return f
}

func nearEffect(t rapid.TB, what string, got, want iv.Coefficient, tol float64) {
	t.Helper()
	studytest.Near(t, what, got.Estimate, want.Estimate, tol, max(1, want.SE))
	studytest.Near(t, what+": standard error", got.SE, want.SE, tol, 0)
	studytest.Near(t, what+": degrees of freedom", got.DF, want.DF, tol, 0)
	studytest.Near(t, what+": p", got.P, want.P, 1e-7, 1e-7)
}

// TestMeansAreRegressions: a difference in means is the regression on assignment with HC2 or, of
// clusters, CR2, weighted or not, for every arm; its own degrees of freedom of clusters are Bell and
// McCaffrey's.
func TestMeansAreRegressions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawBlocks(t, rapid.IntRange(1, 3).Draw(t, "blocks"))
		weights := rapid.SampledFrom([]string{"", "w"}).Draw(t, "weights")
		for _, assignment := range []string{"z", "arm"} {
			got := means(t, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: assignment, Weights: weights}, DF: itt.DesignDF})
			want := estimate(t, f, itt.Spec{Outcomes: []string{"y"}, Assignment: assignment, Weights: weights, Covariance: iv.Covariance{Kind: iv.HC2}})
			for i, w := range want.Effects() {
				g := got.Effects()[i]
				w.DF, w.P = g.DF, g.P // of the two arms alone, where there are three
				nearEffect(t, g.Name, g, w, same)
				if g.Name != w.Name {
					t.Errorf("effect %q, want %q", g.Name, w.Name)
				}
			}
		}
		got := means(t, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "zc", Weights: weights, Cluster: []string{"cluster"}}})
		want := estimate(t, f, itt.Spec{Outcomes: []string{"y"}, Assignment: "zc", Weights: weights, Cluster: []string{"cluster"}, Covariance: iv.Covariance{Kind: iv.CR2}})
		nearEffect(t, "clustered", got.Effects()[0], effect(t, want, "y"), 1e-9)
	})
}

// TestWelch: the degrees of freedom of simple assignment are Welch's; with weights each arm's share
// in them is that of the quadratic form, computed here as a matrix.
func TestWelch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawBlocks(t, 1)
		y, z, w := column(t, f, "y"), column(t, f, "z"), column(t, f, "w")
		for _, name := range []string{"", "w"} {
			got := means(t, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Weights: name}}).Effects()[0]
			variance, uncertainty := 0.0, 0.0
			for arm := range 2 {
				var values, weights []float64
				mass := 0.0
				for i := range y {
					if z[i] == float64(arm) {
						values, weights = append(values, y[i]), append(weights, 1)
						if name != "" {
							weights[len(weights)-1] = w[i]
						}
						mass += weights[len(weights)-1]
					}
				}
				n := len(values)
				maker, d := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
				for i := range n {
					for j := range n {
						maker.Set(i, j, -weights[j]/mass)
					}
					maker.Set(i, i, 1-weights[i]/mass)
					d.Set(i, i, weights[i]*weights[i]/mass/mass/(1-weights[i]/mass))
				}
				var a, square mat.Dense
				a.Product(maker.T(), d, maker)
				square.Mul(&a, &a)
				v := mat.NewVecDense(n, values)
				form := mat.Inner(v, &a, v)
				variance += form
				uncertainty += form * form * mat.Trace(&square) / mat.Trace(&a) / mat.Trace(&a)
			}
			studytest.Near(t, "standard error", got.SE, math.Sqrt(variance), same, 0)
			studytest.Near(t, "degrees of freedom", got.DF, variance*variance/uncertainty, same, 0)
		}
	})
}

// TestBlocksAreAverages: the effect in blocks is the mean, by size, of the differences in means in
// each block alone, with the sum of their variances; the precision-weighted one is the regression
// with block effects on the rows of the two arms; their difference has its own variance.
func TestBlocksAreAverages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawBlocks(t, rapid.IntRange(2, 4).Draw(t, "blocks"))
		spec := itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: rapid.SampledFrom([]string{"z", "zc", "arm"}).Draw(t, "assignment"), Weights: rapid.SampledFrom([]string{"", "w"}).Draw(t, "weights")}}
		if spec.Assignment == "zc" {
			spec.Cluster = []string{"cluster"}
		}
		alone := spec
		spec.Blocks = "block"
		res := means(t, f, spec)
		fit := res.Fits[0]
		codes, levels, err := f.Codes("block")
		must(t, err)
		for arm, effect := range fit.Effects {
			strata := fit.Strata[arm]
			var size, precision, difference, sizeVar, precisionVar, differenceVar, shares, masses, units float64
			for b, block := range fit.Blocks {
				if block.Label != levels[b] {
					t.Fatalf("block %q, want %q", block.Label, levels[b])
				}
				within := means(t, f.Filter(func(row int) bool { return int(codes[row]) == b }), alone)
				c := within.Effects()[arm]
				studytest.Near(t, "effect in a block", block.Effects[arm], c.Estimate, same, 1)
				studytest.Near(t, "its standard error", block.SE[arm], c.SE, 1e-9, 1e-14)
				share, weight := block.Share, strata.Weights[b]
				shares += share
				masses += weight
				size += share * c.Estimate
				precision += weight * c.Estimate
				difference += (share - weight) * c.Estimate
				sizeVar += share * share * c.SE * c.SE
				precisionVar += weight * weight * c.SE * c.SE
				differenceVar += (share - weight) * (share - weight) * c.SE * c.SE
				units += float64(block.Arms[0].Units + block.Arms[arm+1].Units - 2)
			}
			studytest.Near(t, "sum of shares", shares, 1, same, 0)
			studytest.Near(t, "sum of precision weights", masses, 1, same, 0)
			studytest.Near(t, "effect", effect.Estimate, size, same, 1)
			studytest.Near(t, "standard error", effect.SE, math.Sqrt(sizeVar), 1e-9, 1e-14)
			studytest.Near(t, "degrees of freedom", effect.DF, units, 0, 0)
			studytest.Near(t, "precision-weighted", strata.Precision.Estimate, precision, same, 1)
			studytest.Near(t, "its standard error", strata.Precision.SE, math.Sqrt(precisionVar), 1e-9, 1e-14)
			studytest.Near(t, "difference", strata.Difference.Estimate, difference, same, 1)
			studytest.Near(t, "difference of the two", strata.Difference.Estimate, effect.Estimate-strata.Precision.Estimate, same, 1)
			studytest.Near(t, "standard error of the difference", strata.Difference.SE, math.Sqrt(differenceVar), 1e-8, 1e-12)
			studytest.Near(t, "difference of the arms' means", fit.Arms[arm+1].Mean-fit.Arms[0].Mean, effect.Estimate, same, 1)

			two := f
			if spec.Assignment == "arm" {
				arms, labels, err := f.Codes("arm")
				must(t, err)
				two = f.Filter(func(row int) bool {
					label := labels[arms[row]]
					return label == res.Arms[0].Label || label == res.Arms[arm+1].Label
				})
			}
			strataEffects := estimate(t, two, itt.Spec{Outcomes: []string{"y"}, Assignment: spec.Assignment, Absorb: iv.Effects("block"), Weights: spec.Weights})
			studytest.Near(t, "regression with block effects", strata.Precision.Estimate, strataEffects.Effects()[0].Estimate, 1e-9, 1)
		}
	})
}

// TestBlocksAreSaturatedLin: the effect in blocks, with its variance, is Lin's with the blocks as a
// control and HC2 or CR2, for several arms.
func TestBlocksAreSaturatedLin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawBlocks(t, rapid.IntRange(2, 4).Draw(t, "blocks"))
		for _, c := range []struct {
			assignment, cluster string
			kind                iv.CovarianceKind
		}{{"z", "", iv.HC2}, {"arm", "", iv.HC2}, {"zc", "cluster", iv.CR2}} {
			spec := itt.Spec{Outcomes: []string{"y"}, Assignment: c.assignment, Controls: []string{"block"}, Covariance: iv.Covariance{Kind: c.kind}}
			if c.cluster != "" {
				spec.Cluster = []string{c.cluster}
			}
			want := lin(t, f, spec).Effects()
			got := means(t, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: c.assignment, Cluster: spec.Cluster}, Blocks: "block"}).Effects()
			for i := range want {
				studytest.Near(t, want[i].Name, got[i].Estimate, want[i].Estimate, 1e-9, 1)
				studytest.Near(t, want[i].Name+": standard error", got[i].SE, want[i].SE, 1e-8, 0)
			}
		}
	})
}

// TestPairs: matched pairs are the paired t test; the variance between small blocks is the same
// where all are of one size; with a control in each pair two of three arms are compared alike.
func TestPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		n := rapid.IntRange(3, 12).Draw(t, "pairs")
		columns := map[string][]float64{}
		var differences []float64
		sum := 0.0
		for p := range n {
			first := float64(r.IntN(2))
			y := []float64{r.NormFloat64(), r.NormFloat64()}
			for i, v := range y {
				columns["pair"] = append(columns["pair"], float64(p))
				columns["z"] = append(columns["z"], []float64{first, 1 - first}[i])
				columns["y"] = append(columns["y"], v)
			}
			d := (y[0] - y[1]) * (2*first - 1)
			differences = append(differences, d)
			sum += d
		}
		f := frame(t, columns)
		got := means(t, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}, Blocks: "pair", Pairs: true})
		mean, squares := sum/float64(n), 0.0
		for _, d := range differences {
			squares += (d - mean) * (d - mean)
		}
		c := got.Effects()[0]
		studytest.Near(t, "mean of the differences", c.Estimate, mean, same, 1)
		studytest.Near(t, "its standard error", c.SE, math.Sqrt(squares/float64(n*(n-1))), same, 0)
		studytest.Near(t, "degrees of freedom", c.DF, float64(n-1), 0, 0)
		pooled := means(t, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}, Blocks: "pair", Small: itt.PoolSmall})
		nearEffect(t, "pooled", pooled.Effects()[0], c, same)
		strata := got.Fits[0].Strata[0]
		if strata.Precision != c || strata.Difference.Estimate != 0 || strata.Difference.P != 1 {
			t.Errorf("pairs of two have two effects: %+v", strata)
		}
	})
}

// TestWeightsAreRows: a frequency weight is a repeated row and a weight of zero is none, and neither
// the order of rows nor the names of blocks and clusters matter, nor what is added to the outcome.
func TestWeightsAreRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawBlocks(t, rapid.IntRange(2, 3).Draw(t, "blocks"))
		spec := itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y", "level"}, Assignment: "z"}, DF: itt.WelchDF}
		if rapid.Bool().Draw(t, "clusters") {
			spec.Assignment, spec.Cluster = "zc", []string{"cluster"}
		}
		if rapid.Bool().Draw(t, "in blocks") {
			spec.Blocks = "block"
		}
		check := func(what string, g *data.Frame, other itt.MeansSpec, want *itt.MeansResult) {
			t.Helper()
			got := means(t, g, other)
			for i, w := range want.Effects() {
				nearEffect(t, what, got.Effects()[i], w, 1e-8)
			}
			if got.Fits[0].N != want.Fits[0].N || got.Fits[0].Units != want.Fits[0].Units {
				t.Errorf("%s: N %d and %d units, want %d and %d", what, got.Fits[0].N, got.Fits[0].Units, want.Fits[0].N, want.Fits[0].Units)
			}
		}
		var repeated []int
		for row, times := range column(t, f, "times") {
			for range int(times) {
				repeated = append(repeated, row)
			}
		}
		weighted := spec
		weighted.Weights, weighted.WeightKind = "times", iv.Frequency
		check("repeated rows", f.Take(repeated), spec, means(t, f, weighted))

		some := slices.Clone(column(t, f, "w"))
		some[0] = 0
		g := f.Clone()
		must(t, g.SetFloats("w", some))
		weighted.Weights, weighted.WeightKind = "w", iv.Analytic
		zero := means(t, g, weighted)
		if zero.Fits[0].Dropped.ZeroWeight != 1 {
			t.Errorf("dropped %+v, want a row of weight zero", zero.Fits[0].Dropped)
		}
		check("without the row", f.Filter(func(row int) bool { return row > 0 }), weighted, zero)

		order := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 4)).Perm(f.Len())
		shuffled := f.Take(order)
		label := slices.Clone(column(t, shuffled, "cluster"))
		for i := range label {
			label[i] = -label[i]
		}
		must(t, shuffled.SetFloats("cluster", label))
		check("other order", shuffled, spec, means(t, f, spec))
		far := slices.Clone(column(t, f, "y"))
		for i := range far {
			far[i] += 1000
		}
		g = f.Clone()
		must(t, g.SetFloats("y", far))
		check("another level", g, spec, means(t, f, spec))
	})
}
