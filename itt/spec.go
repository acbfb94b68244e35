package itt

import (
	"time"

	"github.com/fieldexp/fieldexp/iv"
)

// Spec says which effects of assignment to estimate. Outcomes and Assignment are required; the
// zero value of every other field is a sound default.
type Spec struct {
	Outcomes []string // one regression for each; the work that they share is done once
	// Assignment is a column of zeros and ones, or of text with an arm for each level.
	Assignment string
	// ControlArm is the arm of a text Assignment with which the others are compared. Empty is the one whose name says so,
	// whatever the order of rows: control, placebo, untreated and the like beside any others; of two arms also FALSE beside
	// TRUE, no beside yes, 0 beside 1, "not X" or "unX" beside X. Where names do not tell, it has to be set.
	ControlArm string

	// Rows, when set, tells which rows of the frame the design is about; the others are not looked
	// at. See iv.Spec.
	Rows func(row int) bool

	Controls []string // text enters as indicators of all its levels but the first
	// Absorb lists effects that are removed before the estimation: strata in a cross-section,
	// units and periods in a panel.
	Absorb         []iv.Effect
	KeepSingletons bool // keeps rows alone in an absorbed group, as R's fixest does; see iv.Spec

	// Cluster names the columns by which errors may be correlated: the unit that was assigned.
	// Assignment must be constant within the groups of at least one of them. Without clusters,
	// errors are taken to be independent between rows, and standard errors are HC1.
	Cluster []string
	// MixedClusters allows assignment to vary within clusters, for designs that assign within
	// them on purpose (such as matched pairs clustered by pair).
	MixedClusters bool

	Weights    string // column of weights; none when empty
	WeightKind iv.WeightKind
	// Covariance says how standard errors are computed; its zero value is CR1 where Cluster is
	// set and HC1 where it is not.
	Covariance iv.Covariance
	Level      float64 // of confidence intervals; 0 means 0.95

	// Time, with a launch, makes the design a difference-in-differences: the regressor is
	// assignment from the launch on, and 0 before. In a column of times a row counts as treated if its
	// time is at or past Launch, by the column's own clock (see AddTreated); in one of numbers if it is
	// at or past LaunchPeriod, whose default suits periods that are counted from the launch. What is
	// common to all rows of an arm, and to all rows since the launch, is held constant by the
	// absorbed effects or, where none does it, by regressors that are added and reported.
	Time         string
	Launch       time.Time // where Time holds times
	LaunchPeriod float64   // where Time holds numbers: the first period with treatment
	// TreatedName names that regressor; empty is "treated".
	TreatedName string

	// Progress, when set, is told how many of the total steps are done.
	Progress func(done, total int)
}

// treatedName is the name of the regressor of a difference-in-differences.
func (s *Spec) treatedName() string {
	if s.TreatedName == "" {
		return "treated"
	}
	return s.TreatedName
}

// differences reports whether the design is a difference-in-differences.
func (s *Spec) differences() bool { return s.Time != "" || !s.Launch.IsZero() || s.LaunchPeriod != 0 }
