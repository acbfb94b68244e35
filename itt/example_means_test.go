package itt_test

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
)

// offices is an experiment in two offices: few agents of the first are assigned, and gain most.
func offices() *data.Frame {
	var assigned, minutes, years []float64
	var office []string
	for _, o := range []struct {
		name             string
		treated, control int
		effect           float64
	}{{"north", 3, 12, -6}, {"south", 8, 7, -1}} {
		for i := range o.treated + o.control {
			z := 0.0
			if i < o.treated {
				z = 1
			}
			assigned = append(assigned, z)
			years = append(years, float64(i*5%7))
			minutes = append(minutes, 30+o.effect*z+0.5*float64(i*5%7)+float64(i*3%4))
			office = append(office, o.name)
		}
	}
	var f data.Frame
	for name, values := range map[string][]float64{"assigned": assigned, "minutes": minutes, "years": years} {
		if err := f.SetFloats(name, values); err != nil {
			panic(err)
		}
	}
	if err := f.SetStrings("office", office); err != nil {
		panic(err)
	}
	return &f
}

func ExampleDifferenceInMeans() {
	res, err := itt.DifferenceInMeans(context.Background(), trial(), itt.MeansSpec{
		Spec: itt.Spec{
			Outcomes:   []string{"seconds", "rating"},
			Assignment: "offered",
			Cluster:    []string{"agent"},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(res)
	// Output:
	// Differences in means by offered
	//            control  estimate    (s.e.)       95% interval     df       p   N
	//   seconds    339.5    -25.50   (4.518)   [-35.57, -15.43]  10.00  <0.001  48
	//    rating    2.958   0.04167  (0.2083)  [-0.4225, 0.5059]  10.00   0.845  48
	// Assignment: offered, 0 (24 rows), 1 (24 rows); control is 0.
	// Design: clustered. Variance: CR2 by arm, clustered by agent; t with degrees of freedom by Bell and McCaffrey.
}

func ExampleDifferenceInMeans_blocks() {
	res, err := itt.DifferenceInMeans(context.Background(), offices(), itt.MeansSpec{
		Spec:   itt.Spec{Outcomes: []string{"minutes"}, Assignment: "assigned"},
		Blocks: "office",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(res)
	// Output:
	// Differences in means by assigned
	//                 control  estimate    (s.e.)      95% interval     df      p   N
	//        minutes    32.99    -3.588  (0.9119)  [-5.462, -1.713]  26.00  0.001  30
	//   by precision             -3.082  (0.8018)  [-4.730, -1.433]  26.00  0.001  30
	// Assignment: assigned, 0 (19 rows), 1 (11 rows); control is 0.
	// Design: blocked. Variance: Neyman's within blocks of office; t with degrees of freedom of the design.
	// Warning: minutes: the blocks' effects of "assigned" average -3.588 weighted by size, and -3.082 weighted by precision as in a regression with block effects: a difference of -0.5063 (s.e. 0.1982, p 0.017). Precision gives most weight to blocks that are split evenly; block north of "office", of which 20.0% is assigned and whose effect is -5.917, counts 50.0% by size and 39.1% by precision, which makes -0.2531 of the difference. By size it is the mean effect on all units; by precision it is the same only if effects do not differ between blocks as the split does
}

func ExampleDifferenceInMeans_pairs() {
	var f data.Frame
	for name, values := range map[string][]float64{
		"pair":     {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6},
		"assigned": {1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1},
		"sales":    {14, 11, 8, 10, 15, 15, 22, 17, 9, 13, 12, 13},
	} {
		if err := f.SetFloats(name, values); err != nil {
			fmt.Println(err)
			return
		}
	}
	res, err := itt.DifferenceInMeans(context.Background(), &f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"sales"}, Assignment: "assigned"}, Blocks: "pair", Pairs: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	effect, err := res.Effect("sales")
	fmt.Printf("%.2f (%.2f), t with %.0f degrees of freedom, p %.3f %v\n", effect.Estimate, effect.SE, effect.DF, effect.P, err)
	// Output:
	// 2.50 (0.76), t with 5 degrees of freedom, p 0.022 <nil>
}

func ExampleLin() {
	res, err := itt.Lin(context.Background(), offices(), itt.Spec{
		Outcomes:   []string{"minutes"},
		Assignment: "assigned",
		Controls:   []string{"years", "office"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(res)
	// Output:
	// Intention-to-treat effects (Lin's estimator) of assigned
	//            estimate    (s.e.)      95% interval       p   N
	//   minutes    -3.438  (0.4096)  [-4.284, -2.593]  <0.001  30
	// Assignment: assigned, 0 (19 rows), 1 (11 rows).
	// Lin's estimator: years, office less their means, with a slope in each arm.
	// Standard errors: heteroskedasticity-robust (HC1); factor 1.25 with K = 6; t with 24 degrees of freedom.
}
