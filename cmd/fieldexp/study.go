package main

import (
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/report"
	"github.com/fieldexp/fieldexp/study"
)

// bundled is the study file that the program comes with.
const bundled = "testdata/study/study.toml"

// studyCommand runs a study file, or the bundled one.
func studyCommand(stdout, stderr io.Writer) *cobra.Command {
	var out, format string
	c := &cobra.Command{
		Use:   "study [study.toml]",
		Short: "Run a study file: print its tables, and write tables, figures and results",
		Long: "Runs a study file: reads the data that it names, prints its tables and, with --out, writes tables, figures, a report in HTML " +
			"and results.json to a directory. Without a file it runs the simulated study that comes with the program.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			start := time.Now()
			f, err := report.ParseFormat(format)
			if err != nil {
				return err
			}
			s, err := load(args)
			if err != nil {
				return err
			}
			if out != "" {
				if err := s.CheckOutput(out, f); err != nil {
					return err
				}
			}
			bar := newBar(stderr)
			result, err := study.Run(c.Context(), s, study.Options{Progress: bar.show, TablesOnly: out == "" && f != report.JSON, Unsaved: out == ""})
			bar.clear()
			if err != nil {
				return err
			}
			// Files first: what could not be written is told before pages of tables. The panels are gone, and so the
			// heap is small enough to grow as usual.
			debug.SetGCPercent(100)
			if out != "" {
				if err := result.Save(c.Context(), out, f); err != nil {
					return err
				}
			}
			text, err := result.Render(f)
			if err != nil {
				return err
			}
			if _, err := stdout.Write(text); err != nil {
				return err
			}
			tell(stderr, result, out, time.Since(start))
			return refusals(result)
		},
	}
	c.Flags().StringVar(&out, "out", "", "directory to write tables, figures, report.html, results.json and manifest.json to; files of others in it stay")
	c.Flags().StringVar(&format, "format", "text", "format of the tables: text, md, latex, html, csv or json")
	return c
}

// load reads the study file that is named, or the bundled one.
func load(args []string) (*study.Study, error) {
	if len(args) == 0 {
		return study.LoadFS(fieldexp.Bundled, bundled)
	}
	return study.Load(args[0])
}

// tellData says what was read, and what to beware of in the data.
func tellData(w io.Writer, result *study.Output) (ofModels int) {
	for _, line := range result.Data {
		fmt.Fprintln(w, line)
	}
	for _, warning := range result.Warnings {
		if !warning.OfData() {
			ofModels++
			continue
		}
		fmt.Fprintf(w, "Warning: %s\n", warning.Message)
	}
	return ofModels
}

// tell says what was read, what to beware of, and what it took.
func tell(w io.Writer, result *study.Output, out string, took time.Duration) {
	if ofModels := tellData(w, result); ofModels > 0 {
		fmt.Fprintf(w, "Notes of tables: %s about models.\n", counted(ofModels, "warning"))
	}
	tables, figures := len(result.Tables), len(result.Figures)
	for _, f := range result.Refused {
		if f.Figure != "" {
			figures--
		} else {
			tables--
		}
	}
	if out != "" {
		fmt.Fprintf(w, "Wrote %s and %s to %s; open %s/report.html.\n", counted(tables, "table"), counted(figures, "figure"), out, out)
	}
	fmt.Fprintf(w, "%s in %.1f s%s.\n", counted(len(result.Fits), "model"), took.Seconds(), peakMemory())
}

// counted is a count with its noun.
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return brief.Count(n) + " " + noun
}
