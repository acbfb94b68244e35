package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// reading holds the reading of files against the plainest scan of them.
func (all summaries) reading(l *limits) string {
	t := newMarkdown("reading", "<program", "seconds", "MB/s", "of a plain scan")
	for _, name := range []string{"read-1m", "read-10m", "read-world", "group-10m"} {
		for _, program := range append([]string{ours}, readers...) {
			s := all.of(name, program)
			if s == nil {
				continue
			}
			step := "read"
			if strings.HasPrefix(name, "group") {
				step = "group"
			}
			spent := s.seconds(step)
			rate := float64(s.runs[0].FileBytes) / spent
			share := ""
			if l != nil {
				share = fmt.Sprintf("%.0f%%", 100*rate/l.Newlines[1])
			}
			t.add(name, program, seconds(spent), fmt.Sprintf("%.0f", rate/1e6), share)
		}
	}
	return t.String()
}

// wholeStudy holds the command's whole study against one reading of its file.
func (all summaries) wholeStudy() string {
	study, read := all.of("study-world", ours), all.of("read-world", ours)
	if study == nil || read == nil {
		return ""
	}
	t := newMarkdown("whole study (fieldexp study, 5,940 agents, all tables and figures)", "value")
	t.add("seconds", seconds(study.seconds()))
	t.add("peak memory", megabytes(study.bytes()))
	t.add("reading its chats once", seconds(read.seconds("read")))
	t.add("ratio", factor(study.seconds()/read.seconds("read")))
	return t.String()
}

// inference is what a bootstrap and permutations cost.
func (all summaries) inference() string {
	t := newMarkdown("inference: 2,000 clusters, 40 effects as columns", "read", "model", "inference", "memory")
	for _, row := range []struct{ title, task, model, step string }{
		{"wild bootstrap, p-value, 0.1 M rows", "wild-100k", "model", "wild"},
		{"the same, 1 M rows", "wild-1m", "model", "wild"},
		{"with its confidence set, 0.1 M rows", "set-100k", "model", "wild_set"},
		{"the same, 1 M rows", "set-1m", "model", "wild_set"},
		{"ten outcomes together, with sets, 0.1 M rows", "set10-100k", "model10", "wild10_set"},
		{"the same, 1 M rows", "set10-1m", "model10", "wild10_set"},
		{"10,000 permutations, coefficients, 1 M rows", "permute-1m", "", "permute"},
		{"10,000 permutations, t statistics, 1 M rows", "permute-1m", "", "permute_t"},
	} {
		if s := all.of(row.task, ours); s != nil {
			t.add(row.title, seconds(s.seconds("read")), seconds(s.seconds(row.model)), seconds(s.seconds(row.step)), megabytes(s.bytes()))
		}
	}
	return t.String()
}

// growth shows time by rows, with its factor for each doubling since the size before.
func (all summaries) growth() string {
	steps := append([]string{"group", "read"}, fits...)
	t := newMarkdown(append([]string{"rows"}, steps...)...)
	before, beforeRows := map[string]float64{}, 0
	for _, d := range datasets {
		s := all.of("growth-"+strings.TrimPrefix(d.name, "e"), ours)
		if s == nil {
			continue
		}
		cells := []string{fmt.Sprintf("%g M", float64(d.rows)/1e6)}
		for _, name := range steps {
			spent := s.seconds(name)
			cell := fmt.Sprintf("%.3g s", spent)
			if last, ok := before[name]; ok {
				doublings := math.Log2(float64(d.rows) / float64(beforeRows))
				cell += fmt.Sprintf(" (%.2f)", math.Pow(spent/last, 1/doublings))
			}
			before[name] = spent
			cells = append(cells, cell)
		}
		beforeRows = d.rows
		t.add(cells...)
	}
	return t.String()
}

// processors compares one processor with all, step by step.
func (all summaries) processors() string {
	t := newMarkdown("task", "<step", "all", "one", "gain", "<bits")
	for _, k := range tasks() {
		if !k.alone() {
			continue
		}
		most := all.of(k.name, ours)
		one := all.on(k.name, 1)
		if most == nil || one == nil || most == one {
			continue
		}
		same := ""
		if runs := slices.Concat(most.runs, one.runs); len(runs[0].Estimates)+len(runs[0].Simulated) > 0 {
			same = map[bool]string{true: "the same", false: "differ"}[identical(runs)]
		}
		if k.command {
			a, b := most.seconds(), one.seconds()
			t.add(k.name, "all", seconds(a), seconds(b), factor(b/a), same)
		}
		for _, name := range k.steps {
			a, b := most.seconds(name), one.seconds(name)
			t.add(k.name, name, seconds(a), seconds(b), factor(b/a), same)
		}
	}
	return t.String()
}

// alone says whether the task is among those whose steps are shown on one processor: each step once,
// at the size where it takes long enough to tell.
func (t *task) alone() bool {
	switch t.name {
	case "growth-10m", "fits-world", "study-world", "read-world", "set-1m", "set10-1m", "permute-1m":
		return true
	}
	return false
}

// String is the table of limits.
func (l *limits) String() string {
	t := newMarkdown("limit of the machine", "one processor", "all")
	for _, row := range []struct {
		title string
		rate  [2]float64
		unit  string
	}{
		{"file read from cache", l.FileRead, "GB/s"},
		{"file read and newlines counted", l.Newlines, "GB/s"},
		{"memory read", l.MemoryRead, "GB/s"},
		{"multiply-adds in products of columns, plain Go", l.MultiplyAdd, "G/s"},
	} {
		t.add(row.title, fmt.Sprintf("%.1f %s", row.rate[0]/1e9, row.unit), fmt.Sprintf("%.1f %s", row.rate[1]/1e9, row.unit))
	}
	return t.String()
}
