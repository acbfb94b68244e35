package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// output is what a process says of its work, on its standard output as one object of JSON. Peers
// say the same.
type output struct {
	Versions map[string]string `json:"versions"`
	// Absent says why the program cannot be run here, such as a package that is not installed.
	Absent string `json:"absent,omitempty"`
	Steps  []step `json:"steps"`
	// Estimates are numbers to compare, each with its standard error.
	Estimates map[string][2]float64 `json:"estimates"`
	// Simulated are numbers that depend on random draws: compared between runs of ours only.
	Simulated map[string]float64 `json:"simulated,omitempty"`
}

// step is a part of the work and its time in seconds. A peer's step "warm" is what its process does once to
// get ready, such as compiling.
type step struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	// Processor is the time on all processors together, which tells work from waiting where the
	// machine does other things too.
	Processor float64 `json:"processor"`
}

// worker does steps in our process.
type worker struct {
	path string // the file or the study's directory
	output
	experimentWork
	studyWork
}

// does are the steps by name.
func (w *worker) does() map[string]func(context.Context) error {
	if strings.HasSuffix(w.path, ".csv") {
		return map[string]func(context.Context) error{
			"read": w.read, "group": w.group,
			"itt": w.itt, "itt10": w.itt10, "late10": w.late10, "split": w.split,
			"model": w.model, "model10": w.model10, "wild": w.wild, "wild_set": w.wildSet, "wild10_set": w.wild10Set,
			"permute": w.permute, "permute_t": w.permuteT,
		}
	}
	return map[string]func(context.Context) error{
		"read": w.readStudy, "panel": w.panel, "itt": w.studyITT, "late": w.studyLATE,
		"hetero_common": w.heteroCommon, "hetero_group": w.heteroGroup, "event": w.event,
	}
}

// run does the steps one after another, each by the clock.
func (w *worker) run(ctx context.Context, steps []string) error {
	w.Versions = map[string]string{"Go": strings.TrimPrefix(runtime.Version(), "go")}
	w.Estimates, w.Simulated = map[string][2]float64{}, map[string]float64{}
	does := w.does()
	for _, name := range steps {
		do, ok := does[name]
		if !ok {
			return fmt.Errorf("there is no step %q on %s", name, w.path)
		}
		start, used := time.Now(), processorTime()
		if err := do(ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		w.Steps = append(w.Steps, step{name, time.Since(start).Seconds(), (processorTime() - used).Seconds()})
	}
	return nil
}

// stepsCommand does steps in this process: it is what tasks of ours run.
func stepsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "steps PATH STEP[,STEP...]",
		Short: "Do steps on a file in this process and print their seconds as JSON",
		Args:  cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			w := &worker{path: args[0]}
			if err := w.run(c.Context(), strings.Split(args[1], ",")); err != nil {
				return err
			}
			return json.NewEncoder(c.OutOrStdout()).Encode(w.output)
		},
	}
}
