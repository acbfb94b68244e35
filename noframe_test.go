package fieldexp_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/panel"
	"github.com/fieldexp/fieldexp/report"
	"github.com/fieldexp/fieldexp/study"
)

// TestNoFrame: every function that takes a frame refuses a nil one.
func TestNoFrame(t *testing.T) {
	ctx, launch := context.Background(), time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC)
	var none *data.Frame
	some := new(data.Frame)
	if err := errors.Join(some.SetStrings("agent", []string{"a", "b"}), some.SetFloats("y", []float64{1, 2})); err != nil {
		t.Fatal(err)
	}
	assigned := itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Cluster: []string{"agent"}}
	used := late.Spec{Spec: assigned, Usage: "used"}
	grouped := hetero.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Cluster: []string{"agent"}}, Usage: "used", Group: "q"}
	model := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"z"}, Cluster: []string{"agent"}}
	events := panel.Spec{Unit: "agent", Time: "at"}
	derived := data.Derivation{Name: "v", Op: data.OpSum, Columns: []string{"y"}}
	for name, call := range map[string]func() error{
		"data: Kind":          func() error { _, err := none.Kind("y"); return err },
		"data: Floats":        func() error { _, err := none.Floats("y"); return err },
		"data: Finite":        func() error { _, err := none.Finite("y"); return err },
		"data: Infinite":      func() error { _, err := none.Infinite("y"); return err },
		"data: Codes":         func() error { _, _, err := none.Codes("y"); return err },
		"data: Times":         func() error { _, err := none.Times("y"); return err },
		"data: Instants":      func() error { _, err := none.Instants("y"); return err },
		"data: Group":         func() error { _, err := none.Group("y", "z"); return err },
		"data: Summary":       func() error { _, err := none.Summary("y"); return err },
		"data: SetFloats":     func() error { return none.SetFloats("y", []float64{1}) },
		"data: SetCodes":      func() error { return none.SetCodes("y", []int32{0}, []string{"a"}) },
		"data: SetStrings":    func() error { return none.SetStrings("y", []string{"a"}) },
		"data: SetTimes":      func() error { return none.SetTimes("y", []time.Time{launch}) },
		"data: SetInstants":   func() error { return none.SetInstants("y", []int64{1}) },
		"data: Select":        func() error { _, err := none.Select(); return err },
		"data: Filter":        func() error { return none.Filter(func(int) bool { return true }).SetFloats("y", nil) },
		"data: Take":          func() error { return none.Take([]int{-1}).SetFloats("y", nil) },
		"data: Clone":         func() error { return none.Clone().SetFloats("y", nil) },
		"data: LeftJoin":      func() error { _, _, err := none.LeftJoin(some, "agent"); return err },
		"data: LeftJoin nil":  func() error { _, _, err := some.LeftJoin(none, "agent"); return err },
		"data: Append":        func() error { _, err := none.Append(some); return err },
		"data: Append nil":    func() error { _, err := some.Append(none); return err },
		"data: WriteCSV":      func() error { return none.WriteCSV(io.Discard) },
		"data: WriteCSVFile":  func() error { return none.WriteCSVFile(filepath.Join(t.TempDir(), "none.csv")) },
		"data: ToGota":        func() error { return none.ToGota().Err },
		"data: Difference":    func() error { return none.Difference("v", "y", "z") },
		"data: Sum":           func() error { return none.Sum("v", "y") },
		"data: Product":       func() error { return none.Product("v", "y") },
		"data: Ratio":         func() error { _, err := none.Ratio("v", "y", "z"); return err },
		"data: Log":           func() error { _, err := none.Log("v", "y", data.LogMissing); return err },
		"data: Indicator":     func() error { return none.Indicator("v", "y", data.Less, 1) },
		"data: IndicatorText": func() error { return none.IndicatorText("v", "y", data.Equal, "a") },
		"data: AsCategorical": func() error { return none.AsCategorical("y") },
		"data: AsFloat":       func() error { return none.AsFloat("y") },
		"data: Apply":         func() error { return derived.Apply(none) },
		"data: Values":        func() error { _, _, err := derived.Values(none); return err },

		"panel: Build": func() error { _, _, err := panel.Build(ctx, none, events); return err },
		"panel: Baselines": func() error {
			_, err := panel.Baselines(none, panel.BaselineSpec{Unit: "agent", PreColumn: "pre", Measures: []panel.Measure{{Column: "y", Stat: panel.Mean}}})
			return err
		},
		"panel: Groups": func() error { _, err := panel.Groups(none, panel.GroupSpec{Value: "y", N: 2, Name: "q"}); return err },
		"panel: Lag": func() error {
			_, err := panel.Lag(none, panel.LagSpec{Unit: "agent", Period: "day", Columns: []string{"y"}, Back: 1})
			return err
		},
		"panel: Add": func() error {
			a, err := panel.NewAggregator(events)
			if err != nil {
				return err
			}
			return a.Add(none)
		},

		"iv: Estimate":      func() error { _, err := iv.Estimate(ctx, none, model); return err },
		"iv: EstimateCells": func() error { _, err := iv.EstimateCells(ctx, none, model, "agent"); return err },

		"itt: Estimate":        func() error { _, err := itt.Estimate(ctx, none, assigned); return err },
		"itt: Lin":             func() error { _, err := itt.Lin(ctx, none, assigned); return err },
		"itt: NewDesign":       func() error { _, err := itt.NewDesign(none, assigned); return err },
		"itt: CheckAssignment": func() error { _, err := itt.CheckAssignment(none, "z", []string{"agent"}, false); return err },
		"itt: AddTreated":      func() error { return itt.AddTreated(none, "treated", "z", "day", launch) },
		"itt: DifferenceInMeans": func() error {
			_, err := itt.DifferenceInMeans(ctx, none, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}})
			return err
		},
		"itt: Balance": func() error {
			_, err := itt.Balance(ctx, none, itt.BalanceSpec{Spec: itt.Spec{Assignment: "z"}, Variables: []string{"y"}})
			return err
		},
		"itt: EventStudy": func() error {
			_, err := itt.EventStudy(ctx, none, itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Time: "day", Launch: launch}, Unit: "agent"})
			return err
		},

		"late: Estimate":            func() error { _, err := late.Estimate(ctx, none, used); return err },
		"late: Account":             func() error { _, err := late.Account(ctx, none, used); return err },
		"late: DescribeCompliers":   func() error { _, err := late.DescribeCompliers(ctx, none, used, "x"); return err },
		"late: ResponseWeights":     func() error { _, err := late.ResponseWeights(ctx, none, used); return err },
		"late: AsUsedAmongAssigned": func() error { _, err := late.AsUsedAmongAssigned(ctx, none, used); return err },
		"late: NeverTakerContrast":  func() error { _, err := late.NeverTakerContrast(ctx, none, used); return err },
		"late: ZeroFirstStage":      func() error { _, err := late.ZeroFirstStage(ctx, none, used, "q"); return err },

		"hetero: Estimate":      func() error { _, err := hetero.Estimate(ctx, none, grouped); return err },
		"hetero: Separate":      func() error { _, err := hetero.Separate(ctx, none, grouped); return err },
		"hetero: WildAgreement": func() error { _, err := hetero.WildAgreement(ctx, none, grouped, bootstrap.WildSpec{}); return err },
		"hetero: Predict": func() error {
			_, err := hetero.Predict(none, hetero.PredictSpec{Outcome: "y", Assignment: "z", Unit: "agent", Covariates: []string{"x"}})
			return err
		},
		"hetero: SplitEstimate": func() error {
			spec := hetero.SplitSpec{Spec: grouped, Unit: "agent", Baseline: "y", PreColumn: "pre", N: 2}
			spec.Group = ""
			_, err := hetero.SplitEstimate(ctx, none, spec)
			return err
		},

		"bootstrap: Permute": func() error {
			_, err := bootstrap.Permute(ctx, none, bootstrap.PermuteSpec{Outcomes: []string{"y"}, Assignment: "z", Unit: "agent"})
			return err
		},
		"report: Describe": func() error { _, err := report.Describe(none, "y", ""); return err },
	} {
		t.Run(name, func(t *testing.T) {
			var refusal *fieldexp.Error
			if err := call(); !errors.As(err, &refusal) || refusal.Problem != fieldexp.NoRows {
				t.Errorf("error %v, want one that says that there is no frame", err)
			}
		})
	}
	if none.Len() != 0 || none.Names() != nil || none.Has("y") {
		t.Errorf("no frame has %d rows and columns %v", none.Len(), none.Names())
	}
}

