package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// dataset is what tasks are run on: a file, of an experiment if it has no other shape, or the files of a simulated
// study.
type dataset struct {
	name           string
	rows, clusters int
	outcomes       int // of a shape that has any number
	agents         int // of a study; 0 for a file
	shape          *shape
}

// datasets are the files of the tasks that are compared with peers; those of 1 and of 10 million rows are the table's.
var datasets = []dataset{
	{name: "e100k", rows: 100_000, clusters: 2000},
	{name: "e200k", rows: 200_000, clusters: 2000},
	{name: "e500k", rows: 500_000, clusters: 2000},
	{name: "e1m", rows: 1_000_000, clusters: 2000},
	{name: "e2m", rows: 2_000_000, clusters: 5000},
	{name: "e5m", rows: 5_000_000, clusters: 5000},
	{name: "e10m", rows: 10_000_000, clusters: 5000},
	{name: "e20m", rows: 20_000_000, clusters: 5000},
	{name: "world", agents: 5940},
}

// shaped are the further files that commits are compared on.
var shaped = []dataset{
	{name: "study", agents: 1500},
	{name: "events", shape: events, rows: 200_000, clusters: 20_000, outcomes: 5},
	{name: "events-few", shape: events, rows: 40_000, clusters: 2000, outcomes: 5},
	{name: "events-pairs", shape: events, rows: 500_000, clusters: 250_000, outcomes: 1},
	{name: "events-alone", shape: events, rows: 200_000, clusters: 200_000, outcomes: 2},
	{name: "events-wide", shape: events, rows: 100_000, clusters: 2000, outcomes: 100},
	{name: "events-large", shape: events, rows: 500_000, clusters: 20_000, outcomes: 20},
	{name: "days", shape: days, clusters: 2500},
	{name: "workers-anywhere", shape: workersAnywhere, clusters: 100_000},
	{name: "workers-nearby", shape: workersNearby, clusters: 60_000},
	{name: "workers-next", shape: workersNext, clusters: 40_000},
	{name: "line-1000", shape: workersLine, clusters: 4000},
	{name: "line-5000", shape: workersLine, clusters: 20_000},
	{name: "line-50000", shape: workersLine, clusters: 200_000},
}

// datasetNamed finds a dataset.
func datasetNamed(name string) (dataset, error) {
	var names []string
	for _, d := range slices.Concat(datasets, shaped) {
		if d.name == name {
			return d, nil
		}
		names = append(names, d.name)
	}
	return dataset{}, fmt.Errorf("there is no file %q; the files are %s", name, strings.Join(names, ", "))
}

// path is where the dataset is, under the directory of the settings: a file, or a study's directory.
func (d dataset) path(s *settings) string {
	if d.agents > 0 {
		return filepath.Join(s.dir, d.name)
	}
	return filepath.Join(s.dir, d.name+".csv")
}

// events is the file that is read: an experiment's rows or a study's chats.
func (d dataset) events(s *settings) string {
	if d.agents > 0 {
		return filepath.Join(d.path(s), "chats.csv")
	}
	return d.path(s)
}

// make writes the files.
func (d dataset) make(ctx context.Context, s *settings) error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	if d.agents == 0 {
		return writeWhole(d.path(s), func(out io.Writer) error {
			if d.shape != nil {
				return d.shape.write(d, s.seed, out)
			}
			return newExperiment(d.clusters, s.seed).write(ctx, out, d.rows)
		})
	}
	command, err := buildCommand(ctx, s)
	if err != nil {
		return err
	}
	return quietly(exec.CommandContext(ctx, command, "simulate", "--agents", fmt.Sprint(d.agents), "--seed", fmt.Sprint(s.seed), "--out", d.path(s)))
}

// generateCommand makes files.
func generateCommand(s *settings) *cobra.Command {
	var rows, clusters int
	var out string
	c := &cobra.Command{
		Use:   "generate [FILE...]",
		Short: "Make the files of the tasks, or with --rows an experiment of any size",
		RunE: func(c *cobra.Command, names []string) error {
			if rows != 0 {
				if rows < 0 || clusters < 2 || out == "" || len(names) > 0 {
					return fmt.Errorf("an experiment of any size takes --rows, --clusters (2 or more) and --out, and no name")
				}
				return writeWhole(out, func(w io.Writer) error { return newExperiment(clusters, s.seed).write(c.Context(), w, rows) })
			}
			if len(names) == 0 {
				for _, d := range datasets {
					names = append(names, d.name)
				}
			}
			for _, name := range names {
				d, err := datasetNamed(name)
				if err != nil {
					return err
				}
				if err := d.make(c.Context(), s); err != nil {
					return err
				}
				fmt.Fprintln(c.OutOrStdout(), d.path(s))
			}
			return nil
		},
	}
	c.Flags().IntVar(&rows, "rows", 0, "rows of an experiment")
	c.Flags().IntVar(&clusters, "clusters", 2000, "its agents")
	c.Flags().StringVar(&out, "out", "", "its file")
	return c
}
