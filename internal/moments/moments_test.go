package moments

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

// sampleMatrix has groups of unequal sizes, among them single rows and one that is larger than a chunk.
func sampleMatrix() (Matrix, Partition) {
	rng := rand.New(rand.NewPCG(7, 8))
	starts := []int{0}
	for n := 0; n < 20_000; {
		size := 1 + rng.IntN(9)
		if len(starts) == 100 {
			size = 9_000
		}
		n += size
		starts = append(starts, n)
	}
	m := Matrix{N: starts[len(starts)-1], P: 5}
	m.X = make([]float64, m.N*m.P)
	for i := range m.X {
		m.X[i] = rng.NormFloat64()
	}
	return m, Partition{Starts: starts}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-10*(1+math.Abs(b)) }

func TestProductsAgainstDefinition(t *testing.T) {
	m, part := sampleMatrix()
	total, grams, err := Products(context.Background(), m, part, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	plain, none, err := Products(context.Background(), m, part, 3, 0)
	if err != nil || none != nil {
		t.Fatalf("without groups: grams %v, error %v", none, err)
	}
	for a := range m.P {
		for b := a; b < m.P; b++ {
			want := 0.0
			for i := range m.N {
				if a < 3 || a == b {
					want += m.Row(i)[a] * m.Row(i)[b]
				}
			}
			if got := total[a*m.P+b]; !near(got, want) {
				t.Errorf("product of columns %d and %d: %g, want %g", a, b, got, want)
			}
			if got := plain[a*m.P+b]; !near(got, want) {
				t.Errorf("product without groups: %g, want %g", got, want)
			}
		}
	}
	u, v := []float64{1, -2, 0.5}, []float64{0.3, 1, 4}
	for g := range part.Len() {
		want := 0.0
		for i := part.Starts[g]; i < part.Starts[g+1]; i++ {
			row, left, right := m.Row(i), 0.0, 0.0
			for j := range 3 {
				left += u[j] * row[j]
				right += v[j] * row[j]
			}
			want += left * right
		}
		for _, s := range []*Grams{grams, grams.Leading()} {
			if got := s.Quadratic(g, u, v); !near(got, want) {
				t.Fatalf("group %d: u'Sv = %g, want %g", g, got, want)
			}
		}
	}
}

func TestScoresAgainstDefinition(t *testing.T) {
	m, part := sampleMatrix()
	weights := make([]float64, m.N)
	for i := range weights {
		weights[i] = float64(1 + i%3)
	}
	p := &Problem{Y: 4, X: []int{0, 2}, B: []float64{0.7, -1.1}, Score: []int{0, 1, 3}, Meat: true}
	if err := Scores(context.Background(), m, part, weights, []*Problem{p}); err != nil {
		t.Fatal(err)
	}
	rss, total, meat := 0.0, make([]float64, 3), make([]float64, 9)
	codes := make([]int32, m.N)
	for g := range part.Len() {
		score := make([]float64, 3)
		for i := part.Starts[g]; i < part.Starts[g+1]; i++ {
			codes[i] = int32(g)
			u := m.Row(i)[4] - 0.7*m.Row(i)[0] + 1.1*m.Row(i)[2]
			rss += u * u
			for a, c := range p.Score {
				score[a] += u * m.Row(i)[c]
				for b, d := range p.Score {
					meat[a*3+b] += u * u * m.Row(i)[c] * m.Row(i)[d] / weights[i]
				}
			}
		}
		for a := range score {
			total[a] += score[a]
			if got := p.Groups[g*3+a]; !near(got, score[a]) {
				t.Fatalf("group %d: score %d = %g, want %g", g, a, got, score[a])
			}
		}
	}
	if !near(p.RSS, rss) {
		t.Errorf("RSS = %g, want %g", p.RSS, rss)
	}
	for a := range total {
		if !near(p.Total[a], total[a]) {
			t.Errorf("total %d = %g, want %g", a, p.Total[a], total[a])
		}
	}
	for i := range meat {
		if !near(p.Meats[i], meat[i]) {
			t.Errorf("meat %d = %g, want %g", i, p.Meats[i], meat[i])
		}
	}
	for i, v := range p.ScatterScores(m, codes, part.Len()) {
		if !near(v, p.Groups[i]) {
			t.Fatalf("scattered score %d = %g, want %g", i, v, p.Groups[i])
		}
	}
	outer := Outer([]float64{1, 2, 3, -1, 0, 2}, 3)
	for i, want := range []float64{2, 2, 1, 2, 4, 6, 1, 6, 13} {
		if outer[i] != want {
			t.Errorf("Outer[%d] = %g, want %g", i, outer[i], want)
		}
	}
}

func TestBitsDoNotDependOnProcessors(t *testing.T) {
	m, part := sampleMatrix()
	var first []float64
	for _, procs := range []int{1, 2, 7} {
		before := runtime.GOMAXPROCS(procs)
		total, _, err := Products(context.Background(), m, part, 3, 4)
		p := &Problem{Y: 4, X: []int{0}, B: []float64{0.5}, Score: []int{0, 1}, Meat: true}
		scores := Scores(context.Background(), m, part, nil, []*Problem{p})
		runtime.GOMAXPROCS(before)
		if err != nil || scores != nil {
			t.Fatal(err, scores)
		}
		all := append(append(append(total, p.RSS), p.Total...), p.Meats...)
		if first == nil {
			first = all
		}
		for i := range all {
			if all[i] != first[i] {
				t.Fatalf("GOMAXPROCS %d: number %d is %v, not %v", procs, i, all[i], first[i])
			}
		}
	}
}

func BenchmarkProducts(b *testing.B) {
	m, part := sampleMatrix()
	b.SetBytes(int64(8 * len(m.X)))
	for b.Loop() {
		if _, _, err := Products(context.Background(), m, part, 3, 5); err != nil {
			b.Fatal(err)
		}
	}
}
