package hetero

// Problem classifies why effects by group cannot be estimated.
type Problem string

// The problems that an Error can report.
const (
	BadSpec         Problem = "specification"          // the Spec contradicts itself
	NoGroup         Problem = "no group"               // no row has a group
	OneGroup        Problem = "one group"              // every row has the same group
	ManyGroups      Problem = "too many groups"        // the column looks like the baseline itself
	OneArm          Problem = "one arm"                // a group has only assigned or only control rows
	EmptyFirstStage Problem = "empty first stage"      // usage does not vary within a group
	Spanned         Problem = "not identified"         // controls or effects leave nothing of a group's treatment
	ManyArms        Problem = "several arms"           // assignment has more than two arms
	ColumnTaken     Problem = "column exists"          // a column that would be added is there already
	GroupModel      Problem = "model of a group"       // a group's own model cannot be estimated
	EmptyGroup      Problem = "group without outcomes" // an outcome is missing in all rows of a group
)

// Error says why effects by group cannot be estimated and what can be done about it.
type Error struct {
	Problem Problem
	Group   string   // the group that it is about, if it is about one
	Columns []string // the columns that it is about
	Count   int      // rows or groups, as the message says
	Message string
	Remedy  string
	Err     error // the cause, if there is one
}

// Error reads: hetero: group Q3 of "quintile" has one arm only; ...
func (e *Error) Error() string {
	s := "hetero: " + e.Message
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

const fewerGroups = "make fewer groups, so that each has both arms and usage in them"
