package coverage

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp/internal/brief"
)

// Markdown writes the study as a document. Command is the line that made it.
func (s *Study) Markdown(w io.Writer, command string) error {
	p := &page{w: w}
	p.intro(s, command)
	p.line("%s", inShort)
	p.line("## Assignment\n\nTests that assignment has no effect on average, by least squares of the outcome on assignment.\n")
	p.rates(s, false)
	p.line("\n## Usage\n\nTests that usage, moved by assignment, has no effect: two-stage least squares and its alternatives. The errors of outcome and usage have a correlation of %g.\n", endogeneity)
	p.rates(s, true)
	p.line("\n## Where each method fails\n")
	p.readings(s)
	p.line("## Whether the warnings say so\n")
	p.audit(s)
	return p.err
}

// page writes until the first error.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *page) intro(s *Study, command string) {
	p.line(`# How often the tests reject a true null

Made by

    %s

which anybody can run again; the numbers do not depend on the number of processors. %s replications of each of
%d designs, random numbers from seed %d, tests at 5%%. Do not edit: change internal/coverage and run it.

Every test is run as a user runs it, through the packages itt, late, iv and bootstrap. In every design the
null is true: a test that works rejects 5 in 100. **Bold** rates are above %.0f%%: the test fails. In
parentheses is the Monte Carlo standard error. An exclamation mark says that the results came with a warning
(in brackets the share, where it is not all of them).

**The designs.** Rows are in clusters, and as many clusters as the table says are assigned, at random. Errors are
normal with variance one, and those of two rows of a cluster have a correlation of %g. *Equal* clusters have
4 rows each, *unequal* ones 1 to 20, growing exponentially; in the third kind one cluster has half of all
rows. *Effective* is the mean number of effective clusters of assignment (EffectiveClusters in package iv).
Where effects *vary*, the effect in each treated cluster is drawn with mean zero and standard deviation one.
With usage, F is the population first-stage F (the concentration parameter; the F that is seen is larger by about one), and effects that vary go together with how
strongly a cluster follows its assignment, while the effect over those whom assignment moves is zero.

**The tests.** Bootstraps and permutations have %d draws, or all there are where these are fewer. %d replications
share a drawn assignment, which the standard errors of the rates allow for.
`, command, brief.Count(s.Replications), len(s.Cells), s.Seed, 100*tooOften, within, draws, Batch)
}

// rates is the table of the designs with or without usage.
func (p *page) rates(s *Study, usage bool) {
	var cells []Cell
	for _, c := range s.Cells {
		if c.Design.Instrumental() == usage {
			cells = append(cells, c)
		}
	}
	if len(cells) == 0 {
		p.line("No such design was run.")
		return
	}
	head := []string{"clusters", "treated", "sizes", "effects", "effective"}
	if usage {
		head = slices.Insert(head, 0, "F")
	}
	methods := cells[0].Design.Methods()
	for _, m := range methods {
		head = append(head, m.String())
	}
	p.row(head)
	p.line("|%s", strings.Repeat("---|", len(head)))
	for _, c := range cells {
		d := c.Design
		effects := "none"
		if d.Varying {
			effects = "vary"
		}
		row := []string{fmt.Sprint(d.Clusters), fmt.Sprint(d.Treated), d.Sizes.String(), effects, fmt.Sprintf("%.1f", c.Effective)}
		if usage {
			row = slices.Insert(row, 0, fmt.Sprintf("%g", d.F))
		}
		for _, m := range methods {
			t, _ := c.Tally(m)
			row = append(row, t.cell())
		}
		p.row(row)
	}
}

func (p *page) row(cells []string) { p.line("| %s |", strings.Join(cells, " | ")) }

// cell is a rate as the tables have it.
func (t Tally) cell() string {
	text := fmt.Sprintf("%.1f", 100*t.Rate())
	if t.Rate() > tooOften {
		text = "**" + text + "**"
	}
	text += fmt.Sprintf(" (%.1f)", 100*t.SE)
	switch {
	case t.AnyWarning == t.Replications:
		text += " !"
	case t.AnyWarning > 0:
		text += fmt.Sprintf(" ! [%.0f%%]", 100*t.Alarm())
	}
	if t.Undefined > 0 {
		text += fmt.Sprintf(", %d undefined", t.Undefined)
	}
	return text
}

