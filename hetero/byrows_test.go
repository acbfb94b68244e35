package hetero_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/panel"
)

// TestEstimateAtEverySize: effects by group are estimated and held against the pooled effect whatever the number
// of rows, which decides into how many pieces the sums of each model are cut.
func TestEstimateAtEverySize(t *testing.T) {
	t.Parallel()
	const least, most = 40_000, 70_000
	step := 1000
	if testing.Short() {
		step = 6000
	}
	r := rand.New(rand.NewPCG(1, 5))
	columns := map[string][]float64{}
	for i := range most {
		team := i / 20
		for name, v := range map[string]float64{"y": r.NormFloat64(), "coin": float64(r.IntN(2)), "z": float64(team % 2), "base": r.NormFloat64(),
			"team": float64(team), "row": float64(i)} {
			columns[name] = append(columns[name], v)
		}
	}
	f := &data.Frame{}
	for name, values := range columns {
		if err := f.SetFloats(name, values); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := panel.Groups(f, panel.GroupSpec{Value: "base", Unit: "row", N: 4, Name: "group"}); err != nil {
		t.Fatal(err)
	}
	for n := least; n <= most; n += step {
		first := f.Filter(func(row int) bool { return row < n })
		for assignment, cluster := range map[string][]string{"coin": nil, "z": {"team"}} {
			fit := estimate(t, first, hetero.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: assignment, Cluster: cluster}, Group: "group"}).Fits[0]
			c := fit.Consistency
			rows := 0
			for _, g := range fit.Groups {
				rows += g.Rows
			}
			if rows != n || len(fit.Impacts) != 4 {
				t.Errorf("%d rows in %d groups, want %d in 4", rows, len(fit.Impacts), n)
			}
			what := fmt.Sprintf("%d rows, clusters %v", n, cluster)
			near(t, what+": difference", c.Difference.Estimate, c.Average.Estimate-c.Pooled.Estimate, same, c.Pooled.SE)
			if !(c.Difference.SE > 0 && c.Difference.SE < 0.5*c.Pooled.SE) {
				t.Errorf("%s: the average and the pooled effect, with s.e. %v, differ with s.e. %v", what, c.Pooled.SE, c.Difference.SE)
			}
		}
	}
}
