package fieldexp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Error says why something cannot be read, estimated or written, where, and what can be done about it.
// Every package of the module refuses with this type, so that one errors.As serves for all:
//
//	var refusal *fieldexp.Error
//	if errors.As(err, &refusal) && refusal.Problem == fieldexp.FewClusters { ... }
type Error struct {
	Op      string   // who refused: the name of a package, such as "iv"
	Problem Problem  // the kind of problem, to be told apart by programs
	Source  string   // the file that was read or written, if any
	Line    int      // its line, counted from 1; 0 where it does not apply
	Row     int      // the row of the frame, counted from 1; 0 where it does not apply
	Columns []string // the columns that the error is about, the most important one first
	Group   string   // the group, block or arm that it is about, if it is about one
	Count   int      // how many rows, clusters or instruments, as Message says
	Message string   // what is wrong, in words that name columns and counts
	Remedy  []Hint   // ways out, of which one will do
	Err     error    // the cause, if there is one
}

// Error reads: iv: cluster column "firm" has a single cluster in the 812 rows used; cluster by ...
func (e *Error) Error() string {
	if e.Op == "" {
		return e.In(nil)
	}
	return e.Op + ": " + e.In(nil)
}

// In is the error without its Op, where settings are called by the given words. With a nil Words they are
// called by their names in Go; otherwise hints that need a setting without a word are left out.
func (e *Error) In(words Words) string {
	var hints []string
	for _, hint := range e.Remedy {
		if text, ok := hint.In(words); ok && text != "" {
			hints = append(hints, text)
		}
	}
	text := e.place() + e.Message
	if len(hints) > 0 {
		text += "; " + strings.Join(hints, ", or ")
	}
	return text
}

