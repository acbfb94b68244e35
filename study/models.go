package study

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/panel"
)

// A method is a way to estimate.
type method int

const (
	ofAssignment        method = iota // package itt
	ofUsage                           // package late
	ofAssignmentByGroup               // package hetero
	ofUsageByGroup
	aroundLaunch // an event study of package itt
)

// A modelKey says which model to estimate, but for its outcomes. Outcomes that share a model are
// estimated together, whichever tables they stand in.
type modelKey struct {
	method      method
	period      panel.Period
	events      bool // weighted to the level of events
	neverTakers bool // of the treated, those who never used
	common      bool // groups share period effects
	noControls  bool
	lin         bool   // controls have slopes of their own in each arm
	absorb      string // effects, by blanks; the usual ones when empty
	periods     string // the column of periods of a panel, in models by group; roles.time when empty
	reference   int    // of an event study; 0 is the usual one
	// covariance replaces the study's, for draws that need what another one keeps.
	covariance iv.Covariance
}

// fitted holds the estimates of a model by outcome.
type fitted struct {
	assignment map[string]*itt.Result
	usage      map[string]*late.Result
	groups     map[string]*hetero.Result
	events     map[string]*itt.EventResult
	// failed is why there is none, by outcome.
	failed map[string]error
}

// key is the model of a table.
func (s *Study) key(m method, t *TableSpec) modelKey {
	period, _ := parsePeriod(t.Period) // was checked when the study was read
	if s.ready() {
		period = s.period()
	}
	return modelKey{method: m, period: period, events: t.Level == "events", neverTakers: t.Sample == "never-takers",
		noControls: t.NoControls, lin: t.Design == "lin", absorb: strings.Join(t.Absorb, " "), periods: s.periodsOf(m, t)}
}

// periodsOf is the column of periods that a table by group of a panel names; empty for the panel's own.
func (s *Study) periodsOf(m method, t *TableSpec) string {
	if s.ready() && (m == ofUsageByGroup || m == ofAssignmentByGroup) {
		return t.Period
	}
	return ""
}

// period is the study's own.
func (s *Study) period() panel.Period {
	p, _ := parsePeriod(s.Period) // was checked when the study was read
	return p
}

// column is that of the panel which holds an outcome.
func (o *Outcome) column(k modelKey) string {
	if k.events && o.Stat != known {
		return o.perEvent()
	}
	return o.Name
}

// fit estimates a model for all the outcomes that tables and figures ask of it, once. The error is that of the first of
// the outcomes given which cannot be had; it does not matter whether another table's can.
func (r *run) fit(ctx context.Context, k modelKey, outcomes []string) (*fitted, error) {
	f := r.fitted[k]
	if f == nil {
		var err error
		if f, err = r.fitAll(ctx, k); err != nil {
			return nil, err
		}
		r.fitted[k] = f
	}
	for _, name := range outcomes {
		if err := f.failed[name]; err != nil {
			return nil, err
		}
	}
	return f, nil
}

// fitAll estimates a model for all outcomes: together or, if one of them refuses, each by itself.
func (r *run) fitAll(ctx context.Context, k modelKey) (*fitted, error) {
	f := &fitted{assignment: make(map[string]*itt.Result), usage: make(map[string]*late.Result), groups: make(map[string]*hetero.Result),
		events: make(map[string]*itt.EventResult), failed: make(map[string]error)}
	frame, err := r.sample(k)
	if err != nil {
		return nil, err
	}
	batches, err := r.batches(k, frame)
	if err != nil {
		return nil, err
	}
	for _, names := range batches {
		err := r.estimateRows(ctx, k, frame, names, f)
		if err == nil {
			continue
		}
		for _, name := range names {
			if len(names) > 1 {
				err = r.estimateRows(ctx, k, frame, []string{name}, f)
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				f.failed[name] = err
			}
		}
	}
	return f, nil
}

// estimateRows estimates a model of some outcomes over the rows that it is of.
func (r *run) estimateRows(ctx context.Context, k modelKey, frame *data.Frame, names []string, f *fitted) (err error) {
	if r.plan.paired(k) {
		if frame, err = r.eventRows(k, frame, names); err != nil {
			return err
		}
	}
	return r.estimate(ctx, k, frame, names, f)
}

// batches are the outcomes of a model that can be estimated together: all or, in models of events, those that are known
// in the same events: in as many of every cell, which are weights, and with the same usage.
func (r *run) batches(k modelKey, frame *data.Frame) ([][]string, error) {
	asked := k
	asked.covariance = iv.Covariance{}
	names := r.plan.models[asked]
	if !k.events {
		return [][]string{names}, nil
	}
	return byWeights(frame, names, func(name string) []string {
		o := r.study.outcome(name)
		if !r.plan.paired(k) {
			return []string{o.eventWeights()}
		}
		of := o.pair().measures()
		return []string{columnOf(of[0]), columnOf(of[1]), columnOf(of[2])}
	})
}

