package hetero_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// experiment simulates 400 agents over eight weeks. Every other agent has access to an assistant
// from week 5 on and uses it in a share of the chats; usage raises the rating by 0.3 for every
// agent alike. Agents are sorted into terciles of their rating before.
func experiment() *data.Frame {
	r := rand.New(rand.NewPCG(1, 2))
	const agents, weeks = 400, 8
	columns := map[string][]float64{}
	add := func(name string, v float64) { columns[name] = append(columns[name], v) }
	for agent := range agents {
		skill, taste := r.NormFloat64(), r.Float64()
		for week := range weeks {
			access, before := float64(agent%2), 1.0
			if week >= weeks/2 {
				before = 0
			}
			usage := access * (1 - before) * taste
			add("agent", float64(agent))
			add("week", float64(week+1))
			add("before", before)
			add("access", access*(1-before))
			add("usage", usage)
			add("rating", 3+0.5*skill+0.3*usage+r.NormFloat64())
		}
	}
	var f data.Frame
	for _, name := range []string{"agent", "week", "before", "access", "usage", "rating"} {
		if err := f.SetFloats(name, columns[name]); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := panel.Baselines(&f, panel.BaselineSpec{Unit: "agent", PreColumn: "before",
		Measures: []panel.Measure{{Name: "past rating", Column: "rating"}}}); err != nil {
		log.Fatal(err)
	}
	if _, err := panel.Groups(&f, panel.GroupSpec{Value: "past rating", Unit: "agent", N: 3, Name: "tercile"}); err != nil {
		log.Fatal(err)
	}
	return &f
}

func Example() {
	result, err := hetero.Estimate(context.Background(), experiment(), hetero.Spec{
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
	fmt.Print(result)
	// Output:
	// Effects of usage by tercile (2SLS)
	//
	//         rating  estimate    (s.e.)       95% interval      p   rows  clusters  assigned   usage  first-stage F
	//          usage    0.3699  (0.2563)  [-0.1340, 0.8738]  0.150
	//     usage x Q2   -0.2213  (0.3154)  [-0.8414, 0.3989]  0.483
	//     usage x Q3   -0.2525  (0.3301)  [-0.9014, 0.3964]  0.445
	//   impact on Q1    0.3699  (0.2563)  [-0.1340, 0.8738]  0.150  1,072       134        67  0.4445          169.5
	//   impact on Q2    0.1486  (0.1839)  [-0.2128, 0.5101]  0.419  1,064       133        62  0.5150          229.0
	//   impact on Q3    0.1174  (0.2079)  [-0.2914, 0.5262]  0.573  1,064       133        71  0.4973          204.0
	// Equal effects: F(2, 399) 0.3324, p 0.717. Trend per group: -0.1262 (0.1650), p 0.445.
	// Average of the groups (shares 0.308, 0.352, 0.340): 0.2061 (0.1244), p 0.098. Pooled effect: 0.1794 (0.1391), p 0.198. Difference: 0.02664 (0.06375), p 0.676.
	// Groups: tercile, 3 from Q1 (the base) to Q3.
	// Effects of week: group-specific.
	// Standard errors: clustered by agent (400), CR1; factor 1.01008 with K = 25; t with 399 degrees of freedom.
	// Absorbed effects: agent (400, nested in the clusters), week^tercile (24).
}

// The effect is the same for everybody, and the groups were made from a noisy baseline. Period
// effects that are common to the groups make a gradient of it.
func ExampleSpec_timeEffects() {
	spec := hetero.Spec{
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
	}
	frame := experiment()
	for _, rule := range []hetero.TimeEffects{hetero.Common, hetero.GroupSpecific} {
		spec.TimeEffects = rule
		result, err := hetero.Estimate(context.Background(), frame, spec)
		if err != nil {
			log.Fatal(err)
		}
		fit := result.Fits[0]
		fmt.Printf("%v effects of week\n", rule)
		for _, impact := range fit.Impacts {
			fmt.Printf("  %s: %.2f (%.2f)\n", impact.Name, impact.Estimate, impact.SE)
		}
		fmt.Printf("  equal effects: p = %.3f\n", fit.Equality.P)
		for _, warning := range fit.Warnings {
			fmt.Println("  warning:", warning.Code)
		}
	}
	// Output:
	// common effects of week
	//   impact on Q1: 1.17 (0.22)
	//   impact on Q2: 0.05 (0.16)
	//   impact on Q3: -0.54 (0.18)
	//   equal effects: p = 0.000
	//   warning: drift
	// group-specific effects of week
	//   impact on Q1: 0.37 (0.26)
	//   impact on Q2: 0.15 (0.18)
	//   impact on Q3: 0.12 (0.21)
	//   equal effects: p = 0.717
}
