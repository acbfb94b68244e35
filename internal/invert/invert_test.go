package invert_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/internal/invert"
)

// TestPolynomialSignChanges compares the roots of random polynomials, some of them nearly tangent to zero, with the changes of
// sign over a dense grid.
func TestWaveChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.IntRange(1, 9).Draw(t, "order")
		var roots []float64 // half angles of the roots
		for range 2 * rapid.IntRange(0, order).Draw(t, "pairs") {
			x := rapid.Float64Range(0, 2*math.Pi).Draw(t, "root")
			if len(roots) > 0 && rapid.IntRange(0, 2).Draw(t, "near") == 0 {
				x = roots[len(roots)-1] + math.Pow(10, -rapid.Float64Range(1, 6).Draw(t, "distance"))
			}
			roots = append(roots, x)
		}
		noise := rapid.Float64Range(-1, 1).Draw(t, "constant") * 1e-6
		values := make([]float64, 2*order+1)
		for j := range values {
			x := 2 * math.Pi * float64(j) / float64(len(values))
			values[j] = 1
			for _, root := range roots {
				values[j] *= math.Sin((x - root) / 2)
			}
			values[j] += noise
		}
		p := invert.NewInterpolation(order).Through(values)
		found, at := p.SignChanges(), func(x float64) float64 {
			d, _, _ := p.Taylor(x, 0)
			return d[0]
		}
		size := 0.0
		for _, v := range values {
			size = max(size, math.Abs(v))
		}
		for j, want := range values {
			if got := at(2 * math.Pi * float64(j) / float64(len(values))); math.Abs(got-want) > 1e-14*float64(len(values))*size {
				t.Fatalf("value %d is %g, want %g", j, got, want)
			}
		}
		const grid = 5000
		next := 0
		for i := range grid {
			from, to := 2*math.Pi*float64(i)/grid, 2*math.Pi*float64(i+1)/grid
			inside := 0
			for next < len(found) && found[next] <= to {
				next++
				inside++
			}
			low, high := at(from), at(to)
			sure := min(math.Abs(low), math.Abs(high)) > 1e-13*size
			if sure && low < 0 != (high < 0) && inside == 0 {
				t.Fatalf("the change of sign between %g and %g is not among %v", from, to, found)
			}
		}
		if next != len(found) {
			t.Fatalf("%v are not in order", found)
		}
		for i := 1; i < len(found); i++ { // one sign between neighbours
			sign := 0
			for k := 1; k < 50; k++ {
				v := at(found[i-1] + (found[i]-found[i-1])*float64(k)/50)
				switch {
				case math.Abs(v) < 1e-13*size:
				case sign == 0:
					sign = int(math.Copysign(1, v))
				case int(math.Copysign(1, v)) != sign:
					t.Fatalf("the polynomial changes its sign between %g and %g", found[i-1], found[i])
				}
			}
		}
	})
}

// TestUndefinedPolynomial: polynomials that are zero or undefined have no changes of sign.
func TestUndefinedWave(t *testing.T) {
	for _, values := range [][]float64{{0, 0, 0}, {math.NaN(), 1, 2}, {math.Inf(1), 1, 2}} {
		if found := invert.NewInterpolation(1).Through(values).SignChanges(); found != nil {
			t.Errorf("changes of %v at %v", values, found)
		}
	}
}

// TestChanges: a test that accepts between two angles is inverted to the last digit wherever they are, also
// where they or the candidates for them lie next to infinity, on either side.
func TestChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		angle := func(name string) float64 {
			a := rapid.Float64Range(-math.Pi/2, math.Pi/2).Draw(t, name)
			if rapid.IntRange(0, 3).Draw(t, name+" near infinity") == 0 {
				a = math.Copysign(math.Pi/2-1e-9*(1+math.Abs(a)), a)
			}
			return a
		}
		from, to := angle("from"), angle("to")
		turned := func(a float64) float64 { return a - math.Pi*math.Floor((a-from)/math.Pi) }
		inside := func(a float64) bool { return turned(a) <= turned(to) }
		other := angle("other")
		for _, apart := range []float64{from - to, from - other, to - other} {
			if math.Abs(math.Sin(apart)) < 1e-7 {
				t.Skip("candidates are as near to each other as they are wrong")
			}
		}
		candidates := []float64{other}
		for _, end := range []float64{from, to} {
			end += 1e-8 * rapid.Float64Range(-1, 1).Draw(t, "error")
			candidates = append(candidates, end-math.Pi*math.Round(end/math.Pi))
		}
		first, changes := invert.Changes(candidates, true, inside)
		if len(changes) != 2 || changes[0].Before != first || changes[1].After != first {
			t.Fatalf("changes %v of [%g, %g] from %v", changes, from, to, first)
		}
		for _, c := range changes {
			want := from
			if c.Before {
				want = to
			}
			if off := math.Sin(c.Locate(inside) - want); math.Abs(off) > 1e-15 {
				t.Errorf("an end is off by %g", off)
			}
		}
	})
}

// TestPieces: ends are entered and left in turn.
func TestPieces(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		inside bool
		ends   []float64
		want   [][2]float64
	}{
		{false, nil, nil},
		{true, nil, [][2]float64{{-inf, inf}}},
		{false, []float64{1, 2}, [][2]float64{{1, 2}}},
		{true, []float64{1, 2}, [][2]float64{{-inf, 1}, {2, inf}}},
		{true, []float64{1, 2, 3}, [][2]float64{{-inf, 1}, {2, 3}}},
	} {
		if got := invert.Pieces(c.inside, c.ends); !slices.Equal(got, c.want) {
			t.Errorf("pieces %v of %v from %v, want %v", got, c.ends, c.inside, c.want)
		}
	}
}

// unbounded is a function of which nothing is known but its values.
type unbounded struct{}

func (unbounded) Taylor(angle, _ float64) (d [4]float64, fourth, rounding float64) {
	return [4]float64{angle}, math.Inf(1), 0
}

// TestSearchIsGivenUp: without bounds there is no telling where a function changes its sign.
func TestSearchIsGivenUp(t *testing.T) {
	if places, ok := invert.SignChanges(unbounded{}, -1, 1, 8); ok {
		t.Errorf("%d changes of sign that nothing shows", len(places))
	}
}