// byWeights puts names together whose columns of weights, and of whatever else it is that they share, are the same.
func byWeights(f *data.Frame, names []string, columns func(name string) []string) (batches [][]string, err error) {
	var weights [][][]float64 // of each batch
	same := func(a, b float64) bool { return a == b || a != a && b != b }
	for _, name := range names {
		own, err := floatsOf(f, columns(name)...)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(weights, func(w [][]float64) bool {
			return slices.EqualFunc(w, own, func(a, b []float64) bool { return slices.EqualFunc(a, b, same) })
		})
		if i < 0 {
			i, weights, batches = len(weights), append(weights, own), append(batches, nil)
		}
		batches[i] = append(batches[i], name)
	}
	return batches, nil
}

// model is the linear model of an outcome, whose column in the panel is given.
func (f *fitted) model(k modelKey, outcome, column string) (*iv.Result, error) {
	switch k.method {
	case ofAssignment:
		return f.assignment[outcome].Fit(column)
	case ofUsage:
		return f.usage[outcome].Fit(column)
	}
	fit, err := f.groups[outcome].Fit(column)
	if err != nil {
		return nil, err
	}
	return fit.Model, nil
}

// estimate estimates a model of some outcomes.
func (r *run) estimate(ctx context.Context, k modelKey, frame *data.Frame, names []string, f *fitted) error {
	spec := r.spec(k, names)
	switch k.method {
	case ofAssignment:
		estimate := itt.Estimate
		if k.lin {
			estimate = itt.Lin
		}
		result, err := estimate(ctx, frame, spec)
		for _, name := range names {
			f.assignment[name] = result
		}
		return err
	case ofUsage:
		estimator, _ := parseEstimator(r.study.Model.Estimator)
		result, err := late.Estimate(ctx, frame, late.Spec{Spec: spec, Usage: r.study.Roles.Usage, Estimator: estimator})
		for _, name := range names {
			f.usage[name] = result
		}
		return err
	case aroundLaunch:
		results, err := itt.EventStudy(ctx, frame, r.eventSpec(k, spec))
		for i, result := range results {
			f.events[names[i]] = result
		}
		return err
	}
	result, err := hetero.Estimate(ctx, frame, r.groupSpec(k, spec))
	if err != nil {
		return cmp.Or(r.usageUnknown(ctx, k, frame, spec), err)
	}
	if r.impacts[k] == nil {
		r.impacts[k] = make(map[string][]iv.Coefficient)
	}
	for i, name := range names {
		f.groups[name], r.impacts[k][name] = result, result.Fits[i].Impacts
	}
	return nil
}

// usageUnknown is the refusal of usage that is known in one arm alone, which groups by themselves take for one arm; nil where it
// is known in both.
func (r *run) usageUnknown(ctx context.Context, k modelKey, frame *data.Frame, spec itt.Spec) error {
	if k.method != ofUsageByGroup {
		return nil
	}
	_, err := late.Estimate(ctx, frame, late.Spec{Spec: spec, Usage: r.study.Roles.Usage})
	if refusal := (*fieldexp.Error)(nil); errors.As(err, &refusal) && refusal.Problem == fieldexp.UsageMissing {
		return err
	}
	return nil
}

// spec is the model of assignment that all methods build on.
func (r *run) spec(k modelKey, names []string) itt.Spec {
	s := r.study
	m := s.Model
	se, _ := parseSE(m.SE, len(m.Cluster) > 0) // was checked when the study was read, as the others
	weights, _ := parseWeightKind(m.WeightsKind)
	spec := itt.Spec{
		Assignment: s.Roles.Assignment, ControlArm: s.Roles.ControlArm, Absorb: iv.Effects(r.effects(k)...), KeepSingletons: m.KeepSingletons || se.KeepSingletons,
		Cluster: m.Cluster, MixedClusters: m.MixedClusters, Weights: m.Weights, WeightKind: weights, Covariance: se.Covariance, Level: m.Level,
	}
	if se.unclustered() {
		spec.Cluster = nil
	}
	if k.covariance != (iv.Covariance{}) {
		spec.Covariance = k.covariance
	}
	if !s.Launch.IsZero() {
		spec.Time, spec.Launch, spec.LaunchPeriod, spec.TreatedName = s.periodColumn(k.period), r.launchOf(k.period), s.Launch.Period, treatedColumn
	}
	if !k.noControls {
		for _, c := range s.Controls.Lagged {
			spec.Controls = append(spec.Controls, lagged+c)
		}
		spec.Controls = append(spec.Controls, s.Controls.Current...)
	}
	for _, name := range names {
		o := s.outcome(name)
		spec.Outcomes = append(spec.Outcomes, o.column(k))
		if k.events {
			spec.Weights, spec.WeightKind = o.eventWeights(), iv.Frequency
			if r.plan.paired(k) {
				spec.Weights = eventsOfRow
			}
		}
	}
	return spec
}

