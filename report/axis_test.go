package report

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func labels(ticks fixedTicks) string {
	var s []string
	for _, t := range ticks {
		s = append(s, strings.TrimSpace(strings.ReplaceAll(t.Label, "\n", " ")))
	}
	return strings.Join(s, ", ")
}

func TestNumberTicks(t *testing.T) {
	cases := []struct {
		lo, hi float64
		want   string
	}{
		{-0.7, 0.1, "−0.6, −0.4, −0.2, 0"},
		{0, 1, "0, 0.2, 0.4, 0.6, 0.8, 1.0"},
		{0, 1.06, "0, 0.2, 0.4, 0.6, 0.8, 1.0"},
		{-2.2, 2.5, "−2, −1, 0, 1, 2"},
		{0, 26000, "0, 5000, 10,000, 15,000, 20,000, 25,000"},
		{-1e7, 1e7, "−1e7, −5e6, 0, 5e6, 1e7"},
		{0, 3e-7, "0, 5e−8, 1e−7, 1.5e−7, 2e−7, 2.5e−7, 3e−7"},
		{3.385, 3.572, "3.40, 3.45, 3.50, 3.55"},
	}
	for _, c := range cases {
		if got := labels(numberTicks{5}.Ticks(c.lo, c.hi)); got != c.want {
			t.Errorf("%g to %g: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
}

func TestTicksAreFewAndInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Float64Range(-1e9, 1e9).Draw(t, "lo")
		width := math.Pow(10, rapid.Float64Range(-6, 12).Draw(t, "log width"))
		hi := lo + width
		if !(hi > lo) || width < 1e-9*math.Abs(lo) {
			t.Skip("narrower than a figure makes it")
		}
		ticks := numberTicks{5}.Ticks(lo, hi)
		if len(ticks) < 2 || len(ticks) > 9 {
			t.Fatalf("%d ticks between %g and %g", len(ticks), lo, hi)
		}
		for _, tick := range ticks {
			if tick.Value < lo-1e-6*width || tick.Value > hi+1e-6*width {
				t.Fatalf("a tick at %g, outside of %g to %g", tick.Value, lo, hi)
			}
		}
	})
}

func TestDateTicks(t *testing.T) {
	day := func(s string) float64 {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return dayNumber(d)
	}
	cases := []struct{ from, to, want string }{
		{"2023-12-26", "2024-02-19", "26 Dec 2023, 2 Jan 2024, 9 Jan, 16 Jan, 23 Jan, 30 Jan, 6 Feb, 13 Feb"},
		{"2024-01-23", "2024-01-25", "23 Jan 2024, 24 Jan, 25 Jan"},
		{"2024-01-23", "2024-01-23", "23 Jan 2024"},
		{"2024-01-01", "2024-03-31", "1 Jan 2024, 15 Jan, 29 Jan, 12 Feb, 26 Feb, 11 Mar, 25 Mar"},
		{"2023-10-15", "2024-05-10", "Nov 2023, Dec, Jan 2024, Feb, Mar, Apr, May"},
		{"2020-02-01", "2023-12-31", "Feb 2020, Aug, Feb 2021, Aug, Feb 2022, Aug, Feb 2023, Aug"},
		{"1990-06-01", "2024-01-01", "Jan 1994, Jan 1998, Jan 2002, Jan 2006, Jan 2010, Jan 2014, Jan 2018, Jan 2022"},
	}
	for _, c := range cases {
		if got := labels(dateTicks(day(c.from), day(c.to), 9)); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

func TestDaysAreThoseOfTheCalendar(t *testing.T) {
	shanghai := time.FixedZone("", 8*3600)
	midnight := time.Date(2024, 1, 23, 0, 0, 0, 0, shanghai)
	if got := dayTime(dayNumber(midnight)).Format(time.DateOnly); got != "2024-01-23" {
		t.Errorf("midnight of the 23rd is on %s", got)
	}
}

func TestDensityHasMassOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e3, 1e3), 1, 50).Draw(t, "values")
		sorted := sortedCopy(values)
		x, y := density(sorted)
		mass := 0.0
		for i := 1; i < len(x); i++ {
			mass += (x[i] - x[i-1]) * (y[i] + y[i-1]) / 2
		}
		if math.Abs(mass-1) > 0.02 { // the tails beyond three bandwidths
			t.Fatalf("the density of %v has mass %g", values, mass)
		}
	})
}

// R: density(c(1, 2, 3, 4, 10))$bw and the density at 3 by its definition.
func TestDensityAgainstItsDefinition(t *testing.T) {
	values := []float64{1, 2, 3, 4, 10}
	h := bandwidth(values)
	if want := 0.9 * (2 / 1.34) * math.Pow(5, -0.2); math.Abs(h-want) > 1e-12 {
		t.Errorf("bandwidth %g, want %g", h, want)
	}
	x, y := density(values)
	for _, i := range []int{100, 200, 300} {
		want := 0.0
		for _, v := range values {
			z := (x[i] - v) / h
			want += math.Exp(-z*z/2) / (5 * h * math.Sqrt(2*math.Pi))
		}
		if math.Abs(y[i]-want) > 1e-4 {
			t.Errorf("density at %g is %g, want %g", x[i], y[i], want)
		}
	}
}

func TestCumulative(t *testing.T) {
	x, y := cumulative([]float64{1, 1, 2, 5})
	want := [][2]float64{{1, 0}, {1, 0.5}, {2, 0.75}, {5, 1}}
	for i, w := range want {
		if x[i] != w[0] || y[i] != w[1] {
			t.Errorf("step %d at %g, %g; want %v", i, x[i], y[i], w)
		}
	}
	many := make([]float64, 5000)
	for i := range many {
		many[i] = float64(i)
	}
	if x, y := cumulative(many); len(x) > densityPoints+1 || y[len(y)-1] != 1 {
		t.Errorf("%d points, the last at %g", len(x), y[len(y)-1])
	}
}

func TestBins(t *testing.T) {
	cases := []struct {
		values []float64
		about  int
		want   []float64
	}{
		{[]float64{1, 2, 5}, 0, []float64{0.5, 1.5, 2.5, 3.5, 4.5, 5.5}},
		{[]float64{7}, 0, []float64{6.5, 7.5}},
		{[]float64{0, 0.25, 1}, 5, []float64{0, 0.2, 0.4, 0.6, 0.8, 1}},
		{[]float64{1, 100}, 2, []float64{0, 50, 100}},
	}
	for _, c := range cases {
		got := bins([][]float64{c.values}, c.about)
		if len(got) != len(c.want) {
			t.Errorf("bins of %v: %v, want %v", c.values, got, c.want)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 1e-12 {
				t.Errorf("bins of %v: %v, want %v", c.values, got, c.want)
			}
		}
	}
}

func TestSharesAddToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := sortedCopy(rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1, 40).Draw(t, "values"))
		about := rapid.IntRange(0, 40).Draw(t, "bins")
		edges := bins([][]float64{values}, about)
		slack := 1e-8 * (edges[1] - edges[0])
		if edges[0] > values[0]+slack || edges[len(edges)-1] < values[len(values)-1]-slack {
			t.Fatalf("bins %v do not hold %v", edges, values)
		}
		total := 0.0
		for _, s := range shares(values, edges) {
			total += s
		}
		if math.Abs(total-1) > 1e-9 {
			t.Fatalf("shares add to %g", total)
		}
	})
}

func sortedCopy(values []float64) []float64 {
	s := slices.Clone(values)
	slices.Sort(s)
	return s
}
