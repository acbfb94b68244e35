package bootstrap

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// permuteKernel computes the statistics of draws from the sums of a pattern.
type permuteKernel struct {
	*permuteSums
	set    bool      // whether the last target is the data's regressor
	factor float64   // small-sample factor of variances
	at     []float64 // of each outcome: the estimate of the data, which sets are centred at
	se     []float64 // and its standard error, in whose units statistics are
	width  int       // draws at once

	// Chunks of clusters, whose rows of columns are multiplied at once.
	chunks []int
	rows   []float64 // by cluster: units, cells, targets, thin rows; k numbers each
	starts []int     // first row of each cluster
}

// chunkRows is the least number of rows of a chunk.
const chunkRows = 192

// newPermuteKernel lays the sums out for the draws.
func newPermuteKernel(s *permuteSums, spec *PermuteSpec) *permuteKernel {
	const most = 1 << 21 // assignments at once
	k := &permuteKernel{permuteSums: s, set: !spec.NoSet, width: min(drawBlock, max(1, most/s.unit.count))}
	if spec.Statistic == Plain {
		return k
	}
	k.chunks, k.starts = []int{0}, []int{0}
	for c := range s.cluster.count {
		k.rows = append(k.rows, s.v[s.start[c]*s.k:s.start[c+1]*s.k]...)
		k.rows = append(k.rows, s.cellColumns[s.cells[c]*s.k:s.cells[c+1]*s.k]...)
		k.rows = append(k.rows, s.zy[c*s.targets*s.k:(c+1)*s.targets*s.k]...)
		k.rows = append(k.rows, s.products[c].thin...)
		k.starts = append(k.starts, k.starts[c]+s.start[c+1]-s.start[c]+s.cells[c+1]-s.cells[c]+s.targets+s.thinRows(c))
		if k.starts[c+1]-k.starts[k.chunks[len(k.chunks)-1]] >= chunkRows || c == s.cluster.count-1 {
			k.chunks = append(k.chunks, c+1)
		}
	}
	return k
}

// thinRows counts the rows that a thin cluster keeps.
func (s *permuteSums) thinRows(c int) int {
	if s.k == 0 {
		return 0
	}
	return len(s.products[c].thin) / s.k
}

// permuteSpace is the memory of one goroutine. Matrices have a column for each draw.
type permuteSpace struct {
	a       []float64 // units
	v       []float64 // k: sums of the units' columns
	beta    []float64 // k
	xbar    []float64 // levels of an outer main effect: means of the regressor
	alpha   []float64 // and these less what beta fits of them
	slope   []float64 // targets: numerators, then estimates
	den     []float64
	rows    []float64 // rows of a chunk times beta
	squares []float64 // k: of beta
	part    []float64 // one row of a cluster's products times beta
	b       []float64 // of one cluster: sum of the squares of what is left of the regressor
	dev     []float64 // of one cluster: targets
	d       []float64 // outcomes x 4: sums of squares at zero, and of the curve
}

func (k *permuteKernel) newSpace() *permuteSpace {
	n := k.width
	s := &permuteSpace{a: make([]float64, k.unit.count*n), v: make([]float64, k.k*n), beta: make([]float64, k.k*n),
		slope: make([]float64, k.targets*n), den: make([]float64, n), b: make([]float64, n), dev: make([]float64, k.targets*n),
		d: make([]float64, k.targets*4*n), part: make([]float64, n), squares: make([]float64, k.k*n)}
	if !k.inner {
		s.xbar, s.alpha = make([]float64, k.main.count*n), make([]float64, k.main.count*n)
	}
	rows := 0
	for i := range max(0, len(k.chunks)-1) {
		rows = max(rows, k.starts[k.chunks[i+1]]-k.starts[k.chunks[i]])
	}
	s.rows = make([]float64, rows*n)
	return s
}

