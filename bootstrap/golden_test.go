package bootstrap_test

import (
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// boottest is a result of R's fwildclusterboot.
type boottest struct {
	Estimate float64   `json:"point_estimate"`
	T        float64   `json:"t_stat"`
	P        float64   `json:"p"`
	CI       []float64 `json:"conf_int"`
	B        int       `json:"B"`
}

func goldenRow(t *testing.T, name string) boottest {
	t.Helper()
	var row boottest
	if err := json.Unmarshal(refdata.Experiment(t)[name], &row); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return row
}

var goldenOnce struct {
	sync.Once
	frame *data.Frame
}

// goldenFrame is the experiment of the reference results. It is read once; tests must not set columns in it.
func goldenFrame(t *testing.T) *data.Frame {
	t.Helper()
	goldenOnce.Do(func() { goldenOnce.frame = readCSV(t, refdata.Path(t, "experiment", "experiment.csv.gz")) })
	if goldenOnce.frame == nil {
		t.Fatal("the experiment could not be read")
	}
	return goldenOnce.frame
}

var goldenControls = []string{"assigned", "c1", "c2", "c3", "c4"}

// TestGoldenEnumerated: ten clusters, all 1,024 sign vectors, to the last count. The reference leaves
// the decision on ties to rounding; ties are excluded here, and where its p is not that of the draws
// that are strictly more extreme it must be within the ties.
//
// Types 13 and 33: the reference studentises the data with CR1's factor times (G-1)/G and its draws
// with (G-1)/G alone. We have the latter in both, so that its count is that of the draws beyond its own
// t.
func TestGoldenEnumerated(t *testing.T) {
	f := goldenFrame(t)
	id := floats(t, f, "agent_id")
	ten := map[float64]bool{4: true, 5: true, 6: true, 7: true, 14: true, 1: true, 2: true, 3: true, 8: true, 9: true}
	f = f.Filter(func(row int) bool { return ten[id[row]] })
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y1"}, Exogenous: goldenControls, Cluster: []string{"agent_id"}})
	for _, variant := range []bootstrap.Type{bootstrap.Type11, bootstrap.Type31, bootstrap.Type13, bootstrap.Type33} {
		for _, unrestricted := range []bool{false, true} {
			names := []string{fmt.Sprintf("boottest_enum10_type%s_null%s", variant, map[bool]string{false: "TRUE", true: "FALSE"}[unrestricted])}
			if variant == bootstrap.Type11 {
				names = append(names, fmt.Sprintf("boottest_enum10_typefnw11_null%s", map[bool]string{false: "TRUE", true: "FALSE"}[unrestricted]))
			}
			for _, name := range names {
				t.Run(name, func(t *testing.T) {
					want := goldenRow(t, name)
					w := wild(t, res, bootstrap.WildSpec{Term: "assigned", Type: variant, Unrestricted: unrestricted, Ties: bootstrap.TiesExcluded})
					if !w.Counts.Enumerated || w.Counts.Draws != want.B || w.MonteCarloSE != 0 {
						t.Errorf("%+v, want an enumeration of %d", w.Counts, want.B)
					}
					near(t, "estimate", w.Estimate, want.Estimate, 1e-10)
					seen := w.Statistic
					if variant == bootstrap.Type13 || variant == bootstrap.Type33 {
						seen /= math.Sqrt(res.Factor)
					}
					near(t, "t", seen, want.T, 1e-10)
					beyond := 0
					for _, draw := range w.Statistics {
						if math.Abs(draw) > math.Abs(seen)*(1+1e-9) {
							beyond++
						}
					}
					if seen == w.Statistic && beyond != w.Counts.Larger {
						t.Errorf("%d draws are larger, %d counted", beyond, w.Counts.Larger)
					}
					if got, least := int(math.Round(want.P*float64(want.B))), beyond; got < least || got > least+w.Counts.Ties {
						t.Errorf("%d draws are larger and %d equal; the reference counts %d", least, w.Counts.Ties, got)
					}
					if want.CI != nil {
						checkEnds(t, res, w, want.CI)
					}
				})
			}
		}
	}
}

// checkEnds compares a confidence set with a reference that interpolates between steps of the
// p-value: at its ends our p-value is alpha, up to a few draws, and the ends differ by little.
func checkEnds(t *testing.T, res *iv.Result, w *bootstrap.WildResult, want []float64) {
	t.Helper()
	if len(w.Set.Pieces) != 1 {
		t.Fatalf("set %v, want one interval", w.Set)
	}
	near(t, "lower end", w.Set.Pieces[0][0], want[0], 0.02*(want[1]-want[0]))
	near(t, "upper end", w.Set.Pieces[0][1], want[1], 0.02*(want[1]-want[0]))
	for _, end := range want {
		spec := w.Spec
		spec.Null = []bootstrap.Restriction{{Term: "assigned", Value: end}}
		spec.Draws = max(w.Counts.Draws, 99)
		at := wild(t, res, spec)
		if math.Abs(at.P-0.05) > 6/float64(w.Counts.Draws)+4*at.MonteCarloSE {
			t.Errorf("at the reference's end %g our p is %g", end, at.P)
		}
	}
}

// TestGoldenMonteCarlo: 400 clusters, within four standard errors of both simulations.
func TestGoldenMonteCarlo(t *testing.T) {
	long(t)
	f := goldenFrame(t)
	results, err := iv.Estimate(ctx, f, iv.Spec{Outcomes: []string{"y1", "y3", "y8", "y10"}, Exogenous: goldenControls, Cluster: []string{"agent_id"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		result  *iv.Result
		law     bootstrap.Weights
		variant bootstrap.Type
	}{
		{"boottest_full_rademacher", results[0], bootstrap.Rademacher, bootstrap.Type11},
		{"boottest_full_webb", results[0], bootstrap.Webb, bootstrap.Type11},
		{"boottest_full_mammen", results[0], bootstrap.Mammen, bootstrap.Type11},
		{"boottest_full_norm", results[0], bootstrap.Normal, bootstrap.Type11},
		{"boottest_full_rademacher_y3", results[1], bootstrap.Rademacher, bootstrap.Type11},
		{"boottest_full_rademacher_y8", results[2], bootstrap.Rademacher, bootstrap.Type11},
		{"boottest_full_rademacher_y10", results[3], bootstrap.Rademacher, bootstrap.Type11},
		{"boottest_full_type11", results[0], bootstrap.Rademacher, bootstrap.Type11},
		{"boottest_full_type31", results[0], bootstrap.Rademacher, bootstrap.Type31},
		{"boottest_full_type33", results[0], bootstrap.Rademacher, bootstrap.Type33},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := goldenRow(t, c.name)
			w := wild(t, c.result, bootstrap.WildSpec{Term: "assigned", Weights: c.law, Type: c.variant, Seed: 1, PRule: bootstrap.Share})
			near(t, "estimate", w.Estimate, want.Estimate, 1e-9)
			seen := w.Statistic
			if c.variant == bootstrap.Type33 { // see TestGoldenEnumerated
				seen /= math.Sqrt(c.result.Factor)
			}
			near(t, "t", seen, want.T, 1e-9)
			both := math.Hypot(w.MonteCarloSE, math.Sqrt(want.P*(1-want.P)/float64(want.B)))
			if math.Abs(w.P-want.P) > 4*both {
				t.Errorf("p %g, want %g within four standard errors of %g", w.P, want.P, both)
			}
			if want.CI != nil {
				checkEnds(t, c.result, w, want.CI)
			}
		})
	}
}
