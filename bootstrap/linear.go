package bootstrap

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// linear is a least-squares model in coordinates in which X'X is the identity: a cluster's
// block S_g then is its share of the information, and coefficients are sums of scores.
type linear struct {
	*design
	result *iv.Result
	cp     *iv.CrossProducts
	scores []float64 // clusters x k: the scores at the estimates
}

// design is the regressors of a model, which results of one estimation have in common.
type design struct {
	products *iv.CrossProducts // of one of the results
	k        int
	order    []int      // which regressor is in each place; kept columns of effects follow the terms
	columns  []int      // and the working column that it is
	whiten   *mat.Dense // lower triangular, with whiten X'X whiten' = I
	last     *loaded    // what was computed of the clusters for the last restrictions
}

// newLinear brings a least-squares result into these coordinates.
func newLinear(r *iv.Result) (*linear, error) {
	return newLinearWithLast(r, 0)
}

// newLinearWithLast does so with the leading terms as the last coordinates, each of which is what a
// regressor adds to those before it.
func newLinearWithLast(r *iv.Result, leading int) (*linear, error) {
	cp, err := r.CrossProducts()
	if err != nil {
		return nil, err
	}
	return newLinearOf(r, cp, leading)
}

// newLinearBeside is newLinear for one of several results: those that share columns share a design.
func newLinearBeside(r *iv.Result, others map[*iv.Result]*linear) (*linear, error) {
	cp, err := r.CrossProducts()
	if err != nil {
		return nil, err
	}
	for _, other := range others {
		if cp.SharesColumns(other.products) {
			return other.design.linear(r, cp), nil
		}
	}
	return newLinearOf(r, cp, 0)
}

// newLinearOf does so with the given cross-products.
func newLinearOf(r *iv.Result, cp *iv.CrossProducts, leading int) (*linear, error) {
	all := slices.Concat(cp.Regressors, cp.Kept)
	d := &design{products: cp, k: len(all)}
	for i := range all {
		from := (i + leading) % len(all)
		d.order = append(d.order, from)
		d.columns = append(d.columns, all[from])
	}
	sum, block := make([]float64, d.k*d.k), make([]float64, d.k*d.k)
	for g := range cp.Clusters {
		d.block(g, block)
		for i, v := range block {
			sum[i] += v
		}
	}
	total := mat.NewSymDense(d.k, nil)
	for i := range d.k {
		for j := i; j < d.k; j++ {
			total.SetSym(i, j, sum[i*d.k+j])
		}
	}
	var err error
	if d.whiten, err = whitening(total); err != nil {
		return nil, err
	}
	return d.linear(r, cp), nil
}

// linear is the model of a result that has the design.
func (d *design) linear(r *iv.Result, cp *iv.CrossProducts) *linear {
	m := &linear{design: d, result: r, cp: cp, scores: make([]float64, cp.Clusters*d.k)}
	scores, ordered := make([]float64, d.k), make([]float64, d.k)
	for g := range cp.Clusters {
		cp.Scores(g, scores)
		for i, from := range d.order {
			ordered[i] = scores[from]
		}
		d.apply(ordered, m.scores[g*d.k:(g+1)*d.k])
	}
	return m
}

// whitening is the lower triangle w with w s w' = I.
func whitening(s *mat.SymDense) (*mat.Dense, error) {
	k := s.SymmetricDim()
	unit := make([]float64, k)
	for i := range unit {
		unit[i] = 1 / math.Sqrt(s.At(i, i))
	}
	scaled := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			scaled.SetSym(i, j, s.At(i, j)*unit[i]*unit[j])
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(scaled) {
		return nil, bad(fieldexp.Degenerate,
			"the regressors are too nearly collinear for their cross-products to be inverted",
			"drop a control")
	}
	var lower, inverse mat.TriDense
	chol.LTo(&lower)
	if err := inverse.InverseTri(&lower); err != nil {
		return nil, &fieldexp.Error{Op: "bootstrap", Problem: fieldexp.Degenerate,
			Message: "the regressors are too nearly collinear for their cross-products to be inverted",
			Remedy:  []fieldexp.Hint{"drop a control"}, Err: err}
	}
	w := mat.NewDense(k, k, nil)
	for i := range k {
		for j := range i + 1 {
			w.Set(i, j, inverse.At(i, j)*unit[j])
		}
	}
	return w, nil
}

// apply is whiten times a vector.
func (m *design) apply(from, to []float64) {
	for i := range m.k {
		row := m.whiten.RawRowView(i)
		sum := 0.0
		for j, v := range from[:i+1] {
			sum += row[j] * v
		}
		to[i] = sum
	}
}

// applyTransposed is whiten' times a vector.
func (m *design) applyTransposed(from, to []float64) {
	clear(to)
	for i, v := range from {
		for j, w := range m.whiten.RawRowView(i)[:i+1] {
			to[j] += w * v
		}
	}
}

