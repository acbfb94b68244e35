package bootstrap

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// part is a part of what is resampled: scores at the estimates and the distance of the estimates
// from the null, at the origin of the scale of nulls (part 0) or as their slope on it (part 1).
type part struct {
	scores []float64 // clusters x k; nil for zero
	gap    []float64 // of each restriction
}

// observed is the statistic of the data.
type observed struct {
	gap      []float64     // at the null
	variance *mat.SymDense // of the restricted combinations, at the null
	curve    curve         // of one restriction, as a function of the null
	singular int           // clusters without which a coefficient cannot be estimated
}

// kernel computes the coefficients of the draws of a hypothesis with rows r, and the statistic of the
// data. With two parts the null is at the given place on the scale.
func (m *linear) kernel(r *mat.Dense, parts []part, at float64, spec *WildSpec) (*kernel, *observed, error) {
	groups, k := m.cp.Clusters, m.k
	q, _ := r.Dims()
	factor, err := m.factor(spec.Type)
	if err != nil {
		return nil, nil, err
	}
	out := &kernel{k: k, q: q, boot: groups, r: r, meats: make([]meat, 1), at: at, c: make([][]float64, len(parts))}
	v := &out.meats[0]
	v.factor, v.a = factor, make([][]float64, len(parts))
	v.start, v.cell = oneWay(groups)
	c := newCluster(m, r, spec)
	if q == 1 && !spec.Type.jackknifed() {
		c.keep(spec)
	}
	plain := make([][]float64, len(parts)) // m_g' times the scores at the estimates
	if out.shared = c.kept; c.kept != nil {
		v.d = c.kept.d
		for p, one := range parts {
			by, err := shift(r, one.gap, spec.Unrestricted)
			if err != nil {
				return nil, nil, err
			}
			out.c[p], v.a[p], plain[p] = c.kept.part(one, by[0], k)
		}
	} else if plain, err = out.addClusters(c, parts, spec.Unrestricted); err != nil {
		return nil, nil, err
	}
	if spec.Unrestricted && len(parts) > 1 && parts[1].scores == nil { // draws do not depend on the null
		out.c, v.a = out.c[:1], v.a[:1]
	}
	seen := newObserved(parts, gapAt(parts, at))
	seen.add(plain, at, factor)
	seen.singular = c.singular
	return out, seen, nil
}

// addClusters computes what a kernel has of each cluster, and returns m_g' times the scores at the
// estimates, by part.
func (k *kernel) addClusters(c *cluster, parts []part, unrestricted bool) (plain [][]float64, err error) {
	v, q := &k.meats[0], k.q
	v.d, plain = make([]float64, k.boot*q*k.k), make([][]float64, len(parts))
	shifts := make([][]float64, len(parts))
	for p := range parts {
		k.c[p], v.a[p] = make([]float64, k.boot*k.k), make([]float64, k.boot*q)
		if shifts[p], err = shift(k.r, parts[p].gap, unrestricted); err != nil {
			return nil, err
		}
	}
	for g := range k.boot {
		c.compute(g)
		copy(v.d[g*q*k.k:], c.d.RawMatrix().Data)
		for p := range parts {
			s := k.c[p][g*k.k : (g+1)*k.k]
			if parts[p].scores != nil {
				copy(s, parts[p].scores[g*k.k:])
			}
			for i := range q {
				plain[p] = append(plain[p], dot(c.m.RawRowView(i), s))
			}
			for i, by := range shifts[p] {
				for j, x := range c.sr.RawRowView(i) {
					s[j] += by * x
				}
			}
			c.jackknife(s)
			for i := range q {
				v.a[p][g*q+i] = dot(c.m.RawRowView(i), s)
			}
		}
	}
	return plain, nil
}

// part computes the scores of a part after a shift, their products with m_g, and those before the shift. Scores
// that are not shifted are those of the part itself, and slopes are the same for all results.
func (l *loaded) part(p part, shift float64, k int) (scores, influence, plain []float64) {
	clusters := len(l.d) / k
	products := func(scores []float64) []float64 {
		list := make([]float64, clusters)
		for g := range list {
			list[g] = dot(l.m[g*k:(g+1)*k], scores[g*k:(g+1)*k])
		}
		return list
	}
	if p.scores == nil {
		if l.slopes == nil || l.shift != shift {
			l.shift, l.slopes = shift, slices.Clone(l.sr)
			scale(l.slopes, shift)
			l.influence = products(l.slopes)
		}
		return l.slopes, l.influence, make([]float64, clusters)
	}
	plain = products(p.scores)
	if shift == 0 {
		return p.scores, plain, plain
	}
	scores = combine(p.scores, shift, l.sr)
	return scores, products(scores), plain
}

