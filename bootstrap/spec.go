package bootstrap

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp"
)

// Weights is the law of the random weights that multiply the residuals of a cluster. All have mean
// zero and variance one.
type Weights int

const (
	// Rademacher weights are -1 or 1 with equal probability.
	Rademacher Weights = iota
	// Mammen weights take two values, with a third moment of one (Mammen 1993).
	Mammen
	// Webb weights take six values with equal probability: for fewer than about ten clusters,
	// where there are few sign vectors (Webb 2023).
	Webb
	// Normal weights are standard normal.
	Normal
	// Gamma weights are gamma variables of shape 4 and scale 1/2, less 2: a third moment of one (Liu 1988).
	Gamma
)

// String is the law's name.
func (w Weights) String() string {
	if w < Rademacher || w > Gamma {
		return fmt.Sprintf("Weights(%d)", int(w))
	}
	return [...]string{"Rademacher", "Mammen", "Webb", "normal", "gamma"}[w]
}

// Type names a variant of the wild cluster bootstrap as MacKinnon, Nielsen and Webb (2023) do.
// The first digit says which residuals are reweighted: 1 the residuals themselves, 3 those that each
// cluster has when the model is fitted without it. The second says which variance studentises: 1 CR1,
// 3 CR3, the jackknife.
type Type int

const (
	// Type11 is the classic wild cluster bootstrap of Cameron, Gelbach and Miller (2008).
	Type11 Type = iota
	// Type13 studentises by CR3.
	Type13
	// Type31 reweights the residuals of leaving clusters out.
	Type31
	// Type33 does both.
	Type33
)

// String is the variant's two digits.
func (t Type) String() string {
	if t < Type11 || t > Type33 {
		return fmt.Sprintf("Type(%d)", int(t))
	}
	return [...]string{"11", "13", "31", "33"}[t]
}

func (t Type) jackknifed() bool { return t == Type31 || t == Type33 }
func (t Type) cr3() bool        { return t == Type13 || t == Type33 }

// Tail says what is extreme.
type Tail int

const (
	// Symmetric compares absolute values.
	Symmetric Tail = iota
	// EqualTailed doubles the smaller of the two one-sided p-values.
	EqualTailed
)

// String names the kind of p-value.
func (t Tail) String() string {
	if t == EqualTailed {
		return "equal-tailed"
	}
	return "symmetric"
}

// PRule says how a count of extreme draws becomes a p-value. Enumerated draws are the whole
// distribution, and their p-value is always their share.
type PRule int

const (
	// PlusOne is (c+1)/(B+1), which counts the data as one of the draws: it never is zero, and a
	// test that uses it is never too large on account of B.
	PlusOne PRule = iota
	// Share is c/B, as in Stata's boottest and R's fwildclusterboot.
	Share
)

// Ties says whether a draw counts whose statistic equals that of the data. Statistics are equal
// when they differ by no more than one part in 10^9: in exact arithmetic ties are common (each sign
// vector ties with its mirror image), and without a tolerance rounding would decide them.
type Ties int

const (
	// TiesCount counts ties as extreme, which keeps the level.
	TiesCount Ties = iota
	// TiesExcluded counts only draws that are more extreme than the data.
	TiesExcluded
)

// tieTolerance is the relative difference up to which statistics are equal.
const tieTolerance = 1e-9

// minDraws is the smallest number of draws: with fewer, no p-value reaches 1%.
const minDraws = 99

// defaultDraws is the number of draws when none is given.
const defaultDraws = 9999

// Restriction fixes a coefficient, or a linear combination of coefficients.
type Restriction struct {
	Term        string             // a coefficient
	Combination map[string]float64 // instead of Term: the weight of each term
	Value       float64            // what the null says it is
}

// String writes the restriction as an equation.
func (r Restriction) String() string {
	if r.Combination == nil {
		return fmt.Sprintf("%s = %g", r.Term, r.Value)
	}
	return fmt.Sprintf("%s = %g", combination(r.Combination), r.Value)
}

