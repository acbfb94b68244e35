package iv_test

import (
	"math"
	"slices"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// TestEvenClusters: one cluster with half of the rows counts as hardly four equal ones, of which CR2 warns
// and CR3 does not; clusters of one size count as many as there are.
func TestEvenClusters(t *testing.T) {
	frame := func(largest int) *data.Frame {
		f := &data.Frame{}
		var y, z, g []float64
		for c := range 40 {
			rows := 2
			if c == 0 {
				rows = largest
			}
			for i := range rows {
				y, z, g = append(y, float64((c*c*7+i*5)%13)), append(z, float64(c%2)), append(g, float64(c))
			}
		}
		for _, column := range []struct {
			name   string
			values []float64
		}{{"y", y}, {"z", z}, {"g", g}} {
			if err := f.SetFloats(column.name, column.values); err != nil {
				t.Fatal(err)
			}
		}
		return f
	}
	unequal := func(w fieldexp.Warning) bool { return w.Code == "unequal-clusters" }
	for _, c := range []struct {
		largest int
		kind    iv.CovarianceKind
		even    float64
		warned  bool
	}{
		{2, iv.CR1, 40, false}, {2, iv.CR2, 40, false},
		{78, iv.CR1, 156 * 156 / (78*78 + 39*4.), true}, {78, iv.CR2, 156 * 156 / (78*78 + 39*4.), true}, {78, iv.CR3, 156 * 156 / (78*78 + 39*4.), false},
	} {
		res := estimate(t, frame(c.largest), iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"z"}, Cluster: []string{"g"}, Covariance: iv.Covariance{Kind: c.kind}})
		if even := res.EvenClusters(); math.Abs(even-c.even) > 1e-12*c.even {
			t.Errorf("%+v: %g even clusters", c, even)
		}
		if slices.ContainsFunc(res.Warnings, unequal) != c.warned {
			t.Errorf("%+v: warnings %v", c, res.Warnings)
		}
	}
	if alone := estimate(t, frame(2), iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"z"}}); !math.IsNaN(alone.EvenClusters()) {
		t.Errorf("%g even clusters without clusters", alone.EvenClusters())
	}
}
