package bootstrap_test

import (
	"context"
	"fmt"
	"log"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// shops is a small experiment: twelve shops in six pairs of neighbours, of which one each was assigned
// a new till, and their sales and complaints in two weeks.
func shops() (*data.Frame, error) {
	sales := []float64{31, 24, 40, 37, 22, 19, 35, 36, 28, 21, 44, 38}
	complaints := []float64{4, 5, 2, 3, 6, 6, 3, 5, 4, 4, 1, 2}
	var pair, shop, assigned, y, c []float64
	for week := range 2 {
		for s := range 12 {
			pair, shop = append(pair, float64(s/2)), append(shop, float64(s))
			assigned = append(assigned, float64(1-s%2))
			y, c = append(y, sales[s]+float64(week*(s%3))), append(c, complaints[s]+float64(week*(s%2)))
		}
	}
	f := &data.Frame{}
	for _, column := range []struct {
		name   string
		values []float64
	}{{"pair", pair}, {"shop", shop}, {"assigned", assigned}, {"sales", y}, {"complaints", c}} {
		if err := f.SetFloats(column.name, column.values); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// The assignment is re-drawn as it was drawn: one shop of each pair. There are 2^6 assignments, and so
// all are used.
func ExamplePermute() {
	f, err := shops()
	if err != nil {
		log.Fatal(err)
	}
	res, err := bootstrap.Permute(context.Background(), f, bootstrap.PermuteSpec{
		Outcomes: []string{"sales", "complaints"}, Assignment: "assigned", Unit: "shop", Pairs: "pair",
		Absorb: iv.Effects("pair"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(res)
	joint, err := res.Joint()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("no effect on either: p = %.4f\n", joint.LargestP)
	// Output:
	// effect of assigned
	// sales: 4.16667 (s.e. 1.07937), t = 3.8603, p = 0.0625, 95% confidence set {[-1.5, 8]}
	// complaints: -1.33333 (s.e. 0.241), t = -5.5325, p = 0.0312, 95% confidence set {[-2.5, -0.5]}
	// P-values: randomisation inference on the t statistic, assignment re-drawn over 12 units of shop in 6 matched pairs, all 64 assignments.
	// The p-value is symmetric and c/B, where c counts extreme draws; ties (a difference of at most 1e-9 standard errors, relative above one) count as extreme.
	// 95% confidence sets hold the constant effects that the test does not reject.
	// Warning: only 64 assignments could have been drawn: no p-value is below 0.016
	// no effect on either: p = 0.0625
}

// Draws that are common to the outcomes carry how these depend on each other.
func ExampleStepDown() {
	f, err := shops()
	if err != nil {
		log.Fatal(err)
	}
	res, err := bootstrap.Permute(context.Background(), f, bootstrap.PermuteSpec{
		Outcomes: []string{"sales", "complaints"}, Assignment: "assigned", Unit: "shop", Pairs: "pair",
		Absorb: iv.Effects("pair"), NoSet: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	observed, draws := res.Common()
	adjusted, err := bootstrap.StepDown(observed, draws, res.StepSpec(bootstrap.RomanoWolf))
	if err != nil {
		log.Fatal(err)
	}
	for i, e := range res.Effects {
		fmt.Printf("%s: p = %.4f, adjusted for both %.4f\n", e.Outcome, e.P, adjusted.P[i])
	}
	// Output:
	// sales: p = 0.0625, adjusted for both 0.0625
	// complaints: p = 0.0312, adjusted for both 0.0625
}

func ExampleAdjust() {
	p := []float64{0.001, 0.012, 0.021, 0.34}
	for _, method := range []bootstrap.Adjustment{bootstrap.Holm, bootstrap.BH, bootstrap.SharpenedQ} {
		adjusted, err := bootstrap.Adjust(p, method)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %.3f\n", method, adjusted)
	}
	// Output:
	// Holm: [0.004 0.036 0.042 0.340]
	// Benjamini-Hochberg: [0.004 0.024 0.028 0.340]
	// sharpened q: [0.004 0.018 0.021 0.093]
}

// Intervals that hold all effects at once.
func ExampleSimultaneous() {
	f, err := shops()
	if err != nil {
		log.Fatal(err)
	}
	res, err := bootstrap.Permute(context.Background(), f, bootstrap.PermuteSpec{
		Outcomes: []string{"sales", "complaints"}, Assignment: "assigned", Unit: "shop", Draws: 999, Seed: 1, NoSet: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	var estimates, se []float64
	for _, e := range res.Effects {
		estimates, se = append(estimates, e.Estimate), append(se, e.SE)
	}
	_, draws := res.Common()
	intervals, multiple, err := bootstrap.Simultaneous(estimates, se, draws, 0.9)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("estimates plus or minus %.2f standard errors\n", multiple)
	for i, interval := range intervals {
		fmt.Printf("%s: %.2f to %.2f\n", res.Effects[i].Outcome, interval.Low, interval.High)
	}
	// Output:
	// estimates plus or minus 2.23 standard errors
	// sales: -6.38 to 14.72
	// complaints: -3.36 to 0.69
}
