package hetero_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
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

// studyPanel is the panel of the simulated study with the quintiles q of each worker's mean stars
// before the launch.
func studyPanel(t testing.TB) *data.Frame {
	t.Helper()
	f := studytest.Panel(t).Clone()
	chats := refdata.Path(t, "pilot", "chats.csv.gz")
	baseline, err := baselineOf(chats)
	if err == nil {
		err = f.SetFloats("baseline", baseline)
	}
	if err == nil {
		_, err = panel.Groups(f, panel.GroupSpec{Value: "baseline", Unit: "worker", Name: "q"})
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var read struct {
	sync.Once
	baseline []float64
	err      error
}

// baselineOf makes the baseline of each row of the panel from the chats.
func baselineOf(chats string) ([]float64, error) {
	read.Do(func() {
		var events, f *data.Frame
		events, read.err = data.ReadCSV(context.Background(), chats, data.ReadOptions{Columns: []string{"worker", "opened_at", "stars"}})
		if read.err != nil {
			return
		}
		f, _, read.err = panel.Build(context.Background(), events, panel.Spec{Unit: "worker", Time: "opened_at",
			Baselines: []panel.Measure{{Name: "baseline", Column: "stars"}}, Launch: studytest.Launch})
		if read.err == nil {
			read.baseline, read.err = f.Floats("baseline")
		}
	})
	return read.baseline, read.err
}

// studySpec is the model of the study's heterogeneity tables, in the conventions of the reference.
func studySpec(rule hetero.TimeEffects, outcomes ...string) hetero.Spec {
	return hetero.Spec{
		Spec: itt.Spec{
			Outcomes:       outcomes,
			Assignment:     "arm",
			Controls:       []string{"lconc", "lbyears"},
			Absorb:         iv.Effects("worker"),
			Time:           "day",
			Launch:         studytest.Launch,
			KeepSingletons: true,
			Cluster:        []string{"worker"},
		},
		Usage:       "usage",
		Group:       "q",
		Period:      "day",
		TimeEffects: rule,
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

// fitOne estimates a model of package iv of one outcome.
func fitOne(t testing.TB, f *data.Frame, spec iv.Spec) *iv.Result {
	t.Helper()
	results, err := iv.Estimate(context.Background(), f, spec)
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

func coefficient(t testing.TB, r *iv.Result, name string) iv.Coefficient {
	t.Helper()
	c, err := r.Coefficient(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// near fails unless got is within tol of want, relative to the larger of |want| and scale.
func near(t testing.TB, what string, got, want, tol, scale float64) {
	t.Helper()
	studytest.Near(t, what, got, want, tol, scale)
}

// hasWarning reports whether a warning of that code is among the list.
func hasWarning(list []fieldexp.Warning, code string) bool {
	return slices.ContainsFunc(list, func(w fieldexp.Warning) bool { return w.Code == code })
}
