package study

import (
	"io/fs"
)

// Study is a study file, checked and with its defaults filled in. Its fields are the keys of the
// file.
type Study struct {
	Title  string   `toml:"title"`
	Lead   string   `toml:"lead"`   // a paragraph that introduces the study
	Notes  []string `toml:"notes"`  // sentences for the foot of every table
	Launch Launch   `toml:"launch"` // when treatment begins, by the clock that times are read by
	// CutPeriod says what becomes of a period that the launch falls within: drop (the default), before or after.
	CutPeriod string   `toml:"launch_period"`
	Period    string   `toml:"period"` // day (the default), hour or week
	Derive    []string `toml:"derive"` // columns computed from those of the events, in order

	Data     Data      `toml:"data"`
	Roles    Roles     `toml:"roles"`
	Controls Controls  `toml:"controls"`
	Baseline Baseline  `toml:"baseline"`
	Model    Model     `toml:"model"`
	Outcomes []Outcome `toml:"outcomes"`
	// Inference is asked for under the effects of tables of the kinds itt, late and hetero.
	Inference Inference `toml:"inference"`

	Words       Words             `toml:"words"`
	Labels      map[string]string `toml:"labels"`      // names of columns for people
	Definitions map[string]string `toml:"definitions"` // what they mean, for the table of summary statistics

	Tables  []TableSpec  `toml:"tables"`
	Figures []FigureSpec `toml:"figures"`

	checked  bool   // and its defaults filled in
	file     string // that it was read from, for errors; empty for a study made in Go
	text     string // of that file
	openFile func(name string) (fs.File, error)
}

// Data names the files. What is explained lies in one of the first two: in events, which are summed up by unit and period (and
// are units themselves in a study without time), or in a panel, each row of which is an observation already.
type Data struct {
	Events  string   `toml:"events"`
	Panel   string   `toml:"panel"`
	Units   string   `toml:"units"` // one row per unit; none when the events hold all columns
	Key     string   `toml:"key"`   // the unit's column in the file of units; its name in the events when empty
	Layouts []string `toml:"layouts"`
	Zone    string   `toml:"zone"` // of the clock that times are read by; the clock in each cell when empty
	Comma   string   `toml:"comma"`
	Skip    int      `toml:"skip"` // lines before the header
	// Types are number, text or time, or how numbers are written where that is not plainly, by column.
	Types       map[string]string   `toml:"types"`
	Missing     []string            `toml:"missing"`      // cells that stand for a missing value, beside those that do anyway
	MissingOnly []string            `toml:"missing_only"` // in place of those that do anyway
	Levels      map[string][]string `toml:"levels"`       // codes for missing that are levels, by column
}

// Roles names the columns that the design is made of.
type Roles struct {
	Unit       string `toml:"unit"`        // who is observed
	Assignment string `toml:"assignment"`  // 1 for units that were given access; in a panel also the names of arms
	ControlArm string `toml:"control_arm"` // of arms with names
	Time       string `toml:"time"`        // when an event happened, or the period of a panel; empty for one row per unit
	Usage      string `toml:"usage"`       // whether, or how much, access was used
	// UsageBlank says what a blank cell of usage means where there was no access, in control and before the launch: missing
	// (the default) or zero.
	UsageBlank string   `toml:"usage_blank"`
	Fixed      []string `toml:"fixed"` // columns of the events that are fixed within the unit
}

// Controls names the control columns.
type Controls struct {
	Lagged   []string `toml:"lagged"`   // means of the unit's previous period
	Current  []string `toml:"current"`  // means of the period itself, or columns of the unit
	Calendar bool     `toml:"calendar"` // lag by the calendar, not by the previous observed period
}

// Baseline is what units are grouped by: a measure from before the launch, or a column of the unit.
type Baseline struct {
	Column string `toml:"column"`
	Groups int    `toml:"groups"` // quantile groups; 5 when 0
	Over   string `toml:"over"`   // units that the cut points are computed over: all, or controls
	Label  string `toml:"label"`
}

