package late

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// Response says how an effect per unit of usage is made up when usage has many levels: it averages
// effects of moving from one level to the next, weighted by how many assignment moved past each. It has no With, as
// Profile.
type Response struct {
	Usage string
	Steps []ResponseStep // from the lowest level up
}

// ResponseStep is one stretch of usage.
type ResponseStep struct {
	From, To float64
	// Moved is the usage between From and To that assignment brought about: To-From times the share of
	// units that it moved past, where they pass all of the stretch. The sum over steps is the first
	// stage.
	Moved iv.Coefficient
	// Weight is the share of the step in the average: Moved over the first stage, as a two-stage
	// estimate. Weights sum to one. One that is clearly negative contradicts that assignment makes nobody
	// use less.
	Weight iv.Coefficient
}

// ResponseWeights estimates the weights with which the effect per unit of usage averages causal
// responses at different levels of usage (Angrist and Imbens 1995, theorem 1). Edges cut usage into
// stretches, in ascending order; without any, they are the levels of usage, or the bounds of ten equal
// stretches where there are more than twenty levels. Usage beyond the edges belongs to no stretch, so
// that weights then sum to less than one.
//
// The weight of a stretch is the coefficient of usage in the two-stage regression of that part of usage
// which lies in the stretch on usage itself, with the spec's controls, effects, weights, clusters and
// covariance. The spec's outcomes do not matter. The error is as in Estimate.
func ResponseWeights(ctx context.Context, f *data.Frame, spec Spec, edges ...float64) (*Response, error) {
	b, err := newStudy(f, spec, "response weights")
	if err != nil {
		return nil, err
	}
	if len(edges) == 0 {
		edges = b.levels()
	}
	for i, e := range edges {
		if math.IsNaN(e) || math.IsInf(e, 0) || i > 0 && !(e > edges[i-1]) || len(edges) < 2 {
			return nil, &fieldexp.Error{Op: "late", Problem: fieldexp.BadSpec, Columns: []string{spec.Usage}, Count: len(edges),
				Message: fmt.Sprintf("edges %v of usage %q", edges, spec.Usage), Remedy: []fieldexp.Hint{"give two edges or more in ascending order, or none"}}
		}
	}
	var names []string
	var steps []ResponseStep
	for i := range len(edges) - 1 {
		from, to := edges[i], edges[i+1]
		part := func(row int) float64 {
			v := b.usage.values[row]
			return min(max(v, from), to) - from // NaN where usage is missing
		}
		names = append(names, b.add(fmt.Sprintf("%s from %g to %g", spec.Usage, from, to), part))
		steps = append(steps, ResponseStep{From: from, To: to})
	}
	if b.err != nil {
		return nil, b.err
	}
	fits, err := b.estimate(ctx, spec.Usage, names...)
	if err != nil {
		return nil, err
	}
	if err := b.usage.checkFirstStages(fits); err != nil {
		return nil, err
	}
	for i, fit := range fits {
		steps[i].Moved, steps[i].Weight = fit.ReducedForm.Coefficients()[0], fit.Coefficients()[0]
		steps[i].Moved.Name, steps[i].Weight.Name = fit.Outcome, fit.Outcome
	}
	return &Response{Usage: spec.Usage, Steps: steps}, nil
}

// levels lists the levels of usage, or eleven evenly spaced ones where there are more than twenty.
func (b *study) levels() []float64 {
	const most, stretches = 20, 10
	seen := map[float64]bool{}
	low, high := math.Inf(1), math.Inf(-1)
	for i, v := range b.usage.values {
		if math.IsNaN(v) || !b.weighs(i) {
			continue
		}
		low, high = min(low, v), max(high, v)
		if len(seen) <= most {
			seen[v] = true
		}
	}
	var levels []float64
	if len(seen) <= most {
		for v := range seen {
			levels = append(levels, v)
		}
		slices.Sort(levels)
		return levels
	}
	for i := range stretches + 1 {
		levels = append(levels, low+(high-low)*float64(i)/stretches)
	}
	return levels
}

// String is a table of the weights.
func (r *Response) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "What an effect per unit of %s averages\n", r.Usage)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "from\tto\tmoved\t(s.e.)\tweight\t(s.e.)\t\n")
	for _, s := range r.Steps {
		fmt.Fprintf(w, "%s\t%s\t%s\t(%s)\t%s\t(%s)\t\n", brief.Number(s.From), brief.Number(s.To), brief.Number(s.Moved.Estimate), brief.Number(s.Moved.SE),
			brief.Number(s.Weight.Estimate), brief.Number(s.Weight.SE))
	}
	w.Flush()
	return b.String()
}
