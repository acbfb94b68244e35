package bootstrap

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// WildResult is the outcome of a bootstrap test. Its fields are for reading.
type WildResult struct {
	Outcome  string
	Null     string // the hypothesis
	Joint    bool   // several restrictions
	Method   string // the kind of bootstrap, as tables name it
	Estimate float64
	Value    float64 // of the estimate under the null
	SE       float64 // with which the statistic is studentised

	// Statistic is that of the data: t, or F for a joint test.
	Statistic float64
	// P is the p-value that the spec asked for; Symmetric and EqualTailed are both kinds (the
	// latter NaN for joint tests).
	P, Symmetric, EqualTailed float64
	// MonteCarloSE is the standard error that P has because draws are random; zero for an
	// enumeration.
	MonteCarloSE float64
	Counts       Counts

	// Set is the confidence set of the coefficient at Level: the values that the test does not reject. A joint
	// test has none, which its reason says, as where it was not asked for.
	Set   iv.Set
	Level float64

	// Statistics holds the statistic of each draw; NaN where it is undefined.
	Statistics []float64

	Spec     WildSpec // as used, with its defaults filled in
	Clusters int      // clusters whose residuals were reweighted
	// Singular counts the clusters without which some coefficient cannot be estimated; the types
	// that leave clusters out use a generalised inverse there.
	Singular int
	Warnings []fieldexp.Warning
}

// result sums the draws up.
func (t *wildTest) result(ctx context.Context, plan drawing) (*WildResult, error) {
	spec := t.spec
	res := &WildResult{Outcome: t.model.Outcome, Null: t.null.text, Joint: t.kernel.q > 1, Method: t.method,
		Estimate: math.NaN(), Value: math.NaN(), SE: math.NaN(), EqualTailed: math.NaN(),
		Set: notInverted(spec.Level, t.kernel.q > 1), Level: spec.Level, Clusters: t.kernel.boot, Singular: t.seen.singular, Statistics: t.statistics()}
	spec.Draws = plan.draws
	res.Spec = spec
	if !res.Joint {
		res.Estimate, res.Value, res.SE = t.null.estimate[0], spec.Null[0].Value, math.Sqrt(t.seen.variance.At(0, 0))
	}
	res.Statistic = t.statistic()
	res.Counts = Counts{Draws: plan.draws, Enumerated: plan.enumerated}
	for _, draw := range res.Statistics {
		res.Counts.add(draw, res.Statistic)
	}
	res.judge()
	if !res.Joint && !spec.NoSet {
		var err error
		if res.Set, err = spec.invert(ctx, t.origin, t.unit, t.step, &t.seen.curve, plan.draws, t.curve, plan.enumerated); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// notInverted is the set where a test is not inverted.
func notInverted(level float64, joint bool) iv.Set {
	if joint {
		return iv.Set{Level: level, Reason: "the hypothesis is of several restrictions"}
	}
	return iv.Set{Level: level, Reason: "the spec leaves it out"}
}

// judge turns the counts into p-values and warnings.
func (r *WildResult) judge() {
	r.Symmetric = r.Spec.symmetric(&r.Counts)
	r.P = r.Symmetric
	if !r.Joint {
		r.EqualTailed = r.Spec.equalTailed(&r.Counts)
		if r.Spec.Tail == EqualTailed {
			r.P = r.EqualTailed
		}
	}
	r.MonteCarloSE = standardError(r.P, r.Spec.Tail, &r.Counts)
	c := &r.Counts
	if c.Enumerated && c.Draws < 200 {
		r.warn("few-sign-vectors", "draw {Webb} weights, of which there are more",
			"%d clusters have %d sign vectors, so that the smallest p-value that there can be is about %.2g", r.Clusters, c.Draws, 2/float64(c.Draws))
	}
	if c.Undefined > 0 {
		r.warn("undefined-draws", "",
			"%s of %s draws have no variance to be studentised by and count as extreme",
			brief.Count(c.Undefined), brief.Count(c.Draws))
	}
	if r.Singular > 0 {
		r.warn("singular-clusters", "",
			"without each of %d cluster(s) some coefficient cannot be estimated; a generalised inverse stands in",
			r.Singular)
	}
}

func (r *WildResult) warn(code string, remedy fieldexp.Hint, format string, args ...any) {
	r.Warnings = append(r.Warnings, fieldexp.Warning{Code: code, Message: fmt.Sprintf(format, args...), Remedy: remedy})
}

// Notes says, in sentences for the foot of a table, how the p-value was computed.
func (r *WildResult) Notes() []string {
	s := &r.Spec
	how := "restricted"
	if s.Unrestricted {
		how = "unrestricted"
	}
	draws := fmt.Sprintf("%s draws of %s weights, seed %d", brief.Count(r.Counts.Draws), s.Weights, s.Seed)
	if r.Counts.Enumerated {
		draws = fmt.Sprintf("all %s sign vectors", brief.Count(r.Counts.Draws))
	}
	rule := "(c+1)/(B+1)"
	if s.PRule == Share || r.Counts.Enumerated {
		rule = "c/B"
	}
	ties := "ties (a difference of at most 1e-9, relative where the statistic is above one) count as extreme"
	if s.Ties == TiesExcluded {
		ties = "ties (a difference of at most 1e-9, relative where the statistic is above one) do not count"
	}
	notes := []string{
		fmt.Sprintf("P-values: %s, %s, type %s, %s clusters, %s.", r.Method, how, s.Type, brief.Count(r.Clusters), draws),
		fmt.Sprintf("The p-value is %s and %s, where c counts extreme draws; %s.", s.Tail, rule, ties),
	}
	if !r.Counts.Enumerated {
		notes = append(notes, fmt.Sprintf("Its Monte Carlo standard error is %.2g.", r.MonteCarloSE))
	}
	return notes
}

// String is a plain summary of the test.
func (r *WildResult) String() string {
	var b strings.Builder
	name := "t"
	if r.Joint {
		name = "F"
	}
	fmt.Fprintf(&b, "%s: %s\n", r.Outcome, r.Null)
	if !r.Joint {
		fmt.Fprintf(&b, "estimate %.6g (s.e. %.6g)\n", r.Estimate, r.SE)
	}
	fmt.Fprintf(&b, "%s = %.4f, p = %.4f\n", name, r.Statistic, r.P)
	if r.Set.Reason == "" {
		fmt.Fprintf(&b, "%g%% confidence set %s\n", 100*r.Level, brief.Set(r.Set))
	}
	b.WriteString(strings.Join(r.Notes(), "\n") + "\n")
	for _, w := range r.Warnings {
		b.WriteString("Warning: " + w.Message + "\n")
	}
	return b.String()
}
