package hetero

import (
	"fmt"
	"strings"

	"github.com/fieldexp/fieldexp"
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

	exposure  string   // the column of treatment: assignment, or assignment from the launch on
	regressor string   // the column whose effect is estimated: usage or the exposure
	exposures []string // the exposure in each group: regressors of the ITT, instruments of the LATE
	usages    []string // usage in each group; nil for the ITT
	rules     [2]rule  // the models by group under either TimeEffects
	pooled    rule     // the model of all groups together
	warnings  []fieldexp.Warning
}

// rule is what a model has beside treatment.
type rule struct {
	effects []iv.Effect
	others  []string // main effects of a difference-in-differences, and controls
}

// newDesign adds the columns of the model to a copy of the frame and refuses what cannot be
// estimated in any outcome.
func newDesign(f *data.Frame, spec Spec) (*design, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	d := &design{spec: spec}
	d.pooled.effects = append(spec.withoutGroups(), spec.periodEffect()...)
	var err error
	if d.groups, err = readGroups(f, spec.Group, spec.Rows); err != nil {
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
	of := s.Spec
	of.Absorb = d.pooled.effects
	d.assignment, err = itt.NewDesign(f.Clone(), of)
	if err != nil {
		return err
	}
	d.frame = d.assignment.Frame
	if arms := d.assignment.Arms; len(arms) != 2 {
		return &fieldexp.Error{Op: "hetero", Problem: fieldexp.ManyArms, Columns: []string{s.Assignment}, Count: len(arms),
			Message: fmt.Sprintf("assignment %q has %d arms", s.Assignment, len(arms)),
			Remedy:  []fieldexp.Hint{"keep the rows of control and one arm in {Rows}"}}
	}
	d.exposure = d.assignment.Terms[0]
	d.regressor = d.exposure
	if s.Usage != "" {
		d.regressor = s.Usage
	}
	return nil
}

// placeGroups decides which absorbed effects carry the groups' own levels and periods, and warns
// of what looks like a slip in naming units and periods.
func (d *design) placeGroups() error {
	var crossing []string // effects that several groups have in common
	held := false         // whether one carries the groups' levels
	for _, effect := range d.spec.otherEffects() {
		carried, err := d.carries(effect)
		if err != nil {
			return err
		}
		held = held || carried
		if !carried {
			crossing = append(crossing, effect.String())
		}
	}
	common, own := append(d.spec.otherEffects(), d.spec.periodEffect()...), d.spec.otherEffects()
	if period := d.spec.period(); period != "" {
		own = append(own, iv.Effect{period, d.spec.Group})
		carried, err := d.carries(iv.Effect{period})
		if err != nil {
			return err
		}
		if !carried && !held {
			common = append(common, iv.Effect{d.spec.Group})
		}
	} else if !held {
		own = append(own, iv.Effect{d.spec.Group})
		common = own
	}
	d.rules[Common].effects, d.rules[GroupSpecific].effects = common, own
	return d.warnClusters(crossing)
}

// carries reports whether an effect holds the groups' levels constant: whether the group is the
// same within each value of one of its columns.
func (d *design) carries(effect iv.Effect) (bool, error) {
	for _, column := range effect {
		if column == d.spec.Group {
			return true, nil
		}
		by, err := d.frame.Group(column)
		if err != nil {
			return false, err
		}
		if varies, _ := d.groups.variesWithin(by); varies == 0 {
			return true, nil
		}
	}
	return false, nil
}

// warnClusters warns of groups that vary within clusters, and of treatment that begins within
// clusters without a period to compare by.
func (d *design) warnClusters(crossing []string) error {
	if len(d.spec.Cluster) == 0 {
		return nil
	}
	name := d.spec.Cluster[0]
	clusters, err := d.assignment.Group(iv.Effects(name)[0])
	if err != nil {
		return err
	}
	if varies, example := d.groups.variesWithin(clusters); varies > 0 {
		d.warnings = append(d.warnings, fieldexp.Warning{Code: "group-varies", Message: fmt.Sprintf(
			"group %q varies within %s clusters of %q (such as %s): right if units were assigned in bunches, wrong if these are the units, whose baseline is measured once, before the launch",
			d.spec.Group, brief.Count(varies), name, example)})
	}
	if len(crossing) > 0 && d.spec.period() == "" && d.switches(clusters) {
		d.warnings = append(d.warnings, fieldexp.Warning{Code: "no-period", Message: fmt.Sprintf(
			"assignment %q varies within clusters of %q and no period is named, while the groups have the effects of %s in common",
			d.spec.Assignment, name, strings.Join(crossing, ", ")),
			Remedy: "name that column in {Period} and not in {Absorb} if it is the period, so that treated units are compared with the controls of their own group"})
	}
	return nil
}

// switches reports whether both arms occur within a cluster.
func (d *design) switches(clusters data.Grouping) bool {
	seen := make([]uint8, clusters.Len())
	for i, c := range clusters.Codes {
		arm := d.assignment.Arm(i)
		if c < 0 || arm < 0 {
			continue
		}
		if seen[c] |= 1 << arm; seen[c] == 3 {
			return true
		}
	}
	return false
}
