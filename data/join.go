package data

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// LeftJoin adds the columns of right, a table with one row for each key (agents, say), to the rows
// of f (their chats): each row of f gets the values of the row of right whose keys are equal. The
// rows of f keep their number and order. Rows without a match get missing values, and unmatched
// counts them; a missing key matches nothing.
//
// A key column must be of the same kind in both frames. Text is matched by its levels, whatever
// their codes. The error is a *fieldexp.Error when a key is not there or is of different kinds, when
// right has a key twice, and when a column of right is in f already.
func (f *Frame) LeftJoin(right *Frame, keys ...string) (joined *Frame, unmatched int, err error) {
	if f == nil || right == nil {
		return nil, 0, noFrame()
	}
	if len(keys) == 0 {
		return nil, 0, &fieldexp.Error{Op: "data", Problem: fieldexp.BadSpec,
			Message: "a join without a key column",
			Remedy:  []fieldexp.Hint{"name the columns that both tables share"}}
	}
	for _, name := range right.Names() {
		if f.Has(name) && !slices.Contains(keys, name) {
			return nil, 0, refuse.Column("data", fieldexp.BadColumn, name, 0,
				"is in both tables and is not a key", "leave it out of one of them with {Select}")
		}
	}
	match := joint{}
	for _, key := range keys {
		if err := match.add(f, right, key); err != nil {
			return nil, 0, err
		}
	}
	rows, unmatched, err := match.rows(right, keys)
	if err != nil {
		return nil, 0, err
	}
	joined = f.Clone()
	for i := range right.cols {
		if c := right.cols[i]; !slices.Contains(keys, c.name) {
			if err := joined.set(c.take(rows), f.n); err != nil {
				return nil, 0, err
			}
		}
	}
	return joined, unmatched, nil
}

// joint gives each combination of key values that right has a code, and the same code to the rows
// of left that have the same values. Missing and unknown keys have code -1.
type joint struct {
	left, right []int32
	width       int // codes given out
	keys        int
}

// add takes another key column into account.
func (j *joint) add(left, right *Frame, key string) error {
	l, err := left.column(key)
	if err != nil {
		return err
	}
	r, err := right.column(key)
	if err != nil {
		return refuse.Column("data", fieldexp.BadColumn, key, 0, "is not in the table to be joined", fieldexp.Hint(right.suggest(key)))
	}
	if l.kind != r.kind {
		return refuse.Column("data", fieldexp.BadColumn, key, 0,
			"is "+l.kind.String()+" in one table and "+r.kind.String()+" in the other",
			"name its type in {Types} when reading", "use {AsCategorical} on one of them")
	}
	var a, b []int32
	var width int
	switch l.kind {
	case Float:
		b, a, width = matchValues(r.floats, l.floats, rankFloats)
	case Time:
		b, a, width = matchValues(r.times, l.times, rankTimes)
	default:
		b, a, width = matchLevels(r, l)
	}
	if j.keys++; j.keys == 1 {
		j.left, j.right, j.width = a, b, width
	} else {
		j.cross(a, b)
	}
	return nil
}

// matchValues codes the values of a by their order, and those of b by the same codes.
func matchValues[T int64 | float64](a, b []T, rank func([]T) ([]int32, []T)) (codesA, codesB []int32, width int) {
	codesA, known := rank(a)
	codesB, values := rank(b)
	translate := make([]int32, len(values))
	for i, v := range values {
		translate[i] = -1
		if at, ok := slices.BinarySearchFunc(known, v, func(x, y T) int { return cmp.Compare(x, y) }); ok {
			translate[i] = int32(at)
		}
	}
	recode(codesB, translate)
	return codesA, codesB, len(known)
}

// matchLevels does the same for text.
func matchLevels(a, b *column) (codesA, codesB []int32, width int) {
	known := make(map[string]int32, len(a.levels))
	translateA := make([]int32, len(a.levels))
	for i, level := range a.levels {
		code, ok := known[level]
		if !ok {
			code = int32(len(known))
			known[level] = code
		}
		translateA[i] = code
	}
	translateB := make([]int32, len(b.levels))
	for i, level := range b.levels {
		translateB[i] = -1
		if code, ok := known[level]; ok {
			translateB[i] = code
		}
	}
	codesA, codesB = slices.Clone(a.codes), slices.Clone(b.codes)
	recode(codesA, translateA)
	recode(codesB, translateB)
	return codesA, codesB, len(known)
}

