package itt_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// clusters is a frame of clusters with a number of rows each, the first of which are treated.
func clusters(t *testing.T, treated, control, rows int) *data.Frame {
	t.Helper()
	columns := map[string][]float64{}
	for g := range treated + control {
		for i := range rows {
			z := 0.0
			if g < treated {
				z = 1
			}
			columns["g"] = append(columns["g"], float64(g))
			columns["z"] = append(columns["z"], z)
			columns["y"] = append(columns["y"], float64((g*g*7+i*5)%13))
		}
	}
	return frame(t, columns)
}

// TestFewTreated: warnings come with few treated clusters or rows, however many controls there are,
// and only then.
func TestFewTreated(t *testing.T) {
	for _, c := range []struct {
		treated, control, rows int
		cluster                bool
		code                   string // of the warning; empty for none
		effective              float64
	}{
		{100, 100, 10, true, "", 0},
		{5, 195, 10, true, "few-treated-clusters", 5.3},
		{195, 5, 10, true, "few-treated-clusters", 5.3},
		{25, 175, 10, true, "", 0},
		{5, 195, 1, true, "few-treated-clusters", 5.3}, // clusters of one row, whose number is taken from the arms
		{100, 100, 1, true, "", 0},
		{5, 995, 1, false, "few-treated-rows", 5.1},
		{500, 500, 1, false, "", 0},
		{8, 8, 10, true, "", 0},                        // few clusters altogether: the fit warns of that
		{2, 14, 10, true, "few-treated-clusters", 2.6}, // but of two treated as well
		// less than half of few clusters are effective: 10.3 of 24, but 12.8 of 25
		{6, 18, 10, true, "few-treated-clusters", 10.3},
		{7, 18, 10, true, "", 0},
		{4, 12, 10, true, "few-treated-clusters", 6.9}, // fewer than half of those
	} {
		spec := itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}
		if c.cluster {
			spec.Cluster = []string{"g"}
		}
		res := estimate(t, clusters(t, c.treated, c.control, c.rows), spec)
		at := slices.IndexFunc(res.Warnings, func(w fieldexp.Warning) bool { return strings.HasPrefix(w.Code, "few-treated") })
		switch {
		case at < 0 && c.code != "":
			t.Errorf("%+v: no warning among %v", c, res.Warnings)
		case at >= 0 && res.Warnings[at].Code != c.code:
			t.Errorf("%+v: warning %v", c, res.Warnings[at])
		case at >= 0 && !strings.Contains(res.Warnings[at].Message, fmt.Sprintf(" %.1f ", c.effective)):
			t.Errorf("%+v: message %q does not tell %.1f effective clusters", c, res.Warnings[at].Message, c.effective)
		}
		if few := slices.ContainsFunc(res.Warnings, func(w fieldexp.Warning) bool { return w.Code == "few-clusters" }); few != (c.cluster && c.treated+c.control < 30) {
			t.Errorf("%+v: the engine's warning of few clusters: %v", c, few)
		}
	}
}

// TestFewTreatedCorrected: standard errors that correct for leverage do with fewer effective clusters.
func TestFewTreatedCorrected(t *testing.T) {
	for _, c := range []struct {
		treated, control int
		kind             iv.CovarianceKind
		warned           bool
	}{
		{10, 40, iv.CR1, true}, {10, 40, iv.CR2, false}, {10, 40, iv.CR3, false}, {10, 40, iv.Jackknife, false},
		{5, 45, iv.CR1, true}, {5, 45, iv.CR2, true}, {5, 45, iv.CR3, true}, {5, 45, iv.Jackknife, true},
		{15, 35, iv.CR1, false},
	} {
		res := estimate(t, clusters(t, c.treated, c.control, 10), itt.Spec{Outcomes: []string{"y"}, Assignment: "z",
			Cluster: []string{"g"}, Covariance: iv.Covariance{Kind: c.kind}})
		if slices.ContainsFunc(res.Warnings, func(w fieldexp.Warning) bool { return w.Code == "few-treated-clusters" }) != c.warned {
			t.Errorf("%+v: warnings %v", c, res.Warnings)
		}
	}
}

// TestWarningsOnce: what holds for several outcomes is said once.
func TestWarningsOnce(t *testing.T) {
	f := clusters(t, 5, 195, 10)
	must(t, f.SetFloats("y2", slices.Clone(column(t, f, "y"))))
	res := estimate(t, f, itt.Spec{Outcomes: []string{"y", "y2"}, Assignment: "z", Cluster: []string{"g"}})
	if len(res.Warnings) != 1 {
		t.Errorf("warnings %v, want one", res.Warnings)
	}
}

// TestWith: another covariance is that of estimating with it.
func TestWith(t *testing.T) {
	f := office(t)
	spec := itt.Spec{Outcomes: []string{"y", "x"}, Assignment: "arm", Cluster: []string{"agent"}}
	cr0 := iv.Covariance{Kind: iv.CR0, DF: iv.DFNormal}
	changed, err := estimate(t, f, spec).With(cr0)
	must(t, err)
	spec.Covariance = cr0
	if got, want := changed.Effects(), estimate(t, f, spec).Effects(); !slices.Equal(got, want) {
		t.Errorf("effects %v, want %v", got, want)
	}
	if _, err := changed.With(iv.Covariance{Kind: iv.HC1}); err == nil {
		t.Error("a clustered result gave HC1")
	}
}

