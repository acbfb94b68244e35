package absorb

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// design is a random problem: two columns and the effects to absorb from them.
type design struct {
	name    string
	x       []float64
	w       []float64
	effects []Effect
}

const columns = 2

// effect numbers the levels that occur, so that none is empty.
func effect(raw []int) Effect {
	seen := map[int]int32{}
	e := Effect{Codes: make([]int32, len(raw))}
	for i, v := range raw {
		c, ok := seen[v]
		if !ok {
			c = int32(len(seen))
			seen[v] = c
		}
		e.Codes[i] = c
	}
	e.Levels = len(seen)
	return e
}

func designs() []design {
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func(n, levels int) Effect {
		raw := make([]int, n)
		for i := range raw {
			raw[i] = rng.IntN(levels)
		}
		return effect(raw)
	}
	const n = 240
	disconnected := func() (a, b Effect) {
		ra, rb := make([]int, n), make([]int, n)
		for i := range n {
			part := i % 3
			ra[i], rb[i] = 10*part+rng.IntN(7), 10*part+rng.IntN(4)
		}
		return effect(ra), effect(rb)
	}
	da, db := disconnected()
	nested := draw(n, 40)
	outer := make([]int, n)
	for i, c := range nested.Codes {
		outer[i] = int(c) / 5
	}
	list := []design{
		{name: "one", effects: []Effect{draw(n, 30)}},
		{name: "two", effects: []Effect{draw(n, 40), draw(n, 12)}},
		{name: "smaller first", effects: []Effect{draw(n, 5), draw(n, 40)}},
		{name: "three", effects: []Effect{draw(n, 8), draw(n, 25), draw(n, 6)}},
		{name: "disconnected", effects: []Effect{da, db}},
		{name: "one nested in the other", effects: []Effect{nested, effect(outer)}},
		{name: "the same twice", effects: []Effect{nested, nested}},
		{name: "sparse", effects: []Effect{draw(n, 150), draw(n, 90)}},
	}
	for i := range list {
		weighted := list[i]
		weighted.name += ", weighted"
		weighted.w = make([]float64, n)
		for j := range weighted.w {
			weighted.w[j] = math.Exp(rng.NormFloat64())
		}
		list = append(list, weighted)
	}
	for i := range list {
		list[i].x = make([]float64, n*columns)
		for j := range list[i].x {
			list[i].x[j] = rng.NormFloat64()
		}
	}
	return list
}

// explicit residualises by the singular value decomposition of all the indicators, and counts
// their rank.
func explicit(d design) (residuals []float64, rank int) {
	n := len(d.x) / columns
	levels := 0
	for _, e := range d.effects {
		levels += e.Levels
	}
	indicators, y := mat.NewDense(n, levels, nil), mat.NewDense(n, columns, nil)
	for i := range n {
		root := 1.0
		if d.w != nil {
			root = math.Sqrt(d.w[i])
		}
		at := 0
		for _, e := range d.effects {
			indicators.Set(i, at+int(e.Codes[i]), root)
			at += e.Levels
		}
		for j := range columns {
			y.Set(i, j, root*d.x[i*columns+j])
		}
	}
	var svd mat.SVD
	svd.Factorize(indicators, mat.SVDThin)
	rank = svd.Rank(1e-10)
	var u mat.Dense
	svd.UTo(&u)
	basis := u.Slice(0, n, 0, rank)
	var coef, fitted mat.Dense
	coef.Mul(basis.T(), y)
	fitted.Mul(basis, &coef)
	residuals = make([]float64, n*columns)
	for i := range n {
		root := 1.0
		if d.w != nil {
			root = math.Sqrt(d.w[i])
		}
		for j := range columns {
			residuals[i*columns+j] = (y.At(i, j) - fitted.At(i, j)) / root
		}
	}
	return residuals, rank
}

func compare(t *testing.T, got, want []float64, tolerance float64) {
	t.Helper()
	worst := 0.0
	for i := range got {
		worst = max(worst, math.Abs(got[i]-want[i]))
	}
	if !(worst <= tolerance) {
		t.Errorf("largest difference %.2e, above %.0e", worst, tolerance)
	}
}

// columnsOf sums columns up as Solve takes them.
func columnsOf(x []float64, p int, w []float64, effects []Effect) Columns {
	c := Columns{Count: p, Squares: make([]float64, p)}
	weight := func(i int) float64 {
		if w == nil {
			return 1
		}
		return w[i]
	}
	for i := range len(x) / p {
		for j := range p {
			c.Squares[j] += weight(i) * x[i*p+j] * x[i*p+j]
		}
	}
	for _, e := range effects {
		sums := make([]float64, e.Levels*p)
		for i, l := range e.Codes {
			for j := range p {
				sums[int(l)*p+j] += weight(i) * x[i*p+j]
			}
		}
		c.Sums = append(c.Sums, sums)
	}
	return c
}