// take puts the assignment of a draw into a column of n.
func (k *permuteKernel) take(s *permuteSpace, hand []float64, column, n int) {
	for g, u := range k.units {
		s.a[g*n+column] = hand[u] - k.shift
	}
}

// multiply is to = a b, or a' b, with n columns.
func multiply(t blas.Transpose, a []float64, rows, columns int, b, to []float64, n int) {
	out, in := rows, columns
	if t == blas.Trans {
		out, in = columns, rows
	}
	if out == 0 || n == 0 {
		return
	}
	if in == 0 {
		clear(to[:out*n])
		return
	}
	blas64.Gemm(t, blas.NoTrans, 1, blas64.General{Rows: rows, Cols: columns, Stride: columns, Data: a},
		blas64.General{Rows: in, Cols: n, Stride: n, Data: b}, 0, blas64.General{Rows: out, Cols: n, Stride: n, Data: to})
}

// estimates computes beta, xbar, denominators and the estimates of n draws.
func (k *permuteKernel) estimates(s *permuteSpace, n int) {
	multiply(blas.Trans, k.v, k.unit.count, k.k, s.a, s.v, n)
	multiply(blas.NoTrans, k.ginv, k.k, k.k, s.v, s.beta, n)
	multiply(blas.Trans, k.y, k.unit.count, k.targets, s.a, s.slope, n)
	clear(s.den)
	clear(s.xbar)
	for g, qq := range k.qq {
		a := s.a[g*n : (g+1)*n]
		for b, x := range a {
			s.den[b] += x * x * qq
		}
		if k.inner {
			continue
		}
		e := k.around[g]
		share := k.q[g] / k.mass[e]
		for b, x := range s.xbar[int(e)*n : int(e+1)*n] {
			s.xbar[int(e)*n+b] = x + share*a[b]
		}
	}
	raw := append(s.b[:0], s.den[:n]...)
	if !k.inner {
		for e, mass := range k.mass {
			for b, x := range s.xbar[e*n : (e+1)*n] {
				s.den[b] -= mass * x * x
			}
		}
	}
	for j := range k.k {
		for b, v := range s.v[j*n : (j+1)*n] {
			s.den[b] -= v * s.beta[j*n+b]
		}
	}
	const negligible = 1e-10 // share of the regressor that controls and effects leave
	for b := range n {
		if !(s.den[b] > negligible*raw[b]) {
			s.den[b] = math.NaN()
		}
	}
	for t := range k.targets {
		for b := range n {
			s.slope[t*n+b] /= s.den[b]
		}
	}
}

// variances adds up, over clusters, the squares of the scores of n draws: of each outcome, those at a
// null of zero and, if sets are wanted, the sums that make them a function of the null.
func (k *permuteKernel) variances(s *permuteSpace, n int) {
	clear(s.d)
	for i, x := range s.beta[:k.k*n] {
		s.squares[i] = x * x
	}
	if !k.inner {
		multiply(blas.NoTrans, k.means, k.main.count, k.k, s.beta, s.alpha, n)
		for i, fitted := range s.alpha[:k.main.count*n] {
			s.alpha[i] = s.xbar[i] - fitted
		}
	}
	for i := range len(k.chunks) - 1 {
		from, to := k.chunks[i], k.chunks[i+1]
		first, last := k.starts[from], k.starts[to]
		multiply(blas.NoTrans, k.rows[first*k.k:], last-first, k.k, s.beta, s.rows, n)
		for c := from; c < to; c++ {
			k.cluster(s, c, k.starts[c]-first, n)
		}
	}
}

// quadratic adds beta'(products)beta to b.
func (p *clusterProducts) quadratic(s *permuteSpace, n int) {
	b, part := s.b[:n], s.part[:n]
	at := int32(0)
	for i, j := range p.column {
		axpy(p.square[i], s.squares[int(j)*n:int(j+1)*n], b)
		if at == p.to[i] {
			continue
		}
		clear(part)
		for ; at < p.to[i]; at++ {
			l := int(p.with[at])
			axpy(p.product[at], s.beta[l*n:(l+1)*n], part)
		}
		for d, x := range s.beta[int(j)*n : int(j+1)*n] {
			b[d] += x * part[d]
		}
	}
}