// WildSpec says which hypothesis to test and how to draw. The zero value of every field but Term
// (or Null) is a sound default: the restricted bootstrap with 9,999 draws of Rademacher weights.
type WildSpec struct {
	Term  string  // the coefficient to test
	Value float64 // its value under the null

	// Null replaces Term and Value: a linear combination, or several restrictions that are
	// tested jointly.
	Null []Restriction

	Draws   int    // number of draws; 0 means 9,999
	Seed    uint64 // start of the random numbers
	Weights Weights
	Type    Type
	// Unrestricted draws from the unrestricted estimates. The restricted bootstrap, which
	// imposes the null on the draws, is the more reliable one.
	Unrestricted bool

	Tail  Tail
	PRule PRule
	Ties  Ties
	// Level is that of the confidence set; 0 means the result's.
	Level float64
	// NoSet leaves out the confidence set.
	NoSet bool

	// Progress, when set, is told how many of the draws are done. It is called from one
	// goroutine at a time.
	Progress func(done, total int)
}

// restrictions are the hypotheses as a list.
func (s *WildSpec) restrictions() []Restriction {
	if s.Null != nil {
		return s.Null
	}
	return []Restriction{{Term: s.Term, Value: s.Value}}
}

// check refuses specs that no result could satisfy, and fills in the defaults.
func (s *WildSpec) check(level float64) error {
	if s.Draws == 0 {
		s.Draws = defaultDraws
	}
	if s.Level == 0 {
		s.Level = level
	}
	switch {
	case s.Draws < minDraws:
		return bad(fieldexp.BadSpec, fmt.Sprintf("%d draws", s.Draws),
			fieldexp.Hint(fmt.Sprintf("ask for at least %d", minDraws)),
			fieldexp.Hint(fmt.Sprintf("leave {Draws} out for %d", defaultDraws)))
	case !(s.Level > 0 && s.Level < 1):
		return bad(fieldexp.BadSpec, fmt.Sprintf("a confidence level of %g", s.Level), "give a share between 0 and 1, such as 0.95")
	case s.Weights < Rademacher || s.Weights > Gamma:
		return bad(fieldexp.BadSpec, s.Weights.String()+" are not weights", "use {Rademacher}, {Mammen}, {Webb}, {Normal} or {Gamma}")
	case s.Type < Type11 || s.Type > Type33:
		return bad(fieldexp.BadSpec, s.Type.String()+" is not a type of wild bootstrap",
			"use {Type11}, {Type13}, {Type31} or {Type33}")
	case s.Tail < Symmetric || s.Tail > EqualTailed || s.PRule < PlusOne || s.PRule > Share || s.Ties < TiesCount || s.Ties > TiesExcluded:
		return bad(fieldexp.BadSpec, "an unknown tail, rule for p-values or rule for ties",
			"use the constants of {Tail}, {PRule} and {Ties}")
	case s.Null != nil && (s.Term != "" || s.Value != 0):
		return bad(fieldexp.BadSpec, "a hypothesis about one term and another about combinations",
			"name one hypothesis in {Term} and {Value}", "name it in {Null}")
	case s.Null == nil && s.Term == "" || s.Null != nil && len(s.Null) == 0:
		return bad(fieldexp.BadSpec, "no hypothesis is named", "set {Term}", "set {Null}, for combinations and joint tests")
	case len(s.Null) > 1 && s.Tail == EqualTailed:
		return bad(fieldexp.BadSpec, "an equal-tailed p-value of a joint test",
			"leave {Tail} at {Symmetric}, since joint tests have one tail")
	}
	for _, r := range s.restrictions() {
		if math.IsNaN(r.Value) || math.IsInf(r.Value, 0) {
			return bad(fieldexp.BadSpec, "the null "+r.String(), "give a finite value")
		}
		if r.Combination != nil && (r.Term != "" || len(r.Combination) == 0) {
			return bad(fieldexp.BadSpec,
				"a restriction of a term and of a combination, or of an empty combination",
				"name a term, or the weights of a combination")
		}
	}
	return nil
}
