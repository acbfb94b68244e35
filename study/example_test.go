package study_test

import (
	"context"
	"fmt"
	"log"

	"github.com/fieldexp/fieldexp/study"
)

// A study need not have a file: one made in Go is checked and run alike. Rows of the panel are the observations.
func ExampleRun() {
	s := &study.Study{
		Data:     study.Data{Panel: "../testdata/golden/experiment.csv"},
		Roles:    study.Roles{Unit: "agent", Assignment: "assigned", Usage: "used"},
		Controls: study.Controls{Current: []string{"c1", "c2"}},
		Model:    study.Model{Cluster: []string{"agent"}, Absorb: []string{"day", "topic"}},
		Outcomes: []study.Outcome{{Column: "y", Label: "Chats solved"}},
		Tables:   []study.TableSpec{{Kind: "late", Title: "Effects of usage", Notes: []string{"Simulated data."}}},
	}
	result, err := study.Run(context.Background(), s, study.Options{})
	if err != nil {
		log.Fatal(err)
	}
	effect := result.Fits[0].Terms[0]
	fmt.Printf("%s: %.3f (%.3f), %d observations\n", effect.Term, effect.Estimate, effect.SE, result.Fits[0].N)
	fmt.Println(result.Tables[0].Notes[0])
	// Output:
	// used: 0.492 (0.474), 1500 observations
	// Observations are rows.
}
