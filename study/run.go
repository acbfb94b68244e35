package study

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/parallel"
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
	// Unsaved is for those who will not call Output.Save: the files that are read are not summed up for its manifest, which
	// takes a fifth of the time of a single model.
	Unsaved bool
	// Words are what settings are called in notes and warnings; those of a study file when nil.
	Words fieldexp.Words
}

// Output is what a study came to.
type Output struct {
	Study   *Study
	Tables  []*Table
	Figures []*Figure
	Fits    []Fit // every model behind the tables, in their order, and those of figures that no table shows
	// Refused says which of the tables and figures cannot be had, and why; the reason stands in their places.
	Refused []Refusal
	// Data says what was read, in sentences.
	Data []string
	// Warnings are remarks that a reader should see, each once. Those on models stand in the notes
	// of their tables, too.
	Warnings []Warning

	inputs  []*input // the files that were read
	unsaved bool
}

// Warning is a remark on the data or, with a Table, on a model.
type Warning struct {
	Table   string `json:"table,omitempty"`
	Message string `json:"message"`

	ofModel bool // also where a single table has no number
}

// OfData reports whether the warning is about the data, and not about a model.
func (w Warning) OfData() bool { return !w.ofModel }

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

	lacking   map[string]error     // columns that are not what is asked of them
	ungrouped error                // why there are no groups
	observed  []bool               // of each unit, whether it has an event
	unlogged  map[string]*unlogged // of logarithms by event
	// cellsUnlogged is of outcomes by unit and period.
	cellsUnlogged map[periodOutcome]*unlogged
	centres       map[pair]float64 // of outcomes beside usage
	eventsBefore  int              // events of the units before the launch
	cuts          map[panel.Period]cutPeriod
	arms          []string   // names of the arms, control first
	largest       int        // the place of the one with most rows but for control
	named         bool       // assignment holds these names, and armNumber their numbers
	remarks       []string   // on the data, for the notes of all tables
	said          []string   // what was done with the data
	filled        int        // blanks of usage that were read as zeros
	watch         *cellWatch // of what was found in the files
	strangers     []string   // units of the rows that are not among the units
	byNumber      int        // how many of these are, as numbers

	fitted map[modelKey]*fitted
	// impacts are the effects by group of the models that were estimated, by outcome, which figures show.
	impacts map[modelKey]map[string][]iv.Coefficient
	step    int // the table or figure at work, counted as the plan does
}

// Run reads the data of a study, estimates its models, and lays out its tables and figures. It
// stops with ctx's error soon after ctx is cancelled. A table or figure that cannot be had costs no other:
// it is among Output.Refused. The error is of the whole study: of a file, a column with a role, or all tables and figures.
func Run(ctx context.Context, s *Study, opt Options) (*Output, error) {
	if s == nil {
		return nil, refuse("no study to run", "look at the error of Load")
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	var mutex sync.Mutex
	left := false
	progress := opt.Progress
	opt.Progress = func(stage string, done, total int64) {
		mutex.Lock()
		defer mutex.Unlock()
		if progress != nil && !left {
			progress(stage, done, total)
		}
	}
	if opt.Words == nil {
		opt.Words = Keys()
	}
	r := &run{
		study: s, opt: opt, out: &Output{Study: s, unsaved: opt.Unsaved}, cells: make(map[panel.Period]*data.Frame),
		reports: make(map[panel.Period]panel.Report), fitted: make(map[modelKey]*fitted),
		impacts: make(map[modelKey]map[string][]iv.Coefficient), unlogged: make(map[string]*unlogged), cellsUnlogged: make(map[periodOutcome]*unlogged), cuts: make(map[panel.Period]cutPeriod),
		lacking: make(map[string]error),
	}
	err := parallel.Leave(ctx, func() error { return r.work(ctx) })
	mutex.Lock()
	left = true // what is still at work tells nobody
	mutex.Unlock()
	if err != nil {
		return nil, s.in(err)
	}
	return r.out, nil
}

// work reads the data and makes the tables and figures.
func (r *run) work(ctx context.Context) error {
	s := r.study
	var err error
	if r.watch, err = s.newCellWatch(); err != nil {
		return err
	}
	read := r.readUnitsOnly
	switch {
	case s.ready():
		read = r.readPanel
	case s.sums():
		read = r.readEvents
	}
	for _, step := range []func(context.Context) error{r.checkNames, read} {
		if err := step(ctx); err != nil {
			return cmp.Or(ctx.Err(), err)
		}
	}
	if err := r.watch.checkNames(); err != nil {
		return err
	}
	r.sayFilled()
	r.describe()
	r.out.Data = append(r.out.Data, r.said...)
	r.watch.warn(r)
	for i := range s.Tables {
		t := &s.Tables[i]
		r.begin(i)
		if err := r.table(ctx, t); err != nil {
			return err
		}
		r.forget()
	}
	for i := range s.Figures {
		f := &s.Figures[i]
		r.begin(len(s.Tables) + i)
		if err := r.figure(ctx, f); err != nil {
			return err
		}
		r.forget()
	}
	return r.out.refused()
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
	if err := r.findControl(); err != nil {
		return err
	}
	sums, lacking, err := r.gather(ctx, derivations)
	if err != nil {
		return err
	}
	if err := lacking[r.study.Roles.Usage]; err != nil {
		return err
	}
	r.lacking = lacking
	r.filled = sums.filled
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
	for _, step := range []func() error{r.warnOfNoArm, r.fillUnits} {
		if err := step(); err != nil {
			return err
		}
	}
	if r.ungrouped = lacking[r.study.Baseline.Column]; r.ungrouped == nil {
		r.ungrouped = r.addGroups()
	}
	if err := r.markNeverTakers(); err != nil {
		return err
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
	opt, err := s.readOptions(r.watch.report)
	if err != nil {
		return err
	}
	opt.Progress = func(done, total int64) { r.opt.Progress("reading", done, total) }
	file, name, err := r.open(ctx, s.Data.Events)
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
	opt.Keys = s.identifiers(derivations)
	frame, err := data.ReadCSVFrom(ctx, file, name, opt)
	if err != nil {
		return err
	}
	if err := r.watch.check(frame, name); err != nil {
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
	for _, step := range []func() error{rows, r.warnOfNoArm, r.fillUnits} {
		if err := step(); err != nil {
			return err
		}
	}
	r.ungrouped = r.addGroups()
	r.cells[s.period()] = frame
	return r.addOutcomes(frame, s.period())
}