// newObserved is the statistic of the data before its variance is added up.
func newObserved(parts []part, gap []float64) *observed {
	seen := &observed{gap: gap, variance: mat.NewSymDense(len(gap), nil)}
	for p := range parts {
		seen.curve.n[p] = parts[p].gap[0]
	}
	return seen
}

// add adds the variance that the influences of groups on the restricted combinations make, by part.
// At the null the second part has the weight at.
func (seen *observed) add(influence [][]float64, at float64, factor float64) {
	q := len(seen.gap)
	values := append([]float64(nil), influence[0]...)
	seen.curve.d[0] += factor * dot(influence[0], influence[0])
	if len(influence) > 1 {
		for i, x := range influence[1] {
			values[i] += at * x
		}
		seen.curve.d[1] += 2 * factor * dot(influence[0], influence[1])
		seen.curve.d[2] += factor * dot(influence[1], influence[1])
	}
	for g := 0; g < len(values); g += q {
		seen.variance.SymRankOne(seen.variance, factor, mat.NewVecDense(q, values[g:g+q]))
	}
}

// gapAt is the distance of the estimates from the null at a place on the scale.
func gapAt(parts []part, at float64) []float64 {
	gap := append([]float64(nil), parts[0].gap...)
	if len(parts) > 1 {
		for i, slope := range parts[1].gap {
			gap[i] += at * slope
		}
	}
	return gap
}

// shift is what multiplies the products of blocks and restrictions when the null is imposed on
// scores; zero where it is not imposed.
func shift(r *mat.Dense, gap []float64, unrestricted bool) ([]float64, error) {
	q, _ := r.Dims()
	if unrestricted {
		return make([]float64, q), nil
	}
	var rr mat.Dense
	rr.Mul(r, r.T())
	var solution mat.VecDense
	if err := solution.SolveVec(&rr, mat.NewVecDense(q, append([]float64(nil), gap...))); err != nil {
		return nil, &fieldexp.Error{Op: "bootstrap", Problem: fieldexp.BadNull,
			Message: "restrictions that are nearly the same",
			Remedy:  []fieldexp.Hint{"name each once"}, Err: err}
	}
	return solution.RawVector().Data, nil
}

// factor is the small-sample factor of the variance: that of the result's CR1, or (G-1)/G for CR3.
func (m *linear) factor(t Type) (float64, error) {
	if t.cr3() {
		g := float64(m.cp.Clusters)
		return (g - 1) / g, nil
	}
	r := m.result
	if kind := r.Covariance.Kind; kind != iv.CR0 && kind != iv.CR1 {
		var err error
		if r, err = r.With(iv.Covariance{Kind: iv.CR1}); err != nil {
			return 0, err
		}
	}
	return r.Factor, nil
}

// cluster computes the parts of a kernel that belong to one cluster.
type cluster struct {
	model    *linear
	r        *mat.Dense
	kind     Type
	singular int

	sr, m, d *mat.Dense // restrictions x k: S_g r', m_g', m_g' S_g
	kept     *loaded    // these of all clusters, of one restriction; nil for types that need more
	s        *mat.Dense // k x k: S_g, for types that need it in full
	free     *mat.Dense // k x (k - restrictions): the directions that the null leaves free
	left     *mat.Dense // free' times the inverse of free' (I - S_g) free, times free'
	block    []float64
	scratch  [2][]float64
}

func newCluster(m *linear, r *mat.Dense, spec *WildSpec) *cluster {
	q, _ := r.Dims()
	c := &cluster{model: m, r: r, kind: spec.Type, block: make([]float64, m.k*m.k),
		sr: mat.NewDense(q, m.k, nil), m: mat.DenseCopyOf(r), d: mat.NewDense(q, m.k, nil)}
	for i := range c.scratch {
		c.scratch[i] = make([]float64, m.k)
	}
	if spec.Type != Type11 {
		c.s = mat.NewDense(m.k, m.k, nil)
	}
	switch {
	case !spec.Type.jackknifed():
	case spec.Unrestricted:
		c.free = identity(m.k)
	case q < m.k:
		var qr mat.QR
		var full mat.Dense
		qr.Factorize(mat.DenseCopyOf(r.T()))
		qr.QTo(&full)
		c.free = mat.DenseCopyOf(full.Slice(0, m.k, q, m.k))
	}
	return c
}

