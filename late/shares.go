package late

import (
	"context"
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// Shares describes uptake by plain means over the rows of a model; in a difference-in-differences, over those
// at or past the launch. They are weighted where the spec names weights, and rows count as often as frequency weights say.
// Rows of every arm but control count as assigned.
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
	// Binary reports that usage is 0 or 1 in every row of the frame.
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

// shares computes the description of uptake in n rows, of which row gives the i-th.
func (u *usage) shares(n int, row func(i int) int, weights []float64) (Shares, error) {
	spared, exposed := u.spared, u.exposed
	if n < len(u.values) { // not all rows, which were looked at before
		spared, exposed = u.sides(n, row, weights)
	}
	s := Shares{Assigned: exposed.since, NotAssigned: spared.since,
		MeanAssigned: exposed.sum / exposed.mass, MeanNotAssigned: spared.sum / spared.mass,
		Binary: !u.exposed.between && !u.spared.between, UsedNotTreated: spared.used,
		NeverTakers: math.NaN(), AlwaysTakers: math.NaN()}
	if u.design.Spec.Weights != "" && u.design.Spec.WeightKind == iv.Frequency {
		s.Assigned, s.NotAssigned, s.UsedNotTreated = int(exposed.mass), int(spared.mass), int(spared.usedMass)
	}
	s.OneSided = s.UsedNotTreated == 0
	s.Compliers = s.MeanAssigned - s.MeanNotAssigned
	if s.Binary {
		s.NeverTakers, s.AlwaysTakers = 1-s.MeanAssigned, s.MeanNotAssigned
	}
	return s, u.countUnits(&s, n, row, weights)
}

// countUnits finds the units that never or always use.
func (u *usage) countUnits(s *Shares, n int, row func(i int) int, weights []float64) error {
	units, codes := len(u.values), []int32(nil) // rows, unless there are clusters
	if clusters := u.design.Spec.Cluster; len(clusters) > 0 {
		g, err := u.design.Group(iv.Effects(clusters[0])[0])
		if err != nil {
			return err
		}
		s.Unit, units, codes = clusters[0], g.Len(), g.Codes
	}
	const seen, used, spared = 1, 2, 4 // in some row
	pieces := parallel.Pieces(n, units)
	parts := make([][]uint8, pieces)
	// The context is never cancelled, so there is no error.
	_ = parallel.For(context.Background(), pieces, func(p int) {
		state := make([]uint8, units)
		for at := p * n / pieces; at < (p+1)*n/pieces; at++ {
			i := row(at)
			exposed, _ := u.design.Exposed(i)
			v, g := u.values[i], i
			if codes != nil {
				g = int(codes[i])
			}
			if !exposed || g < 0 || math.IsNaN(v) || weights != nil && !(weights[i] > 0) {
				continue
			}
			switch v {
			case 0:
				state[g] |= seen | spared
			case 1:
				state[g] |= seen | used
			default:
				state[g] |= seen | used | spared
			}
		}
		parts[p] = state
	})
	never, always := 0, 0
	for g := range units {
		state := uint8(0)
		for _, part := range parts {
			state |= part[g]
		}
		switch state {
		case 0:
			continue
		case seen | spared:
			never++
		case seen | used:
			always++
		}
		s.Units++
	}
	s.NeverUse, s.AlwaysUse = float64(never)/float64(s.Units), float64(always)/float64(s.Units)
	return nil
}

// String tells the shares in a few sentences.
func (s Shares) String() string { return DescribeShares(s) }

// DescribeShares tells the shares of several models in a few sentences, with ranges where they differ.
func DescribeShares(list ...Shares) string {
	if len(list) == 0 {
		return ""
	}
	spread := func(show func(float64) string, of func(s Shares) float64) string {
		low, high := of(list[0]), of(list[0])
		for _, s := range list[1:] {
			low, high = min(low, of(s)), max(high, of(s))
		}
		if show(low) == show(high) {
			return show(low)
		}
		return show(low) + " to " + show(high)
	}
	count := func(x float64) string { return brief.Count(int(x)) }
	text := fmt.Sprintf("Mean usage is %s in %s assigned rows and %s in %s others",
		spread(brief.Number, func(s Shares) float64 { return s.MeanAssigned }), spread(count, func(s Shares) float64 { return float64(s.Assigned) }),
		spread(brief.Number, func(s Shares) float64 { return s.MeanNotAssigned }), spread(count, func(s Shares) float64 { return float64(s.NotAssigned) }))
	compliers := func(s Shares) float64 { return s.Compliers }
	if list[0].Binary {
		text += fmt.Sprintf(": compliers %s, never-takers %s, always-takers %s.", spread(percent, compliers),
			spread(percent, func(s Shares) float64 { return s.NeverTakers }), spread(percent, func(s Shares) float64 { return s.AlwaysTakers }))
	} else {
		text += fmt.Sprintf(": assignment moves it by %s.", spread(brief.Number, compliers))
	}
	if users := spread(count, func(s Shares) float64 { return float64(s.UsedNotTreated) }); users == "0" {
		text += " Uptake is one-sided: no row that was not treated used."
	} else {
		text += fmt.Sprintf(" Uptake is two-sided: %s rows that were not treated used.", users)
	}
	what := "rows"
	if list[0].Unit != "" {
		what = "units (" + list[0].Unit + ")"
	}
	return text + fmt.Sprintf(" Of %s assigned %s, %s never used and %s always did.", spread(count, func(s Shares) float64 { return float64(s.Units) }), what,
		spread(percent, func(s Shares) float64 { return s.NeverUse }), spread(percent, func(s Shares) float64 { return s.AlwaysUse }))
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }
