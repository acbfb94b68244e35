package iv

import (
	"context"
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/moments"
)

// Shares of a column, in norm, that decide whether it stays. All are free of scale.
const (
	constantShare  = 1e-13 // left after centring: the column is a constant
	absorbedShare  = 1e-10 // left after absorption: the effects span the column
	collinearShare = 1e-9  // left after the other columns: they span it
	unsafeShare    = 3e-7  // so little that double precision cannot give nine digits
	repeatedShare  = 1e-5  // left of an endogenous column after the other ones: they repeat each other
	carefulShare   = 1e-3  // below it, columns are made orthogonal before products are formed
)

// products finds the columns that can be estimated together, drops the others, and returns the
// cross-products of all columns, in total and by cluster. Columns that are nearly collinear are
// first made orthogonal to each other row by row, since products would lose their digits.
func (s *sample) products(ctx context.Context, m *model) (total []float64, grams *moments.Grams, err error) {
	if err := s.checkWidth(); err != nil {
		return nil, nil, err
	}
	if total, grams, err = s.formProducts(ctx); err != nil {
		return nil, nil, err
	}
	s.inner = s.diagonal(total)
	if err := s.dropWithoutVariation(m); err != nil {
		return nil, nil, err
	}
	if s.smallestShare(total) < carefulShare {
		if s.small() {
			before, err := moments.Collect(ctx, s.source)
			if err != nil {
				return nil, nil, err
			}
			s.exact = before.X
		}
		if err := s.orthogonalise(ctx, total); err != nil {
			return nil, nil, err
		}
		if total, grams, err = s.formProducts(ctx); err != nil {
			return nil, nil, err
		}
		if err := s.refuseUnsafe(total); err != nil {
			return nil, nil, err
		}
	}
	if s.small() || m.covariance.adjusts() {
		if s.held, err = moments.Collect(ctx, s.source); err != nil {
			return nil, nil, err
		}
		s.source = s.held
	}
	s.total, s.grams = total, grams
	return total, grams, s.checkIdentified(m, total)
}

// MostColumns is how many columns a model may have, of which every pair has a product.
const MostColumns = 5000

// wide is from how many columns on products take longer than a look at whether there are rows for them.
const wide = 100

// checkWidth refuses too many columns, and a wide model with no more rows than columns that vary, before the work that grows with the square of
// the columns. Whether a narrow one can be estimated is told by what is left of its columns.
func (s *sample) checkWidth() error {
	varying := func(places []int) (n int) {
		for _, j := range places {
			if s.tss[j] > constantShare*constantShare*s.raw[j] {
				n++
			}
		}
		return n
	}
	if s.p > MostColumns {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec, Columns: []string{s.columns[s.first].name}, Count: s.p,
			Message: fmt.Sprintf("a model of outcome %q with %d columns, more than %d", s.columns[s.first].name, s.p, MostColumns),
			Remedy:  []fieldexp.Hint{"absorb the effects of a column of many levels in {Absorb}", "use fewer controls"}}
	}
	k := varying(s.exog) + max(varying(s.endog), varying(s.instr))
	if k < wide || k < s.n {
		return nil
	}
	return &fieldexp.Error{Op: "iv", Problem: fieldexp.FewRows, Columns: []string{s.columns[s.first].name}, Count: s.n,
		Message: fmt.Sprintf("outcome %q has %d observations for %d columns that vary", s.columns[s.first].name, s.n, k),
		Remedy:  []fieldexp.Hint{"use fewer controls or coarser effects"}}
}

// formProducts computes the cross-products of all columns and, with clusters, by cluster: those with
// the outcomes too, unless clusters are so small that rows are the more compact summary.
func (s *sample) formProducts(ctx context.Context) (total []float64, grams *moments.Grams, err error) {
	const little = 1 << 18 // numbers: 2 MB
	rows, clusters, width := s.rows.n, s.partition.Len(), s.p
	numbers := clusters * s.first * (s.first + 1) / 2
	switch {
	case len(s.clusters) == 0 || numbers > max(little, rows*s.first) && !s.ordered:
		width = 0
	case s.small() || clusters*s.first > rows:
		width = s.first
	}
	return moments.Products(ctx, s.source, s.partition, s.first, width)
}

// diagonal is the sum of squares of each column.
func (s *sample) diagonal(total []float64) []float64 {
	squares := make([]float64, s.p)
	for j := range squares {
		squares[j] = total[j*s.p+j]
	}
	return squares
}

