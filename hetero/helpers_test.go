package hetero_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

const (
	// study is what the project promises against the fits of the simulated study.
	study = 1e-7
	// agree is what it promises against reference programs otherwise.
	agree = 1e-8
	// same is for two ways through this library that differ only in the order of operations.
	same = 1e-9
)

var launch = time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC)

// shared is the path of a file of the reference material beside the checkout; the test is
// skipped where it is absent.
func shared(t testing.TB, elements ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "shared"}, elements...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("reference material is not beside this checkout: %v", err)
	}
	return path
}

// studyPanel is the agent-day panel of the small simulated study, made from its chats.
func studyPanel(t testing.TB) *data.Frame {
	t.Helper()
	shared(t, "golden", "study", "chats.csv.gz")
	f, err := builtOnce()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// measures are the panel's columns and the columns of the chats that they are means of.
var measures = []panel.Measure{
	{Name: "ident", Column: "seconds_to_issue"}, {Name: "dur", Column: "seconds_total"},
	{Name: "rating", Column: "stars"}, {Name: "dissat", Column: "low"},
	{Name: "retrial", Column: "again_3d"}, {Name: "retrial10", Column: "again_10m"},
	{Name: "conc", Column: "load"}, {Name: "byears", Column: "buyer_years"},
	{Name: "resp", Column: "reply_s"}, {Name: "bresp", Column: "buyer_reply_s"},
	{Name: "typing", Column: "typing_s"}, {Name: "away", Column: "away_s"},
	{Column: "msgs"}, {Name: "bmsgs", Column: "buyer_msgs"}, {Column: "photos"},
	{Column: "dens"}, {Column: "clar"}, {Column: "dive"}, {Name: "usage", Column: "used"},
}

var logged = []string{"ident", "dur", "resp", "typing", "bresp", "away"}

var builtOnce = sync.OnceValues(func() (*data.Frame, error) {
	ctx := context.Background()
	folder := filepath.Join("..", "..", "shared", "golden", "study")
	agents, err := data.ReadCSV(ctx, filepath.Join(folder, "agents.csv"), data.ReadOptions{Columns: []string{"worker", "arm"}})
	if err != nil {
		return nil, err
	}
	chats, err := data.ReadCSV(ctx, filepath.Join(folder, "chats.csv.gz"), data.ReadOptions{})
	if err != nil {
		return nil, err
	}
	if err := prepareChats(chats, agents); err != nil {
		return nil, err
	}
	f, _, err := panel.Build(ctx, chats, panel.Spec{Unit: "worker", Time: "opened_at", Measures: measures, UnitColumns: []string{"arm"},
		Baselines: []panel.Measure{{Name: "baseline", Column: "stars"}}, Launch: launch})
	if err != nil {
		return nil, err
	}
	if _, err := panel.Lag(f, panel.LagSpec{Unit: "worker", Period: "day", Columns: []string{"conc", "byears"}, Prefix: "l"}); err != nil {
		return nil, err
	}
	for _, name := range logged {
		values, err := f.Floats(name)
		if err != nil {
			return nil, err
		}
		logs := make([]float64, len(values))
		for i, v := range values {
			logs[i] = math.Log(v)
		}
		if err := f.SetFloats("ln_"+name, logs); err != nil {
			return nil, err
		}
	}
	_, err = panel.Groups(f, panel.GroupSpec{Value: "baseline", Unit: "worker", Name: "q"})
	return f, err
})

// prepareChats adds to the chats their agent's arm, whether the assistant was used, and whether
// the customer was dissatisfied.
func prepareChats(chats, agents *data.Frame) error {
	codes, levels, err := agents.Codes("worker")
	if err != nil {
		return err
	}
	arms, err := agents.Floats("arm")
	if err != nil {
		return err
	}
	armOf := map[string]float64{}
	for i, c := range codes {
		armOf[levels[c]] = arms[i]
	}
	if codes, levels, err = chats.Codes("worker"); err != nil {
		return err
	}
	columns := map[string][]float64{}
	for _, name := range []string{"stars", "sent_asis", "sent_edited"} {
		if columns[name], err = chats.Floats(name); err != nil {
			return err
		}
	}
	n := chats.Len()
	arm, used, low := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		arm[i] = armOf[levels[codes[i]]]
		used[i] = columns["sent_asis"][i] + columns["sent_edited"][i]
		switch stars := columns["stars"][i]; {
		case math.IsNaN(stars):
			low[i] = math.NaN()
		case stars < 3:
			low[i] = 1
		}
	}
	for name, values := range map[string][]float64{"arm": arm, "used": used, "low": low} {
		if err := chats.SetFloats(name, values); err != nil {
			return err
		}
	}
	return nil
}

// studySpec is the model of the study's heterogeneity tables, in the conventions of the reference.
func studySpec(rule hetero.TimeEffects, outcomes ...string) hetero.Spec {
	return hetero.Spec{
		Outcomes: outcomes, Assignment: "arm", Usage: "usage", Group: "q", Controls: []string{"lconc", "lbyears"},
		Absorb: iv.Effects("worker"), Period: "day", TimeEffects: rule, Time: "day", Launch: launch,
		KeepSingletons: true, Cluster: []string{"worker"},
	}
}

func estimate(t testing.TB, f *data.Frame, spec hetero.Spec) *hetero.Result {
	t.Helper()
	r, err := hetero.Estimate(context.Background(), f, spec)
	if err != nil {
		t.Fatalf("Estimate: %v", err)
	}
	return r
}

// near fails unless got is within tol of want, relative to the larger of |want| and scale.
func near(t testing.TB, what string, got, want, tol, scale float64) {
	t.Helper()
	if bound := tol * max(math.Abs(want), scale); !(math.Abs(got-want) <= bound) {
		t.Errorf("%s: got %.15g, want %.15g: off by %.2g, allowed %.2g", what, got, want, math.Abs(got-want), bound)
	}
}

// hasWarning reports whether a warning of that code is among the list.
func hasWarning(list []iv.Warning, code string) bool {
	return slices.ContainsFunc(list, func(w iv.Warning) bool { return w.Code == code })
}
