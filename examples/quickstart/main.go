// Command quickstart is the library in twenty lines: what access did, and what use did.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

func main() {
	ctx := context.Background()
	f, err := data.ReadCSV(ctx, "testdata/golden/experiment.csv", data.ReadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	spec := itt.Spec{Outcomes: []string{"y", "rating"}, Assignment: "assigned", Controls: []string{"c1", "c2"},
		Absorb: iv.Effects("day", "topic"), Cluster: []string{"agent"}}
	access, err := itt.Estimate(ctx, f, spec)
	if err != nil {
		log.Fatal(err)
	}
	use, err := late.Estimate(ctx, f, late.Spec{Spec: spec, Usage: "used"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(access)
	fmt.Println(use)
}
