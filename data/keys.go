package data

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// lostDigits reports whether a text is how a spreadsheet shows an identifier of twelve digits or more, of which
// it keeps the first six: 8.81235E+15. What R writes with few digits, 1e+05, has lost none.
func lostDigits(text string) bool {
	mantissa, exponent, ok := strings.Cut(text, "+")
	if !ok || len(mantissa) < 2 || mantissa[len(mantissa)-1]|0x20 != 'e' {
		return false
	}
	power, err := strconv.ParseUint(exponent, 10, 8)
	whole, places, _ := strings.Cut(mantissa[:len(mantissa)-1], ".")
	isDigit := func(text string) bool { return strings.Trim(text, "0123456789") == "" }
	return err == nil && len(whole) == 1 && isDigit(whole) && isDigit(places) && power >= 11 && int(power) > len(places)
}

// checkKeys refuses identifiers that have lost digits, and puts the levels of the others in order.
func (sc *schema) checkKeys(f *Frame) error {
	for i, at := range sc.order {
		if c := &f.cols[i]; c.kind == Categorical && sc.keys[at] {
			if err := sc.checkLevels(c, 0, 0, true); err != nil {
				return err
			}
			c.levels = sortLevels(c.codes, c.levels)
		}
	}
	return nil
}

// checkNewKeys does so for the levels that are new in a chunk; checked is how many were looked at before it, and earlier
// how many rows there were.
func (sc *schema) checkNewKeys(chunk *Frame, checked []int, earlier int) error {
	for i, at := range sc.order {
		if c := &chunk.cols[i]; c.kind == Categorical && sc.keys[at] {
			if err := sc.checkLevels(c, checked[i], earlier, false); err != nil {
				return err
			}
			checked[i] = len(c.levels)
		}
	}
	return nil
}

// checkLevels refuses a column with an identifier that has lost digits among its levels from one on.
func (sc *schema) checkLevels(c *column, from, earlier int, whole bool) error {
	lost := make(map[int32]bool)
	for code := from; code < len(c.levels); code++ {
		if lostDigits(c.levels[code]) {
			lost[int32(code)] = true
		}
	}
	if len(lost) == 0 {
		return nil
	}
	first, cells := -1, 0
	for row, code := range c.codes {
		if lost[code] {
			if cells++; first < 0 {
				first = row
			}
		}
	}
	count := ""
	if whole {
		count = fmt.Sprintf(", as have %s of %s", plural(cells, "cell"), plural(len(lost), "such identifier"))
	}
	e := refuse.Column("data", fieldexp.BadCell, c.name, int64(earlier+first+1),
		fmt.Sprintf("the identifier %s has lost digits in a spreadsheet%s: units that differ in them would be one", c.levels[c.codes[first]], count),
		"write the identifiers with all their digits, as text")
	e.Source = sc.source
	return e
}
