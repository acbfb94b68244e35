package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/panel"
)

// Columns that the pass over the events adds to them, and those of the panels that count events.
// Blanks keep them apart from the columns of files.
const (
	afterLaunch = "after launch" // 1 for events at or past the launch, 0 for those before
	eventCount  = "all events"
)

// gathered is what one pass over the events leaves: sums by unit and period, never an event.
type gathered struct {
	panels    map[panel.Period]*panel.Aggregator
	halves    *panel.Aggregator
	counts    map[string]*panel.Aggregator
	summaries map[string]*moments
	centres   map[pair]float64 // near the means of outcomes beside usage

	levels *levelCounts
	filled int // blanks of usage that were read as zeros

	first, last int64 // instants of the earliest and the latest event
}

// sumOfAfter counts the events since the launch among those that are counted.
var sumOfAfter = panel.Measure{Column: afterLaunch, Stat: panel.Sum}

// gather makes the pass over the file of events. Columns that are not numbers where numbers are asked for are taken out of
// the plan, and lacking says why.
func (r *run) gather(ctx context.Context, derivations []data.Derivation) (g *gathered, lacking map[string]error, err error) {
	s, p, unlogged, w := r.study, r.plan, r.unlogged, r.watch
	if g, err = s.newGathered(p); err != nil { // which checks the plan
		return nil, nil, err
	}
	options, err := s.readOptions(r.watch.report)
	if err != nil {
		return nil, nil, err
	}
	options.Progress = func(done, total int64) { r.opt.Progress("reading", done, total) }
	options.Columns = s.eventColumns(p, derivations)
	options.Keys = s.identifiers(derivations)
	s.typeKeys(&options)
	file, name, err := r.open(ctx, s.Data.Events)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	launch := s.launchOfEvents()
	w.begin(options.Columns)
	err = data.ScanCSVFrom(ctx, file, name, options, func(chunk *data.Frame) error {
		if err := w.add(chunk); err != nil {
			return err
		}
		for _, d := range derivations {
			if err := d.Apply(chunk); err != nil {
				return err
			}
			if err := addLogs(unlogged, chunk, d); err != nil {
				return err
			}
		}
		if lacking == nil {
			if lacking = p.leaveOut(chunk); len(lacking) > 0 {
				if g, err = s.newGathered(p); err != nil {
					return err
				}
			}
		}
		if err := g.levels.add(chunk, derivations); err != nil {
			return err
		}
		if err := g.addAfterLaunch(chunk, s, launch); err != nil {
			return err
		}
		if err := g.fillUsage(chunk, s, p.control); err != nil {
			return err
		}
		for _, c := range p.logs {
			if err := addLog(chunk, logOf(c), c); err != nil {
				return err
			}
			if err := addLogs(unlogged, chunk, data.Derivation{Name: logOf(c), Op: data.OpLog, Columns: []string{c}}); err != nil {
				return err
			}
		}
		for _, q := range p.pairs {
			if err := g.addPair(chunk, q, s.Roles.Usage); err != nil {
				return err
			}
		}
		return g.add(ctx, chunk)
	})
	if err != nil {
		return nil, nil, err
	}
	return g, lacking, w.end(name)
}

// leaveOut takes columns out of the plan that are asked for as numbers and are none, and says why.
func (p *plan) leaveOut(chunk *data.Frame) map[string]error {
	lacking := make(map[string]error)
	check := func(column string) bool {
		if !chunk.Has(column) { // computed later
			return false
		}
		_, err := chunk.Floats(column)
		if err != nil {
			lacking[column] = err
		}
		return err != nil
	}
	p.logs = slices.DeleteFunc(p.logs, check)
	lacks := func(m panel.Measure) bool { return check(m.Column) }
	isGone := func(column string) bool {
		return slices.ContainsFunc(sortedKeys(lacking), func(c string) bool { return column == logOf(c) })
	}
	var columns []string // of pairs that are left out
	p.pairs = slices.DeleteFunc(p.pairs, func(q pair) bool {
		if q.indicator || !check(q.column) && !isGone(q.column) {
			return false
		}
		columns = append(columns, q.usage(), q.value(), q.product())
		return true
	})
	gone := func(m panel.Measure) bool { return isGone(m.Column) || slices.Contains(columns, m.Column) }
	for period := range p.panels {
		p.panels[period] = slices.DeleteFunc(slices.DeleteFunc(p.panels[period], lacks), gone)
	}
	p.halves = slices.DeleteFunc(p.halves, lacks)
	p.summaries = slices.DeleteFunc(p.summaries, check)
	return lacking
}

