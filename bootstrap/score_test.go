package bootstrap_test

import (
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/iv"
)

// TestScoreAgainstRows computes the score bootstrap from rows.
func TestScoreAgainstRows(t *testing.T) {
	f := smallPanel(t, 9)
	x, cluster := design(t, f, "x1", "x2", "x3")
	r := newRegression(t, x, cluster)
	y := vector(t, f, "y")
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x2", "x3"}, Cluster: []string{"g"}})
	const null = 0.3
	from, u := r.fitRestricted(t, y, null), &mat.VecDense{}
	u.MulVec(x, from)
	u.SubVec(y, u)
	scores := make([]float64, 9)
	for i, g := range cluster {
		scores[g] += mat.Dot(r.inverse.RowView(0), x.RowView(i)) * u.AtVec(i)
	}
	statistic := func(v []float64) float64 {
		sum, squares := 0.0, 0.0
		for g, s := range scores {
			sum += v[g] * s
			squares += v[g] * s * v[g] * s
		}
		return sum / math.Sqrt(res.Factor*(squares-sum*sum/9))
	}
	w, err := bootstrap.Score(ctx, res, bootstrap.WildSpec{Term: "x1", Value: null, Draws: 400, Seed: 3, Weights: bootstrap.Mammen})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "LM", w.Statistic, statistic([]float64{1, 1, 1, 1, 1, 1, 1, 1, 1}), 1e-9)
	for b, v := range bootstrap.Draws(bootstrap.Mammen, 3, 400, 9) {
		near(t, "draw", w.Statistics[b], statistic(v), 1e-9)
	}
	checkSteps(t, w, func(null float64) float64 {
		at, err := bootstrap.Score(ctx, res, bootstrap.WildSpec{Term: "x1", Value: null, Draws: 400, Seed: 3, Weights: bootstrap.Mammen, NoSet: true})
		if err != nil {
			t.Fatal(err)
		}
		return at.P
	})
}

// TestPublishedScore compares the statistic with Stata's scoretest, and its p-value and set, which are
// those of t(7), with that statistic's.
func TestPublishedScore(t *testing.T) {
	want := publishedItem(t, "collapsed_LM")
	res := collapsed(t)
	statistic := func(null float64) float64 {
		w, err := bootstrap.Score(ctx, res, bootstrap.WildSpec{Term: "post_self", Value: null, NoSet: true})
		if err != nil {
			t.Fatal(err)
		}
		return w.Statistic
	}
	seen := statistic(0.04)
	near(t, "LM", seen, want.Computed.T, 1e-9)
	law := distuv.StudentsT{Sigma: 1, Nu: 7}
	near(t, "p", 2*law.CDF(-seen), want.Published.P, 1e-4)
	for _, end := range want.Published.CI { // printed to four digits
		if p := 2 * law.CDF(-math.Abs(statistic(end))); math.Abs(p-0.05) > 2e-4 {
			t.Errorf("at the published end %g p is %g", end, p)
		}
	}
}

func TestScoreRefusals(t *testing.T) {
	f := smallPanel(t, 9)
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x3"}, Cluster: []string{"g"}})
	two := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x3"}, Cluster: []string{"g", "half"}})
	for what, c := range map[string]struct {
		r    *iv.Result
		spec bootstrap.WildSpec
	}{
		"joint":        {res, bootstrap.WildSpec{Null: []bootstrap.Restriction{{Term: "x1"}, {Term: "x3"}}}},
		"unrestricted": {res, bootstrap.WildSpec{Term: "x1", Unrestricted: true}},
		"type":         {res, bootstrap.WildSpec{Term: "x1", Type: bootstrap.Type13}},
		"two ways":     {two, bootstrap.WildSpec{Term: "x1"}},
	} {
		var own *fieldexp.Error
		if _, err := bootstrap.Score(ctx, c.r, c.spec); !errors.As(err, &own) || own.Op != "bootstrap" {
			t.Errorf("%s: %v", what, err)
		}
	}
}
