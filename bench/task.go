package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// task is work that is done in one process: steps on a dataset, by us and by peers.
type task struct {
	name  string
	data  string // the dataset
	steps []string
	peers []string
	// command runs the command fieldexp on a study instead of steps.
	command bool
}

// Steps on an experiment's file: ITT is y ~ assigned + c1 to c4 with effects of day and issue type,
// clustered by agent; LATE has used instrumented by assigned; split is the ITT of ten outcomes
// within quartiles of baseline.
var fits = []string{"itt", "itt10", "late10", "split"}

// studySteps are the 65 fits of a study from its chats: ITT and LATE on 16 outcomes, both
// specifications by quintile, and an event study.
var studySteps = []string{"panel", "itt", "late", "hetero_common", "hetero_group", "event"}

var (
	readers    = []string{"data.table", "pandas", "polars", "duckdb"}
	estimators = []string{"fixest", "fereg", "pyfixest"}
)

// tasks are all that is measured.
func tasks() []task {
	list := []task{
		{name: "read-1m", data: "e1m", steps: []string{"read"}, peers: readers},
		{name: "itt-1m", data: "e1m", steps: []string{"read", "itt"}, peers: append(slices.Clone(estimators), "estimatr", "statsmodels")},
		{name: "itt10-1m", data: "e1m", steps: []string{"read", "itt10"}, peers: estimators},
		{name: "late10-1m", data: "e1m", steps: []string{"read", "late10"}, peers: estimators},
		{name: "all-1m", data: "e1m", steps: []string{"read", "itt10", "late10", "split"}, peers: estimators},
		{name: "group-1m", data: "e1m", steps: []string{"group"}, peers: []string{"duckdb", "polars"}},
		{name: "read-10m", data: "e10m", steps: []string{"read"}, peers: readers},
		{name: "itt-10m", data: "e10m", steps: []string{"read", "itt"}, peers: estimators},
		{name: "itt10-10m", data: "e10m", steps: []string{"read", "itt10"}, peers: estimators},
		{name: "late10-10m", data: "e10m", steps: []string{"read", "late10"}, peers: estimators},
		{name: "group-10m", data: "e10m", steps: []string{"group"}, peers: []string{"duckdb", "polars"}},
		{name: "read-world", data: "world", steps: []string{"read"}, peers: []string{"data.table"}},
		{name: "fits-world", data: "world", steps: studySteps, peers: []string{"fixest-study", "fereg-study", "pyfixest-study"}},
		{name: "study-world", data: "world", command: true},
		{name: "wild-100k", data: "e100k", steps: []string{"read", "model", "wild"}, peers: []string{"pyfixest"}},
		{name: "wild-1m", data: "e1m", steps: []string{"read", "model", "wild"}, peers: []string{"pyfixest"}},
		{name: "set-100k", data: "e100k", steps: []string{"read", "model", "wild_set"}},
		{name: "set-1m", data: "e1m", steps: []string{"read", "model", "wild_set"}},
		{name: "set10-100k", data: "e100k", steps: []string{"read", "model10", "wild10_set"}},
		{name: "set10-1m", data: "e1m", steps: []string{"read", "model10", "wild10_set"}},
		{name: "permute-100k", data: "e100k", steps: []string{"read", "permute"}, peers: []string{"pyfixest"}},
		{name: "permute-1m", data: "e1m", steps: []string{"read", "permute", "permute_t"}},
	}
	for _, d := range datasets {
		if d.rows > 0 {
			list = append(list, task{name: "growth-" + strings.TrimPrefix(d.name, "e"), data: d.name, steps: append([]string{"group", "read"}, fits...)})
		}
	}
	return list
}

// tasksNamed finds tasks; no name means all of them.
func tasksNamed(names []string) ([]task, error) {
	all := tasks()
	if len(names) == 0 {
		return all, nil
	}
	var list []task
	for _, name := range names {
		i := slices.IndexFunc(all, func(t task) bool { return t.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no task %q; see bench list", name)
		}
		list = append(list, all[i])
	}
	return list, nil
}

// listCommand prints the tasks.
func listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the tasks",
		Args:  cobra.NoArgs,
		Run: func(c *cobra.Command, _ []string) {
			for _, t := range tasks() {
				does := strings.Join(t.steps, " ")
				if t.command {
					does = "fieldexp study"
				}
				fmt.Fprintf(c.OutOrStdout(), "%-13s %-6s %-50s %s\n", t.name, t.data, does, strings.Join(t.peers, ", "))
			}
			fmt.Fprintln(c.OutOrStdout(), "\nOf regress, by the command fieldexp:")
			for _, t := range regressTasks() {
				fmt.Fprintf(c.OutOrStdout(), "%-18s %-16s %s\n", t.name, t.data, t.words)
			}
		},
	}
}