// place is where the error is in a file, to be followed by Message: chats.csv, line 12, column "rating":
func (e *Error) place() string {
	var at []string
	if e.Source != "" {
		at = append(at, e.Source)
	}
	if e.Line > 0 {
		at = append(at, fmt.Sprintf("line %d", e.Line))
		if len(e.Columns) == 1 {
			at = append(at, fmt.Sprintf("column %q", e.Columns[0]))
		}
	}
	if len(at) == 0 {
		return ""
	}
	return strings.Join(at, ", ") + ": "
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Problem classifies what is wrong, so that programs need not read messages.
type Problem string

// Problems of what is asked for.
const (
	BadSpec      Problem = "specification" // a spec contradicts itself, or names nothing
	BadNull      Problem = "null"          // hypotheses that repeat each other, or too many for the clusters
	NotAvailable Problem = "not available" // a statistic that this result cannot give
	ColumnTaken  Problem = "column exists" // a column that would be added is there already
)

// Problems of files and columns.
const (
	BadFile   Problem = "file"      // a file that cannot be opened, read or written, or is not what it should be
	NoColumn  Problem = "no column" // a column that is not there
	BadColumn Problem = "column"    // a column of another type or length than is needed
	BadCell   Problem = "cell"      // a cell that cannot be read
	BadKey    Problem = "key"       // a key that is missing, repeated or not matched
	NoGlyph   Problem = "no glyph"  // characters that the font of an image lacks
	BadValues Problem = "values"    // infinite values, negative or fractional weights, values that must not vary
)

// Problems of rows, columns and clusters in a model.
const (
	NoRows          Problem = "no rows"         // nothing is left after dropping missing values
	FewRows         Problem = "few rows"        // no more rows than parameters
	FewClusters     Problem = "clusters"        // fewer than two clusters
	NoVariation     Problem = "no variation"    // a column that must vary does not
	Collinear       Problem = "collinear"       // a column that must stay is spanned by others
	IllConditioned  Problem = "ill-conditioned" // so nearly collinear that digits would be lost
	UnderIdentified Problem = "not identified"  // fewer instruments than endogenous columns, or an effect that is spanned
	Degenerate      Problem = "degenerate"      // the statistic has no variance to be studentised by
)

// Problems of the design: who was assigned, when, and in which blocks.
const (
	NoAssignment  Problem = "no assignment"          // assignment is missing in every row
	NotBinary     Problem = "not 0/1"                // numeric assignment with other values than 0 and 1
	OneArm        Problem = "one arm"                // all rows, or those of a group, have the same assignment
	ManyArms      Problem = "several arms"           // more arms than can be compared at once
	NoControlArm  Problem = "no control arm"         // names of arms that do not tell which is control
	MixedCluster  Problem = "mixed clusters"         // assignment varies within every clustering given
	LaunchOutside Problem = "launch outside"         // no period before the launch, or none after
	NoReference   Problem = "no reference period"    // an event study's reference period is not there
	Spanned       Problem = "assignment spanned"     // fixed effects or controls leave nothing of the assignment
	NoVariables   Problem = "no variable to compare" // a balance table of nothing
	FewUnits      Problem = "few units"              // fewer than two units in an arm, or pairs
	SmallBlock    Problem = "small block"            // an arm has too few units in a block
	NotPairs      Problem = "not pairs"              // matched pairs that are not one unit of each arm
	NoOverlap     Problem = "no overlap"             // a control whose slope in an arm is unknown
	BadDesign     Problem = "design"                 // units, strata or draws that do not fit the data
)

// Problems of usage.
const (
	UsageMissing  Problem = "usage missing"  // usage is not known in one of the arms
	UsageReversed Problem = "usage reversed" // only rows that were not assigned used
	NoFirstStage  Problem = "no first stage" // assignment does not move usage
)

// Problems of groups.
const (
	NoGroup    Problem = "no group"               // no row has a group
	OneGroup   Problem = "one group"              // every row has the same group
	ManyGroups Problem = "too many groups"        // the column looks like the baseline itself
	EmptyGroup Problem = "group without outcomes" // an outcome is missing in all rows of a group
	GroupModel Problem = "model of a group"       // a group's own model cannot be estimated
)

// Hint is one thing that can be done. Settings stand in braces under their names in Go, without a package or type:
// "name the level of assignment in {Cluster}". What reads a study file or flags prints its own word
// for each. A setting may have the values that it is to be given, and the column for which, as Go quotes them: {Missing="."},
// {Formats["price"]="currency"}; it is then printed as it can be pasted.
type Hint string

// Settings lists the settings that the hint speaks of.
func (h Hint) Settings() []string {
	var names []string
	h.replace(func(name, _ string, _ []string) string { names = append(names, name); return "" })
	return names
}

// In is the hint in the given words, by which settings are called; ok is false where a setting has none. A
// nil Words is that of a Go program.
func (h Hint) In(words Words) (text string, ok bool) {
	ok = true
	text = h.replace(func(name, column string, values []string) string {
		switch {
		case words == nil && values == nil:
			return name
		case words == nil:
			return assignment(name, column, values)
		}
		if values != nil {
			name += "="
		}
		word := words[name]
		ok = ok && word != ""
		if values != nil {
			return paste(word, column, values)
		}
		return word
	})
	return text, ok
}

// replace puts other text in the place of each setting in braces.
func (h Hint) replace(by func(name, column string, values []string) string) string {
	var b strings.Builder
	rest := string(h)
	for {
		before, after, found := strings.Cut(rest, "{")
		if !found {
			b.WriteString(rest)
			return b.String()
		}
		b.WriteString(before)
		name, column, values, tail, ok := cutSetting(after)
		if ok {
			b.WriteString(by(name, column, values))
		} else {
			b.WriteString("{")
			tail = after
		}
		rest = tail
	}
}

// cutSetting reads what stands behind the brace that opens a setting.
func cutSetting(text string) (name, column string, values []string, rest string, ok bool) {
	end := strings.IndexAny(text, "[=}")
	if end < 0 || !isName(text[:end]) {
		return "", "", nil, "", false
	}
	name, rest = text[:end], text[end:]
	if inside, found := strings.CutPrefix(rest, "["); found {
		if column, rest, ok = cutQuoted(inside); !ok || !strings.HasPrefix(rest, "]=") {
			return "", "", nil, "", false
		}
		rest = rest[1:]
	}
	for sign := "="; strings.HasPrefix(rest, sign); sign = "," {
		var value string
		if value, rest, ok = cutQuoted(rest[1:]); !ok {
			return "", "", nil, "", false
		}
		values = append(values, value)
	}
	rest, ok = strings.CutPrefix(rest, "}")
	return name, column, values, rest, ok
}

// cutQuoted reads a text in quotes.
func cutQuoted(text string) (value, rest string, ok bool) {
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", "", false
	}
	value, err = strconv.Unquote(quoted)
	return value, text[len(quoted):], err == nil
}

// isName reports whether a text is an exported name of Go, perhaps behind that of a type.
func isName(text string) bool {
	if text == "" || text[0] < 'A' || text[0] > 'Z' {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.'
	})
}

// Words are what settings are called, by their names in Go, where they are not set in Go: keys of a study file, or flags.
// How a setting with values is pasted stands under its name with an equals sign behind: in it %q is for the values as TOML
// quotes them, %k for the column as a key of TOML, %v for the values as they are, and %s for column=values as a shell takes it.
type Words map[string]string

// Say is the message of any error in the given words: what wraps an *Error keeps its own text around it.
func (w Words) Say(err error) string {
	text := err.Error()
	var refusal *Error
	if !errors.As(err, &refusal) {
		return text
	}
	return strings.Replace(text, refusal.Error(), refusal.In(w), 1)
}

// Warning is a remark on a result that its reader should see.
type Warning struct {
	Code    string `json:"code"` // for programs, such as "few-clusters"
	Message string `json:"message"`
	Remedy  Hint   `json:"remedy,omitempty"` // what can be done, if anything
}

// String is the message with what can be done.
func (w Warning) String() string { return w.In(nil) }

// In is the warning in the given words; a remedy for which they lack a word is left out.
func (w Warning) In(words Words) string {
	remedy, ok := w.Remedy.In(words)
	if remedy == "" || !ok {
		return w.Message
	}
	return w.Message + ": " + remedy
}
