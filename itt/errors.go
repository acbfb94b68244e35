package itt

// Problem classifies why a design cannot be estimated.
type Problem string

// The problems that an Error can report.
const (
	BadSpec       Problem = "specification"          // the Spec contradicts itself
	NoAssignment  Problem = "no assignment"          // assignment is missing in every row
	OneArm        Problem = "one arm"                // every row has the same assignment
	NotBinary     Problem = "not 0/1"                // numeric assignment with other values than 0 and 1
	MixedCluster  Problem = "mixed clusters"         // assignment varies within every clustering given
	LaunchOutside Problem = "launch outside"         // no period before the launch, or none after
	Spanned       Problem = "assignment spanned"     // effects or controls leave nothing of assignment
	NoReference   Problem = "no reference period"    // an event study's reference period is not there
	ColumnTaken   Problem = "column exists"          // a column that would be added is there already
	NoVariables   Problem = "no variable to compare" // a balance table of nothing
	BadValues     Problem = "values"                 // infinite values, negative or fractional weights
	FewUnits      Problem = "few units"              // fewer than two units in an arm, or pairs
	SmallBlock    Problem = "small block"            // an arm has too few units in a block
	NotPairs      Problem = "not pairs"              // matched pairs that are not one unit of each arm
	NoOverlap     Problem = "no overlap"             // a control whose slope in an arm is unknown
)

// Error says why a design cannot be estimated and what can be done about it.
type Error struct {
	Problem Problem
	Columns []string // the columns that it is about, assignment first
	Count   int      // rows or clusters, as the message says
	Message string
	Remedy  string
	Err     error // the cause, if there is one
}

// Error reads: itt: assignment "treat" is 1 in all 812 rows; ...
func (e *Error) Error() string {
	s := "itt: " + e.Message
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