// newGathered starts the sums that the plan asks for.
func (s *Study) newGathered(p *plan) (*gathered, error) {
	g := &gathered{panels: make(map[panel.Period]*panel.Aggregator), counts: make(map[string]*panel.Aggregator),
		summaries: make(map[string]*moments), centres: make(map[pair]float64), levels: &levelCounts{what: s.Words.Event}, first: math.MaxInt64, last: math.MinInt64}
	var err error
	for period, measures := range p.panels {
		g.panels[period], err = panel.NewAggregator(panel.Spec{Unit: s.Roles.Unit, Time: s.Roles.Time, Period: period, Measures: measures, EventCount: eventCount})
		if err != nil {
			return nil, err
		}
	}
	g.halves, err = panel.NewAggregator(panel.Spec{Unit: s.Roles.Unit, PeriodColumn: afterLaunch, Measures: p.halves, UnitColumns: p.fixed, EventCount: eventCount})
	if err != nil {
		return nil, err
	}
	for _, c := range p.counts {
		g.counts[c], err = panel.NewAggregator(panel.Spec{Unit: s.Roles.Unit, PeriodColumn: c,
			Measures: []panel.Measure{sumOfAfter}, EventCount: eventCount})
		if err != nil {
			return nil, err
		}
	}
	for _, c := range p.summaries {
		g.summaries[c] = new(moments)
	}
	return g, nil
}

// add takes in a chunk of events.
func (g *gathered) add(ctx context.Context, chunk *data.Frame) error {
	sums := g.aggregators()
	errs := make([]error, len(sums)+1)
	err := parallel.For(ctx, len(errs), func(i int) {
		if i < len(sums) {
			errs[i] = sums[i].Add(chunk)
		} else {
			errs[i] = g.summarise(chunk)
		}
	})
	if err != nil {
		return err
	}
	for _, err := range errs {
		if err != nil {
			return err // the first in order, whichever came first in time
		}
	}
	return nil
}

// aggregators are all that sum up events, in order.
func (g *gathered) aggregators() []*panel.Aggregator {
	var all []*panel.Aggregator
	for _, period := range []panel.Period{panel.Day, panel.Hour, panel.Week} {
		if a := g.panels[period]; a != nil {
			all = append(all, a)
		}
	}
	all = append(all, g.halves)
	for _, c := range sortedKeys(g.counts) {
		all = append(all, g.counts[c])
	}
	return all
}

// summarise takes in the columns that are summarised over all events.
func (g *gathered) summarise(chunk *data.Frame) error {
	for _, c := range sortedKeys(g.summaries) {
		values, err := chunk.Floats(c)
		if err != nil {
			return err
		}
		g.summaries[c].add(values)
	}
	return nil
}

// addAfterLaunch marks the events at or past the launch, which is given. Without one, all are.
func (g *gathered) addAfterLaunch(chunk *data.Frame, s *Study, launch int64) error {
	if s.Launch.Numbered {
		return addAfterPeriod(chunk, s)
	}
	times, err := chunk.Instants(s.Roles.Time)
	if err != nil {
		return err
	}
	after := make([]float64, len(times))
	if s.Launch.IsZero() {
		launch = data.MissingTime
	}
	for i, t := range times {
		if t == data.MissingTime {
			after[i] = missing
			continue
		}
		g.first, g.last = min(g.first, t), max(g.last, t)
		if t >= launch {
			after[i] = 1
		}
	}
	return chunk.SetFloats(afterLaunch, after)
}

