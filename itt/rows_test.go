package itt_test

import (
	"reflect"
	"testing"

	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// TestRowsIsFilter: a design about some rows is that of the frame of these rows alone, whatever the
// others hold, in a cross-section and in a difference-in-differences, for arms in numbers and in text.
func TestRowsIsFilter(t *testing.T) {
	f := office(t)
	z, number := column(t, f, "z"), column(t, f, "number")
	arms, wrong, outside := make([]string, len(z)), make([]float64, len(z)), make([]bool, len(z))
	for i := range z {
		outside[i] = i%5 == 0
		arms[i], wrong[i] = "control", z[i]
		if z[i] == 1 {
			arms[i] = "treated"
		}
		if outside[i] {
			arms[i], wrong[i] = "another", 7
		}
	}
	must(t, f.SetStrings("arms", arms))
	must(t, f.SetFloats("wrong", wrong))
	keep := func(row int) bool { return !outside[row] && number[row] != 1 }
	did := itt.Spec{Absorb: iv.Effects("agent", "day"), Time: "day", Launch: mid, TreatedName: "since launch"}
	for _, base := range []itt.Spec{{}, did} {
		for _, assignment := range []string{"z", "arms", "wrong"} {
			spec := base
			spec.Outcomes, spec.Assignment, spec.Controls, spec.Cluster = []string{"y"}, assignment, []string{"x"}, []string{"agent"}
			want := estimate(t, f.Filter(keep), spec)
			spec.Rows = keep
			got := estimate(t, f, spec)
			if !reflect.DeepEqual(got.Design.Arms, want.Design.Arms) || !reflect.DeepEqual(got.Warnings, want.Warnings) || !reflect.DeepEqual(got.Effects(), want.Effects()) {
				t.Errorf("%s: arms %v, effects %v, warnings %v; want %v, %v, %v", assignment, got.Design.Arms, got.Effects(), got.Warnings, want.Design.Arms, want.Effects(), want.Warnings)
			}
		}
	}
	lin := itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Controls: []string{"x"}, Cluster: []string{"agent"}}
	want, err := itt.Lin(t.Context(), f.Filter(keep), lin)
	must(t, err)
	lin.Rows = keep
	got, err := itt.Lin(t.Context(), f, lin)
	must(t, err)
	if !reflect.DeepEqual(got.Effects(), want.Effects()) {
		t.Errorf("Lin: effects %v, want %v", got.Effects(), want.Effects())
	}
	_, err = itt.Estimate(t.Context(), f, itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Rows: func(row int) bool { return z[row] == 0 }})
	if err == nil {
		t.Error("rows of one arm are not refused")
	}
}
