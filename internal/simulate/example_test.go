package simulate_test

import (
	"context"
	"fmt"
	"os"

	"github.com/fieldexp/fieldexp/internal/simulate"
)

// A small study with one and the same effect for every agent.
func ExampleWrite() {
	dir, err := os.MkdirTemp("", "study")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	cfg := simulate.Config{Agents: 100, Seed: 1, Preset: simulate.Homogeneous}
	truth, err := simulate.Write(context.Background(), dir, cfg, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(truth.Counts.Treated, "agents have access")
	rating := truth.Outcomes[2]
	fmt.Printf("LATE on the %s of %s: %.3f\n", rating.Measure, rating.Name, rating.Pooled.LATE)
	// Output:
	// 49 agents have access
	// LATE on the expected agent-day mean of rating: 0.184
}