// addAfterPeriod marks the rows at or past a launch by number.
func addAfterPeriod(chunk *data.Frame, s *Study) error {
	periods, err := chunk.Floats(s.Roles.Time)
	if err != nil {
		return err
	}
	after := make([]float64, len(periods))
	for i, p := range periods {
		switch {
		case math.IsNaN(p):
			after[i] = missing
		case p >= s.Launch.Period:
			after[i] = 1
		}
	}
	return chunk.SetFloats(afterLaunch, after)
}

// eventColumns lists the columns to read: what the plan needs, through derivations.
func (s *Study) eventColumns(p *plan, derivations []data.Derivation) []string {
	columns := []string{s.Roles.Unit, s.Roles.Time}
	need := func(measures []panel.Measure) {
		for _, m := range measures {
			if m.Column != "" && !p.computed(m.Column) {
				columns = with(columns, m.Column)
			}
		}
	}
	for _, period := range []panel.Period{panel.Day, panel.Hour, panel.Week} {
		need(p.panels[period])
	}
	need(p.halves)
	columns = with(columns, p.counts...)
	columns = with(columns, p.summaries...)
	if !s.ready() {
		columns = with(columns, p.fixed...)
	}
	columns = with(columns, p.rows...)
	columns = with(columns, p.logs...)
	for _, q := range p.pairs {
		if !p.computed(q.column) {
			columns = with(columns, q.column)
		}
	}
	for _, d := range slices.Backward(derivations) {
		columns = with(columns, d.Columns...)
	}
	return slices.DeleteFunc(columns, func(c string) bool {
		return c == "" || slices.ContainsFunc(derivations, func(d data.Derivation) bool { return d.Name == c })
	})
}

// readOptions are those of the study file.
func (s *Study) readOptions(report *data.ReadReport) (data.ReadOptions, error) {
	zone, err := s.zone()
	opt := data.ReadOptions{Layouts: s.Data.Layouts, Zone: zone, MissingValues: s.Data.Missing, MissingOnly: s.Data.MissingOnly, SkipLines: s.Data.Skip,
		Types: make(map[string]data.Kind), Formats: make(map[string]data.Format), OfSome: true, Report: report}
	if err != nil {
		return opt, err
	}
	for column, name := range s.Data.Types {
		if format, err := data.ParseFormat(name); err == nil {
			opt.Formats[column] = format
			continue
		}
		kind, err := parseKind(name)
		if err != nil {
			return opt, fmt.Errorf("column %q: %w", column, err)
		}
		opt.Types[column] = kind
	}
	switch {
	case s.Data.Comma == "tab":
		opt.Comma = '\t'
	case len(s.Data.Comma) == 1:
		opt.Comma = s.Data.Comma[0]
	case s.Data.Comma != "":
		return opt, refuse(fmt.Sprintf("the separator %q", s.Data.Comma), `set {Comma} to one character, or to "tab"`)
	}
	return opt, nil
}

// typeKeys gives the unit and the time their types.
func (s *Study) typeKeys(opt *data.ReadOptions) {
	if opt.Formats[s.Roles.Unit] == 0 {
		s.typeUnit(opt)
	}
	opt.Types[s.Roles.Time] = data.Time
}

// parseKind reads the name of a type of column.
func parseKind(name string) (data.Kind, error) {
	for _, k := range []data.Kind{data.Float, data.Categorical, data.Time} {
		if k.String() == name {
			return k, nil
		}
	}
	return 0, refuse(fmt.Sprintf("there is no type %q", name), "set {Types} to number, text or time, or to how numbers are written: decimal-comma, thousands, percent, currency, yes/no, duration")
}
