package study

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/internal/refdata"
)

// agreement is what the golden files are good for: fixest removes effects by iteration and stops
// early. With the many regressors of the event study its standard errors are off in the seventh
// digit; package itt's tests show ours to be those of the regression with all dummies.
const (
	agreement = 1e-7
	stopped   = 3e-7
)

// goldenFit is a fit of R's fixest.
type goldenFit struct {
	Table, Outcome string
	N              int
	Terms          []struct {
		Term         string
		Estimate, SE float64
	}
}

// TestGoldenStudy runs a study file over another study's files, whose columns have other names, and
// finds all 65 fits that R's fixest has of it.
func TestGoldenStudy(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole study, as in TestProgress and TestEventsAreCells")
	}
	var want []goldenFit
	refdata.JSON(t, &want, "pilot", "fixest.json.gz")
	s, err := Load("testdata/golden.toml")
	if err != nil {
		t.Fatal(err)
	}
	out, err := Run(context.Background(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(want) != 65 {
		t.Errorf("%d golden fits, want 65", len(want))
	}
	for _, w := range want {
		got := ours(out, w)
		if got == nil {
			t.Errorf("%s of %s: no such fit", w.Table, w.Outcome)
			continue
		}
		if got.N != w.N {
			t.Errorf("%s of %s: N is %d, want %d", w.Table, w.Outcome, got.N, w.N)
		}
		for _, term := range w.Terms {
			g := termOf(got, ourName(term.Term))
			if g == nil {
				t.Errorf("%s of %s: no term %s", w.Table, w.Outcome, ourName(term.Term))
				continue
			}
			se, within := float64(g.SE), agreement
			if w.Table == "event" {
				within = stopped
			}
			if !near(float64(g.Estimate), term.Estimate, term.SE, within) || !near(se, term.SE, term.SE, within) {
				t.Errorf("%s of %s: %s is %.12g (%.12g), want %.12g (%.12g)", w.Table, w.Outcome, term.Term, g.Estimate, g.SE, term.Estimate, term.SE)
			}
		}
	}
}

// near compares numbers, relative to the larger of the one wanted and its standard error.
func near(got, want, se, within float64) bool {
	return math.Abs(got-want) <= within*math.Max(math.Abs(want), se)
}

// ours finds the fit that is R's.
func ours(out *Output, w goldenFit) *Fit {
	table := map[string]string{"itt": "1", "late": "2", "hetero_group": "3", "hetero_common": "3", "event": "4"}[w.Table]
	for i := range out.Fits {
		f := &out.Fits[i]
		main := f.Estimator == "ols" || f.Estimator == "2sls"
		common := f.TimeEffects == "common"
		if main && f.Table == table && f.Outcome == w.Outcome && common == (w.Table == "hetero_common") {
			return f
		}
	}
	return nil
}

// ourName is our name of one of R's terms.
func ourName(term string) string {
	switch term {
	case "treat":
		return treatedColumn
	case "fit_usage":
		return "used"
	case "lconc":
		return lagged + "load"
	case "lbyears":
		return lagged + "buyer_years"
	}
	if q, ok := strings.CutPrefix(term, "fit_q::"); ok {
		return "used in Q" + q[:1]
	}
	if _, day, ok := strings.Cut(term, "))::"); ok {
		return "arm x day=" + strings.TrimSuffix(day, ":arm")
	}
	return term
}

func termOf(f *Fit, name string) *Term {
	for i := range f.Terms {
		if f.Terms[i].Term == name {
			return &f.Terms[i]
		}
	}
	return nil
}
