package late_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// TestSharesOfManyRows has the rows of a small panel five hundred times, in no order, which are counted in several
// pieces: shares and means are the same, counts of rows are five hundred times, and nothing depends on the number of
// processors.
func TestSharesOfManyRows(t *testing.T) {
	const times = 500
	f := world(t, 5)
	var rows []int
	for range times {
		for i := range f.Len() {
			rows = append(rows, i)
		}
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	large := f.Take(rows)
	for _, usage := range []string{"used", "share", "loose"} {
		spec := late.Spec{Usage: usage, Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Absorb: iv.Effects("agent", "day"),
			Cluster: []string{"agent"}, Time: "day", Launch: launch, Weights: "w"}}
		was := runtime.GOMAXPROCS(4)
		got := estimate(t, large, spec).Shares
		runtime.GOMAXPROCS(1)
		one, want := estimate(t, large, spec).Shares, estimate(t, f, spec).Shares
		runtime.GOMAXPROCS(was)
		if got.String() != one.String() || got.MeanAssigned != one.MeanAssigned || got.MeanNotAssigned != one.MeanNotAssigned {
			t.Errorf("%s: %+v on four processors, %+v on one", usage, got, one)
		}
		if got.Assigned != times*want.Assigned || got.NotAssigned != times*want.NotAssigned || got.UsedNotTreated != times*want.UsedNotTreated || got.Units != want.Units {
			t.Errorf("%s: counts %+v, want of rows %d times %+v", usage, got, times, want)
		}
		for _, v := range [][2]float64{{got.MeanAssigned, want.MeanAssigned}, {got.MeanNotAssigned, want.MeanNotAssigned}, {got.NeverUse, want.NeverUse}, {got.AlwaysUse, want.AlwaysUse}} {
			studytest.Near(t, usage, v[0], v[1], 1e-12, 0)
		}
	}
}
