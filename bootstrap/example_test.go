package bootstrap_test

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// assistantTrial is a small experiment: ten agents, five offered an assistant, four chats each.
func assistantTrial() *data.Frame {
	columns := map[string][]float64{}
	for agent := range 10 {
		for chat := range 4 {
			offered := float64(agent % 2)
			used := offered * float64((agent+chat)%3/2)
			columns["agent"] = append(columns["agent"], float64(agent))
			columns["offered"] = append(columns["offered"], offered)
			columns["used"] = append(columns["used"], used)
			columns["seconds"] = append(columns["seconds"], 300+float64((agent*37+chat*53)%90)-25*used)
		}
	}
	var f data.Frame
	for name, values := range columns {
		if err := f.SetFloats(name, values); err != nil {
			panic(err)
		}
	}
	return &f
}

func ExampleWild() {
	results, err := iv.Estimate(context.Background(), assistantTrial(), iv.Spec{
		Outcomes: []string{"seconds"}, Exogenous: []string{"offered"}, Cluster: []string{"agent"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	test, err := bootstrap.Wild(context.Background(), results[0], bootstrap.WildSpec{Term: "offered"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(test)
	// Output:
	// seconds: offered = 0
	// estimate -6.5 (s.e. 5.25866)
	// t = -1.2361, p = 0.2715
	// 95% confidence set {[-18.7, 6.639]}
	// P-values: wild cluster bootstrap, restricted, type 11, 10 clusters, all 1,024 sign vectors.
	// The p-value is symmetric and c/B, where c counts extreme draws; ties (a difference of at most 1e-9, relative where the statistic is above one) count as extreme.
}

func ExampleAndersonRubin() {
	results, err := iv.Estimate(context.Background(), assistantTrial(), iv.Spec{
		Outcomes: []string{"seconds"}, Endogenous: []string{"used"}, Instruments: []string{"offered"}, Cluster: []string{"agent"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	test, err := bootstrap.AndersonRubin(context.Background(), results[0], bootstrap.WildSpec{Term: "used", Level: 0.9})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("p = %.3f, 90%% confidence set %v\n", test.P, test.Set)
	// Output: p = 0.271, 90% confidence set [-57.2335, 14.0041]
}
