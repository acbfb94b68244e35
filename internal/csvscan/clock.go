package csvscan

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Clock reads times written in one of several layouts of package time. A layout of digits of
// fixed width ("2006-01-02 15:04:05", "02.01.2006", "20060102"), with fractions of a second or an
// offset after it, is read by comparing words; any other layout, and what does not fit so exactly, by
// time.ParseInLocation in UTC.
//
// Without a zone a time is what the clock in the cell shows, as if it were in UTC; its offset is read
// and ignored. With one, a cell with an offset is an instant and becomes the time that a clock of the
// zone shows then, and a cell without is a time of that clock.
type Clock struct {
	layouts []string
	fixed   []pattern
	zone    *time.Location
	order   *order // tells the order of day and month in place of times
}

// NewClock compiles layouts. Where two of them fit a cell, the first of fixed width counts, then
// the first of any. zone may be nil.
func NewClock(layouts []string, zone *time.Location) *Clock {
	c := &Clock{layouts: layouts, zone: zone}
	for _, layout := range layouts {
		p, ok := compile(layout)
		if !ok {
			continue
		}
		// Layouts that differ in the offset alone are one pattern.
		if i := slices.IndexFunc(c.fixed, p.same); i >= 0 {
			c.fixed[i].offsets |= p.offsets
		} else {
			c.fixed = append(c.fixed, p)
		}
	}
	return c
}

// Forms of an offset at the end of a pattern, or none.
const (
	noOffset    uint8                                    = 1 << iota
	colonOffset                                          // +01:00
	plainOffset                                          // +0100
	hourOffset                                           // +01
	someOffset  = colonOffset | plainOffset | hourOffset // Z is of any form
)

// offsetForms are the ends of layouts that stand for an offset or Z.
var offsetForms = []struct {
	text string
	form uint8
}{{"Z07:00", colonOffset}, {"Z0700", plainOffset}, {"Z07", hourOffset}}

// NoOffset is the offset of a cell that has none.
const NoOffset = math.MinInt32

// pattern is a layout of fixed width: three words that say where digits and where given bytes
// must stand, and where in it the parts of the instant begin (-1 for those that it lacks).
type pattern struct {
	width                          int
	digits                         [3]uint64 // a byte of ones where a digit stands
	literals                       [3]uint64 // the bytes that stand elsewhere
	used                           [3]uint64 // a byte of ones within the width
	year, month, day, hour, minute int
	second                         int
	fraction                       bool  // the pattern ends with the seconds
	offsets                        uint8 // the forms of offset that may follow, or none
}

// same reports whether patterns differ in the offset alone.
func (p pattern) same(q pattern) bool {
	p.offsets = q.offsets
	return p == q
}

// compile turns a layout into a pattern if it is made of 2006, 01, 02, 15, 04, 05 and
// punctuation, with year, month and day each once.
func compile(layout string) (pattern, bool) {
	p := pattern{year: -1, month: -1, day: -1, hour: -1, minute: -1, second: -1}
	p.offsets = noOffset
	for _, o := range offsetForms {
		if rest, ok := strings.CutSuffix(layout, o.text); ok {
			layout, p.offsets = rest, o.form
			break
		}
	}
	p.width = len(layout)
	p.fraction = strings.HasSuffix(layout, "05")
	if p.width > 24 || p.offsets != noOffset && !p.fraction {
		return p, false
	}
	parts := []struct {
		text string
		at   *int
	}{{"2006", &p.year}, {"01", &p.month}, {"02", &p.day}, {"15", &p.hour}, {"04", &p.minute}, {"05", &p.second}}
	for i := 0; i < len(layout); {
		length := 1
		for _, part := range parts {
			if strings.HasPrefix(layout[i:], part.text) && *part.at < 0 {
				*part.at = i
				length = len(part.text)
				break
			}
		}
		if length == 1 && !strings.ContainsRune("-/.: T", rune(layout[i])) {
			return p, false
		}
		for j := i; j < i+length; j++ {
			shift := 8 * uint(j%8)
			p.used[j/8] |= 0xFF << shift
			if length > 1 {
				p.digits[j/8] |= 0xFF << shift
			} else {
				p.literals[j/8] |= uint64(layout[j]) << shift
			}
		}
		i += length
	}
	return p, p.year >= 0 && p.month >= 0 && p.day >= 0
}

// at reads the cell data[start:end] if one of the patterns fits it: what the clock in the cell shows,
// and its offset in seconds.
func (c *Clock) at(data []byte, start, end int) (nanoseconds int64, offset int32, ok bool) {
	for i := range c.fixed {
		if ns, offset, stop := c.fixed[i].at(data, start); stop == end {
			return ns, offset, true
		}
	}
	return 0, NoOffset, false
}

