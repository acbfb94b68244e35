package coverage

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/internal/dist"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

func study(t *testing.T, replications int, designs ...Design) *Study {
	t.Helper()
	s, err := Run(context.Background(), Options{Designs: designs, Replications: replications, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestKnownRates: where clusters are of one size and errors alike, the t statistics of CR1 and CR2 are
// known multiples of Student's, and permutation tests are exact.
func TestKnownRates(t *testing.T) {
	// beyond is the chance that Student's t with df degrees of freedom, times c, is beyond the
	// critical value of t with use.
	beyond := func(df, c, use float64) float64 { return dist.TwoSided(dist.TQuantile(0.975, use)/c, df) }
	// factor is that of CR1 with g clusters of 4 rows and two parameters.
	factor := func(g float64) float64 { return g / (g - 1) * (4*g - 1) / (4*g - 2) }
	// Half treated, n in each arm: CR0's variance is (n-1)/n times the pooled one.
	half := func(n float64) float64 { return beyond(2*n-2, math.Sqrt(n/(n-1)/factor(2*n)), 2*n-1) }
	// One treated and n not: its residual is zero.
	run := map[Design]*Study{}
	for _, c := range []struct {
		design Design
		method Method
		want   float64
		most   bool // the rate is at most want
	}{
		{Design{Clusters: 10, Treated: 5}, CR1, half(5), false},
		{Design{Clusters: 10, Treated: 5}, CR2, 0.05, false},
		{Design{Clusters: 10, Treated: 5}, Permutation, 0.05, false},
		{Design{Clusters: 10, Treated: 1}, PermutationPlain, 0, false}, // p is at least 1/10
		{Design{Clusters: 6, Treated: 3}, PermutationPlain, 0, false},
		{Design{Clusters: 20, Treated: 1}, PermutationPlain, 0.05, false},
		{Design{Clusters: 10, Treated: 3, Sizes: Dominated}, Permutation, 0.05, true},
		{Design{Clusters: 10, Treated: 5, F: 1}, AR, half(5), false},
		{Design{Clusters: 10, Treated: 5, F: 20}, AR2, 0.05, false},
	} {
		const replications = 600
		s := run[c.design]
		if s == nil {
			s = study(t, replications, c.design)
			run[c.design] = s
		}
		tally, _ := s.Cells[0].Tally(c.method)
		off := tally.Rate() - c.want
		if reach := 4 * math.Sqrt(c.want*(1-c.want)/replications); math.Abs(off) > reach && !(c.most && off < 0) {
			t.Errorf("%s, %s: rate %.4f, want %.4f", c.design, c.method, tally.Rate(), c.want)
		}
		if tally.Undefined > 0 {
			t.Errorf("%s, %s: %d undefined", c.design, c.method, tally.Undefined)
		}
	}
}

// TestSameOnAllProcessors: the study does not depend on GOMAXPROCS.
func TestSameOnAllProcessors(t *testing.T) {
	designs := []Design{{Clusters: 10, Treated: 3, Sizes: Unequal, Varying: true}, {Clusters: 20, Treated: 10, F: 5, Varying: true}}
	run := func(processors int) []Cell {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		return study(t, 110, designs...).Cells
	}
	if one, two := run(1), run(2); !reflect.DeepEqual(one, two) {
		t.Errorf("on one processor %+v, on two %+v", one, two)
	}
}

// TestBatchIsSeparateCalls: outcomes that share a frame have the results of estimating one by one, and
// designs keep theirs whatever others are run.
func TestBatchIsSeparateCalls(t *testing.T) {
	ctx, d := context.Background(), Design{Clusters: 10, Treated: 4, Sizes: Unequal, Varying: true}
	b := newBatch(3, d, 1)
	together, err := b.assign(ctx, 3, 25, 50)
	if err != nil {
		t.Fatal(err)
	}
	rejected := map[Method]int{}
	for i := 25; i < 50; i++ {
		one, err := b.assign(ctx, 3, i, i+1)
		if err != nil {
			t.Fatal(err)
		}
		for m, c := range one {
			rejected[m] += c.rejected
		}
	}
	sum := 0
	for m, c := range together {
		sum += c.rejected
		if c.rejected != rejected[m] || c.replications != 25 {
			t.Errorf("%s: %d of %d rejected together, %d one by one", m, c.rejected, c.replications, rejected[m])
		}
	}
	if sum == 0 {
		t.Error("nothing was rejected: the test says nothing")
	}
	other := Design{Clusters: 6, Treated: 3}
	if alone, second := study(t, 50, d).Cells[0], study(t, 50, other, d).Cells[1]; !reflect.DeepEqual(alone, second) {
		t.Errorf("alone %+v, after another design %+v", alone, second)
	}
}

// TestWorld: what the designs say of errors and effects is so.
func TestWorld(t *testing.T) {
	const n = 4000
	for _, d := range []Design{
		{Clusters: 10, Treated: 4, Sizes: Unequal, F: 5},
		{Clusters: 10, Treated: 4, F: 5, Varying: true},
	} {
		b := newBatch(1, d, 0)
		var first, reduced [2]float64 // mean and mean square of the differences in means
		for i := range n {
			y, use := b.used(stream(1, d, forErrors, i))
			for _, v := range []struct {
				x    []float64
				into *[2]float64
			}{{use, &first}, {y, &reduced}} {
				var total, count [2]float64
				for row, g := range b.cluster {
					arm := 0
					if b.assigned[g] {
						arm = 1
					}
					total[arm] += v.x[row]
					count[arm]++
				}
				difference := total[1]/count[1] - total[0]/count[0]
				v.into[0] += difference / n
				v.into[1] += difference * difference / n
			}
		}
		if f := first[0] * first[0] / (first[1] - first[0]*first[0]); math.Abs(f/d.F-1) > 0.1 {
			t.Errorf("%s: first-stage F %.3f", d, f)
		}
		if se := math.Sqrt(reduced[1] / n); math.Abs(reduced[0]) > 4*se {
			t.Errorf("%s: mean effect of assignment %.4f (%.4f)", d, reduced[0], se)
		}
	}
}

// TestWarningsAreTheirs: the warnings counted for a fit are those of late.Estimate.
func TestWarningsAreTheirs(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range []Design{{Clusters: 20, Treated: 3, F: 1}, {Clusters: 50, Treated: 25, F: 20}, {Clusters: 6, Treated: 3, F: 5}} {
		b := newBatch(1, d, 0)
		f, err := b.frame()
		if err != nil {
			t.Fatal(err)
		}
		y, use := b.used(stream(1, d, forErrors, 0))
		if err := errors.Join(f.SetFloats(outcomeColumn, y), f.SetFloats(usageColumn, use)); err != nil {
			t.Fatal(err)
		}
		from, err := late.Estimate(context.Background(), f, model(iv.CR2))
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []iv.CovarianceKind{iv.CR1, iv.CR2, iv.CR3} {
			r, err := late.Estimate(context.Background(), f, model(kind))
			if err != nil {
				t.Fatal(err)
			}
			fit, err := from.Fits[0].With(iv.Covariance{Kind: kind})
			if err != nil {
				t.Fatal(err)
			}
			got, err := warnings(from.Design, fit)
			if err != nil {
				t.Fatal(err)
			}
			want := slices.DeleteFunc(codes(r.Warnings), func(code string) bool { return code == "usage-outside" || code == "usage-lowered" })
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: warnings %v, want %v", d, kind, got, want)
			}
			for _, code := range got {
				seen[code] = true
			}
		}
	}
	if !seen[weak] || !seen["few-clusters"] || !seen["few-treated-clusters"] {
		t.Errorf("warnings seen: %v", seen)
	}
}

// TestWarningsMatch ties the limits of the warnings to what docs/coverage.md shows: where a method fails
// it is warned of, and next to where it fails it is not.
func TestWarningsMatch(t *testing.T) {
	for _, c := range []struct {
		design Design
		warned []Method
		not    []Method
	}{
		{Design{Clusters: 20, Treated: 10}, []Method{CR1}, []Method{CR2, CR3, Jackknife, WCR, WCU, Permutation, PermutationPlain}},
		{Design{Clusters: 30, Treated: 15}, nil, []Method{CR1, CR2, CR3, Jackknife, WCR, WCU, Permutation, PermutationPlain}},
		{Design{Clusters: 10, Treated: 5, Sizes: Unequal}, []Method{CR1, WCU, WCR}, []Method{Permutation, PermutationPlain}},
		{Design{Clusters: 20, Treated: 10, Sizes: Unequal}, []Method{CR1}, []Method{Jackknife, WCR, WCU, Permutation}},
		{Design{Clusters: 30, Treated: 15, Sizes: Unequal}, []Method{CR1}, []Method{CR2, CR3, Jackknife, WCR, WCU}},
		{Design{Clusters: 50, Treated: 25, Sizes: Unequal, Varying: true}, []Method{CR1}, []Method{CR2, CR3, Jackknife, WCR, WCU}},
		{Design{Clusters: 50, Treated: 25, Sizes: Dominated}, []Method{CR1, CR2, WCR, WCU}, []Method{Jackknife, Permutation}},
		{Design{Clusters: 20, Treated: 1}, []Method{CR1, CR2, CR3, Jackknife, WCR, WCU, Permutation, PermutationPlain}, nil},
		{Design{Clusters: 50, Treated: 3}, []Method{CR1, CR2, CR3, Jackknife, WCR, WCU, Permutation, PermutationPlain}, nil},
		{Design{Clusters: 50, Treated: 5}, []Method{CR1, Jackknife, PermutationPlain}, []Method{Permutation}},
		{Design{Clusters: 50, Treated: 10}, []Method{CR1, PermutationPlain}, []Method{CR2, CR3, Jackknife, WCR, WCU, Permutation}},
		{Design{Clusters: 50, Treated: 15}, []Method{PermutationPlain}, []Method{CR1, CR2, CR3, Jackknife, WCR, WCU, Permutation}},
		{Design{Clusters: 20, Treated: 3, F: 20}, []Method{CR1, AR, AR2, TF, WRE, WildAR, Permutation}, nil},
		{Design{Clusters: 50, Treated: 25, F: 20}, nil, []Method{AR, AR2, TF, WRE, WildAR, Permutation}},
	} {
		cell := study(t, 2*Batch, c.design).Cells[0]
		for share, methods := range map[float64][]Method{0: c.not, 1: c.warned} {
			for _, m := range methods {
				if tally, _ := cell.Tally(m); tally.Alarm() != share {
					t.Errorf("%s, %s: a share of %g has a warning (%s), want %g", c.design, m, tally.Alarm(), tally.codes(), share)
				}
			}
		}
	}
}

// TestDesigns: no two designs have one description, and all can be run.
func TestDesigns(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Designs() {
		if seen[d.String()] {
			t.Errorf("%s twice", d)
		}
		seen[d.String()] = true
		if b := newBatch(1, d, 0); d.Instrumental() && !(b.firstStage() > 0) {
			t.Errorf("%s: first stage %g", d, b.firstStage())
		}
		if d.Treated < 1 || d.Treated >= d.Clusters {
			t.Errorf("%s", d)
		}
	}
	if _, err := Run(context.Background(), Options{Replications: Batch}); err == nil {
		t.Error("one batch has no standard error, and was not refused")
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Run(ctx, Options{Replications: 100}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after a cancellation", err)
	}
}

// TestTally: rates, standard errors and what came without a warning.
func TestTally(t *testing.T) {
	var a, b count
	for range 10 {
		a.add(0.05, nil)
		b.add(0.051, []string{"x"})
	}
	b.add(math.NaN(), nil)
	b.add(0.01, []string{"x", "y"})
	got := sum(WCR, []count{a, b})
	quiet, n := got.SilentRate()
	if got.Rate() != 0.5 || got.Undefined != 1 || quiet != 10./11 || n != 11 || got.Warned["x"] != 11 || got.Warned["y"] != 1 {
		t.Errorf("%+v: rate %g, silent %g of %d", got, got.Rate(), quiet, n)
	}
	// Residuals of 5 and -5 rejections: sqrt(50 * 2/1) / 22.
	if want := 10. / 22; math.Abs(got.SE-want) > 1e-12 {
		t.Errorf("standard error %g, want %g", got.SE, want)
	}
}

// TestMarkdown: the report has a row for each design and names the failures.
func TestMarkdown(t *testing.T) {
	var b strings.Builder
	s := study(t, 100, Design{Clusters: 10, Treated: 1}, Design{Clusters: 20, Treated: 10, F: 1})
	if err := s.Markdown(&b, "the command"); err != nil {
		t.Fatal(err)
	}
	tally, _ := s.Cells[0].Tally(WCU)
	for _, want := range []string{
		"    the command\n", "| 10 | 1 | equal | none |", "| 1 | 20 | 10 | equal | none |", "### WRE: ",
		" | " + tally.cell() + " | ", "few-clusters", "| CR2 | 20 clusters, 10 treated, equal sizes, F = 1 | ",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	failed := Tally{Method: WCU, Replications: 100, Rejected: 8, AnyWarning: 49}
	warned := Tally{Method: CR1, Replications: 100, Rejected: 8, AnyWarning: 50}
	both := &Study{Cells: []Cell{{Design: Design{Clusters: 9}, Tallies: []Tally{warned, failed}}}}
	if silent := both.Silent(); len(silent) != 1 || silent[0].Tally.Method != WCU {
		t.Errorf("failures without a warning: %+v", silent)
	}
	if err := s.Markdown(full{}, ""); err == nil {
		t.Error("an error of the writer's was lost")
	}
}

// full is a writer without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

// TestNames: every method has a name, and something to say.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for m := CR1; m <= WRE; m++ {
		what, reading := m.stands()
		if seen[m.String()] || what == "" || reading == "" {
			t.Errorf("method %d: name %q, %q, %q", int(m), m, what, reading)
		}
		seen[m.String()] = true
	}
	if Method(99).String() != "Method(99)" || Sizes(9).String() != "Sizes(9)" {
		t.Error("names of unknown values")
	}
}
