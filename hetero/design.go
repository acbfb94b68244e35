package hetero

import (
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// design is a Spec read against a frame: the columns of each group's treatment, and the models
// made of them.
type design struct {
	spec       Spec
	frame      *data.Frame // the caller's with the columns that the design adds
	groups     *groups
	assignment *itt.Design
	arms       []int8 // 1 in rows of units that were assigned, 0 in control rows, -1 where missing

	exposure  string   // the column of treatment: assignment, or assignment from the launch on
	regressor string   // the column whose effect is estimated: usage or the exposure
	exposures []string // the exposure in each group: regressors of the ITT, instruments of the LATE
	usages    []string // usage in each group; nil for the ITT
	others    []string // main effects and controls
	mains     []string // main effects of a difference-in-differences that the pooled model has

	effects  map[TimeEffects][]iv.Effect // absorbed by the model by groups under either rule
	common   []iv.Effect                 // absorbed by the pooled model
	warnings []iv.Warning
}

// newDesign adds the columns of the model to a copy of the frame and refuses what cannot be
// estimated in any outcome.
func newDesign(f *data.Frame, spec Spec) (*design, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	d := &design{spec: spec, common: slices.Clone(spec.Absorb), effects: map[TimeEffects][]iv.Effect{}}
	if spec.period() != "" {
		d.common = append(d.common, iv.Effect{spec.period()})
	}
	var err error
	if d.groups, err = readGroups(f, spec.Group); err != nil {
		return nil, err
	}
	if err = d.readAssignment(f); err != nil {
		return nil, err
	}
	if err = d.placeGroups(); err != nil {
		return nil, err
	}
	return d, d.addColumns()
}

// readAssignment leaves the checks of assignment and launch, and the treated column, to package
// itt. The frame is cloned there only if columns are added, so it is cloned here.
func (d *design) readAssignment(f *data.Frame) (err error) {
	s := &d.spec
	d.assignment, err = itt.NewDesign(f.Clone(), itt.Spec{
		Outcomes: s.Outcomes, Assignment: s.Assignment, Controls: s.Controls, Absorb: d.common,
		Cluster: s.Cluster, MixedClusters: s.MixedClusters, Time: s.Time, Launch: s.Launch, TreatedName: s.TreatedName,
	})
	if err != nil {
		return err
	}
	d.frame, d.mains = d.assignment.Frame, d.assignment.MainEffects
	if arms := d.assignment.Arms; len(arms) != 2 {
		return &Error{Problem: ManyArms, Columns: []string{s.Assignment}, Count: len(arms),
			Message: fmt.Sprintf("assignment %q has %d arms", s.Assignment, len(arms)),
			Remedy:  "keep control and one arm at a time"}
	}
	d.exposure = d.assignment.Terms[0]
	d.regressor = d.exposure
	if s.Usage != "" {
		d.regressor = s.Usage
	}
	return d.readArms()
}

// readArms codes the arm of each row.
func (d *design) readArms() error {
	kind, err := d.frame.Kind(d.spec.Assignment)
	if err != nil {
		return err
	}
	d.arms = make([]int8, d.frame.Len())
	if kind == data.Float {
		values, err := d.frame.Floats(d.spec.Assignment)
		if err != nil {
			return err
		}
		for i, v := range values {
			if d.arms[i] = int8(v); math.IsNaN(v) {
				d.arms[i] = -1
			}
		}
		return nil
	}
	codes, levels, err := d.frame.Codes(d.spec.Assignment)
	if err != nil {
		return err
	}
	assigned := int32(slices.Index(levels, d.assignment.Arms[1].Label))
	for i, c := range codes {
		switch {
		case c < 0:
			d.arms[i] = -1
		case c == assigned:
			d.arms[i] = 1
		}
	}
	return nil
}

// placeGroups decides which absorbed effects carry the groups' own levels and periods, and warns
// of groups that vary within clusters.
func (d *design) placeGroups() error {
	group := d.spec.Group
	carried := func(effects []iv.Effect) (bool, error) {
		for _, effect := range effects {
			if slices.Contains(effect, group) {
				return true, nil
			}
			for _, column := range effect {
				by, err := d.frame.Group(column)
				if err != nil {
					return false, err
				}
				if varies, _ := d.groups.variesWithin(by); varies == 0 {
					return true, nil
				}
			}
		}
		return false, nil
	}
	own := slices.Clone(d.spec.Absorb)
	if d.spec.period() != "" {
		own = append(own, iv.Effect{d.spec.period(), group})
	}
	for rule, effects := range [][]iv.Effect{GroupSpecific: own, Common: slices.Clone(d.common)} {
		held, err := carried(effects)
		if err != nil {
			return err
		}
		if !held {
			effects = append(effects, iv.Effect{group})
		}
		d.effects[TimeEffects(rule)] = effects
	}
	if len(d.spec.Cluster) == 0 {
		return nil
	}
	clusters, err := d.assignment.Group(iv.Effects(d.spec.Cluster[0])[0])
	if err != nil {
		return err
	}
	if varies, example := d.groups.variesWithin(clusters); varies > 0 {
		d.warnings = append(d.warnings, iv.Warning{Code: "group-varies", Message: fmt.Sprintf(
			"group %q varies within %s clusters of %q (such as %s): right if units were assigned in bunches, wrong if these are the units, whose baseline is measured once, before the launch",
			group, brief.Count(varies), d.spec.Cluster[0], example)})
	}
	return nil
}
