package studytest

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// Reference is a result of golden.json: what R made of the simulated experiment.
type Reference struct {
	ID   string
	N    int
	Coef []struct {
		Term     string
		Estimate float64
		SE       float64 `json:"std_error"`
		P, DoF   float64
		Low      float64 `json:"ci_lo"`
		High     float64 `json:"ci_hi"`
	}
	FirstStage *struct{ Value, Nomdf, Dendf float64 } `json:"diag_first_stage_F"`
}

// Golden reads the reference results for the experiment by their keys. Results of another shape
// have no Coef.
func Golden(t TB) map[string]Reference {
	t.Helper()
	results := refdata.Experiment(t)
	refs := make(map[string]Reference, len(results))
	for key, text := range results {
		var ref Reference
		if json.Unmarshal(text, &ref) == nil {
			refs[key] = ref
		}
	}
	return refs
}

// Experiment reads the simulated experiment, with the weight w of the reference calls.
func Experiment(t TB) *data.Frame {
	t.Helper()
	f := Read(t, "experiment", "experiment.csv.gz")
	Derive(t, f, "w", []string{"c2"}, func(x []float64) float64 { return 1 + x[0] })
	return f
}

// Compare holds a fit against a reference: N, and each coefficient's estimate, standard error,
// degrees of freedom, p-value and interval.
func Compare(t TB, fit *iv.Result, ref Reference) {
	t.Helper()
	const (
		agree = 1e-8 // what the project promises; fixest stops its iterations there too
		tail  = 1e-6 // p-values far in the tail lose a few digits more
	)
	if fit.N != ref.N {
		t.Errorf("%s: N %d, want %d", ref.ID, fit.N, ref.N)
	}
	if len(fit.Terms) != len(ref.Coef) {
		t.Errorf("%s: terms %v, want %d", ref.ID, fit.Terms, len(ref.Coef))
	}
	for _, want := range ref.Coef {
		name := strings.TrimPrefix(want.Term, "fit_")
		if name == "(Intercept)" {
			name = iv.Constant
		}
		got, err := fit.Coefficient(name)
		if err != nil {
			t.Errorf("%s: %v", ref.ID, err)
			continue
		}
		what := ref.ID + ": " + name
		Near(t, what, got.Estimate, want.Estimate, agree, want.SE)
		Near(t, what+": standard error", got.SE, want.SE, agree, 0)
		Near(t, what+": degrees of freedom", got.DF, want.DoF, 0, 0)
		Near(t, what+": p", got.P, want.P, tail, 1e-8)
		Near(t, what+": lower bound", got.Low, want.Low, agree, want.SE)
		Near(t, what+": upper bound", got.High, want.High, agree, want.SE)
	}
}

// Item is a row of a published.json of real data: values recomputed in R, and printed ones.
type Item struct {
	ID        string
	Computed  struct{ Coef, SE, N float64 }
	Published *struct{ Coef, SE, N float64 }
}

// Items reads the rows of a published.json by their id.
func Items(t TB, set string) map[string]Item {
	t.Helper()
	var file struct{ Items []Item }
	refdata.JSON(t, &file, set, "published.json")
	items := make(map[string]Item, len(file.Items))
	for _, item := range file.Items {
		items[item.ID] = item
	}
	return items
}

// CompareItem holds a coefficient against a row's values, and against what was printed with seven
// decimals.
func CompareItem(t TB, got iv.Coefficient, n int, item Item) {
	t.Helper()
	Near(t, item.ID, got.Estimate, item.Computed.Coef, 1e-8, 0)
	Near(t, item.ID+": standard error", got.SE, item.Computed.SE, 1e-8, 0)
	Near(t, item.ID+": N", float64(n), item.Computed.N, 0, 0)
	if p := item.Published; p != nil {
		const half = 0.5e-7 * (1 + 1e-6)
		if math.Abs(got.Estimate-p.Coef) > half || math.Abs(got.SE-p.SE) > half {
			t.Errorf("%s: got %s, printed %s", item.ID, fmt.Sprintf("%.7f (%.7f)", got.Estimate, got.SE), fmt.Sprintf("%.7f (%.7f)", p.Coef, p.SE))
		}
	}
}
