package late

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// Shares describes uptake by plain means over the rows in which assignment and usage are known; in
// a difference-in-differences, over those at or past the launch. They are weighted where the spec
// names weights. Rows of every arm but control count as assigned.
//
// Where usage is 0 or 1, assignment makes nobody use less (no defiers), and arms are alike by
// randomisation, the difference in mean usage is the share of compliers: those who use if assigned
// and not otherwise. Never-takers do not use even if assigned, always-takers use even if not. With
// a share or a dose the difference is the mean usage that assignment brought about.
type Shares struct {
	Assigned, NotAssigned         int     // rows
	MeanAssigned, MeanNotAssigned float64 // of usage
	Compliers                     float64 // MeanAssigned - MeanNotAssigned
	// NeverTakers and AlwaysTakers are shares of rows where usage is 0 or 1, and NaN otherwise.
	NeverTakers, AlwaysTakers float64
	// Binary reports that usage is 0 or 1 in every row.
	Binary bool
	// OneSided reports that no row that was not treated used: neither of control nor, in a
	// difference-in-differences, from before the launch. There are no always-takers then, and the
	// effect on compliers is that on the treated who used.
	OneSided bool
	// UsedNotTreated counts the rows that were not treated and used.
	UsedNotTreated int

	// Unit is the first cluster column, or empty for rows. NeverUse and AlwaysUse are the shares of
	// the Units that were assigned whose usage is 0, or 1, in all of their rows since the launch.
	Unit                string
	Units               int
	NeverUse, AlwaysUse float64
}

// shares computes the description of uptake.
func (u *usage) shares(weights []float64) (Shares, error) {
	s := Shares{Binary: true, NeverTakers: math.NaN(), AlwaysTakers: math.NaN()}
	var mass, sum [2]float64 // not assigned, assigned
	for i, v := range u.values {
		exposed, known := u.design.Exposed(i)
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		if !known || math.IsNaN(v) || !(w > 0) {
			continue
		}
		s.Binary = s.Binary && (v == 0 || v == 1)
		if !exposed && v != 0 {
			s.UsedNotTreated++
		}
		side := 0
		if exposed {
			side = 1
			s.Assigned++
		} else if !u.design.Launched(i) {
			continue
		} else {
			s.NotAssigned++
		}
		mass[side] += w
		sum[side] += w * v
	}
	s.OneSided = s.UsedNotTreated == 0
	s.MeanNotAssigned, s.MeanAssigned = sum[0]/mass[0], sum[1]/mass[1]
	s.Compliers = s.MeanAssigned - s.MeanNotAssigned
	if s.Binary {
		s.NeverTakers, s.AlwaysTakers = 1-s.MeanAssigned, s.MeanNotAssigned
	}
	return s, u.countUnits(&s, weights)
}

// countUnits finds the units that never or always use.
func (u *usage) countUnits(s *Shares, weights []float64) error {
	var g data.Grouping
	if clusters := u.design.Spec.Cluster; len(clusters) > 0 {
		var err error
		if g, err = u.design.Group(iv.Effects(clusters[0])[0]); err != nil {
			return err
		}
		s.Unit = clusters[0]
	}
	const seen, used, spared = 1, 2, 4 // in some row
	state := make([]uint8, g.Len())
	never, always := 0, 0
	count := func(state uint8) {
		s.Units++
		switch state {
		case seen | spared:
			never++
		case seen | used:
			always++
		}
	}
	for i, v := range u.values {
		exposed, _ := u.design.Exposed(i)
		if !exposed || math.IsNaN(v) || weights != nil && !(weights[i] > 0) {
			continue
		}
		row := uint8(seen | used | spared)
		switch v {
		case 0:
			row = seen | spared
		case 1:
			row = seen | used
		}
		if g.Codes == nil {
			count(row)
		} else if g.Codes[i] >= 0 {
			state[g.Codes[i]] |= row
		}
	}
	for _, unit := range state {
		if unit != 0 {
			count(unit)
		}
	}
	s.NeverUse, s.AlwaysUse = float64(never)/float64(s.Units), float64(always)/float64(s.Units)
	return nil
}

// String tells the shares in a few sentences.
func (s Shares) String() string {
	text := fmt.Sprintf("Mean usage is %s in %s assigned rows and %s in %s others", brief.Number(s.MeanAssigned), brief.Count(s.Assigned),
		brief.Number(s.MeanNotAssigned), brief.Count(s.NotAssigned))
	if s.Binary {
		text += fmt.Sprintf(": compliers %s, never-takers %s, always-takers %s.", percent(s.Compliers), percent(s.NeverTakers), percent(s.AlwaysTakers))
	} else {
		text += fmt.Sprintf(": assignment moves it by %s.", brief.Number(s.Compliers))
	}
	if s.OneSided {
		text += " Uptake is one-sided: no row that was not treated used."
	} else {
		text += fmt.Sprintf(" Uptake is two-sided: %s rows that were not treated used.", brief.Count(s.UsedNotTreated))
	}
	what := "rows"
	if s.Unit != "" {
		what = "units (" + s.Unit + ")"
	}
	return text + fmt.Sprintf(" Of %s assigned %s, %s never used and %s always did.", brief.Count(s.Units), what, percent(s.NeverUse), percent(s.AlwaysUse))
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }
