// Package studytest gives tests the small simulated study of the reference data as a panel, with the
// fits that R's fixest made of it, and compares results with what is expected.
package studytest

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/panel"
)

// TB is what helpers need of a test: a testing.TB, or a rapid.T.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// Launch is when the study's assistant became available.
var Launch = time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC)

// Read reads a CSV file of a set of references.
func Read(t TB, set, file string) *data.Frame {
	t.Helper()
	f, err := data.ReadCSV(context.Background(), refdata.Path(t, set, file), data.ReadOptions{})
	check(t, err)
	return f
}

// Fit is a reference result: a model of R's fixest.
type Fit struct {
	Table, Outcome string
	N              int
	Terms          []struct {
		Term         string
		Estimate, SE float64
	}
}

// Fits reads the reference results of a table: itt, late, hetero_common, hetero_group or event.
func Fits(t TB, table string) []Fit {
	t.Helper()
	var all, fits []Fit
	refdata.JSON(t, &all, "pilot", "fixest.json.gz")
	for _, fit := range all {
		if fit.Table == table {
			fits = append(fits, fit)
		}
	}
	return fits
}

var built struct {
	sync.Once
	panel *data.Frame
}

// Panel is the study by agent and day: worker, day, arm, the outcomes of the reference fits, usage,
// and the lagged controls lconc and lbyears. It is built once; tests must not set columns in it,
// but in a Clone.
func Panel(t TB) *data.Frame {
	t.Helper()
	built.Do(func() { built.panel = buildPanel(t) })
	if built.panel == nil {
		t.Fatal("the study's panel could not be built")
	}
	return built.panel
}

// logs and means say which daily means of which columns are outcomes, in logs or as they are.
var (
	logs = map[string]string{"ln_ident": "seconds_to_issue", "ln_dur": "seconds_total", "ln_resp": "reply_s",
		"ln_typing": "typing_s", "ln_bresp": "buyer_reply_s", "ln_away": "away_s"}
	means = map[string]string{"dissat": "dissat", "rating": "stars", "retrial": "again_3d", "msgs": "msgs",
		"bmsgs": "buyer_msgs", "photos": "photos", "dens": "dens", "clar": "clar", "dive": "dive", "retrial10": "again_10m",
		"usage": "sent", "conc": "load", "byears": "buyer_years"}
)

func buildPanel(t TB) *data.Frame {
	t.Helper()
	ctx := context.Background()
	people, events := Read(t, "pilot", "agents.csv"), Read(t, "pilot", "chats.csv.gz")
	Derive(t, events, "dissat", []string{"stars"}, func(x []float64) float64 {
		if x[0] < 3 {
			return 1
		}
		return 0 * x[0]
	})
	Derive(t, events, "sent", []string{"sent_asis", "sent_edited"}, func(x []float64) float64 { return x[0] + x[1] })

	spec := panel.Spec{Unit: "worker", Time: "opened_at"}
	for _, columns := range []map[string]string{logs, means} {
		for name, column := range columns {
			spec.Measures = append(spec.Measures, panel.Measure{Name: name, Column: column})
		}
	}
	f, _, err := panel.Build(ctx, events, spec)
	check(t, err)
	for name := range logs {
		Derive(t, f, name, []string{name}, func(x []float64) float64 { return math.Log(x[0]) })
	}
	_, err = panel.Lag(f, panel.LagSpec{Unit: "worker", Period: "day", Columns: []string{"conc", "byears"}, Prefix: "l"})
	check(t, err)
	joinArm(t, f, people)
	return f
}

// joinArm looks up the arm of each row's worker.
func joinArm(t TB, f, people *data.Frame) {
	t.Helper()
	codes, levels, err := people.Codes("worker")
	check(t, err)
	arm := map[string]float64{}
	for i, v := range Floats(t, people, "arm") {
		arm[levels[codes[i]]] = v
	}
	rows, names, err := f.Codes("worker")
	check(t, err)
	values := make([]float64, f.Len())
	for i, c := range rows {
		v, ok := arm[names[c]]
		if !ok {
			t.Fatalf("worker %s is not among the agents", names[c])
		}
		values[i] = v
	}
	check(t, f.SetFloats("arm", values))
}

// Derive sets a column computed row by row from others.
func Derive(t TB, f *data.Frame, name string, from []string, value func(x []float64) float64) {
	t.Helper()
	columns := make([][]float64, len(from))
	for j, c := range from {
		columns[j] = Floats(t, f, c)
	}
	out := make([]float64, f.Len())
	x := make([]float64, len(from))
	for i := range out {
		for j := range columns {
			x[j] = columns[j][i]
		}
		out[i] = value(x)
	}
	check(t, f.SetFloats(name, out))
}

// Floats is the values of a column of numbers.
func Floats(t TB, f *data.Frame, name string) []float64 {
	t.Helper()
	values, err := f.Floats(name)
	check(t, err)
	return values
}

// Near fails unless got is within tol of want, relative to the larger of |want| and scale.
func Near(t TB, what string, got, want, tol, scale float64) {
	t.Helper()
	if bound := tol * max(math.Abs(want), scale); !(math.Abs(got-want) <= bound) {
		t.Errorf("%s: got %.15g, want %.15g: off by %.2g, allowed %.2g", what, got, want, math.Abs(got-want), bound)
	}
}

func check(t TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