// subtract takes the fitted effects from rows of p columns.
func subtract(x []float64, p int, effects []Effect, coef [][][]float64) {
	for e, effect := range effects {
		for i, l := range effect.Codes {
			for j := range p {
				x[i*p+j] -= coef[e][j][l]
			}
		}
	}
}

// residualise replaces columns by their residuals.
func residualise(ctx context.Context, x []float64, p int, w []float64, effects []Effect) (Info, error) {
	coef, info, err := Solve(ctx, w, effects, columnsOf(x, p, w, effects))
	if err == nil {
		subtract(x, p, effects, coef)
	}
	return info, err
}

func TestSolveAgainstExplicitIndicators(t *testing.T) {
	for _, d := range designs() {
		t.Run(d.name, func(t *testing.T) {
			want, rank := explicit(d)
			x := append([]float64(nil), d.x...)
			info, err := residualise(context.Background(), x, columns, d.w, d.effects)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, x, want, 1e-12)
			parameters := 0
			for e := range d.effects {
				parameters += d.effects[e].Levels - info.Redundant[e]
			}
			if parameters != rank {
				t.Errorf("%d parameters counted (redundant %v), the rank is %d", parameters, info.Redundant, rank)
			}
		})
	}
}

// The iterative solution is reached through the private method here, since designs for which
// it is the only way are too large to check against explicit indicators.
func TestIterationAgreesWithDirect(t *testing.T) {
	for _, d := range designs() {
		if len(d.effects) < 2 {
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			want, rank := explicit(d)
			x := append([]float64(nil), d.x...)
			coef, info, err := newSystem(d.effects, d.w).solve(context.Background(), columnsOf(x, columns, d.w, d.effects), false)
			if err != nil {
				t.Fatal(err)
			}
			subtract(x, columns, d.effects, coef)
			compare(t, x, want, 1e-11)
			parameters := 0
			for e := range d.effects {
				parameters += d.effects[e].Levels - info.Redundant[e]
			}
			// With three effects the pairwise count is only a lower bound of the redundancy.
			if len(d.effects) == 2 && parameters != rank {
				t.Errorf("%d parameters counted, the rank is %d", parameters, rank)
			}
		})
	}
}

// Past DirectLimit the method changes; its residuals must be orthogonal to every indicator.
func TestManyLevelsInBothEffects(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const n = 30_000
	a, b := make([]int, n), make([]int, n)
	x := make([]float64, n)
	for i := range n {
		a[i], b[i], x[i] = rng.IntN(4000), rng.IntN(3000), rng.NormFloat64()
	}
	effects := []Effect{effect(a), effect(b)}
	info, err := residualise(context.Background(), x, 1, nil, effects)
	if err != nil {
		t.Fatal(err)
	}
	if info.Iterations == 0 || info.Tolerance == 0 {
		t.Errorf("info = %+v, want iterations and a tolerance", info)
	}
	for k, e := range effects {
		sums := make([]float64, e.Levels)
		for i, c := range e.Codes {
			sums[c] += x[i]
		}
		for l, v := range sums {
			if math.Abs(v) > 1e-10 {
				t.Fatalf("effect %d, level %d: residuals sum to %g", k, l, v)
			}
		}
	}
}

func TestBitsDoNotDependOnProcessors(t *testing.T) {
	d := designs()[3]
	// Many columns, so that several blocks of them are worked on at once.
	const p = 19
	n := len(d.x) / columns
	wide := make([]float64, n*p)
	for i := range wide {
		wide[i] = d.x[i%len(d.x)] * float64(1+i%7)
	}
	var first []float64
	for _, procs := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(procs)
		x := append([]float64(nil), wide...)
		_, err := residualise(context.Background(), x, p, d.w, d.effects)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = x
		}
		for i := range x {
			if x[i] != first[i] {
				t.Fatalf("GOMAXPROCS %d: value %d is %v, not %v", procs, i, x[i], first[i])
			}
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d := designs()[1]
	if _, err := residualise(ctx, d.x, columns, nil, d.effects); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context.Canceled", err)
	}
}

func BenchmarkSolve(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	const n, p = 126_000, 20
	agents, days := make([]int, n), make([]int, n)
	x := make([]float64, n*p)
	for i := range n {
		agents[i], days[i] = i/21, rng.IntN(56)
	}
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	effects := []Effect{effect(agents), effect(days)}
	c := columnsOf(x, p, nil, effects)
	sums := slices.Clone(c.Sums)
	for b.Loop() {
		for e := range sums {
			c.Sums[e] = slices.Clone(sums[e])
		}
		if _, _, err := Solve(context.Background(), nil, effects, c); err != nil {
			b.Fatal(err)
		}
	}
}
