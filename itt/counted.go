package itt

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// ArmCount counts what of an arm is in a model.
type ArmCount struct {
	Rows     int // with frequency weights, their sum
	Clusters int // of the first clustering; 0 without one
}

// counted is what of each arm is in the models of each outcome.
type counted struct {
	mutex     sync.Mutex
	byOutcome map[string][]ArmCount
}

// Count notes which rows models are over, and returns the terms of arms that are a single cluster; it is the Sampled of an
// iv.Spec.
func (d *Design) Count(outcomes []string, n int, row func(i int) int) (alone []string) {
	counts := d.countArms(n, row)
	d.counted.mutex.Lock()
	defer d.counted.mutex.Unlock()
	if d.counted.byOutcome == nil {
		d.counted.byOutcome = make(map[string][]ArmCount)
	}
	for _, outcome := range outcomes {
		d.counted.byOutcome[outcome] = counts
	}
	if len(d.Spec.Cluster) != 1 || d.Spec.MixedClusters {
		return nil
	}
	for i, term := range d.Terms {
		arm := min(i+1, len(counts)-1) // an event study of two arms has a term for each period
		if counts[0].Clusters == 1 || counts[arm].Clusters == 1 {
			alone = append(alone, term)
		}
	}
	return alone
}

// InModel counts, by the places of the arms, what was estimated over for an outcome; nil for one that was not.
func (d *Design) InModel(outcome string) []ArmCount {
	d.counted.mutex.Lock()
	defer d.counted.mutex.Unlock()
	return slices.Clone(d.counted.byOutcome[outcome])
}

// countArms counts rows and clusters.
func (d *Design) countArms(n int, row func(i int) int) []ArmCount {
	var clusters data.Grouping
	if len(d.Spec.Cluster) > 0 { // which were looked up before
		clusters, _ = groupRows(d.Frame, iv.Effects(d.Spec.Cluster[0])[0])
	}
	var weights []float64
	if d.Spec.Weights != "" && d.Spec.WeightKind == iv.Frequency {
		weights, _ = d.Frame.Floats(d.Spec.Weights)
	}
	arms := len(d.Arms)
	pieces := parallel.Pieces(n, arms*(clusters.Len()+1))
	rows, seen := make([][]float64, pieces), make([][]bool, pieces)
	// The context is never cancelled, so there is no error.
	_ = parallel.For(context.Background(), pieces, func(p int) {
		count, in := make([]float64, arms), make([]bool, arms*clusters.Len())
		for at := p * n / pieces; at < (p+1)*n/pieces; at++ {
			i := row(at)
			arm := int(d.assigned.codes[i])
			if arm < 0 {
				continue // of a model that is not of the arms alone
			}
			w := 1.0
			if weights != nil {
				w = weights[i]
			}
			count[arm] += w
			if clusters.Codes != nil && clusters.Codes[i] >= 0 {
				in[int(clusters.Codes[i])*arms+arm] = true
			}
		}
		rows[p], seen[p] = count, in
	})
	counts := make([]ArmCount, arms)
	for arm := range counts {
		total := 0.0
		for _, part := range rows {
			total += part[arm]
		}
		counts[arm].Rows = int(total)
		for c := range clusters.Len() {
			if slices.ContainsFunc(seen, func(in []bool) bool { return in[c*arms+arm] }) {
				counts[arm].Clusters++
			}
		}
	}
	return counts
}

// ModelNotes says, for outcomes whose models lack rows of an arm, how many rows of each arm they are over.
func (d *Design) ModelNotes() (notes []string) {
	if d == nil || d.counted == nil {
		return nil
	}
	about := make(map[string][]string)
	for _, outcome := range d.Spec.Outcomes {
		counts := d.InModel(outcome)
		complete := true
		parts := make([]string, len(counts))
		for arm, c := range counts {
			complete = complete && c.Rows == d.Arms[arm].Rows
			parts[arm] = fmt.Sprintf("%s (%s rows)", d.Arms[arm].Label, brief.Count(c.Rows))
		}
		if text := strings.Join(parts, ", "); !complete {
			if about[text] == nil {
				notes = append(notes, text)
			}
			about[text] = append(about[text], outcome)
		}
	}
	for i, text := range notes {
		notes[i] = fmt.Sprintf("In the model of %s: %s.", strings.Join(about[text], ", "), text)
	}
	return notes
}
