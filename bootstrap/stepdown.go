package bootstrap

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
)

// StepMethod says what a step of a step-down procedure compares.
type StepMethod int

const (
	// RomanoWolf compares the largest statistic, in absolute value, of the hypotheses that are
	// left (Romano and Wolf 2005, 2016; with permutation draws, Westfall and Young's max-T).
	RomanoWolf StepMethod = iota
	// WestfallYoung compares the smallest p-value, where the p-value of a statistic is its rank
	// among the draws of its own hypothesis (Westfall and Young 1993, min-P). It weighs hypotheses
	// alike whose statistics are distributed differently.
	WestfallYoung
)

// String names the method.
func (m StepMethod) String() string {
	switch m {
	case RomanoWolf:
		return "Romano-Wolf"
	case WestfallYoung:
		return "Westfall-Young"
	}
	return fmt.Sprintf("StepMethod(%d)", int(m))
}

// StepSpec says how to step down. Its zero value is a sound default.
type StepSpec struct {
	Method StepMethod
	PRule  PRule
	Ties   Ties
	// Enumerated says that the draws are all that there could have been, the data among them: p-values
	// are shares then.
	Enumerated bool
}

// StepResult holds p-values that allow for all the hypotheses tested together.
type StepResult struct {
	// P holds the adjusted p-values in the order of the hypotheses: the chance, if all hypotheses
	// that are not rejected before it were true, that any of them looks as strong.
	P []float64
	// MonteCarloSE holds the standard error that each has because draws are random; zero for an
	// enumeration.
	MonteCarloSE []float64
	// Unadjusted holds the p-value of each hypothesis alone, from the same draws.
	Unadjusted []float64
	// Order lists the hypotheses from the strongest to the weakest, as they were stepped through.
	Order []int
	Draws int
	Spec  StepSpec
}

// StepDown adjusts the p-values of many hypotheses (outcomes, groups, both) for their number by
// stepping down: it controls the chance of any false rejection, and since the draws carry how the
// statistics depend on each other it gives away less than Holm's method.
//
// The draws must be common to the hypotheses: draw b of each comes from the same resampled experiment
// (WildAll and Permute see to that), under the null hypothesis or centred at the estimates.
// observed has the statistic of each hypothesis, draws[h] those of the draws of hypothesis h.
// Statistics are compared by absolute value and should be studentised. A draw that is NaN counts as
// extreme. Stata's rwolf and wyoung and R's multtest do the same.
//
// The error is a *fieldexp.Error.
func StepDown(observed []float64, draws [][]float64, spec StepSpec) (*StepResult, error) {
	if spec.Method < RomanoWolf || spec.Method > WestfallYoung || spec.PRule < PlusOne || spec.PRule > Share || spec.Ties < TiesCount || spec.Ties > TiesExcluded {
		return nil, bad(fieldexp.BadSpec, "an unknown method, rule for p-values or rule for ties",
			"use the constants of {StepMethod}, {PRule} and {Ties}")
	}
	if err := checkDraws(observed, draws); err != nil {
		return nil, err
	}
	n, b := len(observed), len(draws[0])
	res := &StepResult{P: make([]float64, n), MonteCarloSE: make([]float64, n), Unadjusted: make([]float64, n), Order: make([]int, n), Draws: b, Spec: spec}
	rule := WildSpec{PRule: spec.PRule, Ties: spec.Ties}
	counts := Counts{Draws: b, Enumerated: spec.Enumerated}
	// Strengths are larger where the evidence is stronger: absolute statistics, or p-values turned
	// around.
	data, strengths := make([]float64, n), make([][]float64, n)
	for h := range n {
		data[h], strengths[h] = math.Abs(observed[h]), absolute(draws[h])
		own := counts
		for _, draw := range strengths[h] {
			own.add(draw, data[h])
		}
		res.Unadjusted[h] = rule.symmetric(&own)
		if spec.Method == WestfallYoung {
			data[h], strengths[h] = ranked(data[h], strengths[h])
		}
		res.Order[h] = h
	}
	slices.SortStableFunc(res.Order, func(a, c int) int { return cmp.Compare(data[c], data[a]) })
	largest := make([]float64, b) // of the hypotheses from the current one on
	for step := n - 1; step >= 0; step-- {
		h := res.Order[step]
		own := counts
		for i, draw := range strengths[h] {
			largest[i] = math.Max(largest[i], draw)
			own.add(largest[i], data[h])
		}
		res.P[h] = rule.symmetric(&own)
	}
	for step, h := range res.Order {
		if step > 0 {
			res.P[h] = math.Max(res.P[h], res.P[res.Order[step-1]])
		}
		res.MonteCarloSE[h] = standardError(res.P[h], Symmetric, &counts)
	}
	return res, nil
}

