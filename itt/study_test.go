package itt_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// agree is what the project promises against fixest, which stops its iterations at 1e-8.
const agree = 1e-7

// TestStudyITT reproduces the 16 intention-to-treat fits of the simulated study, from its chats.
func TestStudyITT(t *testing.T) {
	fits := studytest.Fits(t, "itt")
	if len(fits) != 16 {
		t.Fatalf("%d reference fits, want 16", len(fits))
	}
	spec := itt.Spec{Assignment: "arm", Controls: []string{"lconc", "lbyears"}, Absorb: iv.Effects("worker", "day"),
		Cluster: []string{"worker"}, KeepSingletons: true, Time: "day", Launch: studytest.Launch}
	for _, ref := range fits {
		spec.Outcomes = append(spec.Outcomes, ref.Outcome)
	}
	res, err := itt.Estimate(context.Background(), studytest.Panel(t), spec)
	if err != nil {
		t.Fatal(err)
	}
	if added := res.Design.MainEffects; len(added) != 0 {
		t.Errorf("added %v although agent and day effects hold them constant", added)
	}
	for _, ref := range fits {
		fit, err := res.Fit(ref.Outcome)
		if err != nil {
			t.Fatal(err)
		}
		if fit.N != ref.N {
			t.Errorf("%s: N %d, want %d", ref.Outcome, fit.N, ref.N)
		}
		if len(fit.Terms) != len(ref.Terms) {
			t.Errorf("%s: terms %v, want %d", ref.Outcome, fit.Terms, len(ref.Terms))
		}
		for _, want := range ref.Terms {
			name := want.Term
			if name == "treat" {
				name = res.Term
			}
			got, err := fit.Coefficient(name)
			if err != nil {
				t.Fatal(err)
			}
			what := ref.Outcome + ": " + name
			studytest.Near(t, what, got.Estimate, want.Estimate, agree, want.SE)
			studytest.Near(t, what+": standard error", got.SE, want.SE, agree, 0)
		}
		effect, err := res.Effect(ref.Outcome)
		if err != nil {
			t.Fatal(err)
		}
		if effect.Estimate != fit.Coef[0] {
			t.Errorf("%s: Effect %v is not the fit's %v", ref.Outcome, effect.Estimate, fit.Coef[0])
		}
	}
	fmt.Println(res)
}

// TestStudyEvent reproduces the event study of the rating.
func TestStudyEvent(t *testing.T) {
	ref := studytest.Fits(t, "event")[0]
	res, err := itt.EventStudy(context.Background(), studytest.Panel(t), itt.EventSpec{Outcome: ref.Outcome, Assignment: "arm",
		Unit: "worker", Period: "day", Launch: studytest.Launch, Controls: []string{"lconc", "lbyears"}, KeepSingletons: true})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(res, ref.Terms, ref.N)
}
