package study

import (
	"fmt"
	"strings"

	"github.com/fieldexp/fieldexp"
)

// A judgement collects what the notes of a table say of the evidence in it.
type judgement struct {
	level float64
	order []string // what stands beneath an effect, from top to bottom
	how   []string

	warnings []fieldexp.Warning
}

// beneath says what comes next beneath an effect; a %g is the level of sets, in percent.
func (n *judgement) beneath(what string) {
	if strings.Contains(what, "%g") {
		what = fmt.Sprintf(what, 100*n.level)
	}
	n.order = append(n.order, what)
}

// add adds sentences on how it was computed, each once.
func (n *judgement) add(sentences ...string) { n.how = with(n.how, sentences...) }

// warn adds warnings, each once; those about an effect name its outcome.
func (n *judgement) warn(e *testedEffect, warnings []fieldexp.Warning) {
	for _, w := range warnings {
		if e != nil {
			w.Message = e.Fit.Outcome + ": " + w.Message
		}
		n.warnings = with(n.warnings, w)
	}
}

// notes are the sentences, in their order.
func (n *judgement) notes() []string {
	if len(n.order) == 0 {
		return nil
	}
	lead := "Beneath the standard errors of the effects: " + strings.Join(n.order, "; then ") + "."
	return append([]string{lead}, n.how...)
}

// add gives the evidence to the term of its name: a coefficient or, of effects by group, an impact.
func (f *Fit) add(e *testedEffect) {
	for _, terms := range [][]Term{f.Terms, f.Impacts} {
		for i := range terms {
			if terms[i].Term == e.Name {
				terms[i].Evidence = e.Evidence
			}
		}
	}
}