// eventWeights is the column of the number of events that a cell's mean of the outcome stands for.
func (o *Outcome) eventWeights() string {
	if o.Stat == known {
		return eventCount
	}
	return columnOf(panel.Measure{Column: o.perEvent(), Stat: panel.CountObserved})
}

// treatedColumn is the regressor of a difference-in-differences.
const treatedColumn = "treated since launch"

// groupSpec is the model by group. Period effects become hetero's; the hour of the day, which is a
// second one, is made the groups' own with them.
func (r *run) groupSpec(k modelKey, of itt.Spec) hetero.Spec {
	spec := hetero.Spec{Spec: of, Group: groupColumn, Period: k.periods}
	spec.Absorb = nil
	if k.method == ofUsageByGroup {
		spec.Usage = r.study.Roles.Usage
		spec.Estimator, _ = parseEstimator(r.study.Model.Estimator)
	}
	if k.common {
		spec.TimeEffects = hetero.Common
	}
	for _, effect := range of.Absorb {
		name := effect.String()
		switch {
		case name == r.study.groupPeriod(k):
			spec.Period = name
		case name == "hour" && !k.common && !r.study.ready():
			spec.Absorb = append(spec.Absorb, iv.Effect{"hour", groupColumn})
		default:
			spec.Absorb = append(spec.Absorb, effect)
		}
	}
	return spec
}

// groupPeriod is the column whose fixed effects are those of periods, in models by group.
func (s *Study) groupPeriod(k modelKey) string {
	switch {
	case s.ready():
		return or(k.periods, s.Roles.Time)
	case k.period == panel.Week:
		return "week"
	}
	return "day"
}

// effects names the effects that a model absorbs.
func (r *run) effects(k modelKey) []string {
	s := r.study
	switch {
	case k.absorb != "":
		return strings.Fields(k.absorb)
	case len(s.Model.Absorb) > 0:
		return s.Model.Absorb
	case s.Model.NoEffects || s.crossSection():
		return nil
	}
	var effects []string
	if !s.Launch.IsZero() { // without one, unit effects would span assignment
		effects = []string{s.Roles.Unit}
	}
	if k.period == panel.Hour && !s.ready() {
		return append(effects, "day", "hour")
	}
	return append(effects, s.periodColumn(k.period))
}

// sample is the rows of a model: all of the panel, or those of never-takers and controls.
func (r *run) sample(k modelKey) (*data.Frame, error) {
	frame := r.cells[k.period]
	if !k.neverTakers {
		return frame, nil
	}
	arm, err := r.armOf(frame)
	if err != nil {
		return nil, err
	}
	never, err := frame.Floats(neverUsed)
	if err != nil {
		return nil, err
	}
	return frame.Filter(func(row int) bool { return arm[row] == 0 || never[row] == 1 }), nil
}

// neverUsed marks the treated units that had the chance to use and did not, once.
const neverUsed = "never used"

// markNeverTakers marks them among the units, where usage is known.
func (r *run) markNeverTakers() error {
	wanted := slices.ContainsFunc(r.study.Tables, func(t TableSpec) bool { return t.Sample == "never-takers" })
	if !wanted {
		return nil
	}
	arm, err := r.armOf(r.units)
	if err != nil {
		return err
	}
	usage := afterOf(r.study.Roles.Usage)
	if !r.units.Has(usage) { // rows are units
		usage = r.study.Roles.Usage
	}
	used, err := r.units.Floats(usage)
	if err != nil {
		return err
	}
	marks := make([]float64, len(arm))
	for i := range marks {
		if arm[i] > 0 && used[i] == 0 {
			marks[i] = 1
		}
	}
	if err := r.units.SetFloats(neverUsed, marks); err != nil {
		return err
	}
	panel := r.cells[r.study.period()]
	if !r.study.ready() || panel == r.units {
		return nil // panels of events get the columns of their units
	}
	rows, err := r.join(panel)
	if err != nil {
		return err
	}
	return copyColumn(panel, r.units, neverUsed, rows)
}
