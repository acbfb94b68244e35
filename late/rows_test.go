package late_test

import (
	"fmt"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// TestRowsIsFilter: everything that the package estimates over some rows of a frame is what it
// estimates on the frame that holds these rows alone.
func TestRowsIsFilter(t *testing.T) {
	f, ctx := world(t, 7), t.Context()
	keep := func(row int) bool { return row%5 != 0 && row%7 != 2 }
	cross := itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Controls: []string{"x"}}
	clustered := cross
	clustered.Cluster = []string{"agent"}
	did := clustered
	did.Absorb, did.Time, did.Launch = iv.Effects("agent", "day"), "day", launch
	for design, base := range map[string]itt.Spec{"cross-section": cross, "clustered": clustered, "difference-in-differences": did} {
		for name, estimate := range map[string]func(f *data.Frame, s late.Spec) (fmt.Stringer, error){
			"Estimate":           func(f *data.Frame, s late.Spec) (fmt.Stringer, error) { return late.Estimate(ctx, f, s) },
			"Account":            func(f *data.Frame, s late.Spec) (fmt.Stringer, error) { return late.Account(ctx, f, s) },
			"NeverTakerContrast": func(f *data.Frame, s late.Spec) (fmt.Stringer, error) { return late.NeverTakerContrast(ctx, f, s) },
			"ZeroFirstStage":     func(f *data.Frame, s late.Spec) (fmt.Stringer, error) { return late.ZeroFirstStage(ctx, f, s, "idle") },
			"ResponseWeights":    func(f *data.Frame, s late.Spec) (fmt.Stringer, error) { return late.ResponseWeights(ctx, f, s, 1, 2) },
			"DescribeCompliers": func(f *data.Frame, s late.Spec) (fmt.Stringer, error) {
				return late.DescribeCompliers(ctx, f, s, "noise")
			},
			"AsUsedAmongAssigned": func(f *data.Frame, s late.Spec) (fmt.Stringer, error) {
				r, err := late.AsUsedAmongAssigned(ctx, f, s)
				if err != nil {
					return nil, err
				}
				return r[0], nil
			},
		} {
			spec := late.Spec{Spec: base, Usage: "used"}
			want, wantErr := estimate(f.Filter(keep), spec)
			spec.Rows = keep
			got, err := estimate(f, spec)
			switch {
			case wantErr != nil && err != nil && err.Error() == wantErr.Error():
			case wantErr != nil || err != nil:
				t.Errorf("%s, %s: error %v, want %v", design, name, err, wantErr)
			case got.String() != want.String():
				t.Errorf("%s, %s:\n%v\nwant\n%v", design, name, got, want)
			}
		}
	}
}
