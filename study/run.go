package study

import (
	"context"
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// Options say how a study is run. The zero value is for use without a terminal.
type Options struct {
	// Progress, if set, is told what is being done and how much of it is done, of how much in all
	// (0 where that is not known). It is called from one goroutine at a time.
	Progress func(stage string, done, total int64)
	// TablesOnly is for those who print tables alone: the models of Output.Fits lack the strength of their instruments, unless a
	// table shows it.
	TablesOnly bool
	// Words are what settings are called in notes and warnings; those of a study file when nil.
	Words fieldexp.Words
}

// Output is what a study came to.
type Output struct {
	Study   *Study
	Tables  []*Table
	Figures []*Figure
	Fits    []Fit // every model behind the tables, in their order, and those of figures that no table shows
	// Data says what was read, in sentences.
	Data []string
	// Warnings are remarks that a reader should see, each once. Those on models stand in the notes
	// of their tables, too.
	Warnings []Warning
}

// Warning is a remark on the data or, with a Table, on a model.
type Warning struct {
	Table   string `json:"table,omitempty"`
	Model   bool   `json:"-"` // on a model, also where a single table has no number
	Message string `json:"message"`
}

// Table finds a table by its ID; nil if there is none.
func (o *Output) Table(id string) *Table {
	if i := slices.IndexFunc(o.Tables, func(t *Table) bool { return t.ID == id }); i >= 0 {
		return o.Tables[i]
	}
	return nil
}

// run is a study at work.
type run struct {
	study *Study
	plan  *plan
	opt   Options
	out   *Output

	units     *data.Frame                  // one row for each
	groups    *panel.Grouped               // nil where they are the values of a column of text
	grouped   string                       // what groups of a panel are quantiles of, where that is not the baseline itself
	cells     map[panel.Period]*data.Frame // by unit and period; the units themselves in a cross-section
	reports   map[panel.Period]panel.Report
	summaries map[string]*moments
	counts    map[string]*data.Frame // by unit and value, for columns whose values are counted

	observed []bool               // of each unit, whether it has an event
	unlogged map[string]*unlogged // of logarithms by event
	// cellsUnlogged is of outcomes by unit and period.
	cellsUnlogged map[periodOutcome]*unlogged
	centres       map[pair]float64 // of outcomes beside usage
	eventsBefore  int              // events of the units before the launch
	cuts          map[panel.Period]cutPeriod
	arms          []string // names of the arms, control first
	named         bool     // assignment holds these names, and armNumber their numbers
	remarks       []string // on the data, for the notes of all tables
	said          []string // what was done with the data

	halfEvents [2][]float64 // of each unit, before and after the launch
	filled     int          // blanks of usage that were read as zeros
	readings   []reading    // what was found in the files
	strangers  []string     // units of the rows that are not among the units
	byNumber   int          // how many of these are, as numbers

	fitted map[modelKey]*fitted
	// impacts are the effects by group of the models that were estimated, by outcome, which figures show.
	impacts map[modelKey]map[string][]iv.Coefficient
	step    int // the table or figure at work, counted as the plan does
}

// Run reads the data of a study, estimates its models, and lays out its tables and figures. It
// stops with ctx's error soon after ctx is cancelled. Errors say which table, figure, file or
// column they are about.
func Run(ctx context.Context, s *Study, opt Options) (*Output, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if opt.Progress == nil {
		opt.Progress = func(string, int64, int64) {}
	}
	if opt.Words == nil {
		opt.Words = Keys()
	}
	r := &run{
		study: s, opt: opt, out: &Output{Study: s}, cells: make(map[panel.Period]*data.Frame),
		reports: make(map[panel.Period]panel.Report), fitted: make(map[modelKey]*fitted),
		impacts: make(map[modelKey]map[string][]iv.Coefficient), unlogged: make(map[string]*unlogged), cellsUnlogged: make(map[periodOutcome]*unlogged), cuts: make(map[panel.Period]cutPeriod),
	}
	read := r.readUnitsOnly
	switch {
	case s.ready():
		read = r.readPanel
	case s.sums():
		read = r.readEvents
	}
	if err := read(ctx); err != nil {
		return nil, s.in(err)
	}
	r.sayFilled()
	r.describe()
	r.out.Data = append(r.out.Data, r.said...)
	for i := range s.Tables {
		t := &s.Tables[i]
		r.begin(i)
		tables, err := tableKinds()[t.Kind].fill(ctx, r, t)
		if err != nil {
			return nil, s.at("table", t.Number, t.Kind, err)
		}
		r.out.Tables = append(r.out.Tables, tables...)
		r.forget()
	}
	for i := range s.Figures {
		f := &s.Figures[i]
		r.begin(len(s.Tables) + i)
		figure, err := figureKinds()[f.Kind].draw(ctx, r, f)
		if err != nil {
			return nil, s.at("figure", f.Number, f.Kind, err)
		}
		figure.ID, figure.Title, figure.Caption = f.Number, f.Title, f.Caption
		r.out.Figures = append(r.out.Figures, figure)
		r.forget()
	}
	return r.out, nil
}

// at says of which table or figure an error is, where there are several.
func (s *Study) at(what, number, kind string, err error) error {
	if len(s.Tables)+len(s.Figures) == 1 {
		return s.in(err)
	}
	return s.in(fmt.Errorf("%s %s (%s): %w", what, number, kind, err))
}

// begin begins a table or figure.
func (r *run) begin(step int) {
	r.step = step
	r.opt.Progress("tables", int64(step), int64(len(r.study.Tables)+len(r.study.Figures)))
}

// forget lets go of the models, and of the panels beside the study's own, that no table or figure after
// this one needs.
func (r *run) forget() {
	for k := range r.fitted {
		if r.plan.last[k] <= r.step {
			delete(r.fitted, k)
		}
	}
	for period := range r.cells {
		if period != r.study.period() && period != r.study.eventPeriod() && r.plan.lastOf(period) <= r.step {
			delete(r.cells, period)
		}
	}
}

// readEvents reads the units, and the events in one pass, and makes the panels.
func (r *run) readEvents(ctx context.Context) error {
	var err error
	if r.units, err = r.readUnits(ctx); err != nil {
		return err
	}
	derivations, err := r.study.derivations()
	if err != nil {
		return err
	}
	if derivations, err = r.deriveUnits(derivations); err != nil {
		return err
	}
	r.plan = r.study.newPlan(func(column string) bool { return r.units != nil && r.units.Has(column) })
	sums, err := r.gather(ctx, derivations)
	if err != nil {
		return err
	}
	if err := r.sayDerived(sums.levels, derivations); err != nil {
		return err
	}
	if err := r.checkLaunch(sums); err != nil {
		return err
	}
	if err := r.addHalves(sums.halves); err != nil {
		return err
	}
	if err := r.readArms(r.units); err != nil {
		return err
	}
	for _, step := range []func() error{r.warnOfNoArm, r.fillUnits, r.fillFixed, r.addGroups, r.markNeverTakers} {
		if err := step(); err != nil {
			return err
		}
	}
	// The sums of one panel make room before the next, finer one is made.
	for _, period := range []panel.Period{panel.Week, panel.Day, panel.Hour} {
		if a := sums.panels[period]; a != nil {
			delete(sums.panels, period)
			if r.cells[period], err = r.cellsOf(period, a); err != nil {
				return err
			}
		}
	}
	r.summaries, r.centres, r.counts = sums.summaries, sums.centres, make(map[string]*data.Frame)
	if m := r.summaries[r.study.Roles.Usage]; m != nil {
		m.addZeros(r.filled)
	}
	for column, a := range sums.counts {
		if r.counts[column], _, err = a.Frame(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// readUnitsOnly reads a study without time: the rows of its file are units.
func (r *run) readUnitsOnly(ctx context.Context) error {
	s := r.study
	opt, err := s.readOptions()
	if err != nil {
		return err
	}
	opt.Progress = func(done, total int64) { r.opt.Progress("reading", done, total) }
	file, name, err := s.open(s.Data.Events)
	if err != nil {
		return err
	}
	defer file.Close()
	derivations, err := s.derivations()
	if err != nil {
		return err
	}
	if s.Data.Units != "" {
		s.typeUnit(&opt)
	}
	opt.Keys, opt.Report = s.identifiers(derivations), r.reads(s.Data.Events)
	frame, err := data.ReadCSVFrom(ctx, file, name, opt)
	if err != nil {
		return err
	}
	if r.units, err = r.readUnits(ctx); err != nil {
		return err
	}
	if r.units != nil {
		if err := r.addUnitColumns(frame); err != nil {
			return err
		}
	}
	r.units = frame
	if err := r.derive(frame, derivations); err != nil {
		return err
	}
	r.plan = s.newPlan(func(string) bool { return true })
	if err := r.readArms(r.units); err != nil {
		return err
	}
	rows := func() error { return r.checkRowsOfUnits(frame) }
	for _, step := range []func() error{rows, r.warnOfNoArm, r.fillFixed, r.addGroups} {
		if err := step(); err != nil {
			return err
		}
	}
	r.cells[s.period()] = frame
	return r.addOutcomes(frame, s.period())
}