// dropWithoutVariation removes columns that are constant or absorbed by the effects.
func (s *sample) dropWithoutVariation(m *model) error {
	why := func(j int) string {
		switch {
		case s.raw[j] == 0:
			return "is zero"
		case s.tss[j] <= constantShare*constantShare*s.raw[j]:
			return "does not vary"
		case len(s.effects) > 0 && s.inner[j] <= absorbedShare*absorbedShare*s.tss[j]:
			return "is spanned by the absorbed effects"
		}
		return ""
	}
	keep := func(places []int) (kept []int) {
		for _, j := range places {
			if !s.isConstant(j) && why(j) != "" {
				s.dropped.Collinear = append(s.dropped.Collinear, s.columns[j].name)
				continue
			}
			kept = append(kept, j)
		}
		return kept
	}
	for _, j := range append(append([]int(nil), s.endog...), s.outcomes()...) {
		if reason := why(j); reason != "" {
			what, remedy := "endogenous column", []fieldexp.Hint{"check how usage was coded, since without variation there is no effect of it to estimate"}
			if j >= s.first {
				what, remedy = "outcome", []fieldexp.Hint{"check the column", "absorb fewer effects"}
			}
			return &fieldexp.Error{Op: "iv", Problem: fieldexp.NoVariation, Columns: []string{s.columns[j].name}, Count: s.rows.n,
				Message: fmt.Sprintf("%s %q %s over the %d rows used", what, s.columns[j].name, reason, s.rows.n), Remedy: remedy}
		}
	}
	s.exog, s.instr = keep(s.exog), keep(s.instr)
	return nil
}

// outcomes lists the places of the outcomes.
func (s *sample) outcomes() []int {
	places := make([]int, len(s.outs))
	for i := range places {
		places[i] = s.first + i
	}
	return places
}

// smallestShare is the smallest share, in norm, of an exogenous column or instrument that the
// ones before it leave, and of an endogenous column that the exogenous ones leave.
func (s *sample) smallestShare(total []float64) float64 {
	smallest := 1.0
	for _, chain := range s.chains() {
		for _, share := range newTriangle(total, s.p, chain.columns, 0).shares {
			smallest = min(smallest, share)
		}
	}
	return smallest
}

// chain is a list of columns, of which those from a place on are made orthogonal to the ones
// before them.
type chain struct {
	columns []int
	from    int
}

// chains lists the exogenous columns and instruments, one after the other, and each endogenous
// column after the exogenous ones. Endogenous columns stay as they are to each other: they are the
// outcomes of first stages.
func (s *sample) chains() []chain {
	chains := []chain{{concat(s.exog, s.instr), 0}}
	for _, d := range s.endog {
		chains = append(chains, chain{concat(s.exog, []int{d}), len(s.exog)})
	}
	return chains
}

// orthogonalise subtracts from each column its regression on the columns before it (endogenous
// columns: on the exogenous ones), until products of different columns are negligible, and drops
// the columns of which nothing is left.
func (s *sample) orthogonalise(ctx context.Context, total []float64) error {
	const passes, negligible = 5, 1e-10
	for pass := range passes {
		if pass > 0 {
			var err error
			if total, _, err = moments.Products(ctx, s.source, s.partition, s.first, 0); err != nil {
				return err
			}
			s.dropCollinear(total)
		}
		if largest := s.subtractPrevious(total); pass > 0 && largest < negligible {
			break
		}
	}
	return nil
}

// refuseUnsafe refuses columns of which orthogonalisation left too little.
func (s *sample) refuseUnsafe(total []float64) error {
	left := s.diagonal(total)
	for _, j := range concat(s.exog, s.instr, s.endog) {
		share := math.Sqrt(left[j] / s.inner[j])
		if share < unsafeShare && share > collinearShare {
			return &fieldexp.Error{Op: "iv", Problem: fieldexp.IllConditioned, Columns: []string{s.columns[j].name},
				Message: fmt.Sprintf("column %q is nearly collinear: the others leave a share of %.1e of it, too little for nine digits in double precision", s.columns[j].name, share),
				Remedy:  []fieldexp.Hint{"drop it", "centre and rescale the columns that it is made of (powers of a variable: use orthogonal polynomials)"}}
		}
	}
	return nil
}

// dropCollinear drops the exogenous columns and instruments of which the others left nothing.
func (s *sample) dropCollinear(total []float64) {
	keep := func(places []int) (kept []int) {
		for _, j := range places {
			if total[j*s.p+j] <= collinearShare*collinearShare*s.inner[j] {
				s.dropped.Collinear = append(s.dropped.Collinear, s.columns[j].name)
				continue
			}
			kept = append(kept, j)
		}
		return kept
	}
	s.exog, s.instr = keep(s.exog), keep(s.instr)
}

// subtractPrevious adds a pass of orthogonalisation to the source and returns the largest
// correlation that it removes.
func (s *sample) subtractPrevious(total []float64) (largest float64) {
	var steps []step
	for _, chain := range s.chains() {
		l := newTriangle(total, s.p, chain.columns, 1e-5)
		for place := chain.from; place < len(chain.columns); place++ {
			on, coef, correlation := l.regression(place)
			steps = append(steps, step{chain.columns[place], on, coef})
			largest = max(largest, correlation)
		}
	}
	s.working.steps = append(s.working.steps, steps)
	for i := range s.p {
		row := s.basis[i*s.p : (i+1)*s.p]
		for k := len(steps) - 1; k >= 0; k-- {
			st := &steps[k]
			for j, c := range st.on {
				row[st.column] -= st.coef[j] * row[c]
			}
		}
	}
	return largest
}

