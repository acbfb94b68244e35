package bootstrap

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// permuteKernel computes the statistics of draws from the sums of a pattern.
type permuteKernel struct {
	*permuteSums
	set    bool      // whether the last target is the data's regressor
	factor float64   // small-sample factor of variances
	at     []float64 // of each outcome: the estimate of the data, which sets are centred at
	se     []float64 // and its standard error, in whose units statistics are
	width  int       // draws at once
}

// newPermuteKernel says how many draws are computed at once.
func newPermuteKernel(s *permuteSums, spec *PermuteSpec) *permuteKernel {
	const most = 1 << 21 // assignments at once
	return &permuteKernel{permuteSums: s, set: !spec.NoSet, width: min(drawBlock, max(1, most/s.unit.count))}
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
	squares []float64 // k: of beta
	part    []float64 // one row of something by columns, times beta
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
	return s
}

// take puts the assignment of a draw into a column of n.
func (k *permuteKernel) take(s *permuteSpace, hand []float64, column, n int) {
	for g, u := range k.units {
		s.a[g*n+column] = hand[u] - k.shift
	}
}

// times is the sum of the rows of b, n numbers each, times the numbers of a.
func times(a, b, to []float64, n int) {
	to = to[:n]
	clear(to)
	for j, x := range a {
		if x != 0 {
			floats.AddScaled(to, x, b[j*n:(j+1)*n])
		}
	}
}

// multiply is to = a b, with rows of width numbers in a and of n in b.
func multiply(a []float64, width int, b, to []float64, n int) {
	for i := range len(a) / max(1, width) {
		times(a[i*width:(i+1)*width], b, to[i*n:], n)
	}
}

// multiplyTransposed is to = a' b.
func multiplyTransposed(a []float64, width int, b, to []float64, n int) {
	clear(to[:width*n])
	for i := range len(a) / max(1, width) {
		row := b[i*n : (i+1)*n]
		for j, x := range a[i*width : (i+1)*width] {
			if x != 0 {
				floats.AddScaled(to[j*n:(j+1)*n], x, row)
			}
		}
	}
}

// estimates computes beta, xbar, denominators and the estimates of n draws.
func (k *permuteKernel) estimates(s *permuteSpace, n int) {
	multiplyTransposed(k.v, k.k, s.a, s.v, n)
	multiply(k.ginv, k.k, s.v, s.beta, n)
	multiplyTransposed(k.y, k.targets, s.a, s.slope, n)
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
		copy(s.alpha, s.xbar[:k.main.count*n])
		for e := range k.main.count {
			for j, mean := range k.means[e*k.k : (e+1)*k.k] {
				floats.AddScaled(s.alpha[e*n:(e+1)*n], -mean, s.beta[j*n:(j+1)*n])
			}
		}
	}
	for c := range k.clusters {
		k.addCluster(s, c, n)
	}
}

// quadratic adds beta'(products)beta to b.
func (p *clusterProducts) quadratic(s *permuteSpace, n int) {
	b := s.b[:n]
	at := int32(0)
	for i, j := range p.column {
		floats.AddScaled(b, p.square[i], s.squares[int(j)*n:int(j+1)*n])
		if at == p.to[i] {
			continue
		}
		part := s.part[:n]
		clear(part)
		for ; at < p.to[i]; at++ {
			l := int(p.with[at])
			floats.AddScaled(part, p.product[at], s.beta[l*n:(l+1)*n])
		}
		beta := s.beta[int(j)*n:][:len(b)]
		part = part[:len(b)]
		for d := range b {
			b[d] += beta[d] * part[d]
		}
	}
}

// addCluster adds the squared scores of cluster c.
func (k *permuteKernel) addCluster(s *permuteSpace, c, n int) {
	b, h := s.b[:n], s.part[:n]
	clear(b)
	clear(s.dev)
	k.products[c].quadratic(s, n)
	for g := k.start[c]; g < k.start[c+1]; g++ {
		times(k.v[g*k.k:(g+1)*k.k], s.beta, h, n)
		k.addUnit(s, g, h, n)
	}
	for cell := k.cells[c]; cell < k.cells[c+1]; cell++ {
		times(k.cellColumns[cell*k.k:(cell+1)*k.k], s.beta, h, n)
		k.addCell(s, cell, h, n)
	}
	for t := range k.targets {
		at := (c*k.targets + t) * k.k
		times(k.zy[at:at+k.k], s.beta, h, n)
		floats.Sub(s.dev[t*n:(t+1)*n], h)
	}
	for thin := k.products[c].thin; len(thin) > 0; thin = thin[k.k:] {
		times(thin[:k.k], s.beta, h, n)
		for i, x := range h {
			b[i] += x * x
		}
	}
	k.square(s, n)
}

// addCell adds what a cell contributes to its cluster: h is its columns times beta.
func (k *permuteKernel) addCell(s *permuteSpace, cell int, h []float64, n int) {
	b, weight := s.b[:n], k.weight[cell]
	if k.inner {
		for i, x := range h {
			b[i] -= weight * x * x
		}
		return
	}
	alpha := s.alpha[int(k.level[cell])*n : int(k.level[cell]+1)*n]
	for i, x := range h {
		b[i] += alpha[i] * (weight*alpha[i] + 2*x)
	}
	for t, y := range k.cellTarget[cell*k.targets : (cell+1)*k.targets] {
		floats.AddScaled(s.dev[t*n:(t+1)*n], -y, alpha)
	}
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
		floats.AddScaled(s.dev[t*n:(t+1)*n], y, a)
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
