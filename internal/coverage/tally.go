package coverage

import "math"

// count is what a batch says of one method.
type count struct {
	replications int
	rejected     int
	undefined    int            // replications without a p-value, which count as not rejected
	warned       map[string]int // replications by code of warning
	silent       int            // replications rejected without any warning
	any          int            // replications with any warning
}

// add counts a test with its warnings; it rejects when p is at most the level of 5%.
func (c *count) add(p float64, codes []string) {
	// A p-value that is a count of draws over their number can be off by a rounding error.
	const level = 0.05 + 1e-12
	c.replications++
	switch {
	case math.IsNaN(p):
		c.undefined++
	case p <= level:
		c.rejected++
		if len(codes) == 0 {
			c.silent++
		}
	}
	if len(codes) > 0 {
		c.any++
	}
	if c.warned == nil {
		c.warned = map[string]int{}
	}
	for _, code := range codes {
		c.warned[code]++
	}
}

// Tally sums up how often a method rejected.
type Tally struct {
	Method       Method
	Replications int
	Rejected     int
	Undefined    int            // without a p-value, which count as not rejected
	Warned       map[string]int // replications by code of warning
	Silent       int            // rejections without any warning
	AnyWarning   int            // replications with any warning
	SE           float64        // Monte Carlo standard error of Rate
}

// Rate is the share of replications rejected.
func (t Tally) Rate() float64 { return float64(t.Rejected) / float64(t.Replications) }

// Alarm is the share of replications with a warning.
func (t Tally) Alarm() float64 { return float64(t.AnyWarning) / float64(t.Replications) }

// SilentRate is the share rejected among the replications without a warning, and how many those are.
func (t Tally) SilentRate() (rate float64, replications int) {
	quiet := t.Replications - t.AnyWarning
	return float64(t.Silent) / float64(quiet), quiet
}

// sum adds up the batches of a method in their order. The standard error is that of a ratio of sums
// over batches.
func sum(m Method, batches []count) Tally {
	t := Tally{Method: m, Warned: map[string]int{}}
	for _, c := range batches {
		t.Replications += c.replications
		t.Rejected += c.rejected
		t.Undefined += c.undefined
		t.Silent += c.silent
		t.AnyWarning += c.any
		for code, n := range c.warned {
			t.Warned[code] += n
		}
	}
	squares := 0.0
	for _, c := range batches {
		e := float64(c.rejected) - t.Rate()*float64(c.replications)
		squares += e * e
	}
	n := float64(len(batches))
	t.SE = math.Sqrt(squares*n/(n-1)) / float64(t.Replications)
	return t
}