// loaded is the parts of all clusters that depend on the design and one restriction alone: clusters x k
// each.
type loaded struct {
	r        *mat.Dense
	cr3      bool
	singular int
	sr, m, d []float64
	// shift times sr, and its products with m: how scores and influences depend on the null.
	shift             float64
	slopes, influence []float64
}

// keep computes the parts of all clusters, once for all results that have the design and restrictions.
func (c *cluster) keep(spec *WildSpec) {
	if last := c.model.last; last != nil && last.cr3 == c.kind.cr3() && mat.Equal(last.r, c.r) {
		c.kept, c.singular = last, last.singular
		return
	}
	clusters, k := c.model.products.Clusters, c.model.k
	kept := &loaded{r: c.r, cr3: c.kind.cr3(), sr: make([]float64, clusters*k), m: make([]float64, clusters*k), d: make([]float64, clusters*k)}
	singular := make([]int, (clusters+groupChunk-1)/groupChunk)
	idle := parallel.NewScratch(func() *cluster { return newCluster(c.model, c.r, spec) })
	// The context is never cancelled, so there is no error.
	_ = parallel.For(context.Background(), len(singular), func(chunk int) {
		one := idle.Get()
		defer idle.Put(one)
		one.singular = 0
		for g := chunk * groupChunk; g < min((chunk+1)*groupChunk, clusters); g++ {
			one.compute(g)
			copy(kept.sr[g*k:], one.sr.RawMatrix().Data)
			copy(kept.m[g*k:], one.m.RawMatrix().Data)
			copy(kept.d[g*k:], one.d.RawMatrix().Data)
		}
		singular[chunk] = one.singular
	})
	for _, n := range singular {
		kept.singular += n
	}
	c.singular, c.kept, c.model.last = kept.singular, kept, kept
}

// compute computes the parts of cluster g from its block.
func (c *cluster) compute(g int) {
	q, k := c.r.Dims()
	c.model.block(g, c.block)
	for i := range q {
		c.model.times(c.block, c.r.RawRowView(i), c.sr.RawRowView(i), c.scratch[0])
	}
	if c.kind == Type11 {
		c.d.Copy(c.sr)
		return
	}
	c.s.Product(c.model.whiten, mat.NewDense(k, k, c.block), c.model.whiten.T())
	without := identity(k)
	without.Sub(without, c.s)
	singular := false
	if c.kind.cr3() {
		var solution mat.Dense
		solution.Mul(invertShare(without, &singular), c.r.T())
		c.m.Copy(solution.T())
		c.d.Mul(c.m, c.s)
	} else {
		c.d.Copy(c.sr)
	}
	if c.free != nil {
		var inner mat.Dense
		inner.Product(c.free.T(), without, c.free)
		c.left = &mat.Dense{}
		c.left.Product(c.s, c.free, invertShare(&inner, &singular), c.free.T())
	}
	if singular {
		c.singular++
	}
}

// jackknife replaces the cluster's scores by those of the model that is fitted without it.
func (c *cluster) jackknife(s []float64) {
	if c.free == nil {
		return
	}
	var more mat.VecDense
	more.MulVec(c.left, mat.NewVecDense(len(s), s))
	for j := range s {
		s[j] += more.AtVec(j)
	}
}

// leastShare is the share of the information about some coefficient that must be left without a
// cluster for the coefficient to be estimable without it.
const leastShare = 1e-9

// invertShare inverts I less a cluster's share of the information, or takes the Moore-Penrose
// inverse, and notes it, where without the cluster some coefficient cannot be estimated.
func invertShare(a *mat.Dense, singular *bool) *mat.SymDense {
	n, _ := a.Dims()
	sym := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			sym.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	inverse := mat.NewSymDense(n, nil)
	var chol mat.Cholesky
	if chol.Factorize(sym) && chol.Cond() < 1/leastShare {
		if chol.InverseTo(inverse) == nil {
			return inverse
		}
	}
	*singular = true
	var eigen mat.EigenSym
	if !eigen.Factorize(sym, true) {
		return inverse
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values := eigen.Values(nil)
	for e, value := range values {
		if value > leastShare {
			inverse.SymRankOne(inverse, 1/value, vectors.ColView(e))
		}
	}
	return inverse
}

func identity(n int) *mat.Dense {
	d := mat.NewDense(n, n, nil)
	for i := range n {
		d.Set(i, i, 1)
	}
	return d
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

func scale(v []float64, by float64) {
	for i := range v {
		v[i] *= by
	}
}
