package bootstrap

// Problem classifies why a bootstrap cannot be run.
type Problem string

// The problems that an Error can report.
const (
	BadSpec      Problem = "specification" // the spec contradicts itself or is out of range
	BadNull      Problem = "null"          // restrictions that repeat each other, or too many for the clusters
	NotAvailable Problem = "not available" // the result does not hold what the bootstrap needs
	BadDesign    Problem = "design"        // units, strata or draws that do not fit the data
	Degenerate   Problem = "degenerate"    // the statistic has no variance to be studentised by
)

// Error says why a bootstrap cannot be run and what can be done about it. What package iv refuses
// (an unknown term, a result without clusters) comes as its *iv.ModelError.
type Error struct {
	Problem Problem
	Message string
	Remedy  string
	Err     error // the cause, if there is one
}

// Error reads: bootstrap: 10 draws; ask for at least 99.
func (e *Error) Error() string {
	s := "bootstrap: " + e.Message
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func bad(problem Problem, message, remedy string) error {
	return &Error{Problem: problem, Message: message, Remedy: remedy}
}