// checkDraws refuses statistics that cannot be compared.
func checkDraws(observed []float64, draws [][]float64) error {
	if len(observed) == 0 {
		return bad(fieldexp.BadSpec, "no hypothesis to adjust", "give the statistic of at least one")
	}
	if len(draws) != len(observed) {
		return bad(fieldexp.BadSpec,
			fmt.Sprintf("draws of %d hypotheses, statistics of %d", len(draws), len(observed)),
			"give the draws of every hypothesis")
	}
	for h, list := range draws {
		switch {
		case math.IsNaN(observed[h]):
			return bad(fieldexp.BadSpec, fmt.Sprintf("the statistic of hypothesis %d is not a number", h+1),
				"leave out hypotheses that could not be tested")
		case len(list) != len(draws[0]):
			return bad(fieldexp.BadSpec,
				fmt.Sprintf("%d draws of hypothesis %d and %d of the first", len(list), h+1, len(draws[0])),
				"use draws that are common to all hypotheses")
		case len(list) == 0:
			return bad(fieldexp.BadSpec, "no draws", "give the statistics of at least one draw")
		}
	}
	return nil
}

// absolute is the size of every statistic, the largest number where it is undefined.
func absolute(draws []float64) []float64 {
	sizes := make([]float64, len(draws))
	for i, v := range draws {
		if sizes[i] = math.Abs(v); math.IsNaN(v) {
			sizes[i] = math.MaxFloat64
		}
	}
	return sizes
}

// ranked replaces sizes by how few of all, the data's included, are as large: an integer from 0,
// where all are, so that comparisons are exact.
func ranked(data float64, draws []float64) (float64, []float64) {
	sorted := append(slices.Clone(draws), data)
	slices.Sort(sorted)
	smaller := func(v float64) float64 {
		below, _ := slices.BinarySearchFunc(sorted, v, func(element, target float64) int {
			if order(element, target) < 0 {
				return -1
			}
			return 1
		})
		return float64(below)
	}
	ranks := make([]float64, len(draws))
	for i, v := range draws {
		ranks[i] = smaller(v)
	}
	return smaller(data), ranks
}

// Simultaneous gives intervals that hold all the parameters together with the given probability:
// estimate plus or minus a multiple of its standard error, where the multiple is the quantile of the
// largest absolute t statistic of the draws. The draws are those of StepDown, and the level a share
// such as 0.95. It also returns the multiple.
//
// The error is a *fieldexp.Error; too few draws for the level are one.
func Simultaneous(estimates, se []float64, draws [][]float64, level float64) ([]Interval, float64, error) {
	if !(level > 0 && level < 1) {
		return nil, 0, bad(fieldexp.BadSpec, fmt.Sprintf("a confidence level of %g", level),
			"give a share between 0 and 1, such as 0.95")
	}
	if len(se) != len(estimates) {
		return nil, 0, bad(fieldexp.BadSpec,
			fmt.Sprintf("%d estimates and %d standard errors", len(estimates), len(se)),
			"give one for each")
	}
	if err := checkDraws(estimates, draws); err != nil {
		return nil, 0, err
	}
	largest := make([]float64, len(draws[0]))
	for _, list := range draws {
		for b, size := range absolute(list) {
			largest[b] = math.Max(largest[b], size)
		}
	}
	slices.Sort(largest)
	// The data are one of the draws: the quantile is that of one more.
	rank := int(math.Ceil(level*float64(len(largest)+1) - 1e-9))
	if rank > len(largest) {
		return nil, 0, bad(fieldexp.BadSpec, fmt.Sprintf("%d draws for a level of %g", len(largest), level),
			fieldexp.Hint(fmt.Sprintf("ask for at least %d", int(math.Ceil(level/(1-level)-1e-9)))))
	}
	multiple := largest[rank-1]
	intervals := make([]Interval, len(estimates))
	for i, estimate := range estimates {
		intervals[i] = Interval{estimate - multiple*se[i], estimate + multiple*se[i]}
	}
	return intervals, multiple, nil
}
