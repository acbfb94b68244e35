package iv_test

import (
	"context"
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// encouraged is a made-up study: 200 people in 40 teams, of whom half were encouraged to use something, and
// some of these reminded. The reminder matters to some degree that strength says.
func encouraged(strength float64) (*data.Frame, error) {
	const n = 200
	team, assigned, reminded, used, y := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		team[i] = float64(i / 5)
		assigned[i] = float64((i / 5) % 2)
		reminded[i] = assigned[i] * float64((i/10)%2)
		taste := math.Sin(float64(i * i)) // whether this person likes the thing
		if strength*(assigned[i]+0.5*reminded[i])+taste > 0.8 {
			used[i] = 1
		}
		y[i] = 2 + 0.5*used[i] + 0.8*taste + math.Cos(float64(3*i))
	}
	var f data.Frame
	for name, values := range map[string][]float64{"team": team, "assigned": assigned, "reminded": reminded, "used": used, "y": y} {
		if err := f.SetFloats(name, values); err != nil {
			return nil, err
		}
	}
	return &f, nil
}

// The Anderson-Rubin set is as wide as the data demand: an interval where assignment moved usage, and
// without bounds where it hardly did.
func ExampleResult_AndersonRubinSet() {
	for _, strength := range []float64{0.9, 0.04} {
		f, err := encouraged(strength)
		if err != nil {
			fmt.Println(err)
			return
		}
		results, err := iv.Estimate(context.Background(), f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"},
			Instruments: []string{"assigned"}, Cluster: []string{"team"}})
		if err != nil {
			fmt.Println(err)
			return
		}
		r := results[0]
		fmt.Printf("first-stage F %.2f, tF critical value %.2f, set %v\n", r.EffectiveF().Statistic, r.TF().Critical, r.AndersonRubinSet())
	}
	// Output:
	// first-stage F 30.31, tF critical value 2.35, set [-0.779426, 0.70333]
	// first-stage F 0.94, tF critical value +Inf, set whole line
}

// Two instruments for one column can be held against each other, and their strength against critical
// values that allow for clusters. The conditional LR set then says more about the effect than the Anderson-Rubin
// set, without the far piece of the LM set.
func ExampleResult_Overidentification() {
	f, err := encouraged(0.9)
	if err != nil {
		fmt.Println(err)
		return
	}
	results, err := iv.Estimate(context.Background(), f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"},
		Instruments: []string{"assigned", "reminded"}, Cluster: []string{"team"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := results[0]
	j, wu, clr := r.Overidentification(), r.WuHausman(), r.ConditionalLR(0)
	fmt.Printf("J %.3f (p = %.3f)\nWu-Hausman F %.2f (p = %.1g)\n", j.Statistic, j.P, wu.Statistic, wu.P)
	fmt.Printf("%s: conditional LR %.2f (p = %.4f)\n", clr.Null, clr.Statistic, clr.P)
	fmt.Printf("effective F %.1f, to exceed %.1f for a bias of at most a tenth of the worst case\n", r.EffectiveF().Statistic, r.EffectiveF().Critical[1].Value)
	fmt.Printf("Anderson-Rubin %v\nconditional LR %v\nLM             %v\n", r.AndersonRubinSet(), r.ConditionalLRSet(), r.KleibergenLMSet())
	// Output:
	// J 0.174 (p = 0.677)
	// Wu-Hausman F 25.45 (p = 1e-05)
	// the effect of used is 0: conditional LR 0.53 (p = 0.4688)
	// effective F 15.8, to exceed 8.8 for a bias of at most a tenth of the worst case
	// Anderson-Rubin [-0.864397, 0.800749]
	// conditional LR [-0.535882, 0.695583]
	// LM             [-0.564485, 0.705978] or [2.53511, 2.64729]
}
