package iv

import (
	"fmt"
	"strings"
)

// Problem classifies why a model cannot be estimated.
type Problem string

// The problems that a ModelError can report.
const (
	BadSpec         Problem = "specification"   // the Spec contradicts itself
	BadValues       Problem = "values"          // infinite values, negative or fractional weights
	NoRows          Problem = "no rows"         // nothing is left after dropping missing values
	NoVariation     Problem = "no variation"    // a column that must vary does not
	Collinear       Problem = "collinear"       // a column that must stay is spanned by others
	IllConditioned  Problem = "ill-conditioned" // so nearly collinear that digits would be lost
	UnderIdentified Problem = "not identified"  // fewer instruments than endogenous columns
	FewClusters     Problem = "clusters"        // fewer than two clusters
	FewRows         Problem = "few rows"        // no more rows than parameters
	NotAvailable    Problem = "not available"   // a statistic that this result cannot give
)

// ModelError says why a model cannot be estimated and what can be done about it.
type ModelError struct {
	Problem Problem
	Columns []string // the columns that it is about
	Count   int      // rows, clusters or instruments, as the message says
	Message string
	Remedy  string
	Err     error // the cause, if there is one
}

// Error reads: iv: column "used" does not vary over the 812 rows used; ...
func (e *ModelError) Error() string {
	s := "iv: " + e.Message
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

// Unwrap returns the cause.
func (e *ModelError) Unwrap() error { return e.Err }

// quoted lists names for a message: "a", "b" and "c".
func quoted(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = fmt.Sprintf("%q", n)
	}
	if len(q) < 2 {
		return strings.Join(q, "")
	}
	return strings.Join(q[:len(q)-1], ", ") + " and " + q[len(q)-1]
}
