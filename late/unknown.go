package late

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// unknown counts the rows since the launch of one side of the exposure, and of them those in which usage is not known.
type unknown struct{ rows, missing int }

func (u unknown) share() float64 { return float64(u.missing) / float64(u.rows) }

// unknown counts them over the rows in which an outcome is known.
func (u *usage) unknown() (counts [2]unknown) {
	if u.exposed.missing+u.spared.missing == 0 {
		return counts
	}
	var outcomes [][]float64
	for _, name := range u.design.Spec.Outcomes {
		if y, err := u.design.Frame.Floats(name); err == nil { // others are refused later
			outcomes = append(outcomes, y)
		}
	}
	for i, v := range u.values {
		exposed, known := u.design.Exposed(i)
		if !known || !u.design.Launched(i) {
			continue
		}
		for _, y := range outcomes {
			if y[i] == y[i] {
				side := &counts[0]
				if exposed {
					side = &counts[1]
				}
				side.rows++
				if math.IsNaN(v) {
					side.missing++
				}
				break
			}
		}
	}
	return counts
}

// warnUnknown warns of usage that is known of one arm more often than of the other: by a twentieth of the rows, and by more
// than three standard errors of independent rows.
func (r *Result) warnUnknown() {
	others, treated := r.unknown[0], r.unknown[1]
	if others.rows == 0 || treated.rows == 0 {
		return
	}
	p := float64(others.missing+treated.missing) / float64(others.rows+treated.rows)
	apart := math.Abs(others.share() - treated.share())
	if apart < 0.05 || apart < 3*math.Sqrt(p*(1-p)*(1/float64(others.rows)+1/float64(treated.rows))) {
		return
	}
	r.Warnings = brief.AddWarning(r.Warnings, fieldexp.Warning{Code: "usage-unknown", Message: fmt.Sprintf(
		"usage %q is not known in %s of %s assigned rows and in %s of %s others, which are left out: if knowing it depends on assignment, the rows that are left are not comparable, and the reduced form is not the effect of assignment over all rows",
		r.Usage, percent(treated.share()), brief.Count(treated.rows), percent(others.share()), brief.Count(others.rows)),
		Remedy: "set it to 0 for those who could not use"})
}
