package hetero

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// Group says what the effect in a group rests on. Counts are of rows in which nothing of the
// outcome's model is missing (of which singletons may have been dropped).
type Group struct {
	Label       string
	Rows        int
	TreatedRows int // with the exposure: assigned and, with a launch, past it
	// Clusters of the first clustering that have rows in the group, and those of them with
	// assigned rows. Zero where nothing is clustered.
	Clusters, TreatedClusters int
	MeanUsage                 float64 // over the treated rows; NaN without usage
	// FirstStage is the effect of the group's own assignment on the usage in it, and FirstStageF
	// its squared t: the strength of this group's instrument. Both are empty without usage.
	FirstStage  iv.Coefficient
	FirstStageF iv.Test
}

// tally counts the rows of a group.
type tally struct {
	rows, assigned, treated int
	clusters, assignedIn    int
	usage                   float64 // sum over treated rows
	usageLow, usageHigh     float64 // over all rows
}

// counter counts rows by group, of one outcome or another.
type counter struct {
	d        *design
	usable   []bool // nothing is missing but perhaps the outcome
	exposure []float64
	usage    []float64 // nil for the ITT
	clusters data.Grouping
	known    func() []tally // of outcomes that are known in all rows
}

func (d *design) newCounter() (*counter, error) {
	c := &counter{d: d, usable: make([]bool, d.frame.Len())}
	for i := range c.usable {
		c.usable[i] = d.groups.codes[i] >= 0
	}
	rule := d.rules[d.spec.TimeEffects]
	columns := append([]string{d.exposure}, rule.others...)
	for _, effect := range rule.effects {
		columns = append(columns, effect...)
	}
	for _, name := range d.spec.Cluster {
		columns = append(columns, iv.Effects(name)[0]...)
	}
	if d.usages != nil {
		columns = append(columns, d.spec.Usage)
	}
	for _, name := range columns {
		if err := c.dropMissing(name); err != nil {
			return nil, err
		}
	}
	var err error
	if d.spec.Weights != "" {
		weights, err := d.frame.Floats(d.spec.Weights)
		if err != nil {
			return nil, err
		}
		for i, w := range weights {
			c.usable[i] = c.usable[i] && w > 0
		}
	}
	if c.exposure, err = d.frame.Floats(d.exposure); err != nil {
		return nil, err
	}
	if d.usages != nil {
		if c.usage, err = d.frame.Floats(d.spec.Usage); err != nil {
			return nil, err
		}
	}
	if len(d.spec.Cluster) > 0 {
		c.clusters, err = d.assignment.Group(iv.Effects(d.spec.Cluster[0])[0])
	}
	c.known = sync.OnceValue(func() []tally { return c.tally(nil) })
	return c, err
}

// dropMissing marks the rows in which a column is missing as not usable.
func (c *counter) dropMissing(name string) error {
	f := c.d.frame
	kind, err := f.Kind(name)
	if err != nil {
		return err
	}
	switch kind {
	case data.Categorical:
		codes, _, err := f.Codes(name)
		if err != nil {
			return err
		}
		for i, v := range codes {
			c.usable[i] = c.usable[i] && v >= 0
		}
	case data.Time:
		times, err := f.Instants(name)
		if err != nil {
			return err
		}
		for i, v := range times {
			c.usable[i] = c.usable[i] && v != data.MissingTime
		}
	default:
		values, err := f.Floats(name)
		if err != nil {
			return err
		}
		if finite, err := f.Finite(name); finite {
			return err
		}
		for i, v := range values {
			c.usable[i] = c.usable[i] && !math.IsNaN(v)
		}
	}
	return nil
}

// counts counts the rows of every outcome by group, and refuses a group that has no effect to show.
func (c *counter) counts(ctx context.Context) ([][]tally, error) {
	outcomes := c.d.spec.Outcomes
	counts, problems := make([][]tally, len(outcomes)), make([]error, len(outcomes))
	err := parallel.For(ctx, len(outcomes), func(i int) { counts[i], problems[i] = c.count(outcomes[i]) })
	for _, problem := range problems { // the first outcome's, whichever came first
		if problem != nil {
			return nil, problem
		}
	}
	return counts, err
}

