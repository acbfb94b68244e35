package study

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// TestBalanceByClusters: where sites were assigned whole and models are clustered by them, so is the comparison of the arms
// before the launch: it is what a regression over the events before it gives.
func TestBalanceByClusters(t *testing.T) {
	var events, units, before strings.Builder
	events.WriteString("id,at,y\n")
	units.WriteString("id,site,z\n")
	before.WriteString("id,site,z,y\n")
	for u := range 60 {
		site := u / 5
		fmt.Fprintf(&units, "u%d,s%d,%d\n", u, site, site%2)
		for day := range 10 {
			y := math.Sin(float64(site*site)) + math.Cos(float64(u*day+u))/2
			fmt.Fprintf(&events, "u%d,2024-01-%02d,%.6f\n", u, 10+day, y)
			if day < 5 {
				fmt.Fprintf(&before, "u%d,s%d,%d,%.6f\n", u, site, site%2, y)
			}
		}
	}
	text := "launch = 2024-01-15\nfigures = []\n[data]\nevents = \"e.csv\"\nunits = \"u.csv\"\n[roles]\nunit = \"id\"\nassignment = \"z\"\ntime = \"at\"\n[model]\ncluster = [\"site\"]\n" +
		"[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nkind = \"balance\"\n"
	got := fitOf(t, ran(t, map[string]string{"study.toml": text, "e.csv": events.String(), "u.csv": units.String()}), "1", "y")
	plain := "figures = []\n[data]\npanel = \"b.csv\"\n[roles]\nassignment = \"z\"\n[model]\ncluster = [\"site\"]\n[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nkind = \"itt\"\n"
	want := fitOf(t, ran(t, map[string]string{"study.toml": plain, "b.csv": before.String()}), "1", "y")
	if got.Clusters["site"] != 12 || math.Abs(float64(got.Terms[0].Estimate-want.Terms[0].Estimate)) > 1e-12 {
		t.Errorf("%v by %v, want %v by %v", got.Terms[0].Estimate, got.Clusters, want.Terms[0].Estimate, want.Clusters)
	}
	// The factors differ by the rows that they count: units here, events there.
	if a, b := float64(got.Terms[0].SE)/math.Sqrt(float64(got.Factor)), float64(want.Terms[0].SE)/math.Sqrt(float64(want.Factor)); math.Abs(a/b-1) > 1e-10 {
		t.Errorf("standard error %v, want %v", a, b)
	}
}