// readings says of each method where it fails.
func (p *page) readings(s *Study) {
	for m := CR1; m <= WRE; m++ {
		tested := s.findings(func(_ Cell, t Tally) bool { return t.Method == m })
		if len(tested) == 0 {
			continue
		}
		what, reading := m.stands()
		p.line("### %s: %s\n\n%s\n", m, what, reading)
		for _, usage := range []bool{false, true} {
			cells := len(slices.DeleteFunc(slices.Clone(tested), func(f Finding) bool { return f.Design.Instrumental() != usage }))
			if cells == 0 {
				continue
			}
			kind := "assignment"
			if usage {
				kind = "usage"
			}
			p.line("- Of %d designs with %s it rejects more than %.0f%% in %s.", cells, kind, 100*tooOften, listed(s.Over(m, usage)))
			p.line("- It rejects less than %.0f%% in %s.", 100*tooRarely, listed(s.Under(m, usage)))
		}
		p.line("")
	}
}

// listed counts findings and names the first of them.
func listed(list []Finding) string {
	const most = 6
	if len(list) == 0 {
		return "none"
	}
	var names []string
	for _, f := range list[:min(most, len(list))] {
		names = append(names, fmt.Sprintf("%s (%.1f%%)", f.Design, 100*f.Tally.Rate()))
	}
	text := fmt.Sprintf("%d: %s", len(list), strings.Join(names, "; "))
	if len(list) > most {
		text += fmt.Sprintf("; and %d more in the table", len(list)-most)
	}
	return text
}

// audit sets the warnings against the rates.
func (p *page) audit(s *Study) {
	p.line("A test that fails should come with a warning, and one that works should not come with too many.\n")
	p.line("**Failures without a warning.** Rates above %.0f%% where most results have none:\n", 100*tooOften)
	p.findings(s.Silent())
	p.line("\n**What is left after a warning that depends on the data.** Where some results of a design have a warning and others have not, the rate among those without:\n")
	p.conditional(s)
	p.line("\n**Warnings where the test works.** Rates from 4%% to 6%% where most results have a warning (it says that the design is one in which the test may fail, not that it does):\n")
	p.findings(s.Needless())
	p.line("\n**Which warnings.** The share of results with each:\n")
	p.codes(s)
}

// findings is a table of methods and designs.
func (p *page) findings(list []Finding) {
	if len(list) == 0 {
		p.line("None.")
		return
	}
	p.row([]string{"method", "design", "rejected"})
	p.line("|---|---|---|")
	for _, f := range list {
		p.row([]string{f.Tally.Method.String(), f.Design.String(), f.Tally.cell()})
	}
}

// conditional is the table of the rates among results without a warning.
func (p *page) conditional(s *Study) {
	some := s.findings(func(_ Cell, t Tally) bool { return t.AnyWarning > 0 && t.AnyWarning < t.Replications })
	if len(some) == 0 {
		p.line("There are none.")
		return
	}
	p.row([]string{"method", "design", "results without a warning", "rejected among these", "rejected in all"})
	p.line("|---|---|---|---|---|")
	for _, f := range some {
		rate, quiet := f.Tally.SilentRate()
		p.row([]string{f.Tally.Method.String(), f.Design.String(), fmt.Sprint(quiet), fmt.Sprintf("%.1f", 100*rate), fmt.Sprintf("%.1f", 100*f.Tally.Rate())})
	}
}

// codes is the table of warnings by design; methods with the same ones share a line.
func (p *page) codes(s *Study) {
	p.row([]string{"design", "warnings"})
	p.line("|---|---|")
	for _, c := range s.Cells {
		var order []string
		methods := map[string][]string{}
		for _, t := range c.Tallies {
			text := t.codes()
			if text == "" {
				text = "none"
			}
			if methods[text] == nil {
				order = append(order, text)
			}
			methods[text] = append(methods[text], t.Method.String())
		}
		var parts []string
		for _, text := range order {
			parts = append(parts, strings.Join(methods[text], ", ")+": "+text)
		}
		p.row([]string{c.Design.String(), strings.Join(parts, "; ")})
	}
}

// codes lists the warnings of a method and how often they came.
func (t Tally) codes() string {
	var names []string
	for code := range t.Warned {
		names = append(names, code)
	}
	slices.Sort(names)
	for i, code := range names {
		if n := t.Warned[code]; n < t.Replications {
			names[i] = fmt.Sprintf("%s (%.0f%%)", code, 100*float64(n)/float64(t.Replications))
		}
	}
	return strings.Join(names, ", ")
}