// Model says how to estimate.
type Model struct {
	Absorb         []string `toml:"absorb"` // effects, a caret for interactions; by default unit and period
	NoEffects      bool     `toml:"no_effects"`
	Cluster        []string `toml:"cluster"`        // by default the unit
	SE             string   `toml:"se"`             // standard errors, as parseSE has them
	Level          float64  `toml:"level"`          // of confidence intervals
	MixedClusters  bool     `toml:"mixed_clusters"` // assignment may vary within clusters
	KeepSingletons bool     `toml:"keep_singletons"`
	Weights        string   `toml:"weights"`
	WeightsKind    string   `toml:"weights_kind"` // analytic (the default) or frequency
	Estimator      string   `toml:"estimator"`    // 2sls (the default), liml or fuller
}

// Words are what tables call things, in the singular.
type Words struct {
	Unit  string `toml:"unit"`  // by default unit
	Event string `toml:"event"` // by default event
}

// Outcome is a column that is explained.
type Outcome struct {
	Name      string `toml:"name"`      // by default made of the others
	Column    string `toml:"column"`    // of the events
	Stat      string `toml:"stat"`      // over a unit's events in a period: mean (the default), sum, sd, count or observed
	Transform string `toml:"transform"` // log: of the statistic
	Label     string `toml:"label"`
}

// TableSpec asks for a table. Which keys mean something depends on Kind.
type TableSpec struct {
	Number   string   `toml:"number"`
	Kind     string   `toml:"kind"`
	Title    string   `toml:"title"`
	Notes    []string `toml:"notes"`
	Digits   int      `toml:"digits"`
	Outcomes []string `toml:"outcomes"`

	Period       string   `toml:"period"`
	Level        string   `toml:"level"`  // cells (the default: one row per unit and period) or events
	Sample       string   `toml:"sample"` // all (the default) or never-takers: those among the treated, and the controls
	Absorb       []string `toml:"absorb"`
	NoControls   bool     `toml:"no_controls"`
	Coefficients string   `toml:"coefficients"` // of an itt table: effects (the default) or all, those of controls too

	Design      string    `toml:"design"`       // of an itt table: regression (the default), means or lin
	SmallBlocks string    `toml:"small_blocks"` // of differences in means: refuse (the default), pool or drop
	Direct      []float64 `toml:"direct"`       // of a late table: the least and the largest direct effect of assignment to allow for
	Splits      int       `toml:"splits"`       // of a hetero table: groups from one part of the data, effects from the other
	Predict     []string  `toml:"predict"`      // with splits: columns that predict the baseline

	Show        []string   `toml:"show"`         // blocks of a late table
	Effect      string     `toml:"effect"`       // of a hetero or event table: late or itt
	TimeEffects string     `toml:"time_effects"` // of a hetero table: group, common or both
	Variables   []string   `toml:"variables"`    // of a summary, usage or balance table
	Reference   int        `toml:"reference"`    // of an event table: the period, counted from the launch, with which the others are compared
	Column      string     `toml:"column"`       // of a prepost or mix table
	Steps       [][]string `toml:"steps"`        // of a predictors table: what each column adds
}

// FigureSpec asks for a figure.
type FigureSpec struct {
	Number      string   `toml:"number"`
	Kind        string   `toml:"kind"`
	Title       string   `toml:"title"`
	Caption     string   `toml:"caption"`
	Outcomes    []string `toml:"outcomes"` // a panel for each
	Variables   []string `toml:"variables"`
	Stacked     bool     `toml:"stacked"` // usage variables on top of each other
	Reference   int      `toml:"reference"`
	Of          string   `toml:"of"` // what a distribution counts: units, cells or events
	Period      string   `toml:"period"`
	Effect      string   `toml:"effect"`
	TimeEffects string   `toml:"time_effects"`
}

// ready reports whether the rows of the data are the observations of models already.
func (s *Study) ready() bool { return s.Data.Panel != "" }

// crossSection reports whether the data have one row per unit and no time.
func (s *Study) crossSection() bool { return s.Roles.Time == "" }

// sums reports whether events are summed up by unit and period.
func (s *Study) sums() bool { return !s.ready() && !s.crossSection() }

// source is the file of what is explained.
func (s *Study) source() string { return or(s.Data.Panel, s.Data.Events) }

// label is the name of a column for people: the study's, or the column's own with blanks.
func (s *Study) label(column string) string {
	if l, ok := s.Labels[column]; ok {
		return l
	}
	return spaced(column)
}

// outcome finds an outcome by its name.
func (s *Study) outcome(name string) *Outcome {
	for i := range s.Outcomes {
		if s.Outcomes[i].Name == name {
			return &s.Outcomes[i]
		}
	}
	return nil
}