// axpy adds a multiple of x to y.
func axpy(by float64, x, y []float64) {
	blas64.Axpy(by, blas64.Vector{N: len(x), Inc: 1, Data: x}, blas64.Vector{N: len(y), Inc: 1, Data: y})
}

// cluster adds the squared scores of cluster c, whose rows times beta begin at the given one.
func (k *permuteKernel) cluster(s *permuteSpace, c, row, n int) {
	next := func() []float64 {
		row++
		return s.rows[(row-1)*n : row*n]
	}
	b := s.b[:n]
	clear(b)
	k.products[c].quadratic(s, n)
	clear(s.dev)
	for g := k.start[c]; g < k.start[c+1]; g++ {
		k.addUnit(s, g, next(), n)
	}
	for cell := k.cells[c]; cell < k.cells[c+1]; cell++ {
		if k.inner {
			weight := k.weight[cell]
			for i, h := range next() {
				b[i] -= weight * h * h
			}
			continue
		}
		alpha := s.alpha[int(k.level[cell])*n : int(k.level[cell]+1)*n]
		weight := k.weight[cell]
		for i, h := range next() {
			b[i] += alpha[i] * (weight*alpha[i] + 2*h)
		}
		for t, y := range k.cellTarget[cell*k.targets : (cell+1)*k.targets] {
			for i, x := range alpha {
				s.dev[t*n+i] -= x * y
			}
		}
	}
	for t := range k.targets {
		for i, h := range next() {
			s.dev[t*n+i] -= h
		}
	}
	for range k.thinRows(c) {
		for i, h := range next() {
			b[i] += h * h
		}
	}
	k.square(s, n)
}

// addUnit adds what unit g contributes to its cluster: h is its columns times beta.
func (k *permuteKernel) addUnit(s *permuteSpace, g int, h []float64, n int) {
	a, qq := s.a[g*n:(g+1)*n], k.qq[g]
	b := s.b[:n]
	if k.inner {
		for i, x := range a {
			b[i] += x * (x*qq - 2*h[i])
		}
	} else {
		q, e := k.q[g], int(k.around[g])
		xbar := s.xbar[e*n : (e+1)*n]
		for i, x := range a {
			b[i] += x * (x*qq - 2*(xbar[i]*q+h[i]))
		}
	}
	for t, y := range k.y[g*k.targets : (g+1)*k.targets] {
		dev := s.dev[t*n : (t+1)*n]
		for i, x := range a {
			dev[i] += x * y
		}
	}
}

// square turns the sums of a cluster into scores, and adds their squares up. For the set, the score is
// taken as a function of the null's distance from the estimate, in standard errors.
func (k *permuteKernel) square(s *permuteSpace, n int) {
	for t := range k.targets {
		dev, slope := s.dev[t*n:(t+1)*n], s.slope[t*n:(t+1)*n]
		for i, b := range s.b[:n] {
			dev[i] -= slope[i] * b
		}
	}
	outcomes := len(k.at)
	for t := range outcomes {
		d := s.d[t*4*n:]
		zero, d00, d01, d11 := d[:n], d[n:2*n], d[2*n:3*n], d[3*n:4*n]
		dev := s.dev[t*n : (t+1)*n]
		for i, v := range dev {
			zero[i] += v * v
		}
		if !k.set {
			continue
		}
		at, unit := k.at[t], 1/k.se[t]
		for i, x := range s.dev[outcomes*n : (outcomes+1)*n] {
			e := (dev[i] - at*x) * unit
			d00[i] += e * e
			d01[i] -= e * x
			d11[i] += x * x
		}
	}
}
