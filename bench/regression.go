package main

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// regression is what the runs of a task by the version before and by the one now come to, run by run in turn.
type regression struct {
	task   string
	runs   [2][]measured
	failed [2]error
}

// Bounds of the ratio, now over before, above which a task is slower or larger.
const (
	slowerBound = 1.03
	largerBound = 1.05
)

// pairs are the median of ratios, now over before, of the runs that followed each other, and its interval.
type pairs struct{ median, low, high float64 }

// ratios takes a quantity of the runs; all are NaN where it is not known.
func (r *regression) ratios(of func(*measured) float64) pairs {
	var list []float64
	for i := range min(len(r.runs[0]), len(r.runs[1])) {
		list = append(list, of(&r.runs[1][i])/of(&r.runs[0][i]))
	}
	low, high := medianInterval(list)
	return pairs{median(list), low, high}
}

// medianInterval is the interval between two of the values that has the median of their distribution in it in at least
// 15 of 16 cases, whatever the distribution: from the least to the largest of five. Fewer values have none, and their
// interval is the whole line.
func medianInterval(values []float64) (low, high float64) {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	ways, below, outside := 1., 0., 0 // of n signs: ways for so many to be negative, for fewer
	for below += ways; 2*below <= math.Ldexp(1, n)/16; below += ways {
		outside++
		ways *= float64(n-outside+1) / float64(outside)
	}
	if outside == 0 {
		return math.Inf(-1), math.Inf(1)
	}
	return sorted[outside-1], sorted[n-outside]
}

// median of a quantity of the version's runs; NaN where there is none.
func (r *regression) median(version int, of func(*measured) float64) float64 {
	var list []float64
	for i := range r.runs[version] {
		list = append(list, of(&r.runs[version][i]))
	}
	return median(list)
}

func processorSeconds(m *measured) float64 { return m.processor }
func peakBytes(m *measured) float64        { return float64(m.bytes) }

// verdict is a word for the ratio: more above the bound, less below its inverse, both only if the interval excludes 1;
// the former with a question mark if it does not.
func (p pairs) verdict(bound float64, more, less string) string {
	switch {
	case p.median > bound && p.low > 1:
		return more
	case p.median > bound:
		return more + "?"
	case p.median < 1/bound && p.high < 1:
		return less
	}
	return ""
}

// Verdicts that are a failure of the comparison.
const (
	slower = "slower"
	larger = "larger"
	failed = "fails"
)

// verdicts are what is to be said of the task, the worst first.
func (r *regression) verdicts() []string {
	switch {
	case r.failed[1] != nil:
		return []string{failed}
	case r.failed[0] != nil:
		return []string{"failed before"}
	}
	var list []string
	for _, v := range []string{
		r.ratios(processorSeconds).verdict(slowerBound, slower, "faster"),
		r.ratios(peakBytes).verdict(largerBound, larger, "smaller"),
	} {
		if v != "" {
			list = append(list, v)
		}
	}
	return list
}

// bad says whether the comparison fails on the task.
func (r *regression) bad() bool {
	for _, v := range r.verdicts() {
		if v == slower || v == larger || v == failed {
			return true
		}
	}
	return false
}

// printed says whether all runs printed the same.
func (r *regression) printed() string {
	if len(r.runs[0]) == 0 || len(r.runs[1]) == 0 {
		return ""
	}
	for _, runs := range r.runs {
		for _, m := range runs {
			if m.printed != runs[0].printed {
				return "varies"
			}
		}
	}
	if r.runs[0][0].printed != r.runs[1][0].printed {
		return "differs"
	}
	return "the same"
}

// cells are the cells of a quantity: before, now, ratio and its range.
func (r *regression) cells(of func(*measured) float64, unit func(float64) string) []string {
	p := r.ratios(of)
	ratio, interval := "", ""
	if !math.IsNaN(p.median) {
		ratio = fmt.Sprintf("%.3f", p.median)
		if !math.IsInf(p.low, 0) {
			interval = fmt.Sprintf("%.3f to %.3f", p.low, p.high)
		}
	}
	return []string{unit(r.median(0, of)), unit(r.median(1, of)), ratio, interval}
}

// line tells the task in a line.
func (r *regression) line() string {
	processor, memory := r.cells(processorSeconds, seconds), r.cells(peakBytes, megabytes)
	return fmt.Sprintf("%8s %8s %6s   %8s %8s %6s   %d runs  %s",
		processor[0], processor[1], processor[2], memory[0], memory[1], memory[2], len(r.runs[1]), r.verdict())
}

func (r *regression) verdict() string { return strings.Join(r.verdicts(), ", ") }

// regressions are all tasks of a comparison with a commit.
type regressions struct {
	commit string
	list   []regression
}

// String is the table, and below it why tasks failed.
func (all *regressions) String() string {
	t := newMarkdown("task", "CPU before", "now", "ratio", "interval", "memory before", "now", "ratio", "interval",
		"runs", "<output", "<verdict")
	reasons := ""
	for i := range all.list {
		r := &all.list[i]
		cells := append([]string{r.task}, r.cells(processorSeconds, seconds)...)
		cells = append(cells, r.cells(peakBytes, megabytes)...)
		t.add(append(cells, fmt.Sprint(len(r.runs[1])), r.printed(), r.verdict())...)
		for version, err := range r.failed {
			if err != nil {
				reasons += fmt.Sprintf("\n%s, %s: %v\n", r.task, []string{"before", "now"}[version], err)
			}
		}
	}
	return t.String() + reasons
}

// err names the tasks on which the comparison fails; nil if there are none.
func (all *regressions) err() error {
	var names []string
	for i := range all.list {
		if r := &all.list[i]; r.bad() {
			names = append(names, regexp.QuoteMeta(r.task))
		}
	}
	if len(names) == 0 {
		return nil
	}
	const text = "%d of %d tasks slower, larger or failing; to look again: bench regress %s --long --tasks '^(%s)$'"
	return fmt.Errorf(text, len(names), len(all.list), all.commit, strings.Join(names, "|"))
}
