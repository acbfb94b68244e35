package study

import (
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp/panel"
)

// A plan collects what the tables and figures ask for, so that one pass over the events gathers
// all of it and models of one kind are estimated together.
type plan struct {
	study *Study
	// inUnits tells the columns of the file of units, which are known without any event.
	inUnits func(column string) bool

	panels    map[panel.Period][]panel.Measure
	halves    []panel.Measure // by unit, before and after the launch
	counts    []string        // columns whose values are counted by unit, before and after the launch
	summaries []string        // columns summarised over all events
	fixed     []string        // columns of the events that are fixed within units
	rows      []string        // columns of a panel, whatever they are
	logs      []string        // columns whose logarithm is taken event by event
	pairs     []pair          // outcomes beside usage, event by event

	// control tells the units of control, where they are known before the events are read and blanks of usage are zeros.
	control map[string]bool

	models   map[modelKey][]string // outcomes by model
	outcomes map[panel.Period][]string
	// last is the last of the tables and figures, counted in their order, that needs a model.
	last map[modelKey]int
	step int
	// asked are columns that tables and figures, counted in the same way, cannot do without as numbers.
	asked map[int][]string
}

// newPlan asks every table and figure of the study what it needs.
func (s *Study) newPlan(inUnits func(string) bool) *plan {
	p := &plan{study: s, inUnits: inUnits, panels: make(map[panel.Period][]panel.Measure), models: make(map[modelKey][]string),
		outcomes: make(map[panel.Period][]string), last: make(map[modelKey]int), asked: make(map[int][]string)}
	p.panels[s.period()], p.panels[s.eventPeriod()] = nil, nil
	if s.ready() {
		p.fixed = with([]string{s.Roles.Assignment}, s.Roles.Fixed...)
	}
	p.fix(s.Roles.Assignment)
	p.fix(s.Roles.Fixed...)
	p.fix(s.groupingColumns()...)
	for i := range s.Tables {
		tableKinds()[s.Tables[i].Kind].plan(p, &s.Tables[i])
		p.step++
	}
	for i := range s.Figures {
		figureKinds()[s.Figures[i].Kind].plan(p, &s.Figures[i])
		p.step++
	}
	own := slices.DeleteFunc([]string{s.Baseline.Column, s.Roles.Usage}, func(c string) bool { return c == "" })
	if s.ready() && !s.needUnits() {
		p.fix(own...)
	} else {
		p.halve(own...)
	}
	return p
}

// groupingColumns are those by which models absorb effects, cluster errors or draw assignment again, but for the unit and
// the periods.
func (s *Study) groupingColumns() []string {
	effects := slices.Concat(s.Model.Cluster, s.Model.Absorb, s.Inference.Strata, []string{s.Inference.Pairs})
	for _, t := range s.Tables {
		effects = append(effects, t.Absorb...)
	}
	own := []string{"", s.Roles.Unit, groupColumn}
	if s.sums() {
		own = append(own, "day", "hour", "week", "period")
	}
	var columns []string
	for _, e := range effects {
		columns = with(columns, strings.Split(e, "^")...)
	}
	return slices.DeleteFunc(columns, func(c string) bool {
		return slices.Contains(own, c)
	})
}

// ofUnit reports whether a column is fixed within the unit.
func (p *plan) ofUnit(column string) bool {
	return p.inUnits(column) || slices.Contains(p.fixed, column) || p.study.ready() && p.study.crossSection()
}

// fix asks for a column of the unit, which the events may have to give; a panel has it in its rows.
func (p *plan) fix(columns ...string) {
	for _, c := range columns {
		switch {
		case c == "" || p.inUnits(c):
		case p.study.ready():
			p.read(c)
		default:
			p.fixed = with(p.fixed, c)
		}
	}
}

// read asks for a column of a panel, whatever it is of.
func (p *plan) read(column string) {
	if p.study.ready() && column != "" && !p.inUnits(column) {
		p.rows = with(p.rows, column)
	}
}

// ask notes that the table or figure at work needs a column.
func (p *plan) ask(column string) { p.asked[p.step] = with(p.asked[p.step], column) }

// average asks for columns averaged by unit and period.
func (p *plan) average(period panel.Period, columns ...string) {
	for _, c := range columns {
		p.measure(period, panel.Measure{Column: c})
	}
}

