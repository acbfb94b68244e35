package itt

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// meansDesign is a MeansSpec read against a frame.
type meansDesign struct {
	spec     MeansSpec
	level    float64
	frame    *data.Frame
	assigned *assigned
	terms    []string       // names of the effects
	blocks   data.Grouping  // a single group where nothing is blocked
	clusters *data.Grouping // nil where rows were assigned
	weights  []float64      // nil without
}

func newMeansDesign(f *data.Frame, spec MeansSpec) (*meansDesign, error) {
	d := &meansDesign{spec: spec, frame: f, level: spec.Level}
	if err := d.checkSpec(); err != nil {
		return nil, err
	}
	var err error
	if d.assigned, err = readAssignment(f, spec.Assignment, spec.ControlArm, spec.Rows); err != nil {
		return nil, err
	}
	for _, arm := range d.assigned.arms[1:] {
		name := spec.Assignment
		if !d.assigned.numeric {
			name += "=" + arm.Label
		}
		d.terms = append(d.terms, name)
	}
	d.blocks = data.Grouping{Codes: make([]int32, f.Len()), Labels: []string{""}}
	if spec.Blocks != "" {
		if d.blocks, err = groupRows(f, iv.Effects(spec.Blocks)[0]); err != nil {
			return nil, err
		}
	}
	if err := d.readClusters(); err != nil {
		return nil, err
	}
	return d, d.readWeights()
}

// checkSpec refuses a spec that contradicts itself.
func (d *meansDesign) checkSpec() error {
	refuse := func(message string, remedy ...fieldexp.Hint) error {
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Message: message, Remedy: remedy}
	}
	if d.level == 0 {
		d.level = 0.95
	}
	switch s := d.spec; {
	case len(s.Outcomes) == 0:
		return refuse("no outcome is named", "set {Outcomes}")
	case len(s.Controls)+len(s.Absorb) > 0 || s.Covariance != (iv.Covariance{}) || s.differences():
		return refuse("controls, fixed effects, a covariance or a launch of differences in means, whose variance is that of the design", "name strata in {Blocks}", "use {Estimate}")
	case len(s.Cluster) > 1:
		return refuse(fmt.Sprintf("%d columns of clusters of differences in means", len(s.Cluster)), "name one in {Cluster}: the units that were assigned")
	case s.Pairs && s.Blocks == "":
		return refuse("matched pairs without a column that names them", "set {Blocks} to the column of pairs")
	case s.Pairs && s.Small == PoolSmall:
		return refuse("a pooled variance of small blocks for matched pairs, whose variance is between pairs already",
			"leave {Small} out", "set {Small} to {DropSmall}, which leaves out pairs that lost a member")
	case s.Blocks == "" && s.Small != RefuseSmall:
		return refuse("a rule for small blocks, but no blocks", "name blocks in {Blocks}", "leave {Small} out")
	case !(d.level > 0 && d.level < 1):
		return refuse(fmt.Sprintf("a confidence level of %v", d.level), "give a share between 0 and 1 in {Level}, such as 0.95")
	}
	return nil
}

// readClusters groups rows by the units that were assigned, each of which lies in one arm and one
// block.
func (d *meansDesign) readClusters() error {
	name := d.spec.cluster()
	if name == "" {
		return nil
	}
	if _, err := d.assigned.nestedIn(d.frame, []string{name}); err != nil {
		return err
	}
	g, err := groupRows(d.frame, iv.Effects(name)[0])
	if err != nil {
		return err
	}
	if m := mix(d.blocks.Codes, g); m.mixed > 0 {
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.MixedCluster, Columns: []string{name, d.spec.Blocks}, Count: m.mixed,
			Message: fmt.Sprintf("%s of the %s clusters of %q (such as %s) have rows in several blocks of %q", brief.Count(m.mixed), brief.Count(m.groups), name, g.Labels[m.example], d.spec.Blocks),
			Remedy:  []fieldexp.Hint{"check both columns, since a cluster that was assigned within a block lies in it"}}
	}
	d.clusters = &g
	return nil
}

// readWeights reads the weights and refuses those that no mean can have.
func (d *meansDesign) readWeights() error {
	name := d.spec.Weights
	if name == "" {
		return nil
	}
	values, err := d.frame.Floats(name)
	if err != nil {
		return err
	}
	for i, w := range values {
		what := ""
		switch {
		case math.IsInf(w, 0):
			what = "infinite"
		case w < 0:
			what = "negative"
		case d.spec.WeightKind == iv.Frequency && w == w && w != math.Trunc(w):
			what = "not whole, as a frequency must be,"
		}
		if what != "" {
			return &fieldexp.Error{Op: "itt", Problem: fieldexp.BadValues, Columns: []string{name}, Count: 1,
				Message: fmt.Sprintf("weight %q is %s in row %d", name, what, i+1), Remedy: []fieldexp.Hint{"correct the weight, or mark it as missing"}}
		}
	}
	d.weights = values
	return nil
}
