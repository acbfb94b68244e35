package late

// Problem classifies why an effect of usage cannot be estimated.
type Problem string

// The problems that an Error can report. Problems of assignment are those of itt.Error.
const (
	BadSpec       Problem = "specification"  // the Spec contradicts itself
	UsageMissing  Problem = "usage missing"  // usage is not known in one of the arms
	NoVariation   Problem = "no variation"   // everybody used as much as everybody else
	UsageReversed Problem = "usage reversed" // only rows that were not assigned used
	NoFirstStage  Problem = "no first stage" // assignment does not move usage
)

// Error says why an effect of usage cannot be estimated and what can be done about it.
type Error struct {
	Problem Problem
	Columns []string // the columns that it is about, usage first
	Count   int      // rows, as the message says
	Message string
	Remedy  string
	Err     error // the cause, if there is one
}

// Error reads: late: usage "used" is 0 in all 812 rows; ...
func (e *Error) Error() string {
	s := "late: " + e.Message
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
