package data

import (
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/csvscan"
)

// Format says how the numbers of a column are written, where that is not plainly. DecimalComma and Thousands may be
// joined with Percent and Currency by |.
type Format uint8

const (
	// DecimalComma is 1.234,5: a comma before the decimals; a point, a blank or an apostrophe may part thousands.
	DecimalComma = Format(csvscan.DecimalComma)
	// Thousands is 1,234.5: a comma, a blank or an apostrophe parts thousands. (1,234.5) is negative.
	Thousands = Format(csvscan.Thousands)
	// Percent is 12.5%, which is 0.125; a number without the sign is refused, unless it is 0.
	Percent = Format(csvscan.Percent)
	// Currency is $1,234.50 or 1,234.50 EUR: a sign or three capital letters before or after. ($5) is negative.
	Currency = Format(csvscan.Currency)
	// YesNo is yes and no, true and false, on and off, y and n, t and f, in any case of letters, or 1 and 0: 1 and 0.
	YesNo = Format(csvscan.YesNo)
	// Duration is 01:02:03.5, in seconds, perhaps behind a number of days, as in 2 days 01:02:03.
	Duration = Format(csvscan.Duration)
)

// String is the names of the formats: decimal-comma, thousands, percent, currency, yes/no, duration.
func (f Format) String() string { return csvscan.Form(f).String() }

// ParseFormat reads what String writes: one of the names, or several with blanks between.
func ParseFormat(text string) (Format, error) {
	f, ok := csvscan.ParseForm(text)
	if !ok {
		return 0, &fieldexp.Error{Op: "data", Problem: fieldexp.BadSpec, Message: "there is no format of numbers " + quote(text),
			Remedy: []fieldexp.Hint{fieldexp.Hint("set {Formats} to one of " + strings.Join(csvscan.FormNames(), ", "))}}
	}
	return Format(f), nil
}

// Parse reads a text that is written in the format.
func (f Format) Parse(text string) (v float64, ok bool) { return csvscan.Form(f).Parse([]byte(text)) }

// proposed are the formats to propose, in their order.
var proposed = []Format{YesNo, Thousands, DecimalComma, Percent, Currency, Duration, Percent | DecimalComma, Currency | DecimalComma}

// proposals lists the formats in which all of the texts are written: two where the place of a comma could mean either.
func proposals(texts []string) []Format {
	var found []Format
	if len(texts) == 0 {
		return nil
	}
	for _, f := range proposed {
		fits := true
		for _, text := range texts {
			if _, ok := f.Parse(text); !ok {
				fits = false
				break
			}
		}
		switch {
		case fits && (len(found) == 0 || found[0] == Thousands && f == DecimalComma):
			found = append(found, f)
		case len(found) > 0 && f > DecimalComma:
			return found
		}
	}
	return found
}
