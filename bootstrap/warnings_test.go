package bootstrap_test

import (
	"slices"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// arms is a frame of clusters of 4 rows, the last of which has more, of which the first are treated.
func arms(t *testing.T, clusters, treated, last int) *data.Frame {
	t.Helper()
	var y, z, dose, g []float64
	for c := range clusters {
		rows := 4
		if c == clusters-1 {
			rows = last
		}
		for i := range rows {
			assigned := 0.0
			if c < treated {
				assigned = 1
			}
			y, z = append(y, float64((c*c*7+i*5)%13)), append(z, assigned)
			dose, g = append(dose, float64(c%3)), append(g, float64(c))
		}
	}
	f := &data.Frame{}
	must(t, f.SetFloats("y", y))
	must(t, f.SetFloats("z", z))
	must(t, f.SetFloats("dose", dose))
	must(t, f.SetFloats("g", g))
	return f
}

func warned(list []fieldexp.Warning) (codes []string) {
	for _, w := range list {
		codes = append(codes, w.Code)
	}
	return codes
}

// TestWildWarnings: few treated clusters and a dominant one are warned of, few clusters alone are not.
func TestWildWarnings(t *testing.T) {
	for _, c := range []struct {
		clusters, treated, last int
		want                    []string
	}{
		{12, 6, 4, nil},
		{50, 10, 4, nil},
		{50, 5, 4, []string{"few-effective-clusters"}},
		{12, 2, 4, []string{"few-effective-clusters"}},
		{50, 25, 196, []string{"unequal-clusters"}},
	} {
		r := estimate(t, arms(t, c.clusters, c.treated, c.last), iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"z"}, Cluster: []string{"g"}})
		if got := warned(wild(t, r, bootstrap.WildSpec{Term: "z", Draws: 999, NoSet: true}).Warnings); !slices.Equal(got, c.want) {
			t.Errorf("%+v: warnings %v", c, got)
		}
	}
}

// TestArmWarnings: permutations warn of few units in an arm and, of coefficients, of unequal arms; a dose has
// no arms.
func TestArmWarnings(t *testing.T) {
	for _, c := range []struct {
		treated    int
		assignment string
		statistic  bootstrap.Statistic
		want       []string
	}{
		{10, "z", bootstrap.Studentised, nil},
		{10, "z", bootstrap.Plain, nil},
		{6, "z", bootstrap.Studentised, nil},
		{6, "z", bootstrap.Plain, []string{"unequal-arms"}},
		{4, "z", bootstrap.Studentised, []string{"few-units"}},
		{17, "z", bootstrap.Plain, []string{"few-units"}},
		{4, "dose", bootstrap.Plain, nil},
	} {
		res := permute(t, arms(t, 20, c.treated, 4), bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: c.assignment,
			Unit: "g", Statistic: c.statistic, Draws: 999, NoSet: true})
		if got := warned(res.Warnings); !slices.Equal(got, c.want) {
			t.Errorf("%+v: warnings %v", c, got)
		}
	}
}
