package study

import (
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// A pair is an outcome of events beside usage, in the events in which both are known: what a model of effects of usage
// over events is made of. Usage may vary within a cell of the panel, so that the model needs the second moments of the
// two within cells beside their means: a regression over events, its residuals and its scores by cluster are functions
// of these, since all else that it holds is constant within cells.
type pair struct {
	column    string // of the events: the outcome
	indicator bool   // it is 1 where the column is known and 0 where it is not
}

// pair is the outcome's over events.
func (o *Outcome) pair() pair { return pair{o.perEvent(), o.Stat == known} }

// name tells the outcome from the column that an indicator is made of.
func (p pair) name() string {
	if p.indicator {
		return "known " + p.column
	}
	return p.column
}

// Columns that the pass over the events adds: usage and the outcome where both are known, and their product, with the
// outcome taken from a centre.
func (p pair) usage() string   { return "usage with " + p.name() }
func (p pair) value() string   { return p.name() + " with usage" }
func (p pair) product() string { return "usage times " + p.name() }

// measures are what is summed up of these.
func (p pair) measures() []panel.Measure {
	return []panel.Measure{{Column: p.usage()}, {Column: p.usage(), Stat: panel.SD}, {Column: p.usage(), Stat: panel.CountObserved},
		{Column: p.value()}, {Column: p.product()}}
}

// paired reports whether a model is one of outcomes beside usage over events; usage that is fixed within units is in no need
// of it.
func (p *plan) paired(k modelKey) bool {
	return k.events && k.method == ofUsage && !p.ofUnit(p.study.Roles.Usage)
}

// pairEvents asks for an outcome beside usage.
func (p *plan) pairEvents(period panel.Period, o *Outcome) {
	p.pairs = with(p.pairs, o.pair())
	p.panels[period] = with(p.panels[period], o.pair().measures()...)
}

// computed reports whether a column is made by the pass over the events.
func (p *plan) computed(column string) bool {
	return slices.ContainsFunc(p.logs, func(c string) bool { return logOf(c) == column }) ||
		slices.ContainsFunc(p.pairs, func(q pair) bool { return slices.Contains([]string{q.usage(), q.value(), q.product()}, column) })
}

// addPair adds a pair's columns to a chunk of events. The centre is the mean over the first chunk in which the outcome is
// known, near which products lose no digits.
func (g *gathered) addPair(chunk *data.Frame, p pair, usage string) error {
	used, err := chunk.Floats(usage)
	if err != nil {
		return err
	}
	values, err := p.values(chunk)
	if err != nil {
		return err
	}
	centre, ok := g.centres[p]
	if !ok {
		if centre = meanOf(values); slices.ContainsFunc(values, func(v float64) bool { return v == v }) {
			g.centres[p] = centre
		}
	}
	u, y, product := make([]float64, len(used)), make([]float64, len(used)), make([]float64, len(used))
	for i, v := range values {
		if u[i], y[i] = used[i], v; used[i] != used[i] || v != v {
			u[i], y[i] = missing, missing
		}
		product[i] = u[i] * (y[i] - centre)
	}
	for name, column := range map[string][]float64{p.usage(): u, p.value(): y, p.product(): product} {
		if err := chunk.SetFloats(name, column); err != nil {
			return err
		}
	}
	return nil
}

// values are the outcome's in a chunk of events.
func (p pair) values(chunk *data.Frame) ([]float64, error) {
	if !p.indicator {
		return chunk.Floats(p.column)
	}
	kind, err := chunk.Kind(p.column)
	if err != nil {
		return nil, err
	}
	values := make([]float64, chunk.Len())
	mark := func(row int, known bool) {
		if known {
			values[row] = 1
		}
	}
	switch kind {
	case data.Categorical:
		codes, _, err := chunk.Codes(p.column)
		for i, c := range codes {
			mark(i, c >= 0)
		}
		return values, err
	case data.Time:
		times, err := chunk.Instants(p.column)
		for i, t := range times {
			mark(i, t != data.MissingTime)
		}
		return values, err
	}
	of, err := chunk.Floats(p.column)
	for i, v := range of {
		mark(i, v == v)
	}
	return values, err
}

// eventsOfRow is the column of frequency weights of a frame of eventRows.
const eventsOfRow = "events of the row"

// eventRows is a frame for models of effects of usage over events, with one row for each cell in which usage does not vary
// and two for each in which it does: as many events, with the same means of usage and of the outcomes, the same variance
// of usage and the same covariance of the two as the cell's events. Sums of squares of the outcomes are not the events',
// so that there is no R-squared. Outcomes are known in the same events, as those of a batch are.
func (r *run) eventRows(k modelKey, frame *data.Frame, names []string) (*data.Frame, error) {
	first := r.study.outcome(names[0]).pair()
	moments, err := floatsOf(frame, first.usage(), columnOf(first.measures()[1]), columnOf(first.measures()[2]))
	if err != nil {
		return nil, err
	}
	means, spreads, counts := moments[0], moments[1], moments[2]
	var rows []int
	var weights, usage []float64
	for i, n := range counts {
		switch {
		case n == 0:
		case n < 2 || spreads[i] == 0:
			rows, weights, usage = append(rows, i), append(weights, n), append(usage, means[i])
		default:
			low, high, above := twoPoints(n, means[i], spreads[i]*spreads[i]*(n-1)/n)
			rows, weights, usage = append(rows, i, i), append(weights, n-above, above), append(usage, low, high)
		}
	}
	out := new(data.Frame)
	for _, column := range frame.Names() {
		if err := copyColumn(out, frame, column, rows); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		o := r.study.outcome(name)
		sums, err := floatsOf(frame, o.pair().value(), o.pair().product())
		if err != nil {
			return nil, err
		}
		values, centre := make([]float64, len(rows)), r.centres[o.pair()]
		for at, i := range rows {
			if values[at] = sums[0][i]; spreads[i] > 0 {
				within := sums[1][i] - means[i]*(sums[0][i]-centre) // covariance over n
				values[at] += within / (spreads[i] * spreads[i] * (counts[i] - 1) / counts[i]) * (usage[at] - means[i])
			}
		}
		if err := out.SetFloats(o.column(k), values); err != nil {
			return nil, err
		}
	}
	if err := out.SetFloats(r.study.Roles.Usage, usage); err != nil {
		return nil, err
	}
	return out, out.SetFloats(eventsOfRow, weights)
}

// shown is a fit as tables show it. One of events counts these, those that are left out too, and leaves out what is of their
// means alone: the weights that stand for the events, the rows without any, and R-squared.
func (r *run) shown(k modelKey, fit *iv.Result) (*iv.Result, error) {
	if !k.events || fit == nil {
		return fit, nil
	}
	frame, err := r.sample(k)
	if err != nil {
		return nil, err
	}
	counts, err := frame.Floats(eventCount)
	if err != nil {
		return nil, err
	}
	total := 0.
	for _, n := range counts {
		total += n
	}
	return countingEvents(fit, int(total)), nil
}

// countingEvents is shown, of a fit and of those beneath it, of so many events in all.
func countingEvents(fit *iv.Result, total int) *iv.Result {
	if fit == nil {
		return nil
	}
	out := *fit
	out.Weights, out.Rows, out.R2, out.AdjR2, out.WithinR2 = "", total, missing, missing, missing
	out.Dropped.Missing, out.Dropped.ZeroWeight = total-fit.N-fit.Dropped.Singletons, 0
	out.ReducedForm, out.AsUsed, out.FirstStages = countingEvents(fit.ReducedForm, total), countingEvents(fit.AsUsed, total), nil
	for _, first := range fit.FirstStages {
		out.FirstStages = append(out.FirstStages, countingEvents(first, total))
	}
	return &out
}

// twoPoints are two values, of n in all and the second taken so often as above says, with a mean and a variance (over n).
// They lie between 0 and 1 where the mean does, up to the rounding of above, and are 0 and 1 where all n are.
func twoPoints(n, mean, variance float64) (low, high, above float64) {
	above = math.Floor(n / 2)
	if mean > 0 && mean < 1 {
		above = min(max(math.Round(n*mean), 1), n-1)
		if math.Abs(variance-mean*(1-mean)) <= 1e-12 {
			return 0, 1, above
		}
	}
	ratio := math.Sqrt(above / (n - above))
	spread := math.Sqrt(variance)
	return mean - spread*ratio, mean + spread/ratio, above
}

// floatsOf looks up columns of numbers.
func floatsOf(f *data.Frame, columns ...string) ([][]float64, error) {
	list := make([][]float64, len(columns))
	for i, c := range columns {
		var err error
		if list[i], err = f.Floats(c); err != nil {
			return nil, err
		}
	}
	return list, nil
}
