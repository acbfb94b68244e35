package iv

import (
	"context"
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/internal/absorb"
)

// weigh collects the weights, analytic ones scaled to a mean of one, and counts observations.
func (s *sample) weigh(m *model) {
	s.n = s.rows.n
	if m.weights == nil {
		return
	}
	s.weights = make([]float64, s.rows.n)
	sum := 0.0
	for i := range s.weights {
		s.weights[i] = m.weights[s.rows.at(i)]
		sum += s.weights[i]
	}
	if m.spec.WeightKind == Frequency {
		s.n = int(sum)
		return
	}
	scale := float64(s.rows.n) / sum
	for i := range s.weights {
		s.weights[i] *= scale
	}
}

// layOut gives every column its place.
func (s *sample) layOut(m *model) {
	add := func(list []column) (places []int) {
		for _, c := range list {
			places = append(places, len(s.columns))
			s.columns = append(s.columns, c)
		}
		return places
	}
	if m.constant {
		s.exog = add([]column{{name: Constant}})
	}
	s.exog = append(s.exog, add(m.exog)...)
	s.instr, s.endog = add(m.instruments), add(m.endog)
	s.first = len(s.columns)
	for _, o := range s.outs {
		s.columns = append(s.columns, m.outs[o])
	}
	s.p = len(s.columns)
}

// transform finds what takes the columns to working form: subtracts from every column but the
// constant its weighted mean, where a constant is in the model or absorbed effects stand for it, and
// regresses it on the effects. It starts the basis that undoes the former.
func (s *sample) transform(ctx context.Context, centred bool) error {
	p := s.p
	anchors := s.anchors()
	sums, err := s.summarise(ctx, anchors)
	if err != nil {
		return err
	}
	if s.small() { // once more around the means, which loses no digits
		if sums, err = s.summarise(ctx, sums.mean); err != nil {
			return err
		}
	}
	s.raw, s.mean, s.tss = sums.raw, sums.mean, sums.squares
	s.shift = make([]float64, p)
	s.basis = make([]float64, p*p)
	for j := range p {
		s.basis[j*p+j] = 1
		switch {
		case s.isConstant(j):
		case !centred:
			s.tss[j] = s.raw[j]
		case len(s.groups) > 0:
			s.shift[j] = sums.anchors[j] // effects take up the rest
		default:
			s.shift[j] = s.mean[j]
			if s.small() {
				s.shift[j] = rounded(s.mean[j], math.Sqrt(s.tss[j]/sums.mass))
			}
		}
	}
	for _, c := range s.exog {
		if s.isConstant(c) {
			for j := range p {
				if j != c {
					s.basis[c*p+j] = -s.shift[j]
				}
			}
		}
	}
	coef, info, err := absorb.Solve(ctx, s.weights, s.groups, absorb.Columns{Count: p, Sums: sums.levels, Squares: s.tss})
	if err != nil {
		return err
	}
	s.working = &rowSource{rows: s.rows, columns: s.columns, shift: s.shift, layers: s.layers, take: s.take(coef), roots: s.roots()}
	s.source = s.working
	if info.Iterations > 0 {
		s.absorbing = fmt.Sprintf("effects absorbed by conjugate gradients, %d iterations at most, to a relative residual of %.0e", info.Iterations, info.Tolerance)
	}
	return s.countRedundant(ctx, info.Redundant)
}

// take lays out what the effects take from the columns by layer, given it by effect.
func (s *sample) take(coef [][][]float64) [][][]float64 {
	take := make([][][]float64, len(s.layers))
	for l := range s.layers {
		for j := range s.p {
			column := make([][]float64, len(coef))
			for e := range coef {
				column[e] = coef[e][j]
			}
			take[l] = append(take[l], s.layers[l].total(column))
		}
	}
	return take
}

// regressors lists the given columns, the exogenous ones and last the constant: the order of a
// result's terms.
func (s *sample) regressors(leading []int) []int {
	if len(s.exog) > 0 && s.isConstant(s.exog[0]) {
		return concat(leading, s.exog[1:], s.exog[:1])
	}
	return concat(leading, s.exog)
}

// small reports whether the sample is so small that its least-squares estimates are polished to
// the last digits.
func (s *sample) small() bool { return s.rows.n*s.p <= 1<<17 }

// rounded rounds a column's mean to about an eighth of its standard deviation, so that whole numbers
// and short decimals stay exact when it is subtracted.
func rounded(mean, spread float64) float64 {
	if !(spread > 0) {
		return mean
	}
	unit := math.Exp2(math.Floor(math.Log2(spread)) - 3)
	return math.Round(mean/unit) * unit
}

func (s *sample) isConstant(j int) bool {
	return s.columns[j].name == Constant && s.columns[j].floats == nil && s.columns[j].codes == nil
}

// roots are those of the weights; nil when there are none.
func (s *sample) roots() []float64 {
	if s.weights == nil {
		return nil
	}
	roots := make([]float64, len(s.weights))
	for i, w := range s.weights {
		roots[i] = math.Sqrt(w)
	}
	return roots
}
