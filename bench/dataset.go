package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// dataset is what tasks are run on: an experiment's file of so many rows, or, without rows, the
// files of a simulated study.
type dataset struct {
	name           string
	rows, clusters int
	agents         int // of a study
}

// datasets are the files of the tasks; those of 1 and of 10 million rows are the table's.
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

// datasetNamed finds a dataset.
func datasetNamed(name string) (dataset, error) {
	var names []string
	for _, d := range datasets {
		if d.name == name {
			return d, nil
		}
		names = append(names, d.name)
	}
	return dataset{}, fmt.Errorf("there is no file %q; the files are %s", name, strings.Join(names, ", "))
}

// path is where the dataset is, under the directory of the settings: a file, or a study's directory.
func (d dataset) path(s *settings) string {
	if d.rows == 0 {
		return filepath.Join(s.dir, d.name)
	}
	return filepath.Join(s.dir, d.name+".csv")
}

// events is the file that is read: an experiment's rows or a study's chats.
func (d dataset) events(s *settings) string {
	if d.rows == 0 {
		return filepath.Join(d.path(s), "chats.csv")
	}
	return d.path(s)
}

// make writes the files.
func (d dataset) make(ctx context.Context, s *settings) error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	if d.rows > 0 {
		return newExperiment(d.clusters, s.seed).writeFile(ctx, d.path(s), d.rows)
	}
	command, err := buildCommand(ctx, s)
	if err != nil {
		return err
	}
	return quietly(exec.CommandContext(ctx, command, "simulate", "--agents", fmt.Sprint(d.agents), "--seed", fmt.Sprint(s.seed), "--out", d.path(s)))
}

// buildCommand builds the command fieldexp into the directory of the files. It must be called from
// within the module.
func buildCommand(ctx context.Context, s *settings) (string, error) {
	path := filepath.Join(s.dir, "fieldexp")
	return path, quietly(exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/fieldexp/fieldexp/cmd/fieldexp"))
}

// quietly runs a command whose output matters only when it fails.
func quietly(c *exec.Cmd) error {
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, out)
	}
	return nil
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
				return newExperiment(clusters, s.seed).writeFile(c.Context(), out, rows)
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
