package panel_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/panel"
)

// day is noon of a day of January 2024.
func day(d int) time.Time { return time.Date(2024, 1, d, 12, 0, 0, 0, time.UTC) }

// aChatLog is a log of eight chats; the assistant was launched on 4 January.
func aChatLog() *data.Frame {
	f := new(data.Frame)
	err := errors.Join(
		f.SetStrings("agent", []string{"ann", "bob", "cleo", "ann", "ann", "cleo", "bob", "dan"}),
		f.SetTimes("at", []time.Time{day(1), day(1), day(2), day(3), day(3), day(3), day(4), day(5)}),
		f.SetFloats("stars", []float64{2, 4, 5, 3, 1, 5, 4, 3}),
		f.SetFloats("used", []float64{0, 0, 0, 0, 0, 0, 1, 0}),
		f.SetFloats("assigned", []float64{0, 1, 0, 0, 0, 0, 1, 1}),
	)
	if err != nil {
		log.Fatal(err)
	}
	return f
}

// printColumns prints some columns of a frame.
func printColumns(f *data.Frame, names ...string) {
	agents, err := f.Group("agent")
	if err != nil {
		log.Fatal(err)
	}
	days, err := f.Group("day")
	if err != nil {
		log.Fatal(err)
	}
	for i := range f.Len() {
		fmt.Printf("%-4s %s", agents.Labels[agents.Codes[i]], days.Labels[days.Codes[i]])
		for _, name := range names {
			values, err := f.Floats(name)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf(" %s=%g", name, values[i])
		}
		fmt.Println()
	}
}

// From chats to agent-days, with the share of chats in which the assistant was used and each
// agent's mean rating before the launch.
func Example() {
	agentDays, report, err := panel.Build(context.Background(), aChatLog(), panel.Spec{
		Unit: "agent",
		Time: "at",
		Measures: []panel.Measure{
			{Name: "rating", Column: "stars"},
			{Name: "usage", Column: "used", Stat: panel.Share},
		},
		UnitColumns: []string{"assigned"},
		Baselines:   []panel.Measure{{Name: "before", Column: "stars"}},
		Launch:      time.Date(2024, 1, 4, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		log.Fatal(err)
	}
	printColumns(agentDays, "assigned", "rating", "usage", "before")
	fmt.Print(report)
	// Output:
	// ann  2024-01-01 assigned=0 rating=2 usage=0 before=2
	// ann  2024-01-03 assigned=0 rating=2 usage=0 before=2
	// bob  2024-01-01 assigned=1 rating=4 usage=0 before=4
	// bob  2024-01-04 assigned=1 rating=4 usage=1 before=4
	// cleo 2024-01-02 assigned=0 rating=5 usage=0 before=5
	// cleo 2024-01-03 assigned=0 rating=5 usage=0 before=5
	// dan  2024-01-05 assigned=1 rating=3 usage=0 before=NaN
	// 8 events read, 8 used
	// 4 units, 5 periods (2024-01-01 to 2024-01-05), 7 cells (unbalanced, 20 if every unit were seen in every period)
	// events per cell: 1 to 2, median 1; periods per unit: 1 to 2, median 2
	// events before the launch: 6
	// before: no value for 1 of 4 units
}

// The same panel from chunks: here of two readers whose parts are merged.
func ExampleAggregator() {
	spec := panel.Spec{Unit: "agent", Time: "at", Measures: []panel.Measure{{Name: "rating", Column: "stars"}}}
	var parts [2]*panel.Aggregator
	for i := range parts {
		a, err := panel.NewAggregator(spec)
		if err != nil {
			log.Fatal(err)
		}
		if err := a.Add(aChatLog()); err != nil { // once for each chunk of the part
			log.Fatal(err)
		}
		parts[i] = a
	}
	if err := parts[0].Merge(parts[1]); err != nil {
		log.Fatal(err)
	}
	agentDays, report, err := parts[0].Frame()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Events, "events,", agentDays.Len(), "agent-days")
	// Output: 16 events, 7 agent-days
}

// The previous day on which the agent worked, and the calendar day before.
func ExampleLag() {
	agentDays, _, err := panel.Build(context.Background(), aChatLog(), panel.Spec{
		Unit: "agent", Time: "at", Measures: []panel.Measure{{Name: "rating", Column: "stars"}}})
	if err != nil {
		log.Fatal(err)
	}
	spec := panel.LagSpec{Unit: "agent", Period: "day", Columns: []string{"rating"}}
	observed, err := panel.Lag(agentDays, spec)
	if err != nil {
		log.Fatal(err)
	}
	spec.Calendar, spec.Prefix = true, "yesterday_"
	calendar, err := panel.Lag(agentDays, spec)
	if err != nil {
		log.Fatal(err)
	}
	printColumns(agentDays, "lag_rating", "yesterday_rating")
	fmt.Println(observed)
	fmt.Println(calendar)
	// Output:
	// ann  2024-01-01 lag_rating=NaN yesterday_rating=NaN
	// ann  2024-01-03 lag_rating=2 yesterday_rating=NaN
	// bob  2024-01-01 lag_rating=NaN yesterday_rating=NaN
	// bob  2024-01-04 lag_rating=4 yesterday_rating=NaN
	// cleo 2024-01-02 lag_rating=NaN yesterday_rating=NaN
	// cleo 2024-01-03 lag_rating=5 yesterday_rating=5
	// dan  2024-01-05 lag_rating=NaN yesterday_rating=NaN
	// 7 rows, 4 without a lag: 4 at the start of their unit
	// 7 rows, 6 without a lag: 4 at the start of their unit, 2 after a gap
}

// Agents in three groups of their rating before the launch; an agent counts once, however many
// rows it has.
func ExampleGroups() {
	f := aChatLog()
	_, err := panel.Baselines(f, panel.BaselineSpec{
		Unit: "agent", Time: "at", Launch: time.Date(2024, 1, 4, 0, 0, 0, 0, time.UTC),
		Measures: []panel.Measure{{Name: "before", Column: "stars"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	groups, err := panel.Groups(f, panel.GroupSpec{Unit: "agent", Value: "before", N: 3, Name: "tercile"})
	if err != nil {
		log.Fatal(err)
	}
	for k, label := range groups.Labels {
		fmt.Printf("%s: %.3g to %.3g, %d units, %d rows\n", label, groups.Cuts[k], groups.Cuts[k+1], groups.Units[k], groups.Rows[k])
	}
	fmt.Println(groups.Without, "unit has no baseline")
	// Output:
	// Q1: 2 to 3.33, 1 units, 3 rows
	// Q2: 3.33 to 4.33, 1 units, 2 rows
	// Q3: 4.33 to 5, 1 units, 2 rows
	// 1 unit has no baseline
}

func ExampleQuantile() {
	q, err := panel.Quantile([]float64{1, 2, 3, 4}, 0.25, 0.5)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(q)
	// Output: [1.75 2.5]
}
