package hetero

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// SplitSpec says how to estimate effects by group from other data than those that make the groups.
// Its Spec is as for Estimate, but for Group, which must be empty: groups are made anew in every
// split. Unit and Baseline are required, and either Covariates or a way to tell rows before the
// launch (PreColumn, or Spec.Time with Spec.Launch). Cluster may be empty and is Unit then; several
// clusterings are refused.
type SplitSpec struct {
	Spec
	Unit string // the column of units (agents) that groups are made of
	// Baseline is the column by which units are grouped, usually the outcome of interest: by its
	// mean before the launch or, with Covariates, by its prediction.
	Baseline string
	// PreColumn is a 0/1 column that marks rows before the launch, instead of Time and Launch.
	PreColumn string
	// Covariates, when set, predict Baseline (see SplitEstimate); numbers that are fixed within a
	// unit.
	Covariates []string
	N          int // number of quantile groups; 0 means 5
	// Splits is the number of random splits, each of which is used twice, with its halves in either
	// role; 0 means 20.
	Splits int
	Seed   uint64 // start of the random numbers
}

// defaultSplits keeps the spread of the average over splits small beside its standard error.
const defaultSplits = 20

// check refuses specs that no data could satisfy, and fills in the defaults.
func (s *SplitSpec) check() error {
	bad := func(message string, remedy ...fieldexp.Hint) error {
		return &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec, Message: message, Remedy: remedy}
	}
	if s.N == 0 {
		s.N = 5
	}
	if s.Splits == 0 {
		s.Splits = defaultSplits
	}
	if len(s.Cluster) == 0 {
		s.Cluster = []string{s.Unit}
	}
	kind := s.Covariance.Kind
	switch {
	case s.Unit == "":
		return bad("no unit is named", "set {Unit} to the column of those who are grouped")
	case s.Baseline == "":
		return bad("no baseline is named", "set {Baseline} to the column by which units are grouped, such as the outcome")
	case s.Group != "":
		return bad(fmt.Sprintf("group %q is given to splits that make groups of their own", s.Group), "leave {Group} out", "leave {Splits} out")
	case s.PreColumn == "" && s.Time == "" && len(s.Covariates) == 0:
		return bad("nothing tells rows before the launch", "set {Time} and {Launch}", "set {PreColumn}", "name {Covariates}, to group units by a prediction")
	case s.N < 2 || s.N > mostGroups:
		return bad(fmt.Sprintf("%d groups", s.N), fieldexp.Hint(fmt.Sprintf("make 2 to %d", mostGroups)))
	case s.Splits < 1:
		return bad(fmt.Sprintf("%d splits", s.Splits), "ask for at least one")
	case len(s.Cluster) > 1 || kind != iv.Default && !kind.Clustered():
		return bad(fmt.Sprintf("%s standard errors by %d clusterings of an average over splits", kind, len(s.Cluster)),
			"name one column in {Cluster} and use CR0 to CR3, since splits are joined by the clusters that they have in common")
	}
	return nil
}

// SplitResult holds effects by group, averaged over splits. Its fields are for reading. It has no With, since it does
// not keep the models of its splits: estimate it again with another Covariance and the same Seed.
type SplitResult struct {
	Regressor   string // as in Result
	Groups      []string
	TimeEffects TimeEffects
	Units       int // that were grouped
	// Undivided counts the units that could not be grouped: with fewer than two known values of
	// the baseline before the launch or, with Covariates, with an unknown covariate. They are left
	// out.
	Undivided int
	Spec      SplitSpec // as used, with its defaults filled in
	Fits      []SplitFit
	Warnings  []fieldexp.Warning
}

// SplitFit holds the effects on one outcome, averaged over splits. Standard errors are from the joint
// covariance of the splits' models.
type SplitFit struct {
	Outcome               string
	Base                  iv.Coefficient
	Interactions, Impacts []iv.Coefficient
	Equality              iv.Test // F with G-1 degrees of freedom
	Trend                 iv.Coefficient
	FirstStages           []iv.Coefficient // of each group, averaged; nil for an ITT
	// Estimates holds the impacts of every model, two for each split, and MonteCarloSE the standard
	// error that each average has because splits are random: more Splits make it smaller.
	Estimates    [][]float64
	MonteCarloSE []float64
	Level        float64 // of confidence intervals
}