// at reads what fits the pattern at pos, and returns the place after it, -1 if nothing does.
func (p *pattern) at(data []byte, pos int) (nanoseconds int64, offset int32, end int) {
	for i := 0; 8*i < p.width; i++ {
		w := load(data, pos+8*i)
		if (w&p.used[i])&^p.digits[i] != p.literals[i] {
			return 0, 0, -1
		}
		if nonDigits((w^zeros)&p.digits[i]) != 0 {
			return 0, 0, -1
		}
	}
	year := 100*pair(data, pos+p.year) + pair(data, pos+p.year+2)
	month, day := pair(data, pos+p.month), pair(data, pos+p.day)
	var hour, minute, second int
	if p.hour >= 0 {
		hour = pair(data, pos+p.hour)
	}
	if p.minute >= 0 {
		minute = pair(data, pos+p.minute)
	}
	if p.second >= 0 {
		second = pair(data, pos+p.second)
	}
	if year < firstYear || year > lastYear || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 59 {
		return 0, 0, -1
	}
	seconds := int64(daysSince1970(year, month, day))*86400 + int64(hour*3600+minute*60+second)
	ns := seconds * int64(time.Second)
	end = pos + p.width
	if p.fraction && data[end] == '.' {
		unit := int64(time.Second)
		for end++; data[end]-'0' <= 9; end++ {
			unit /= 10
			ns += unit * int64(data[end]-'0')
		}
		if unit == int64(time.Second) {
			return 0, 0, -1
		}
	}
	if p.offsets == noOffset {
		return ns, NoOffset, end
	}
	form, offset, length := offsetAt(data, end)
	if p.offsets&form == 0 {
		return 0, 0, -1
	}
	return ns, offset, end + length
}

// offsetAt reads Z or an offset of any form at i, or finds that there is none.
func offsetAt(data []byte, i int) (form uint8, offset int32, length int) {
	switch {
	case data[i] == 'Z':
		return someOffset, 0, 1
	case data[i] != '+' && data[i] != '-' || !digitsAt(data, i+1):
		return noOffset, NoOffset, 0
	}
	hours, minutes := pair(data, i+1), 0
	form, length = hourOffset, 3
	switch {
	case data[i+3] == ':' && digitsAt(data, i+4):
		form, minutes, length = colonOffset, pair(data, i+4), 6
	case digitsAt(data, i+3):
		form, minutes, length = plainOffset, pair(data, i+3), 5
	}
	if hours > 24 || minutes > 60 {
		return 0, 0, 0
	}
	if offset = int32(hours*3600 + minutes*60); data[i] == '-' {
		offset = -offset
	}
	return form, offset, length
}

// digitsAt reports whether two digits stand at i.
func digitsAt(data []byte, i int) bool { return data[i]-'0' <= 9 && data[i+1]-'0' <= 9 }

// pair is the number that the two digits at i write.
func pair(data []byte, i int) int { return 10*int(data[i]-'0') + int(data[i+1]-'0') }

// Years that lie wholly within the range of nanoseconds in an int64.
const firstYear, lastYear = 1678, 2261

func daysIn(year, month int) int {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}

// daysSince1970 counts the days from 1970-01-01 in the Gregorian calendar. The year is taken to
// begin in March, so that the leap day is its last.
func daysSince1970(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 719469
}

// Parse reads a whole cell by any layout: what the clock in the cell shows, and its offset in seconds
// or NoOffset.
func (c *Clock) Parse(cell []byte) (nanoseconds int64, offset int32, ok bool) {
	if c.order != nil {
		return c.order.of(cell)
	}
	padded := pad(append(make([]byte, 0, len(cell)+padding), cell...))
	if ns, offset, ok := c.at(padded, 0, len(cell)); ok {
		return ns, offset, true
	}
	for _, layout := range c.layouts {
		t, err := time.ParseInLocation(layout, string(cell), time.UTC)
		if err != nil {
			continue
		}
		_, shift := t.Zone()
		ns, ok := Nanoseconds(t.Add(time.Duration(shift) * time.Second))
		if !tellsOffset(layout, t) {
			return ns, NoOffset, ok
		}
		return ns, int32(shift), ok
	}
	return 0, NoOffset, false
}

// tellsOffset reports whether a time that was read by a layout has an offset. The abbreviation of a zone is
// none, as it may mean several, but for that of UTC.
func tellsOffset(layout string, t time.Time) bool {
	for _, form := range []string{"Z07", "-07"} {
		if strings.Contains(layout, form) {
			return true
		}
	}
	if !strings.Contains(layout, "MST") {
		return false
	}
	name, shift := t.Zone()
	return shift != 0 || name == "UTC" || name == "GMT"
}

// Nanoseconds is the time in nanoseconds since 1970-01-01 UTC, and whether an int64 holds it.
func Nanoseconds(t time.Time) (nanoseconds int64, ok bool) {
	const last = math.MaxInt64 / int64(time.Second)
	if s := t.Unix(); s <= -last || s >= last {
		return 0, false
	}
	return t.UnixNano(), true
}
