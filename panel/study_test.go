package panel_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/panel"
)

// logged are the outcomes whose logarithm is taken of the daily mean.
var logged = []string{"ident", "dur", "resp", "bresp", "typing", "away"}

// chats reads the chats of the study and derives usage and dissatisfaction.
func chats(t testing.TB) *data.Frame {
	t.Helper()
	f, err := data.ReadCSV(context.Background(), refdata.Path(t, "pilot", "chats.csv.gz"), data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) []float64 {
		v, err := f.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	asis, edited, stars := column("sent_asis"), column("sent_edited"), column("stars")
	used, low := make([]float64, f.Len()), make([]float64, f.Len())
	for i := range used {
		used[i] = asis[i] + edited[i]
		switch {
		case math.IsNaN(stars[i]):
			low[i] = math.NaN()
		case stars[i] < 3:
			low[i] = 1
		}
	}
	if err := errors.Join(f.SetFloats("used", used), f.SetFloats("low", low)); err != nil {
		t.Fatal(err)
	}
	return f
}

// studySpec is the agent-day panel of the golden fits.
func studySpec() panel.Spec {
	return panel.Spec{
		Unit: "worker", Time: "opened_at",
		Measures: []panel.Measure{
			{Name: "ident", Column: "seconds_to_issue"}, {Name: "dur", Column: "seconds_total"},
			{Name: "rating", Column: "stars"}, {Name: "dissat", Column: "low", Stat: panel.Share},
			{Name: "retrial", Column: "again_3d", Stat: panel.Share}, {Name: "retrial10", Column: "again_10m", Stat: panel.Share},
			{Name: "conc", Column: "load"}, {Name: "byears", Column: "buyer_years"},
			{Name: "resp", Column: "reply_s"}, {Name: "bresp", Column: "buyer_reply_s"},
			{Name: "typing", Column: "typing_s"}, {Name: "away", Column: "away_s"},
			{Column: "msgs"}, {Name: "bmsgs", Column: "buyer_msgs"}, {Column: "photos"},
			{Column: "dens"}, {Column: "clar"}, {Column: "dive"},
			{Name: "usage", Column: "used", Stat: panel.Share},
		},
		Baselines: []panel.Measure{{Name: "base", Column: "stars"}},
		Launch:    time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC),
	}
}

// The panel of the small study has the rows that every golden fit was made on.
func TestStudyPanel(t *testing.T) {
	f, report, err := panel.Build(context.Background(), chats(t), studySpec())
	if err != nil {
		t.Fatal(err)
	}
	if report.Events != 33_882 || report.Used != 33_882 || report.Units != 250 || report.Periods != 56 ||
		f.Len() != 5_290 || report.Balanced || report.First != "2023-12-26" || report.Last != "2024-02-19" {
		t.Errorf("not the study's panel:\n%s", report)
	}
	lags, err := panel.Lag(f, panel.LagSpec{Unit: "worker", Period: "day", Columns: []string{"conc", "byears"}, Prefix: "l"})
	if err != nil {
		t.Fatal(err)
	}
	if lags.First != 250 {
		t.Errorf("%d rows without a day before, want one for each agent", lags.First)
	}
	groups, err := panel.Groups(f, panel.GroupSpec{Unit: "worker", Value: "base", Name: "q"})
	if err != nil {
		t.Fatal(err)
	}
	// counts by R's cut and quantile; uneven since the means of few ratings tie
	if !slices.Equal(groups.Units, []int{53, 51, 46, 56, 44}) || groups.Without != 0 || report.Baselines[0].Units != 0 {
		t.Errorf("groups %+v", groups)
	}

	var fits []struct {
		Table, Outcome string
		N              int
	}
	refdata.JSON(t, &fits, "pilot", "fixest.json.gz")
	if len(fits) != 65 {
		t.Fatalf("%d golden fits, want 65", len(fits))
	}
	for _, fit := range fits {
		// the logarithm of a mean is missing where the mean is: no mean of the study is zero
		columns := []string{strings.TrimPrefix(fit.Outcome, "ln_"), "lconc", "lbyears"}
		if strings.HasPrefix(fit.Table, "hetero") {
			columns = append(columns, "base")
		}
		if n := complete(t, f, columns); n != fit.N {
			t.Errorf("%s of %s: %d complete rows, the fit has %d", fit.Table, fit.Outcome, n, fit.N)
		}
	}
}

// complete counts the rows in which no column is missing.
func complete(t testing.TB, f *data.Frame, columns []string) int {
	t.Helper()
	missing := make([]bool, f.Len())
	for _, name := range columns {
		values, err := f.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			missing[i] = missing[i] || math.IsNaN(v) || (slices.Contains(logged, name) && v <= 0)
		}
	}
	n := 0
	for _, m := range missing {
		if !m {
			n++
		}
	}
	return n
}

// The hourly panel, summed up, is the daily one.
func TestStudyHoursMakeDays(t *testing.T) {
	events := chats(t)
	spec := panel.Spec{Unit: "worker", Time: "opened_at", Period: panel.Hour, Measures: []panel.Measure{
		{Name: "total", Column: "seconds_total", Stat: panel.Sum}, {Name: "rated", Column: "stars", Stat: panel.CountObserved}}}
	hours, _, err := panel.Build(context.Background(), events, spec)
	if err != nil {
		t.Fatal(err)
	}
	spec.Period = panel.Day
	days, _, err := panel.Build(context.Background(), events, spec)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := panel.Build(context.Background(), hours, panel.Spec{Unit: "worker", PeriodColumn: "day", Measures: []panel.Measure{
		{Name: "total", Column: "total", Stat: panel.Sum}, {Name: "rated", Column: "rated", Stat: panel.Sum}, {Name: "n", Column: "events", Stat: panel.Sum}}})
	if err != nil {
		t.Fatal(err)
	}
	if again.Len() != days.Len() {
		t.Fatalf("%d agent-days by hours, %d by days", again.Len(), days.Len())
	}
	for name, as := range map[string]string{"total": "total", "rated": "rated", "events": "n"} {
		want, err := days.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := again.Floats(as)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-12*want[i] {
				t.Fatalf("%s, row %d: %v by hours, %v by days", name, i+1, got[i], want[i])
			}
		}
	}
}
