package bootstrap

import (
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// twoValues are the middle of the two values of a law and their distance from it; ok says that it has two.
func (w Weights) twoValues() (middle, half float64, ok bool) {
	switch w {
	case Rademacher:
		return 0, 1, true
	case Mammen:
		return 0.5, root5 / 2, true
	}
	return 0, 0, false
}

// signDraw computes the moments of draws of weights with two values. With c the sum of weights times scores
// and f that of weights times a_g d_g (see kernel), the sum of the squares of e_g = v_g a_g - d_g c is
//
//	sum of v_g^2 a_g^2  -  2 c'f  +  c'(sum of d_g d_g')c
//
// so that the weights enter through sums over clusters alone, which signSums makes. The slopes are those of
// all tests with a design and restriction.
type signDraw struct {
	middle, half float64
	roster       int // place among the sets of clusters
	tests        []*signTest
	kernel       *kernel   // of one of the tests
	square       []float64 // k x k: sum of d_g d_g'
	slopes       bool
}

// signTest is one test of a signDraw.
type signTest struct {
	kernel *kernel
	m      *moments
}

// Below these numbers of clusters and columns there is little to gain from signs.
const (
	signClusters = 100
	signColumns  = 8
)

// newSignDraws takes the tests that signs are for out of a list, and lists the sets of clusters that they have.
func newSignDraws(law Weights, tests []*wildTest) (draws []*signDraw, rosters [][]int32, others []*wildTest) {
	middle, half, ok := law.twoValues()
	for _, t := range tests {
		k := t.kernel
		if !ok || t.m == nil || len(k.meats) > 1 || k.shared == nil || k.boot < signClusters || k.k < signColumns {
			others = append(others, t)
			continue
		}
		var d *signDraw
		for _, other := range draws {
			if other.kernel.alike(k) {
				d = other
			}
		}
		if d == nil {
			d = &signDraw{middle: middle, half: half, kernel: k, slopes: len(k.c) > 1}
			same := func(places []int32) bool { return slices.Equal(places, t.places) }
			if d.roster = slices.IndexFunc(rosters, same); d.roster < 0 {
				d.roster, rosters = len(rosters), append(rosters, t.places)
			}
			d.square = make([]float64, k.k*k.k)
			rows := blas64.General{Rows: k.boot, Cols: k.k, Stride: k.k, Data: k.meats[0].d}
			blas64.Gemm(blas.Trans, blas.NoTrans, 1, rows, rows, 0, blas64.General{Rows: k.k, Cols: k.k, Stride: k.k, Data: d.square})
			draws = append(draws, d)
		}
		d.tests = append(d.tests, &signTest{kernel: k, m: t.m})
	}
	return draws, rosters, others
}

// alike reports whether another test has the same design, restriction and slopes.
func (k *kernel) alike(other *kernel) bool {
	if k.shared != other.shared || len(k.c) != len(other.c) {
		return false
	}
	return len(k.c) == 1 || &k.c[1][0] == &other.c[1][0]
}

// signSpace is the memory of one goroutine.
type signSpace struct {
	sums           signSums
	packed         [][]uint8 // codes, by set of clusters
	codes          []uint8   // those of the tests at hand
	c1, f1, moved1 []float64 // draws x k: of the slopes, and c times the sum of d_g d_g'
	n1, q11, a11   []float64
	c0, f0, moved0 []float64
	squares        []float64
	unsure         []int
	few            *workspace // for draws that take more digits
}

func newSignSpace(draws []*signDraw, rosters int, few *workspace) *signSpace {
	k, clusters := 0, 0
	for _, d := range draws {
		k, clusters = max(k, d.kernel.k), max(clusters, d.kernel.boot)
	}
	of := func(width int) []float64 { return make([]float64, signBatch*width) }
	packed := make([][]uint8, rosters)
	for i := range packed {
		packed[i] = make([]uint8, signGroups(clusters)*signBatch)
	}
	return &signSpace{packed: packed, c1: of(k), f1: of(k), moved1: of(k), n1: of(1), q11: of(1), a11: of(1),
		c0: of(k), f0: of(k), moved0: of(k), squares: of(2), unsure: make([]int, 0, signBatch), few: few}
}

// weighted writes sums over clusters of weights times the rows of a matrix, or of their squares.
func (d *signDraw) weighted(s *signSpace, rows, by []float64, width, n int, squared bool, into []float64) {
	into = into[:n*width]
	constant, factor := d.middle, d.half
	if squared {
		constant, factor = d.middle*d.middle+d.half*d.half, 2*d.middle*d.half
	}
	if factor == 0 {
		clear(into)
	} else {
		s.sums.add(rows, by, d.kernel.boot, width, s.codes, n, into)
		scale(into, factor)
	}
	if constant == 0 {
		return
	}
	total := make([]float64, width)
	for g := range d.kernel.boot {
		one := 1.0
		if by != nil {
			one = by[g]
		}
		for j, x := range rows[g*width : (g+1)*width] {
			total[j] += constant * one * x
		}
	}
	for i := range into {
		into[i] += total[i%width]
	}
}

// moved is n rows of c times the sum of d_g d_g'.
func (d *signDraw) moved(c []float64, n int, into []float64) {
	k := d.kernel.k
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, blas64.General{Rows: n, Cols: k, Stride: k, Data: c},
		blas64.General{Rows: k, Cols: k, Stride: k, Data: d.square}, 0, blas64.General{Rows: n, Cols: k, Stride: k, Data: into})
}