// recode translates codes in place; negative ones become -1.
func recode(codes, translate []int32) {
	for i, code := range codes {
		if code < 0 {
			codes[i] = -1
		} else {
			codes[i] = translate[code]
		}
	}
}

// cross combines the codes so far with those of another key.
func (j *joint) cross(left, right []int32) {
	type pair struct{ first, second int32 }
	codes := make(map[pair]int32, len(right))
	for i, second := range right {
		if j.right[i] < 0 || second < 0 {
			j.right[i] = -1
			continue
		}
		at := pair{j.right[i], second}
		code, ok := codes[at]
		if !ok {
			code = int32(len(codes))
			codes[at] = code
		}
		j.right[i] = code
	}
	for i, second := range left {
		code, ok := codes[pair{j.left[i], second}]
		if !ok {
			code = -1
		}
		j.left[i] = code
	}
	j.width = len(codes)
}

// rows is, for each row of left, the row of right that matches, -1 where none does.
func (j *joint) rows(right *Frame, keys []string) (rows []int, unmatched int, err error) {
	place := make([]int, j.width)
	for i := range place {
		place[i] = -1
	}
	for row, code := range j.right {
		if code < 0 {
			continue
		}
		if place[code] >= 0 {
			e := refuse.Column("data", fieldexp.BadKey, strings.Join(keys, ", "), int64(row+1),
				"the table to be joined has the key "+right.show(row, keys)+" twice",
				"keep one row for each key")
			e.Columns = keys
			return nil, 0, e
		}
		place[code] = row
	}
	rows = make([]int, len(j.left))
	for i, code := range j.left {
		rows[i] = -1
		if code >= 0 {
			rows[i] = place[code]
		}
		if rows[i] < 0 {
			unmatched++
		}
	}
	return rows, unmatched, nil
}

// show writes the cells of a row for people.
func (f *Frame) show(row int, names []string) string {
	var cells []string
	for _, name := range names {
		if c, err := f.column(name); err == nil {
			cells = append(cells, string(c.writer()(nil, row)))
		}
	}
	return strings.Join(cells, ", ")
}

// Append returns a frame of the rows of f and then those of other, which must have the same columns
// of the same kinds, in any order. Levels of text are matched by name; new ones come after those
// of f.
func (f *Frame) Append(other *Frame) (*Frame, error) {
	if f == nil || other == nil {
		return nil, noFrame()
	}
	if len(other.cols) != len(f.cols) {
		return nil, &fieldexp.Error{Op: "data", Problem: fieldexp.BadSpec, Message: "the frames have " + plural(len(f.cols), "column") + " and " + plural(len(other.cols), "column"),
			Remedy: []fieldexp.Hint{"use {Select} to give both the same"}}
	}
	g := &Frame{n: f.n + other.n}
	for i := range f.cols {
		c := f.cols[i]
		o, err := other.column(c.name)
		if err != nil {
			return nil, err
		}
		if o.kind != c.kind {
			return nil, refuse.Column("data", fieldexp.BadColumn, c.name, 0,
				"is "+c.kind.String()+" in one frame and "+o.kind.String()+" in the other",
				"name its type in {Types} when reading", "use {AsCategorical} on one of them")
		}
		switch c.kind {
		case Float:
			c.floats = slices.Concat(c.floats, o.floats)
		case Time:
			c.times = slices.Concat(c.times, o.times)
		default:
			c.codes, c.levels = appendText(&c, o)
		}
		if err := g.set(c, g.n); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// appendText is the codes and levels of two text columns, one after the other.
func appendText(a, b *column) (codes []int32, levels []string) {
	known := make(map[string]int32, len(a.levels))
	for i, level := range a.levels {
		known[level] = int32(i)
	}
	levels = slices.Clone(a.levels)
	translate := make([]int32, len(b.levels))
	for i, level := range b.levels {
		code, ok := known[level]
		if !ok {
			code = int32(len(levels))
			known[level] = code
			levels = append(levels, level)
		}
		translate[i] = code
	}
	codes = slices.Concat(a.codes, b.codes)
	recode(codes[len(a.codes):], translate)
	return codes, levels
}