// Fit is that of an outcome. The error names the outcomes that there are.
func (r *SplitResult) Fit(outcome string) (*SplitFit, error) {
	for i := range r.Fits {
		if r.Fits[i].Outcome == outcome {
			return &r.Fits[i], nil
		}
	}
	return nil, noOutcome(outcome, r.Spec.Outcomes)
}

// Effect is refused, since there is one for each group: use GroupEffect.
func (r *SplitResult) Effect(outcome string) (iv.Coefficient, error) {
	if _, err := r.Fit(outcome); err != nil {
		return iv.Coefficient{}, err
	}
	return iv.Coefficient{}, byGroup(outcome, r.Groups)
}

// GroupEffect is the effect on an outcome in a group. The error names the outcomes or groups that there are.
func (r *SplitResult) GroupEffect(outcome, group string) (iv.Coefficient, error) {
	fit, err := r.Fit(outcome)
	if err != nil {
		return iv.Coefficient{}, err
	}
	return groupEffect(outcome, group, r.Groups, fit.Impacts)
}

// Effects lists the effects in the order of the outcomes and, within an outcome, of the groups.
func (r *SplitResult) Effects() (list []iv.Coefficient) {
	for i := range r.Fits {
		list = append(list, r.Fits[i].Impacts...)
	}
	return list
}

// Notes says, in sentences for the foot of a table, how units were grouped and what was estimated.
func (r *SplitResult) Notes() []string {
	if len(r.Fits) == 0 {
		return nil
	}
	s := &r.Spec
	how := fmt.Sprintf("mean %s in a random half of a unit's rows before the launch; the other half enters the estimation", s.Baseline)
	if len(s.Covariates) > 0 {
		how = fmt.Sprintf("%s predicted from %s by a random half of the controls; the other half enters the estimation", s.Baseline, strings.Join(s.Covariates, ", "))
	}
	note := fmt.Sprintf("Groups: %d by %s. %s", s.N, how, counted(r.Units, "unit"))
	if r.Undivided > 0 {
		note += fmt.Sprintf(", and %s left out that cannot be split", brief.Count(r.Undivided))
	}
	notes := []string{note + ".",
		fmt.Sprintf("Estimates are averages over %s, each used both ways (seed %d).", counted(s.Splits, "split"), s.Seed)}
	if period := s.period(); period != "" {
		notes = append(notes, fmt.Sprintf("Effects of %s: %s.", period, r.TimeEffects))
	}
	kind := s.Covariance.Kind
	if kind == iv.Default {
		kind = iv.CR1
	}
	df := r.Fits[0].Base.DF
	return append(notes, fmt.Sprintf("Standard errors: clustered by %s, %s, from the joint covariance of the splits; t with %s degrees of freedom.", s.Cluster[0], kind, degrees(df)))
}

// String is a plain summary.
func (r *SplitResult) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Effects of %s by group, average over splits\n", r.Regressor)
	for i := range r.Fits {
		r.Fits[i].write(&b)
	}
	writeRemarks(&b, r.Notes(), r.Warnings)
	return b.String()
}

// write prints the block of one outcome.
func (f *SplitFit) write(out io.Writer) {
	fmt.Fprintf(out, "%s\n", f.Outcome)
	for k, c := range f.Impacts {
		fmt.Fprintf(out, "%s: %s, %g%% interval [%s, %s]", c.Name, estimated(c), 100*f.Level, brief.Number(c.Low), brief.Number(c.High))
		if f.FirstStages != nil {
			fmt.Fprintf(out, "; first stage %s (%s)", brief.Number(f.FirstStages[k].Estimate), brief.Number(f.FirstStages[k].SE))
		}
		if !math.IsNaN(f.MonteCarloSE[k]) {
			fmt.Fprintf(out, "; Monte Carlo s.e. %s", brief.Number(f.MonteCarloSE[k]))
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "Equal effects: %s. Trend per group: %s.\n", judged(f.Equality), estimated(f.Trend))
}