// checkIdentified refuses models whose endogenous columns are spanned, or that have too few
// instruments or rows left.
func (s *sample) checkIdentified(m *model, total []float64) error {
	for _, j := range s.endog {
		if total[j*s.p+j] <= collinearShare*collinearShare*s.inner[j] {
			return &fieldexp.Error{Op: "iv", Problem: fieldexp.Collinear, Columns: []string{s.columns[j].name},
				Message: fmt.Sprintf("endogenous column %q is a linear combination of the exogenous columns", s.columns[j].name),
				Remedy:  []fieldexp.Hint{"take out the control that repeats it"}}
		}
	}
	l := newTriangle(total, s.p, concat(s.exog, s.endog), 0)
	for i, j := range s.endog {
		if share := l.shares[len(s.exog)+i]; share < repeatedShare {
			return &fieldexp.Error{Op: "iv", Problem: fieldexp.Collinear, Columns: []string{s.columns[j].name},
				Message: fmt.Sprintf("endogenous column %q repeats the endogenous columns before it: they leave a share of %.1e of it", s.columns[j].name, share),
				Remedy:  []fieldexp.Hint{"take out one of them"}}
		}
	}
	if len(s.instr) < len(s.endog) {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.UnderIdentified, Columns: m.spec.Instruments, Count: len(s.instr),
			Message: fmt.Sprintf("%d instrument(s) left for endogenous %s: %s drop out because they do not vary, or because controls or absorbed effects span them",
				len(s.instr), quoted(m.spec.Endogenous), quoted(s.dropped.Collinear)),
			Remedy: []fieldexp.Hint{"take out the controls or effects that repeat the assignment"}}
	}
	k := len(s.exog) + max(len(s.endog), len(s.instr))
	for _, e := range s.effects {
		k += e.Levels - e.Redundant
	}
	if s.n <= k {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.FewRows, Columns: []string{s.columns[s.first].name}, Count: s.n,
			Message: fmt.Sprintf("outcome %q has %d observations for %d parameters", s.columns[s.first].name, s.n, k),
			Remedy:  []fieldexp.Hint{"use fewer controls or coarser effects"}}
	}
	if len(s.exog)+len(s.endog) == 0 {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.Collinear, Columns: s.dropped.Collinear,
			Message: "no regressor is left to estimate" + spanned(s.dropped.Collinear),
			Remedy:  []fieldexp.Hint{"name a regressor that varies and that the absorbed effects do not span"}}
	}
	return nil
}

// spanned says which columns dropped out, if any did.
func spanned(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ": " + quoted(names) + " do not vary, or are spanned by the absorbed effects"
}

func concat(lists ...[]int) (all []int) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// triangle is the Cholesky factor of the cross-products of a list of columns, each scaled to
// unit norm, that leaves out columns of which the ones before leave less than a given share.
type triangle struct {
	columns []int
	norms   []float64
	l       [][]float64 // row i holds the factor's entries for the columns used before i, and its own
	used    []bool
	shares  []float64 // norm of what the columns before leave of each, over its norm
}

func newTriangle(total []float64, p int, columns []int, least float64) *triangle {
	n := len(columns)
	t := &triangle{columns: columns, norms: make([]float64, n), l: make([][]float64, n), used: make([]bool, n), shares: make([]float64, n)}
	for i, c := range columns {
		t.norms[i] = math.Sqrt(total[c*p+c])
		if t.norms[i] == 0 {
			continue
		}
		row := make([]float64, i+1)
		rest := 1.0
		for j, d := range columns[:i] {
			if !t.used[j] {
				continue
			}
			dot := total[min(c, d)*p+max(c, d)] / t.norms[i] / t.norms[j]
			for k := range j {
				dot -= row[k] * t.l[j][k]
			}
			row[j] = dot / t.l[j][j]
			rest -= row[j] * row[j]
		}
		t.shares[i] = math.Sqrt(max(rest, 0))
		row[i] = t.shares[i]
		t.l[i] = row
		t.used[i] = t.shares[i] > least
	}
	return t
}

// regression is that of the column in the given place on the used columns before it, and the
// size of its largest scaled coefficient.
func (t *triangle) regression(place int) (on []int, coef []float64, largest float64) {
	row := t.l[place]
	if row == nil {
		return nil, nil, 0
	}
	scaled := make([]float64, place)
	for j := place - 1; j >= 0; j-- {
		if !t.used[j] {
			continue
		}
		v := row[j]
		for k := j + 1; k < place; k++ {
			if t.used[k] {
				v -= t.l[k][j] * scaled[k]
			}
		}
		scaled[j] = v / t.l[j][j]
	}
	for j, v := range scaled {
		if t.used[j] {
			on = append(on, t.columns[j])
			coef = append(coef, v*t.norms[place]/t.norms[j])
			largest = max(largest, math.Abs(row[j]))
		}
	}
	return on, coef, largest
}
