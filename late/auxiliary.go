package late

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// study is a design with usage and one arm beside control, over whose frame auxiliary columns are
// added and two-stage regressions run.
type study struct {
	spec    Spec
	design  *itt.Design
	usage   *usage
	weights []float64
	frame   *data.Frame
	source  *data.Frame // without the columns that design and auxiliary regressions add
	err     error       // the first of add

	mutex sync.Mutex
	rows  map[string][]bool // of the models of each outcome, as far as estimated
}

// newStudy reads a spec for what says what.
func newStudy(f *data.Frame, spec Spec, what string) (*study, error) {
	if spec.Rows != nil { // the work is not worth passing over rows that are left out
		f, spec.Rows = f.Filter(spec.Rows), nil
	}
	d, err := itt.NewDesign(f, spec.Spec)
	if err != nil {
		return nil, err
	}
	if n := len(d.Terms); n > 1 {
		return nil, &fieldexp.Error{Op: "late", Problem: fieldexp.BadSpec, Columns: []string{spec.Assignment}, Count: n,
			Message: fmt.Sprintf("%s with %d arms beside control in %q", what, n, spec.Assignment), Remedy: []fieldexp.Hint{"keep the rows of control and one arm in {Rows}"}}
	}
	d.Frame = d.Frame.Clone() // what is added is looked up by the design's checks, too
	b := &study{spec: spec, design: d, frame: d.Frame, source: f, rows: make(map[string][]bool)}
	if b.weights, err = spec.weights(f); err != nil {
		return nil, err
	}
	b.usage, err = readUsage(d, spec.Usage, b.weights)
	return b, err
}

// newBinary is newStudy for what needs usage to be 0 or 1.
func newBinary(f *data.Frame, spec Spec, what string) (*study, error) {
	b, err := newStudy(f, spec, what)
	if err != nil {
		return nil, err
	}
	other, first := 0, 0.0
	for i, v := range b.usage.values {
		if b.weighs(i) && !math.IsNaN(v) && v != 0 && v != 1 {
			if other == 0 {
				first = v
			}
			other++
		}
	}
	if other > 0 {
		return nil, &fieldexp.Error{Op: "late", Problem: fieldexp.BadSpec, Columns: []string{spec.Usage}, Count: other,
			Message: fmt.Sprintf("%s need usage of 0 or 1, and %q is not in %d rows, such as %g", what, spec.Usage, other, first),
			Remedy:  []fieldexp.Hint{"derive an indicator of any usage, or of usage past a threshold", "describe usage of many levels by {ResponseWeights}"}}
	}
	return b, nil
}

// weighs reports whether a row has known exposure and a weight.
func (b *study) weighs(row int) bool {
	_, known := b.design.Exposed(row)
	return known && (b.weights == nil || b.weights[row] > 0)
}

// exposed reports whether a row is known to be exposed to treatment.
func (b *study) exposed(row int) bool {
	exposed, known := b.design.Exposed(row)
	return exposed && known
}

// since is the rows since the launch whose exposure is known.
func (b *study) since() *data.Frame {
	return b.frame.Filter(func(row int) bool { return b.weighs(row) && b.design.Launched(row) })
}

// add makes a column under a name that is not taken, and returns that name.
func (b *study) add(name string, value func(i int) float64) string {
	for b.frame.Has(name) {
		name += "'"
	}
	values := make([]float64, b.frame.Len())
	for i := range values {
		values[i] = value(i)
	}
	if err := b.frame.SetFloats(name, values); err != nil && b.err == nil {
		b.err = err
	}
	return name
}

// estimate runs two-stage regressions of outcomes on one column, with assignment as its instrument
// and everything else as the spec says.
func (b *study) estimate(ctx context.Context, endogenous string, outcomes ...string) ([]*iv.Result, error) {
	m := b.design.Model()
	m.Outcomes, m.Endogenous, m.Instruments = outcomes, []string{endogenous}, b.design.Terms
	m.Estimator, m.FullerAlpha = b.spec.Estimator, b.spec.FullerAlpha
	m.Sampled = b.keep
	fits, err := iv.Estimate(ctx, b.frame, m)
	if err != nil {
		return nil, b.usage.explain(err)
	}
	for _, fit := range fits {
		if err := b.design.CheckTerms(fit.ReducedForm); err != nil {
			return nil, err
		}
	}
	return fits, nil
}

// plain is a regression without controls and effects, over the rows since the launch that keep says.
func (b *study) plain(ctx context.Context, exogenous []string, keep func(row int) bool, outcomes ...string) ([]*iv.Result, error) {
	m := b.design.Model()
	m.Outcomes, m.Exogenous, m.Absorb, m.Progress = outcomes, exogenous, nil, nil
	columns := slices.Concat(outcomes, exogenous, m.Cluster)
	if m.Weights != "" {
		columns = append(columns, m.Weights)
	}
	slices.Sort(columns)
	f, err := b.frame.Select(slices.Compact(columns)...) // of which alone rows are copied
	if err != nil {
		return nil, err
	}
	return iv.Estimate(ctx, f.Filter(func(row int) bool { return b.weighs(row) && b.design.Launched(row) && keep(row) }), m)
}

// keep notes the rows of the models of some outcomes.
func (b *study) keep(outcomes []string, n int, row func(i int) int) []string {
	in := make([]bool, b.frame.Len())
	for i := range n {
		in[row(i)] = true
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, outcome := range outcomes {
		b.rows[outcome] = in
	}
	return b.design.Count(outcomes, n, row)
}

// takers are the shares of those who do the same either way and of those who do not, by plain means of usage by arm, which
// add up to one.
type takers struct{ always, never, compliers iv.Coefficient }

// takers estimates the shares over the rows of each outcome's model since the launch, once for outcomes of the same rows.
func (b *study) takers(ctx context.Context, outcomes []string) ([]takers, error) {
	exposed := b.add("exposed", func(i int) float64 { return indicator(b.exposed(i)) })
	abstains := b.add("does not use", func(i int) float64 { return 1 - b.usage.values[i] })
	if b.err != nil {
		return nil, b.err
	}
	done := make(map[*bool]takers)
	list := make([]takers, len(outcomes))
	for i, outcome := range outcomes {
		in := b.rows[outcome]
		if known, ok := done[&in[0]]; ok {
			list[i] = known
			continue
		}
		fits, err := b.plain(ctx, []string{exposed}, func(row int) bool { return in[row] }, b.spec.Usage, abstains)
		if err != nil {
			return nil, b.design.Explain(err)
		}
		if list[i], err = b.read(fits, exposed, in); err != nil {
			return nil, err
		}
		done[&in[0]] = list[i]
	}
	return list, nil
}

// read takes the shares from regressions of usage and of its absence on exposure, over some rows.
func (b *study) read(fits []*iv.Result, exposed string, in []bool) (t takers, err error) {
	if t.always, err = fits[0].Coefficient(iv.Constant); err != nil {
		return t, err
	}
	if t.compliers, err = fits[0].Coefficient(exposed); err != nil {
		return t, err
	}
	t.always.Name, t.compliers.Name = "always-takers", "compliers"
	nobody := true
	for i, v := range b.usage.values {
		nobody = nobody && (!in[i] || v == 0 || b.exposed(i) || !b.design.Launched(i))
	}
	if nobody { // not a number next to zero
		t.always = iv.Coefficient{Name: t.always.Name, DF: t.always.DF, Statistic: math.NaN(), P: 1}
	}
	t.never, err = fits[1].Combine("never-takers", map[string]float64{iv.Constant: 1, exposed: 1})
	return t, err
}
