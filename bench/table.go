package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"sort"
	"strings"

	"github.com/spf13/cobra"
)

// line is a line of the table of ratios: steps of a task whose time is compared.
type line struct {
	title string
	task  string
	steps []string
}

var all1m = []string{"read", "itt10", "late10", "split"}

// lines of the table of ratios, in order.
var lines = []line{
	{"CSV read, 1 M rows", "read-1m", []string{"read"}},
	{"ITT, one outcome", "itt-1m", []string{"itt"}},
	{"ITT, ten outcomes", "itt10-1m", []string{"itt10"}},
	{"LATE, ten outcomes", "late10-1m", []string{"late10"}},
	{"CSV + ITT × 10 + LATE × 10 + ITT × 10 by quartile", "all-1m", all1m},
	{"CSV scanned and grouped, 1 M rows", "group-1m", []string{"group"}},
	{"CSV read, 10 M rows", "read-10m", []string{"read"}},
	{"ITT, one outcome, 10 M rows", "itt-10m", []string{"itt"}},
	{"ITT, ten outcomes, 10 M rows", "itt10-10m", []string{"itt10"}},
	{"LATE, ten outcomes, 10 M rows", "late10-10m", []string{"late10"}},
	{"CSV scanned and grouped, 10 M rows", "group-10m", []string{"group"}},
	{"Chats of a study read, 2.6 M rows", "read-world", []string{"read"}},
	{"Study: chats to panel to 65 fits", "fits-world", studySteps},
	{"Study: the 65 fits alone", "fits-world", studySteps[1:]},
	{"Wild bootstrap, 0.1 M rows", "wild-100k", []string{"model", "wild"}},
	{"Wild bootstrap, 1 M rows", "wild-1m", []string{"model", "wild"}},
	{"10,000 permutations, 0.1 M rows", "permute-100k", []string{"permute"}},
}

// tableCommand prints the tables.
func tableCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "table",
		Short: "Print what is recorded as tables in Markdown",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := readRecords(s)
			if err != nil {
				return err
			}
			l, err := readLimits(s)
			if err != nil {
				return err
			}
			all := summarise(list)
			return errors.Join(writeTables(c.OutOrStdout(), all, l), all.lacks(tasks()))
		},
	}
}

// writeTables writes all tables that the records allow.
func writeTables(w io.Writer, all summaries, l *limits) error {
	parts := []string{all.machine(), all.ratios(), all.reading(l), all.wholeStudy(), all.inference(), all.growth(), all.processors()}
	if l != nil {
		parts = append(parts, l.String())
	}
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	_, err := io.WriteString(w, strings.Join(parts, "\n"))
	return err
}

// machine says what was run on, and what was not there.
func (all summaries) machine() string {
	versions, absent := map[string]string{}, map[string]bool{}
	for _, byProcessors := range all {
		for _, s := range byProcessors {
			for _, r := range s.runs {
				for name, v := range r.Versions {
					versions[name] = v
				}
			}
			if s.absent != "" && s.ran() == nil && !strings.HasPrefix(s.absent, failedPrefix) {
				absent[s.absent] = true
			}
		}
	}
	var list []string
	for name, v := range versions {
		list = append(list, name+" "+v)
	}
	sort.Strings(list)
	text := fmt.Sprintf("%d processors, %s/%s; %s.\n", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, strings.Join(list, ", "))
	if len(absent) > 0 {
		var names []string
		for name := range absent {
			names = append(names, name)
		}
		sort.Strings(names)
		text += "Not installed, and left out: " + strings.Join(names, ", ") + ".\n"
	}
	return text
}

// ratios compares ours with each peer.
func (all summaries) ratios() string {
	t := newMarkdown("work", "<peer", "ours", "theirs", "time ×", "work ×", "ours", "theirs", "memory ×", "difference", "estimates", "runs")
	for _, l := range lines {
		our := all.of(l.task, ours)
		if our == nil {
			continue
		}
		ourSeconds, ourBytes := our.seconds(l.steps...), our.bytes()
		for _, p := range peers {
			name := strings.TrimSuffix(p.name, "-study")
			if reason := all.failure(l.task, p.name); reason != "" {
				t.add(l.title, name, seconds(ourSeconds), shortened(reason), "", "", megabytes(ourBytes), "", "", "", "", "")
				continue
			}
			their := all.of(l.task, p.name)
			if their == nil {
				continue
			}
			g := agree(our, their)
			theirSeconds, theirBytes := their.seconds(l.steps...), their.bytes()
			t.add(l.title, name, seconds(ourSeconds), seconds(theirSeconds), factor(theirSeconds/ourSeconds), factor(their.processor(l.steps...)/our.processor(l.steps...)),
				megabytes(ourBytes), megabytes(theirBytes), factor(theirBytes/ourBytes),
				relative(g.largest), g.compares(), fmt.Sprintf("%d/%d", len(our.runs), len(their.runs)))
		}
	}
	return t.String()
}

// shortened is the reason of a failure as a cell.
func shortened(reason string) string {
	switch {
	case strings.HasPrefix(reason, notDone):
		return reason
	case strings.Contains(reason, "MemoryError") || strings.Contains(reason, "allocat"):
		return "out of memory"
	}
	return "failed"
}

// What is not known is empty.
func seconds(v float64) string   { return formatted(v, "%.2f s", "%.1f s") }
func factor(v float64) string    { return formatted(v, "%.1f", "%.0f") }
func megabytes(v float64) string { return formatted(v/1e6, "%.0f MB", "%.0f MB") }

// formatted writes values from 10 on with the second format.
func formatted(v float64, small, large string) string {
	switch {
	case math.IsNaN(v) || v == 0:
		return ""
	case v < 10:
		return fmt.Sprintf(small, v)
	}
	return fmt.Sprintf(large, v)
}

// relative writes a relative difference.
func relative(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return fmt.Sprintf("%.0e", v)
}