// TestNoResult: every function that takes a result, and Run of a study, refuses a nil one.
func TestNoResult(t *testing.T) {
	ctx := context.Background()
	for name, call := range map[string]func() error{
		"iv: Join":        func() error { _, err := iv.Join(nil); return err },
		"bootstrap: Wild": func() error { _, err := bootstrap.Wild(ctx, nil, bootstrap.WildSpec{}); return err },
		"bootstrap: WildAll": func() error {
			_, err := bootstrap.WildAll(ctx, make([]bootstrap.Hypothesis, 1), bootstrap.WildSpec{})
			return err
		},
		"bootstrap: WildCells": func() error { _, err := bootstrap.WildCells(ctx, nil, "g", bootstrap.WildSpec{}); return err },
		"bootstrap: Score":     func() error { _, err := bootstrap.Score(ctx, nil, bootstrap.WildSpec{}); return err },
		"bootstrap: Pairs":     func() error { _, err := bootstrap.Pairs(ctx, nil, bootstrap.PairsSpec{}); return err },
		"study: Run":           func() error { _, err := study.Run(ctx, nil, study.Options{}); return err },
	} {
		var refusal *fieldexp.Error
		if err := call(); !errors.As(err, &refusal) || refusal.Problem != fieldexp.BadSpec {
			t.Errorf("%s: error %v, want one that says that there is no result", name, err)
		}
	}
}
