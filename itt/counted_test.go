package itt_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// schools is an experiment of ten clusters of ten rows, of which the first few are assigned; y is missing in every seventh row.
func schools(t *testing.T, assigned int) *data.Frame {
	t.Helper()
	rng := rand.New(rand.NewPCG(11, 13))
	const n = 100
	z, g, y, whole := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		if g[i] = float64(i / 10); i/10 < assigned {
			z[i] = 1
		}
		whole[i] = z[i] + rng.NormFloat64()
		if y[i] = whole[i]; i%7 == 0 {
			y[i] = math.NaN()
		}
	}
	f := new(data.Frame)
	for name, column := range map[string][]float64{"z": z, "g": g, "y": y, "whole": whole} {
		must(t, f.SetFloats(name, column))
	}
	return f
}

// TestInModel counts rows and clusters of each arm in the models of outcomes that are known in other rows.
func TestInModel(t *testing.T) {
	f := schools(t, 4)
	res, err := itt.Estimate(context.Background(), f, itt.Spec{Outcomes: []string{"y", "whole"}, Assignment: "z", Cluster: []string{"g"}})
	must(t, err)
	var want [2]itt.ArmCount
	z, y := column(t, f, "z"), column(t, f, "y")
	for i := range y {
		if y[i] == y[i] {
			want[int(z[i])].Rows++
		}
	}
	want[0].Clusters, want[1].Clusters = 6, 4
	if got := res.Design.InModel("y"); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := res.Design.InModel("whole"); got[0].Rows != 60 || got[1].Rows != 40 {
		t.Errorf("an outcome that is known everywhere: %+v", got)
	}
	if notes := strings.Join(res.Notes(), " "); !strings.Contains(notes, "In the model of y: 0 (51 rows), 1 (34 rows)") || strings.Contains(notes, "model of whole") {
		t.Errorf("notes: %s", notes)
	}
}

// TestOneClusterInAnArm: where an arm is a single cluster, no differences between clusters tell how far the effect may be off.
func TestOneClusterInAnArm(t *testing.T) {
	for assigned, none := range map[int]bool{1: true, 9: true, 2: false, 5: false, 8: false} {
		for _, kind := range []iv.CovarianceKind{iv.CR0, iv.CR1, iv.Jackknife} {
			f := schools(t, assigned)
			res, err := itt.Estimate(context.Background(), f, itt.Spec{Outcomes: []string{"whole"}, Assignment: "z", Cluster: []string{"g"}, Covariance: iv.Covariance{Kind: kind}})
			must(t, err)
			c, err := res.Effect("whole")
			must(t, err)
			if (c.Reason != "") != none || math.IsNaN(c.P) != none || c.SE > 0 == none {
				t.Errorf("%d of 10 assigned, %v: %+v", assigned, kind, c)
			}
			if said := strings.Contains(res.String(), "no standard error of \"z\""); said != none {
				t.Errorf("%d of 10 assigned, %v: %s", assigned, kind, res)
			}
			test, err := res.Fits[0].WaldZero("z")
			if err != nil || (test.Reason != "") != none {
				t.Errorf("%d of 10 assigned, %v: %+v", assigned, kind, test)
			}
		}
		rows, err := itt.Estimate(context.Background(), schools(t, assigned), itt.Spec{Outcomes: []string{"whole"}, Assignment: "z"})
		must(t, err)
		if c, _ := rows.Effect("whole"); c.Reason != "" || !(c.SE > 0) {
			t.Errorf("without clusters: %+v", c)
		}
	}
}
