package late_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// The JSON of a result has the effects, and in its fits what they rest on. Estimates and tests read back as those of
// package iv.
func ExampleResult_MarshalJSON() {
	res, err := late.Estimate(context.Background(), encouragement(), late.Spec{
		Spec:  itt.Spec{Outcomes: []string{"seconds"}, Assignment: "offered"},
		Usage: "used",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := json.Marshal(res)
	if err != nil {
		fmt.Println(err)
		return
	}
	type terms struct{ Terms []iv.Coefficient }
	var document struct {
		Shares  struct{ Compliers float64 }
		Effects []iv.Coefficient
		Fits    []struct {
			Estimator   string
			Tests       []iv.Test
			FirstStages []terms `json:"first_stages"`
			ReducedForm terms   `json:"reduced_form"`
			AsUsed      terms   `json:"as_used"`
		}
	}
	if err := json.Unmarshal(text, &document); err != nil {
		fmt.Println(err)
		return
	}
	fit := document.Fits[0]
	effect := document.Effects[0]
	fmt.Printf("%s: %.2f (%.2f), %.0f%% compliers\n", fit.Estimator, effect.Estimate, effect.SE,
		100*document.Shares.Compliers)
	fmt.Printf("first stage %.2f, F %.1f; reduced form %.2f; as used %.2f\n",
		fit.FirstStages[0].Terms[0].Estimate, fit.Tests[0].Statistic,
		fit.ReducedForm.Terms[0].Estimate, fit.AsUsed.Terms[0].Estimate)
	// Output:
	// 2sls: -37.56 (8.16), 60% compliers
	// first stage 0.60, F 43.5; reduced form -22.53; as used -20.60
}
