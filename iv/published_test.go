package iv_test

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// publishedItem is a row of a published.json: what we are told was computed, and what was printed.
type publishedItem struct {
	ID, Spec  string
	Computed  struct{ Coef, SE, N float64 }
	Published *struct{ Coef, SE, N float64 }
	Extra     *struct {
		Z, P float64
		CI   []float64
	}
}

func readPublished(t *testing.T, set string) []publishedItem {
	t.Helper()
	var file struct{ Items []publishedItem }
	refdata.JSON(t, &file, set, "published.json")
	return file.Items
}

// comparePublished holds a coefficient against computed and printed values.
func comparePublished(t *testing.T, got iv.Coefficient, n int, item publishedItem) {
	t.Helper()
	near(t, item.ID, got.Estimate, item.Computed.Coef, agree, 0)
	near(t, item.ID+": standard error", got.SE, item.Computed.SE, agree, 0)
	near(t, item.ID+": N", float64(n), item.Computed.N, 0, 0)
	if item.Published != nil { // printed with seven decimals
		const half = 0.5e-7 * (1 + 1e-6)
		near(t, item.ID+" as printed", got.Estimate, item.Published.Coef, half, 1)
		near(t, item.ID+" as printed: standard error", got.SE, item.Published.SE, half, 1)
	}
	if e := item.Extra; e != nil {
		near(t, item.ID+": z", got.Statistic, e.Z, 0.005, 1)
		near(t, item.ID+": p", got.P, e.P, 0.00005, 1)
		near(t, item.ID+": lower bound", got.Low, e.CI[0], 0.5e-7, 1)
		near(t, item.ID+": upper bound", got.High, e.CI[1], 0.5e-7, 1)
	}
}

