package coverage

import "slices"

// tooOften is the rejection rate of a 5% test above which it has failed, and tooRarely that below
// which it has lost most of its power.
const (
	tooOften  = 0.07
	tooRarely = 0.03
)

// Finding is a method in a design.
type Finding struct {
	Design Design
	Tally  Tally
}

// findings lists the methods and designs of which something is true, in the order of the study.
func (s *Study) findings(is func(Cell, Tally) bool) []Finding {
	var list []Finding
	for _, c := range s.Cells {
		for _, t := range c.Tallies {
			if is(c, t) {
				list = append(list, Finding{c.Design, t})
			}
		}
	}
	return list
}

// Silent lists where a method rejects more than 7% of true nulls and most of its results have no
// warning: the warnings fail there.
func (s *Study) Silent() []Finding {
	return s.findings(func(_ Cell, t Tally) bool { return t.Rate() > tooOften && t.Alarm() < 0.5 })
}

// Needless lists where most results of a method have a warning although it rejects between 4% and 6%.
func (s *Study) Needless() []Finding {
	return s.findings(func(_ Cell, t Tally) bool { return t.Rate() >= 0.04 && t.Rate() <= 0.06 && t.Alarm() >= 0.5 })
}

// Over lists where a method rejects more than 7%, the worst first.
func (s *Study) Over(m Method, usage bool) []Finding {
	list := s.findings(func(c Cell, t Tally) bool {
		return t.Method == m && c.Design.Instrumental() == usage && t.Rate() > tooOften
	})
	slices.SortStableFunc(list, func(a, b Finding) int { return b.Tally.Rejected - a.Tally.Rejected })
	return list
}

// Under lists where a method rejects less than 3%, the worst first.
func (s *Study) Under(m Method, usage bool) []Finding {
	list := s.findings(func(c Cell, t Tally) bool {
		return t.Method == m && c.Design.Instrumental() == usage && t.Rate() < tooRarely
	})
	slices.SortStableFunc(list, func(a, b Finding) int { return a.Tally.Rejected - b.Tally.Rejected })
	return list
}
