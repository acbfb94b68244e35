package late_test

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/late"
)

// Whose effect is it, how large is it beside what they would have done, and how much of a direct effect of
// the offer would it take to explain it away?
func ExampleAccount() {
	spec := late.Spec{Spec: itt.Spec{Outcomes: []string{"seconds"}, Assignment: "offered"}, Usage: "used"}
	a, err := late.Account(context.Background(), encouragement(), spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(a)
	res, err := late.Estimate(context.Background(), encouragement(), spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := res.Violate("seconds", -5, 5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("if the offer itself matters by 5 seconds: %.1f to %.1f, set %v; breakdown at %.1f\n", v.Low, v.High, v.Set, v.Breakdown)
	// Output:
	// Compliers with used, assignment offered: always-takers 0 (0), never-takers 0.4000 (0.09097)
	//            compliers  without            with           effect           percent               set
	//   seconds     0.6000    349.2  (7.698)  311.6  (2.721)  -37.56  (8.165)   -10.76  [-15.77, -6.876]
	// if the offer itself matters by 5 seconds: -45.9 to -29.2, set [-68.8827, -15.3939]; breakdown at 14.2
}

// Those who would not use are slower to begin with in this made-up study than those who would: the contrast
// of a cross-section confounds that with a direct effect of the offer.
func ExampleNeverTakerContrast() {
	spec := late.Spec{Spec: itt.Spec{Outcomes: []string{"seconds"}, Assignment: "offered"}, Usage: "used"}
	p, err := late.NeverTakerContrast(context.Background(), encouragement(), spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(p)
	// Output:
	// Effects of assignment among 12 of 30 assigned rows that never used, and all that were not assigned
	//            estimate   (s.e.)      p
	//   seconds    -17.80  (5.006)  0.001
}
