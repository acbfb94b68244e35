package hetero_test

import (
	"context"
	"fmt"
	"log"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// Effects of assignment in three groups, tested with small samples in mind: CR2 with the
// approximate Hotelling test, and the wild cluster bootstrap with p-values adjusted for three tests.
func ExampleResult_Wild() {
	ctx := context.Background()
	result, err := hetero.Estimate(ctx, experiment(), hetero.Spec{
		Spec: itt.Spec{
			Outcomes:      []string{"rating"},
			Assignment:    "access",
			Absorb:        iv.Effects("agent"),
			Cluster:       []string{"agent"},
			MixedClusters: true,
			Covariance:    iv.Covariance{Kind: iv.CR2},
		},
		Group:  "tercile",
		Period: "week",
	})
	if err != nil {
		log.Fatal(err)
	}
	wild, err := result.Wild(ctx, bootstrap.WildSpec{Draws: 999, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	adjusted, err := wild.StepDown(bootstrap.RomanoWolf)
	if err != nil {
		log.Fatal(err)
	}
	fit := result.Fits[0]
	fmt.Printf("equal effects: F(%.0f, %.1f) = %.2f, p = %.3f; wild bootstrap p = %.3f\n",
		fit.Equality.DF1, fit.Equality.DF2, fit.Equality.Statistic, fit.Equality.P, wild.Fits[0].Equality.P)
	for k, impact := range fit.Impacts {
		fmt.Printf("%s: %.3f (%.3f), p = %.3f with %.0f degrees of freedom; wild %.3f, Romano-Wolf %.3f\n",
			impact.Name, impact.Estimate, impact.SE, impact.P, impact.DF, wild.Fits[0].Impacts[k].P, adjusted.P[0][k])
	}
	fmt.Println(adjusted.Notes()[0])
	// Output:
	// equal effects: F(2, 290.8) = 0.26, p = 0.773; wild bootstrap p = 0.755
	// impact on Q1: 0.164 (0.116), p = 0.159 with 132 degrees of freedom; wild 0.167, Romano-Wolf 0.408
	// impact on Q2: 0.077 (0.096), p = 0.425 with 129 degrees of freedom; wild 0.415, Romano-Wolf 0.655
	// impact on Q3: 0.058 (0.104), p = 0.576 with 129 degrees of freedom; wild 0.573, Romano-Wolf 0.655
	// P-values adjusted for 1 outcome in 3 groups by Romano-Wolf, stepping down over 999 draws common to all.
}

// Each group has its own first stage, and a set that holds however weak that is.
func ExampleSeparate() {
	result, err := hetero.Separate(context.Background(), experiment(), hetero.Spec{
		Spec: itt.Spec{
			Outcomes:      []string{"rating"},
			Assignment:    "access",
			Absorb:        iv.Effects("agent"),
			Cluster:       []string{"agent"},
			MixedClusters: true,
		},
		Usage:  "usage",
		Group:  "tercile",
		Period: "week",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, group := range result.Fits[0].Groups {
		fmt.Printf("%s: %.2f (%.2f), first-stage F %.0f, Anderson-Rubin set %s\n", group.Effect.Name, group.Effect.Estimate, group.Effect.SE,
			group.Strength.Statistic, group.AndersonRubin)
	}
	fmt.Printf("equal effects: J p = %.3f\n", result.Fits[0].Equality.P)
	// Output:
	// impact on Q1: 0.37 (0.26), first-stage F 169, Anderson-Rubin set [-0.152317, 0.876295]
	// impact on Q2: 0.15 (0.18), first-stage F 228, Anderson-Rubin set [-0.223659, 0.511967]
	// impact on Q3: 0.12 (0.21), first-stage F 203, Anderson-Rubin set [-0.303311, 0.529533]
	// equal effects: J p = 0.718
}

// With common period effects, groups from all of the past return to the mean in the comparison; groups
// from one half of it do not in the other half.
func ExampleSplitEstimate() {
	ctx, frame := context.Background(), experiment()
	spec := hetero.Spec{
		Spec: itt.Spec{
			Outcomes:      []string{"rating"},
			Assignment:    "access",
			Absorb:        iv.Effects("agent"),
			Cluster:       []string{"agent"},
			MixedClusters: true,
		},
		Usage:       "usage",
		Group:       "tercile",
		Period:      "week",
		TimeEffects: hetero.Common,
	}
	whole, err := hetero.Estimate(ctx, frame, spec)
	if err != nil {
		log.Fatal(err)
	}
	spec.Group = ""
	split, err := hetero.SplitEstimate(ctx, frame, hetero.SplitSpec{Spec: spec, Unit: "agent", Baseline: "rating", PreColumn: "before", N: 3})
	if err != nil {
		log.Fatal(err)
	}
	for k, impact := range split.Fits[0].Impacts {
		was := whole.Fits[0].Impacts[k]
		fmt.Printf("%s: %.2f (%.2f); from all of the past %.2f (%.2f)\n", impact.Name, impact.Estimate, impact.SE, was.Estimate, was.SE)
	}
	fmt.Printf("trend per group: %.2f, p = %.3f; from all of the past %.2f, p = %.3f\n",
		split.Fits[0].Trend.Estimate, split.Fits[0].Trend.P, whole.Fits[0].Trend.Estimate, whole.Fits[0].Trend.P)
	for _, note := range split.Notes() {
		fmt.Println(note)
	}
	// Output:
	// impact on Q1: 0.32 (0.20); from all of the past 1.17 (0.22)
	// impact on Q2: -0.04 (0.16); from all of the past 0.05 (0.16)
	// impact on Q3: 0.27 (0.17); from all of the past -0.54 (0.18)
	// trend per group: -0.02, p = 0.849; from all of the past -0.86, p = 0.000
	// Groups: 3 by mean rating in a random half of a unit's rows before the launch; the other half enters the estimation. 400 units.
	// Estimates are averages over 20 splits, each used both ways (seed 0).
	// Effects of week: common.
	// Standard errors: clustered by agent, CR1, from the joint covariance of the splits; t with 399 degrees of freedom.
}