// TestBalanceRows: what cannot be compared has a row with the reason; weighted and repeated rows
// are described alike; missing values are counted variable by variable.
func TestBalanceRows(t *testing.T) {
	f := frame(t, map[string][]float64{
		"z":     {0, 0, 0, 0, 1, 1, 1, 1, math.NaN()},
		"x":     {1, 2, 3, 6, 2, 4, math.NaN(), 9, 100},
		"const": {7, 7, 7, 7, 7, 7, 7, 7, 7},
		"some":  {1, 2, 3, 4, math.NaN(), math.NaN(), math.NaN(), math.NaN(), 5},
		"w":     {1, 2, 1, 1, 3, 1, 1, 0, 1},
	})
	res := balance(t, f, itt.BalanceSpec{Spec: itt.Spec{Assignment: "z"}, Variables: []string{"x", "const", "some"}})
	x := res.Rows[0]
	want := []itt.Moments{{N: 4, Mean: 3, SD: math.Sqrt(14. / 3)}, {N: 3, Mean: 5, SD: math.Sqrt(13)}}
	for a, m := range want {
		got := x.Arms[a]
		studytest.Near(t, "mean", got.Mean, m.Mean, 1e-14, 0)
		studytest.Near(t, "standard deviation", got.SD, m.SD, 1e-14, 0)
		if got.N != m.N {
			t.Errorf("N %d, want %d", got.N, m.N)
		}
	}
	studytest.Near(t, "normalised", x.Normalized[0], 2/math.Sqrt((14./3+13)/2), 1e-14, 0)
	if !strings.Contains(res.Rows[1].Reason, "7 in every row") || !strings.Contains(res.Rows[2].Reason, "arm 1 has no value") || res.Rows[1].Fit != nil {
		t.Errorf("reasons %q and %q", res.Rows[1].Reason, res.Rows[2].Reason)
	}
	text := res.String()
	for _, part := range []string{"const is not compared: it is 7", "some is not compared", "Joint test", "HC1"} {
		if !strings.Contains(text, part) {
			t.Errorf("the table does not say %q:\n%s", part, text)
		}
	}

	// A frequency weight stands for repeated rows.
	spec := itt.BalanceSpec{Spec: itt.Spec{Assignment: "z", Weights: "w", WeightKind: iv.Frequency}, Variables: []string{"x"}}
	weighted := balance(t, f, spec).Rows[0]
	var rows []int
	for i, w := range column(t, f, "w") {
		for range int(w) {
			rows = append(rows, i)
		}
	}
	repeated := balance(t, f.Take(rows), itt.BalanceSpec{Spec: itt.Spec{Assignment: "z"}, Variables: []string{"x"}}).Rows[0]
	for a := range weighted.Arms {
		g, w := weighted.Arms[a], repeated.Arms[a]
		studytest.Near(t, "weighted mean", g.Mean, w.Mean, 1e-14, 0)
		studytest.Near(t, "weighted standard deviation", g.SD, w.SD, 1e-14, 0)
		if g.N != w.N {
			t.Errorf("arm %d: N %d, want %d", a, g.N, w.N)
		}
	}
	none := balance(t, f, itt.BalanceSpec{Spec: itt.Spec{Assignment: "z"}, Variables: []string{"const"}})
	if none.Joint.Reason == "" || len(none.Notes()) != 0 || !strings.Contains(none.String(), "Joint test") {
		t.Errorf("a table without a comparison: joint test %+v, notes %v", none.Joint, none.Notes())
	}
}

// TestSummaries: what is printed names the effects, the arms, what was added, and the warnings.
func TestSummaries(t *testing.T) {
	f := office(t)
	res := estimate(t, f, itt.Spec{Outcomes: []string{"y", "x"}, Assignment: "arm", Time: "day", Launch: mid, TreatedName: "zt"})
	for _, part := range []string{
		"difference-in-differences of arm", "y, text", "x, voice", "text (78 rows), voice (78 rows) against the control arm Control (84 rows)", "treated from 2024-03-04 on (day)",
		"Added as regressors", "arm=text, arm=voice, day>=2024-03-04", "HC1",
	} {
		if !strings.Contains(res.String(), part) {
			t.Errorf("the summary does not say %q:\n%s", part, res)
		}
	}
	event := eventStudy(t, f, itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Time: "day", Launch: mid}, Unit: "agent"})
	for _, part := range []string{"Event study of y, relative to period -1", "alike before the launch: F(2, 39)", "clustered by agent (40)"} {
		if !strings.Contains(event.String(), part) {
			t.Errorf("the summary does not say %q:\n%s", part, event)
		}
	}
}

func balance(t *testing.T, f *data.Frame, spec itt.BalanceSpec) *itt.BalanceResult {
	t.Helper()
	res, err := itt.Balance(t.Context(), f, spec)
	must(t, err)
	return res
}