// measure asks for a measure by unit and period; a column of the unit is known already.
func (p *plan) measure(period panel.Period, m panel.Measure) {
	p.read(m.Column)
	p.ask(m.Column)
	if p.ofUnit(m.Column) && m.Stat == panel.Mean {
		return
	}
	// A share is a mean that is checked, and both are one column.
	share := panel.Measure{Column: m.Column, Stat: panel.Share}
	mean := panel.Measure{Column: m.Column}
	if i := slices.Index(p.panels[period], mean); m == share && i >= 0 {
		p.panels[period][i] = share
	} else if m != mean || !slices.Contains(p.panels[period], share) {
		p.panels[period] = with(p.panels[period], m)
	}
}

// halve asks for columns averaged by unit before and after the launch, and the number of events
// that have a value.
func (p *plan) halve(columns ...string) {
	for _, c := range columns {
		p.ask(c)
		if p.read(c); !p.ofUnit(c) {
			p.halves = with(p.halves, panel.Measure{Column: c})
			p.halves = with(p.halves, panel.Measure{Column: c, Stat: panel.CountObserved})
		}
	}
}

// count asks for the values of a column to be counted by unit, before and after the launch.
func (p *plan) count(column string) { p.counts = with(p.counts, column) }

// summarise asks for summary statistics of columns.
func (p *plan) summarise(columns ...string) {
	for _, c := range columns {
		p.ask(c)
		if p.read(c); !p.ofUnit(c) {
			p.summaries = with(p.summaries, c)
		}
	}
}

// model asks for a model of outcomes, and for the columns that it is made of.
func (p *plan) model(k modelKey, outcomes []string) {
	p.models[k], p.last[k] = with(p.models[k], outcomes...), p.step
	s := p.study
	for _, name := range outcomes {
		o := s.outcome(name)
		if k.events && o.Transform == "log" {
			p.logs = with(p.logs, o.Column)
		}
		p.ask(o.Column)
		switch {
		case p.paired(k):
			p.pairEvents(k.period, o)
		case !k.events || o.Stat == known:
			p.observe(k.period, name)
		default:
			p.measure(k.period, panel.Measure{Column: o.perEvent()})
			p.measure(k.period, panel.Measure{Column: o.perEvent(), Stat: panel.CountObserved})
		}
	}
	if !k.noControls {
		p.average(k.period, s.Controls.Lagged...)
		p.average(k.period, s.Controls.Current...)
	}
	if s.Model.Weights != "" {
		p.average(k.period, s.Model.Weights)
	}
	if s.Roles.Usage != "" {
		p.average(k.period, s.Roles.Usage)
	}
	p.fix(k.periods)
}

// glance asks for the effects by group of a model, which are kept when it is estimated: a table that shows the model
// need not keep it longer for that.
func (p *plan) glance(k modelKey, outcomes []string) {
	last, shown := p.last[k]
	p.model(k, outcomes)
	if shown {
		p.last[k] = last
	}
}

// observe asks for outcomes by unit and period.
func (p *plan) observe(period panel.Period, outcomes ...string) {
	p.outcomes[period] = with(p.outcomes[period], outcomes...)
	for _, name := range outcomes {
		p.measure(period, p.study.outcome(name).measure())
	}
}

// lastOf is the last of the tables and figures that needs a model of the period's panel; -1 for none.
func (p *plan) lastOf(period panel.Period) int {
	last := -1
	for k, step := range p.last {
		if k.period == period {
			last = max(last, step)
		}
	}
	return last
}

// measure is what the outcome is before its transform: a measure by unit and period.
func (o *Outcome) measure() panel.Measure {
	stat, _ := o.statistic() // was checked when the study was read
	return panel.Measure{Column: o.Column, Stat: stat}
}

// known is the statistic of an outcome that is the share of events in which its column is known.
const known = "known"

// perEvent is the column of the events that holds the outcome of each.
func (o *Outcome) perEvent() string {
	if o.Transform == "log" {
		return logOf(o.Column)
	}
	return o.Column
}

// logOf names the logarithm of a column of the events.
func logOf(column string) string { return "ln " + column }

// columnOf names a measure's column, as package panel does.
func columnOf(m panel.Measure) string {
	if m.Stat == panel.Mean || m.Stat == panel.Share {
		return m.Column
	}
	return strings.TrimSuffix(m.Stat.String()+"_"+m.Column, "_")
}

// with appends what is not there yet.
func with[T comparable](list []T, items ...T) []T {
	for _, item := range items {
		if !slices.Contains(list, item) {
			list = append(list, item)
		}
	}
	return list
}