// TestNewHaven reproduces the New Haven canvass of Gerber and Green: the complier effect with
// Stata's robust standard error, and the estimates of its intention-to-treat effects, whose HC3
// standard errors TestNewHavenHC3 compares.
func TestNewHaven(t *testing.T) {
	f := readCSV(t, refdata.Path(t, "gerber_green", "newhaven_fedai_box5.csv"))
	late := estimate(t, f, iv.Spec{Outcomes: []string{"v98"}, Endogenous: []string{"cntany"}, Instruments: []string{"persngrp"},
		Covariance: iv.Covariance{Kind: iv.HC0, DF: iv.DFNormal}})
	seen := map[string]bool{}
	for _, item := range readPublished(t, "gerber_green") {
		seen[item.ID] = true
		switch item.ID {
		case "Box5.6_CACE":
			comparePublished(t, coefficient(t, late, "cntany"), late.N, item)
		case "Box5.4_ITT":
			near(t, item.ID, coefficient(t, late.ReducedForm, "persngrp").Estimate, item.Computed.Coef, agree, 0)
		case "Box5.5_ITTD":
			near(t, item.ID, coefficient(t, late.FirstStages[0], "persngrp").Estimate, item.Computed.Coef, agree, 0)
		default:
			t.Errorf("item %q has no comparison", item.ID)
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d items, want 3", len(seen))
	}
}

// TestJobsII compares ITT, first stage and LATE of the job search intervention JOBS II.
func TestJobsII(t *testing.T) {
	f := readCSV(t, refdata.Path(t, "jobs2", "jobs2.csv"))
	hc1 := iv.Covariance{Kind: iv.HC1}
	late := iv.Spec{Outcomes: []string{"depress2"}, Endogenous: []string{"comply"}, Instruments: []string{"treat"},
		Exogenous: []string{"depress1"}, Covariance: hc1}
	raw := late
	raw.Exogenous = nil
	models := map[string]struct {
		spec iv.Spec
		term string
	}{
		"ITT":      {iv.Spec{Outcomes: []string{"depress2"}, Exogenous: []string{"treat", "depress1"}, Covariance: hc1}, "treat"},
		"FS":       {iv.Spec{Outcomes: []string{"comply"}, Exogenous: []string{"treat"}, Covariance: hc1}, "treat"},
		"LATE":     {late, "comply"},
		"LATE_raw": {raw, "comply"},
	}
	items := readPublished(t, "jobs2")
	if len(items) != len(models) {
		t.Errorf("%d items, want %d", len(items), len(models))
	}
	for _, item := range items {
		m, ok := models[item.ID]
		if !ok {
			t.Errorf("item %q has no comparison", item.ID)
			continue
		}
		res := estimate(t, f, m.spec)
		comparePublished(t, coefficient(t, res, m.term), res.N, item)
	}
}

// wellnessFrames reads the study's files, which cannot be joined: an outcome is in one of them.
func wellnessFrames(t *testing.T) []*data.Frame {
	t.Helper()
	var frames []*data.Frame
	for _, name := range []string{"claims", "firm_admin", "online_surveys", "marathon"} {
		f := readCSV(t, refdata.Path(t, "wellness", name+".csv.gz"))
		// The assessment was open to the treated only: nothing recorded for a control is no usage.
		derive(t, f, "usage", []string{"hra_c_yr1"}, func(x []float64) float64 {
			if math.IsNaN(x[0]) {
				return 0
			}
			return x[0]
		})
		frames = append(frames, f)
	}
	return frames
}

// TestWellness reproduces all 52 cells of Tables 3 and 4 of the Illinois Workplace Wellness Study
// to every digit that is printed: ITT with HC1, LATE with Stata's ivregress robust (no factor, z),
// and usage on outcome among the treated, which an observational study would have reported.
func TestWellness(t *testing.T) {
	frames := wellnessFrames(t)
	rows, err := csv.NewReader(bytes.NewReader(refdata.Bytes(t, "wellness", "published.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	head, rows := rows[0], rows[1:]
	if len(rows) != 52 {
		t.Fatalf("%d published cells, want 52", len(rows))
	}
	for _, fields := range rows {
		cell := map[string]string{}
		for i, name := range head {
			cell[name] = fields[i]
		}
		t.Run(cell["estimand"]+" "+cell["outcome"], func(t *testing.T) { compareWellness(t, frames, cell) })
	}
}

func compareWellness(t *testing.T, frames []*data.Frame, cell map[string]string) {
	t.Helper()
	var f *data.Frame
	for _, candidate := range frames {
		if candidate.Has(cell["outcome"]) {
			f = candidate
		}
	}
	if f == nil {
		t.Fatalf("no file has %q", cell["outcome"])
	}
	s := iv.Spec{Outcomes: []string{cell["outcome"]}, Weights: cell["weights"]}
	term := "usage"
	switch cell["estimand"] {
	case "ITT, all":
		s.Exogenous, term = []string{"treat"}, "treat"
	case "LATE, all":
		s.Endogenous, s.Instruments = []string{"usage"}, []string{"treat"}
		s.Covariance = iv.Covariance{Kind: iv.HC0, DF: iv.DFNormal}
	case "OLS on usage, treated only":
		s.Exogenous = []string{"usage"}
		f = take(t, f, where(t, f, "treat", func(v float64) bool { return v == 1 }))
	default:
		t.Fatalf("unknown estimand %q", cell["estimand"])
	}
	res := estimate(t, f, s)
	c := coefficient(t, res, term)
	for _, v := range []struct {
		name string
		got  float64
	}{{"estimate", c.Estimate}, {"se", c.SE}, {"n", float64(res.N)}} {
		want := cell[v.name]
		decimals := 0
		if _, fraction, ok := strings.Cut(want, "."); ok {
			decimals = len(fraction)
		}
		printed := strconv.FormatFloat(v.got, 'f', decimals, 64)
		if printed == "-"+strconv.FormatFloat(0, 'f', decimals, 64) {
			printed = printed[1:]
		}
		if printed != want {
			t.Errorf("%s: got %s (%v), printed %s", v.name, printed, v.got, want)
		}
	}
	if stars := starsOf(c.P); stars != cell["stars"] {
		t.Errorf("stars %q (p %v), printed %q", stars, c.P, cell["stars"])
	}
}

// starsOf marks a p-value as the study's tables do.
func starsOf(p float64) string {
	switch {
	case p < 0.01:
		return "***"
	case p < 0.05:
		return "**"
	case p < 0.10:
		return "*"
	}
	return ""
}

// TestNLSW: the regression whose wild bootstrap Stata's boottest prints, with the four cells of
// south and union.
func TestNLSW(t *testing.T) {
	f := readCSV(t, refdata.Path(t, "wildboot", "nlsw88.csv.gz"))
	derive(t, f, "both", []string{"south", "union"}, func(x []float64) float64 { return x[0] * x[1] })
	res := estimate(t, f, iv.Spec{Outcomes: []string{"wage"}, Exogenous: []string{"tenure", "ttl_exp", "collgrad", "south", "union", "both"}, Cluster: []string{"industry"}})
	near(t, "N", float64(res.N), 1855, 0, 0)
	for _, c := range []struct {
		term         string
		estimate, se float64
	}{{"tenure", .0371771, .0144888}, {"ttl_exp", .2672039, .0213283}, {"collgrad", 3.152462, .3625251}, {iv.Constant, 3.581387, .220271}} {
		got := coefficient(t, res, c.term)
		const half = 0.5e-6 * (1 + 1e-6) // printed with six or seven decimals
		near(t, c.term, got.Estimate, c.estimate, half, 1)
		near(t, "standard error of "+c.term, got.SE, c.se, half, 1)
	}
	near(t, "R2", res.R2, .2744, 2e-4, 0)
	overall := res.OverallF()
	near(t, "F", overall.Statistic, 466.17, 2e-5, 0)
	near(t, "its degrees of freedom", overall.DF2, 11, 0, 0)
}
