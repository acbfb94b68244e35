package simulate_test

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp/internal/simulate"
)

// A small study in memory, with one and the same effect for every agent.
func ExampleFrames() {
	agents, chats, truth, err := simulate.Frames(context.Background(),
		simulate.Config{Agents: 100, Seed: 1, Preset: simulate.Homogeneous})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(agents.Len(), "agents,", truth.Counts.Treated, "of them with access")
	fmt.Println(len(chats.Names()), "columns, first", chats.Names()[:4])
	rating := truth.Outcomes[2]
	fmt.Printf("LATE on the %s of %s: %.3f\n", rating.Measure, rating.Name, rating.Pooled.LATE)
	// Output:
	// 100 agents, 49 of them with access
	// 35 columns, first [chat_id agent_id customer_id start]
	// LATE on the expected agent-day mean of rating: 0.184
}
