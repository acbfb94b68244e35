package data

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fieldexp/fieldexp"
)

// Names of families of layouts, beside layouts themselves.
const (
	isoLayouts = "iso"
	dayFirst   = "day-first"
	monthFirst = "month-first"
)

// DefaultLayouts are the layouts of times that are understood unless others are given.
func DefaultLayouts() []string {
	return []string{
		"2006-01-02 15:04:05", "2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00",
		"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05Z07", "2006-01-02 15:04:05Z0700", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
		"2006/01/02 15:04:05", "2006/01/02", "2006/01/02 15:04",
		"2006-01-02 15:04Z07:00", "2006-01-02 15:04Z07", "2006-01-02 15:04Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700",
		"2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 Z0700", "2006-01-02 15:04:05 MST",
	}
}

// orderedLayouts are the layouts of dates in figures that begin with the day or the month.
func orderedLayouts(first string) []string {
	var layouts []string
	for _, width := range []bool{false, true} { // those of fixed width are tried first wherever they stand
		for _, separator := range []string{"/", ".", "-"} {
			fields := []string{"02", "01", "2006"}
			if !width {
				fields[0], fields[1] = "2", "1"
			}
			if first == monthFirst {
				fields[0], fields[1] = fields[1], fields[0]
			}
			date := strings.Join(fields, separator)
			for _, clock := range []string{"", " 15:04", " 15:04:05", " 3:04 PM", " 3:04:05 PM", " 3:04PM", " 3:04:05PM"} {
				layouts = append(layouts, date+clock)
			}
		}
	}
	return layouts
}

// layouts are the layouts of package time that those of the options stand for.
func (o *ReadOptions) layouts() ([]string, error) {
	if o.Layouts == nil {
		return DefaultLayouts(), nil
	}
	var all []string
	for _, text := range o.Layouts {
		layouts, err := translateLayout(text)
		if err != nil {
			return nil, err
		}
		all = append(all, layouts...)
	}
	return all, nil
}

// translateLayout turns a layout in any of its notations into layouts of package time: %d/%m/%Y as in
// strptime, DD/MM/YYYY, the name of a family, or one of package time, which stays.
func translateLayout(text string) ([]string, error) {
	switch text {
	case isoLayouts:
		return DefaultLayouts(), nil
	case dayFirst, monthFirst:
		return orderedLayouts(text), nil
	}
	fields, bad := []field(nil), ""
	switch {
	case strings.Contains(text, "%"):
		fields, bad = strptimeFields(text)
	case strings.ContainsAny(text, "0123456789"):
		if wide := time.Date(1987, 11, 28, 21, 36, 47, 0, time.UTC); wide.Format(text) == text {
			bad = text
		} else {
			return []string{text}, nil
		}
	default:
		fields, bad = letterFields(text)
	}
	if bad != "" || len(fields) == 0 {
		return nil, &fieldexp.Error{Op: "data", Problem: fieldexp.BadSpec,
			Message: fmt.Sprintf("the layout %q cannot be read at %q", text, bad),
			Remedy:  []fieldexp.Hint{`write {Layouts} as in "%d/%m/%Y %H:%M" (%y for a year of two digits), "DD/MM/YYYY HH:mm" or "02/01/2006 15:04"`, `name "iso", "day-first" or "month-first"`}}
	}
	return spell(fields), nil
}

// A field is a part of a layout: what package time calls it in full width and, where figures may
// be fewer, in any; or a text that stands for itself.
type field struct{ fixed, loose string }

// spell writes the layouts of package time that fields stand for: the one of full width first, then that of any
// width, each with every form of offset.
func spell(fields []field) []string {
	layouts := []string{"", ""}
	for _, f := range fields {
		layouts[0] += f.fixed
		layouts[1] += f.loose
	}
	var all []string
	for _, layout := range layouts {
		if strings.Contains(layout, offsetField.fixed) {
			for _, form := range []string{"Z07:00", "Z0700", "Z07"} {
				all = append(all, strings.Replace(layout, offsetField.fixed, form, 1))
			}
			continue
		}
		all = append(all, layout)
	}
	return slices.Compact(all)
}

// Fields of layouts. Those of text and of years are of one width.
var (
	yearField   = field{"2006", "2006"}
	shortYear   = field{"06", "06"}
	monthField  = field{"01", "1"}
	dayField    = field{"02", "2"}
	hourField   = field{"15", "15"}
	hour12Field = field{"03", "3"}
	minuteField = field{"04", "4"}
	secondField = field{"05", "5"}
	halfDay     = field{"PM", "PM"}
	monthName   = field{"Jan", "Jan"}
	longMonth   = field{"January", "January"}
	weekday     = field{"Mon", "Mon"}
	longWeekday = field{"Monday", "Monday"}
	offsetField = field{"Z07:00", "Z07:00"}
	zoneField   = field{"MST", "MST"}
)