// times computes the block of cluster g times a vector; block and two vectors are scratch. The
// block must hold the cluster's cross-products of the working columns.
func (m *design) times(block, v, to, scratch []float64) {
	m.applyTransposed(v, scratch)
	for i := range m.k {
		sum := 0.0
		for j, b := range block[i*m.k : (i+1)*m.k] {
			sum += b * scratch[j]
		}
		to[i] = sum
	}
	copy(scratch, to)
	m.apply(scratch, to)
}

// block is the cluster's cross-products of the working columns.
func (m *design) block(g int, into []float64) { m.products.Block(g, m.columns, into) }

// restrictions brings rows that weigh the terms into the coordinates.
func (m *linear) restrictions(rows *mat.Dense) *mat.Dense {
	var working mat.Dense
	working.Mul(rows, m.cp.Basis)
	q, _ := rows.Dims()
	ordered := mat.NewDense(q, m.k, nil)
	for i, from := range m.order {
		if from < len(m.cp.Regressors) {
			ordered.SetCol(i, mat.Col(nil, from, &working))
		}
	}
	ordered.Mul(ordered, m.whiten.T())
	return ordered
}

// coordinates are the estimates in these coordinates: the products of the outcome with the
// orthonormal columns.
func (m *linear) coordinates() []float64 {
	c := make([]float64, m.k)
	for i := m.k - 1; i >= 0; i-- { // estimates = whiten' c
		v := 0.0
		if m.order[i] < len(m.cp.Regressors) {
			v = m.cp.Estimates[m.order[i]]
		}
		for j := i + 1; j < m.k; j++ {
			v -= m.whiten.At(j, i) * c[j]
		}
		c[i] = v / m.whiten.At(i, i)
	}
	return c
}

// null is a hypothesis about a linear model in its coordinates: r b = value, with rows r.
type null struct {
	text     string
	r        *mat.Dense // restrictions x k
	estimate []float64  // of each combination
	gap      []float64  // estimate less what the null says
}

// hypothesis lays out the restrictions in the coordinates of the model.
func (m *linear) hypothesis(list []Restriction) (*null, error) {
	h := &null{estimate: make([]float64, len(list)), gap: make([]float64, len(list))}
	rows, texts, err := restrictionRows(m.result, list)
	if err != nil {
		return nil, err
	}
	h.text = strings.Join(texts, ", ")
	for i, restriction := range list {
		for j, c := range m.result.Coef {
			h.estimate[i] += rows.At(i, j) * c
		}
		h.gap[i] = h.estimate[i] - restriction.Value
	}
	h.r = m.restrictions(rows)
	if !independent(h.r) {
		return nil, bad(fieldexp.BadNull, "the restrictions "+h.text+" repeat each other or contradict each other", "name each once")
	}
	if len(list) >= m.cp.Clusters {
		return nil, bad(fieldexp.BadNull,
			fmt.Sprintf("%d restrictions for %d clusters", len(list), m.cp.Clusters),
			"test fewer at once than there are clusters")
	}
	return h, nil
}

// restrictionRows has a row for each restriction and a column for each term.
func restrictionRows(r *iv.Result, list []Restriction) (*mat.Dense, []string, error) {
	rows := mat.NewDense(len(list), len(r.Terms), nil)
	texts := make([]string, len(list))
	for i, restriction := range list {
		texts[i] = restriction.String()
		weights := restriction.Combination
		if weights == nil {
			weights = map[string]float64{restriction.Term: 1}
		}
		if _, err := r.Combine(texts[i], weights); err != nil {
			return nil, nil, err
		}
		for term, w := range weights {
			if math.IsNaN(w) || math.IsInf(w, 0) {
				return nil, nil, bad(fieldexp.BadSpec, fmt.Sprintf("a weight of %g for %q", w, term), "give finite weights")
			}
			rows.Set(i, slices.Index(r.Terms, term), w)
		}
	}
	return rows, texts, nil
}

// combination writes a linear combination in the order of its terms' names.
func combination(weights map[string]float64) string {
	names := make([]string, 0, len(weights))
	for name := range weights {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for i, name := range names {
		w := weights[name]
		switch {
		case w < 0:
			b.WriteString(" - ")
		case i > 0:
			b.WriteString(" + ")
		}
		if math.Abs(w) != 1 {
			fmt.Fprintf(&b, "%g ", math.Abs(w))
		}
		b.WriteString(name)
	}
	return strings.TrimSpace(b.String())
}

// independent reports whether no row is spanned by the others.
func independent(r *mat.Dense) bool {
	q, k := r.Dims()
	rows := make([][]float64, 0, q)
	for i := range q {
		row := mat.Row(nil, i, r)
		norm := mat.Norm(mat.NewVecDense(k, row), 2)
		for range 2 {
			for _, other := range rows {
				dot := 0.0
				for j := range row {
					dot += row[j] * other[j]
				}
				for j := range row {
					row[j] -= dot * other[j]
				}
			}
		}
		left := mat.Norm(mat.NewVecDense(k, row), 2)
		if !(left > 1e-9*norm) {
			return false
		}
		for j := range row {
			row[j] /= left
		}
		rows = append(rows, row)
	}
	return true
}