// batch computes the moments of draws from..from+n-1 of all tests, whose signs are in the codes.
func (d *signDraw) batch(s *signSpace, from, n int) {
	s.codes = s.packed[d.roster]
	k := d.kernel.k
	r, v := d.kernel.r.RawRowView(0), &d.kernel.meats[0]
	if d.slopes {
		a1 := v.a[1]
		d.weighted(s, d.kernel.c[1], nil, k, n, false, s.c1)
		d.weighted(s, v.d, a1, k, n, false, s.f1)
		d.moved(s.c1, n, s.moved1)
		d.weighted(s, a1, a1, 1, n, true, s.a11)
		for b := range n {
			c := s.c1[b*k : (b+1)*k]
			s.n1[b] = dot(r, c)
			s.q11[b] = s.a11[b] - 2*dot(c, s.f1[b*k:(b+1)*k]) + dot(c, s.moved1[b*k:(b+1)*k])
		}
	}
	for _, t := range d.tests {
		a := t.kernel.meats[0].a
		d.weighted(s, t.kernel.c[0], nil, k, n, false, s.c0)
		d.weighted(s, v.d, a[0], k, n, false, s.f0)
		d.moved(s.c0, n, s.moved0)
		a00, a01 := s.squares[:n], s.squares[signBatch:signBatch+n]
		d.weighted(s, a[0], a[0], 1, n, true, a00)
		if d.slopes {
			d.weighted(s, a[1], a[0], 1, n, true, a01)
		}
		unsure := s.unsure[:0]
		for b := range n {
			if !d.judge(s, t, from, b, a00[b], a01[b]) {
				unsure = append(unsure, b)
			}
		}
		for block := range slices.Chunk(unsure, drawBlock) {
			d.direct(s, t, from, block)
		}
	}
}

// judge computes the moments of a draw of a test from its sums, and reports whether they have digits enough.
func (d *signDraw) judge(s *signSpace, t *signTest, from, b int, a00, a01 float64) bool {
	k, m, at, factor := d.kernel.k, t.m, t.kernel.at, t.kernel.meats[0].factor
	row := func(of []float64) []float64 { return of[b*k : (b+1)*k] }
	c0 := row(s.c0)
	n0, q00 := dot(d.kernel.r.RawRowView(0), c0), a00-2*dot(c0, row(s.f0))+dot(c0, row(s.moved0))
	// Variances that are small beside what they are made of have few digits left.
	const few = 1e-3
	sure := q00 >= few*a00
	n1, q01, q11, now := 0.0, 0.0, 0.0, q00
	if d.slopes {
		c1 := row(s.c1)
		n1, q11 = s.n1[b], s.q11[b]
		q01 = a01 - dot(c0, row(s.f1)) - dot(c1, row(s.f0)) + dot(c1, row(s.moved0))
		now = q00 + at*(2*q01+at*q11)
		sure = sure && q11 >= few*s.a11[b] && now >= few*(q00+at*at*q11)
	}
	i := from + b
	m.n0[i], m.n1[i], m.n[i] = n0, n1, n0+at*n1
	m.d00[i], m.d01[i], m.d11[i], m.d[i] = factor*q00, factor*q01, factor*q11, factor*now
	return sure
}

// direct computes the moments of some draws by summing the squares themselves.
func (d *signDraw) direct(s *signSpace, t *signTest, from int, draws []int) {
	n, m := len(draws), newMoments(len(draws))
	for g := range d.kernel.boot {
		codes, bit := s.codes[g/signGroup*signBatch:], g%signGroup
		for i, b := range draws {
			s.few.weights[g*n+i] = d.middle - d.half
			if codes[b]>>bit&1 == 1 {
				s.few.weights[g*n+i] = d.middle + d.half
			}
		}
	}
	t.kernel.addBlock(s.few, m, 0, n)
	for i, b := range draws {
		at := from + b
		t.m.n0[at], t.m.n1[at], t.m.n[at] = m.n0[i], m.n1[i], m.n[i]
		t.m.d00[at], t.m.d01[at], t.m.d11[at], t.m.d[at] = m.d00[i], m.d01[i], m.d11[i], m.d[i]
	}
}