// directives are the fields of strptime, in C, Python and R.
var directives = map[byte][]field{
	'Y': {yearField}, 'y': {shortYear}, 'm': {monthField}, 'd': {dayField}, 'e': {dayField}, 'H': {hourField}, 'k': {hourField},
	'I': {hour12Field}, 'l': {hour12Field}, 'M': {minuteField}, 'S': {secondField}, 'p': {halfDay}, 'b': {monthName}, 'h': {monthName}, 'B': {longMonth},
	'a': {weekday}, 'A': {longWeekday}, 'j': {{"002", "002"}}, 'z': {offsetField}, 'Z': {zoneField},
	'F': {yearField, literal("-"), monthField, literal("-"), dayField}, 'D': {monthField, literal("/"), dayField, literal("/"), shortYear},
	'T': {hourField, literal(":"), minuteField, literal(":"), secondField}, 'R': {hourField, literal(":"), minuteField},
	'%': {literal("%")}, 'n': {literal(" ")}, 't': {literal("\t")},
}

// literal is a text that stands for itself.
func literal(text string) field { return field{text, text} }

// strptimeFields reads a layout of strptime; bad is what it does not know. Fractions of a second
// are read after seconds whether the layout has them or not.
func strptimeFields(text string) (fields []field, bad string) {
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			fields = append(fields, literal(text[i:i+1]))
			continue
		}
		rest := text[i+1:]
		flags := len(rest) - len(strings.TrimLeft(rest, "-_0#EO")) // which ask for other figures
		if flags == len(rest) {
			return nil, text[i:]
		}
		switch name := rest[flags]; {
		case name == 'f' && len(fields) > 0 && (fields[len(fields)-1].fixed == "." || fields[len(fields)-1].fixed == ","):
			fields = fields[:len(fields)-1]
		case directives[name] == nil:
			return nil, text[i : i+2+flags]
		default:
			fields = append(fields, directives[name]...)
		}
		if i += 1 + flags; text[i] == 'S' && i+1 < len(text) && text[i+1]-'0' <= 9 && flags > 0 {
			i++ // %OS3 of R
		}
	}
	return fields, bad
}

// letterFields reads a layout such as DD/MM/YYYY HH:mm; bad is what it does not know. A month between
// an hour and the end is a minute, whatever the case of its letters.
func letterFields(text string) (fields []field, bad string) {
	half := strings.Contains(strings.ToLower(text), "a") || strings.Contains(text, "tt")
	afterHour, known := false, false
	for i := 0; i < len(text); {
		letter := text[i]
		n := 1
		for i+n < len(text) && text[i+n] == letter {
			n++
		}
		run := text[i : i+n]
		i += n
		if strings.IndexByte(" -/.,:_'", letter) >= 0 || run == "T" || run == "Z" && i == len(text) && !afterHour {
			if run != "'" {
				fields = append(fields, literal(run))
			}
			continue
		}
		var f field
		switch strings.ToLower(run) {
		case "yyyy":
			f = yearField
		case "yy":
			f = shortYear
		case "mm", "m":
			if f = monthField; afterHour {
				f = minuteField
			}
		case "mmm":
			f = monthName
		case "mmmm":
			f = longMonth
		case "dd", "d":
			f = dayField
		case "ddd", "eee":
			f = weekday
		case "dddd", "eeee":
			f = longWeekday
		case "hh", "h":
			if f = hourField; half {
				f = hour12Field
			}
			afterHour = true
		case "ss", "s":
			if f = secondField; run[0] == 'S' && len(fields) > 0 && fields[len(fields)-1].fixed == "." {
				fields = fields[:len(fields)-1]
				continue
			}
		case "sss", "ssssss", "f", "fff", "ffffff":
			if len(fields) == 0 || fields[len(fields)-1].fixed != "." && fields[len(fields)-1].fixed != "," {
				return nil, run
			}
			fields = fields[:len(fields)-1]
			continue
		case "a", "aa", "tt":
			f = halfDay
		case "z", "zz", "zzz", "x", "xx", "xxx":
			f = offsetField
		default:
			return nil, run
		}
		known = true
		fields = append(fields, f)
	}
	if !known {
		return nil, text
	}
	return fields, ""
}
