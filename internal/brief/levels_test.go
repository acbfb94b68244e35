package brief

import (
	"slices"
	"testing"
)

func TestOrderLevels(t *testing.T) {
	levels := []string{"u10", "9", "u2", "10", "", "NaN", "9.0", "-1", "u02", "u", "v1b20", "v1b3"}
	var got []string
	for _, i := range OrderLevels(levels) {
		got = append(got, levels[i])
	}
	if want := []string{"-1", "9", "9.0", "10", "", "NaN", "u", "u02", "u2", "u10", "v1b3", "v1b20"}; !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
	for i, a := range got {
		for j, b := range got {
			if c := CompareLevels(a, b); (c < 0) != (i < j) || (c == 0) != (i == j) {
				t.Errorf("%q and %q compare as %d", a, b, c)
			}
		}
	}
}
