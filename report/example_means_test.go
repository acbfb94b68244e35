package report_test

import (
	"context"
	"fmt"
	"os"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
)

// calls is an experiment of sixteen households at two sites: half were offered help, and most of those took it.
func calls() *data.Frame {
	f := new(data.Frame)
	for name, values := range map[string][]float64{
		"minutes": {12, 9, 14, 10, 11, 9, 13, 7, 16, 12, 15, 13, 17, 11, 14, 12},
		"offered": {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1},
		"used":    {0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 1},
		"site":    {1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2},
	} {
		if err := f.SetFloats(name, values); err != nil {
			panic(err)
		}
	}
	return f
}

// Assignment was drawn within sites, and the variance is that of this draw.
func ExampleMeans() {
	r, err := itt.DifferenceInMeans(context.Background(), calls(), itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"minutes"}, Assignment: "offered"}, Blocks: "site"})
	if err != nil {
		fmt.Println(err)
		return
	}
	table, err := report.Means{Title: "What the offer did", Result: r}.Table()
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := table.Render(os.Stdout, report.Text); err != nil {
		fmt.Println(err)
	}
	// Output:
	// What the offer did
	// ───────────────────────────────────
	//                            minutes
	//                              (1)
	// ───────────────────────────────────
	// Mean of control           14.000
	//                           (0.456)
	// offered                   −3.625***
	//                           (0.591)
	// Degrees of freedom        12.0
	// ───────────────────────────────────
	// Blocks weighted by precision
	// offered                   −3.625***
	//                           (0.591)
	// Effect by size less this   0.000
	//                           (0.000)
	// ───────────────────────────────────
	// Observations                 16
	// Blocks (site)                 2
	// ───────────────────────────────────
	// Notes: Assignment: offered, 0 (8 rows), 1 (8 rows); control
	// is 0. Design: blocked. Variance: Neyman's within blocks of
	// site; t with degrees of freedom of the design. Standard
	// errors in parentheses. By size the effect is the mean of
	// that on all units; by precision, as in a regression with
	// block effects, it is the same only if effects do not differ
	// between blocks as the split does. * p<.10, ** p<.05, ***
	// p<.01.
}

// One instrument: its strength, and two sets that allow for it.
func ExampleWeakInstruments() {
	r, err := late.Estimate(context.Background(), calls(), late.Spec{Spec: itt.Spec{Outcomes: []string{"minutes"}, Assignment: "offered"}, Usage: "used"})
	if err != nil {
		fmt.Println(err)
		return
	}
	table, err := report.WeakInstruments{Title: "Strength of the offer", Fits: r.Fits}.Table()
	if err != nil {
		fmt.Println(err)
		return
	}
	table.Notes = nil
	if err := table.Render(os.Stdout, report.Text); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Strength of the offer
	// ────────────────────────────────────────────────
	//                                     minutes
	//                                       (1)
	// ────────────────────────────────────────────────
	// First stage: used
	// offered                             0.750***
	//                                    (0.164)
	// ────────────────────────────────────────────────
	// Strength of the instruments
	// First-stage F                      21.0
	// Effective F                        21.0
	// Its critical value (bias 10%)      23.1
	// Kleibergen-Paap rk F               21.0
	// Cragg-Donald F                     21.0
	// Stock-Yogo value (size 10%)        16.4
	// p, instruments do not identify      0.002
	// ────────────────────────────────────────────────
	// Effect of used
	// used                               −4.833***
	//                                    (1.582)
	//                                 {−8.892, −0.774}
	//                                 {−9.955, −1.955}
	// tF critical value of |t|            2.57
	// p, Anderson-Rubin                   0.003
	// ────────────────────────────────────────────────
	// Tests
	// p, used as good as assigned         0.107
	// ────────────────────────────────────────────────
	// Observations                           16
	// ────────────────────────────────────────────────
	// Notes: * p<.10, ** p<.05, *** p<.01.
}
