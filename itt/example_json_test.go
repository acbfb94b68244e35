package itt_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/fieldexp/fieldexp/itt"
)

// A result marshals to JSON under stable keys; what is not a finite number is null.
func ExampleResult_MarshalJSON() {
	res, err := itt.Estimate(context.Background(), trial(), itt.Spec{
		Outcomes:   []string{"seconds"},
		Assignment: "offered",
		Cluster:    []string{"agent"},
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
	var document struct {
		Design struct {
			Arms  json.RawMessage
			Terms json.RawMessage
		}
		Effects []map[string]any
		Fits    []struct {
			N        int
			SE       string
			Clusters map[string]int
		}
		Warnings []struct{ Code string }
	}
	if err := json.Unmarshal(text, &document); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s %s\n", document.Design.Arms, document.Design.Terms)
	for _, effect := range document.Effects {
		for _, key := range slices.Sorted(maps.Keys(effect)) {
			if number, ok := effect[key].(float64); ok {
				fmt.Printf("%s %.4g\n", key, number)
			} else {
				fmt.Println(key, effect[key])
			}
		}
	}
	fit := document.Fits[0]
	fmt.Println(fit.N, fit.SE, fit.Clusters, document.Warnings)
	// Output:
	// [{"arm":"0","rows":24},{"arm":"1","rows":24}] ["offered"]
	// df 11
	// estimate -25.5
	// high -15.92
	// low -35.08
	// outcome seconds
	// p 0.00011
	// se 4.355
	// statistic -5.856
	// term offered
	// 48 CR1 map[agent:12] [{few-clusters}]
}