// count counts the rows of an outcome.
func (c *counter) count(outcome string) ([]tally, error) {
	y, err := c.d.frame.Floats(outcome)
	if err != nil {
		return nil, err
	}
	finite, err := c.d.frame.Finite(outcome)
	if err != nil {
		return nil, err
	}
	var list []tally
	if finite {
		list = c.known()
	} else {
		list = c.tally(y)
	}
	for g := range list {
		if err := c.refuse(outcome, c.d.groups.labels[g], &list[g]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// tally counts the rows in which an outcome is known; all when y is nil.
func (c *counter) tally(y []float64) []tally {
	n := len(c.d.groups.labels)
	list := make([]tally, n)
	for k := range list {
		list[k].usageLow, list[k].usageHigh = math.Inf(1), math.Inf(-1)
	}
	const present, assigned = 1, 2
	seen := make([]uint8, c.clusters.Len()*n)
	for i, ok := range c.usable {
		if !ok || y != nil && math.IsNaN(y[i]) {
			continue
		}
		g := int(c.d.groups.codes[i])
		t := &list[g]
		t.rows++
		inArm := c.d.assignment.Arm(i) == 1
		if inArm {
			t.assigned++
		}
		if c.exposure[i] != 0 {
			t.treated++
		}
		if c.usage != nil {
			t.usageLow, t.usageHigh = min(t.usageLow, c.usage[i]), max(t.usageHigh, c.usage[i])
			if c.exposure[i] != 0 {
				t.usage += c.usage[i]
			}
		}
		if c.clusters.Codes == nil {
			continue
		}
		flags := &seen[int(c.clusters.Codes[i])*n+g]
		if *flags&present == 0 {
			*flags |= present
			t.clusters++
		}
		if inArm && *flags&assigned == 0 {
			*flags |= assigned
			t.assignedIn++
		}
	}
	return list
}

// refuse explains why a group has no effect to show; nil if it may have one.
func (c *counter) refuse(outcome, label string, t *tally) error {
	group := c.d.groups.column
	size := brief.Count(t.rows) + " rows"
	if c.clusters.Codes != nil {
		size += fmt.Sprintf(" (%s clusters)", brief.Count(t.clusters))
	}
	e := &fieldexp.Error{Op: "hetero", Group: label, Count: t.rows, Remedy: []fieldexp.Hint{fewerGroups}}
	switch {
	case t.rows == 0:
		e.Problem, e.Columns = fieldexp.EmptyGroup, []string{group, outcome}
		e.Message = fmt.Sprintf("group %s of %q has no row in which outcome %q and the other columns are known", label, group, outcome)
	case t.assigned == 0 || t.assigned == t.rows:
		arm := "control"
		if t.assigned > 0 {
			arm = "assigned"
		}
		e.Problem, e.Columns = fieldexp.OneArm, []string{group, c.d.spec.Assignment, outcome}
		e.Message = fmt.Sprintf("group %s of %q has one arm only: all its %s with outcome %q are %s", label, group, size, outcome, arm)
	case t.treated == 0:
		e.Problem, e.Columns = fieldexp.OneArm, []string{group, c.d.exposure, outcome}
		e.Message = fmt.Sprintf("group %s of %q has no treated row: all its %s with outcome %q are control or before the launch", label, group, size, outcome)
	case c.usage != nil && t.usageLow == t.usageHigh:
		e.Problem, e.Columns = fieldexp.NoFirstStage, []string{group, c.d.spec.Usage, outcome}
		e.Message = fmt.Sprintf("the first stage of group %s of %q is empty: usage %q is %g in all its %s with outcome %q, of which %s are treated",
			label, group, c.d.spec.Usage, t.usageLow, size, outcome, brief.Count(t.treated))
	default:
		return nil
	}
	return e
}
