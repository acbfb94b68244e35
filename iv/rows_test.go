package iv_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// TestRowsIsFilter: the models over some rows are those of the frame that holds these rows alone, in
// all that they report.
func TestRowsIsFilter(t *testing.T) {
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		c1, agent := floats(t, f, "c1"), floats(t, f, "agent")
		keep := func(row int) bool { return agent[row] != 3 && !(c1[row] > 0.4) }
		want := estimateAll(t, f.Filter(keep), s)
		s.Rows = keep
		for i, got := range estimateAll(t, f, s) {
			sameBits(t, got.Outcome, got, want[i])
			if got.Rows != want[i].Rows || !reflect.DeepEqual(got.Dropped, want[i].Dropped) || !reflect.DeepEqual(got.Clusters, want[i].Clusters) || !reflect.DeepEqual(got.Effects, want[i].Effects) {
				t.Errorf("%s: of %d rows dropped %v, clusters %v, effects %v; want of %d %v, %v, %v", got.Outcome, got.Rows, got.Dropped, got.Clusters, got.Effects, want[i].Rows, want[i].Dropped, want[i].Clusters, want[i].Effects)
			}
		}
	})
}

// TestRowsAlone: what other rows hold does not matter: neither levels of text, nor infinite values and
// wrong weights; and a frame of which no row is left is refused.
func TestRowsAlone(t *testing.T) {
	f := &data.Frame{}
	inf := math.Inf(1)
	for name, v := range map[string][]float64{
		"y": {1, 3, 2, 5, 4, 7, inf, 0}, "x": {0, 1, 0, 1, 0, 1, 0, -inf}, "w": {1, 2, 1, 1, 2, 1, -1, inf},
	} {
		setFloats(t, f, name, v)
	}
	if err := f.SetStrings("kind", []string{"a", "b", "b", "a", "b", "c", "d", "e"}); err != nil {
		t.Fatal(err)
	}
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x", "kind"}, Weights: "w", Rows: func(row int) bool { return row > 0 && row < 6 }}
	got := estimate(t, f, s)
	if want := []string{"x", "kind=b", "kind=c", iv.Constant}; !reflect.DeepEqual(got.Terms, want) || got.Rows != 5 {
		t.Errorf("%d rows, terms %v, want 5 and %v", got.Rows, got.Terms, want)
	}
	for what, keep := range map[string]func(int) bool{
		"Rows leaves out all 8 rows of the frame":                  func(int) bool { return false },
		`column "y" holds 1 infinite value(s), the first in row 7`: func(row int) bool { return row > 2 && row < 7 },
	} {
		s.Rows = keep
		_, err := iv.Estimate(context.Background(), f, s)
		var e *fieldexp.Error
		if !errors.As(err, &e) || e.Message != what {
			t.Errorf("error %v, want %q", err, what)
		}
	}
}
