package csvscan

import (
	"math"
	"strings"
	"time"
)

// Clock reads instants written in one of several layouts of package time. A layout of digits of
// fixed width ("2006-01-02 15:04:05", "02.01.2006", "20060102"), with fractions of a second or a Z
// after it, is read by comparing words; any other layout, and what does not fit so exactly, by
// time.Parse. Instants without a zone are in UTC.
type Clock struct {
	layouts []string
	fixed   []pattern
}

// NewClock compiles layouts. Where two of them fit a cell, the first of fixed width counts, then
// the first of any.
func NewClock(layouts []string) *Clock {
	c := &Clock{layouts: layouts}
	for _, layout := range layouts {
		if p, ok := compile(layout); ok {
			c.fixed = append(c.fixed, p)
		}
	}
	return c
}

// pattern is a layout of fixed width: three words that say where digits and where given bytes
// must stand, and where in it the parts of the instant begin (-1 for those that it lacks).
type pattern struct {
	width                          int
	digits                         [3]uint64 // a byte of ones where a digit stands
	literals                       [3]uint64 // the bytes that stand elsewhere
	used                           [3]uint64 // a byte of ones within the width
	year, month, day, hour, minute int
	second                         int
	fraction, zone                 bool // the pattern ends with the seconds; with a zone
}

// compile turns a layout into a pattern if it is made of 2006, 01, 02, 15, 04, 05 and
// punctuation, with year, month and day each once.
func compile(layout string) (pattern, bool) {
	p := pattern{year: -1, month: -1, day: -1, hour: -1, minute: -1, second: -1}
	layout, p.zone = strings.CutSuffix(layout, "Z07:00")
	p.width = len(layout)
	p.fraction = strings.HasSuffix(layout, "05")
	if p.width > 24 || p.zone && !p.fraction {
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

// at reads the cell data[start:end] if one of the patterns fits it.
func (c *Clock) at(data []byte, start, end int) (nanoseconds int64, ok bool) {
	for i := range c.fixed {
		if ns, stop := c.fixed[i].at(data, start); stop == end {
			return ns, true
		}
	}
	return 0, false
}

// at reads what fits the pattern at pos, and returns the place after it, -1 if nothing does.
func (p *pattern) at(data []byte, pos int) (nanoseconds int64, end int) {
	for i := 0; 8*i < p.width; i++ {
		w := load(data, pos+8*i)
		if (w&p.used[i])&^p.digits[i] != p.literals[i] {
			return 0, -1
		}
		if nonDigits((w^zeros)&p.digits[i]) != 0 {
			return 0, -1
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
		return 0, -1
	}
	ns := int64(daysSince1970(year, month, day)*86400+hour*3600+minute*60+second) * int64(time.Second)
	end = pos + p.width
	if p.fraction && data[end] == '.' {
		unit := int64(time.Second)
		for end++; data[end]-'0' <= 9; end++ {
			unit /= 10
			ns += unit * int64(data[end]-'0')
		}
		if unit == int64(time.Second) {
			return 0, -1
		}
	}
	if p.zone {
		if data[end] != 'Z' {
			return 0, -1
		}
		end++
	}
	return ns, end
}

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

// Parse reads a whole cell as an instant, by any layout.
func (c *Clock) Parse(cell []byte) (nanoseconds int64, ok bool) {
	padded := pad(append(make([]byte, 0, len(cell)+padding), cell...))
	if ns, ok := c.at(padded, 0, len(cell)); ok {
		return ns, true
	}
	for _, layout := range c.layouts {
		if t, err := time.Parse(layout, string(cell)); err == nil {
			return Nanoseconds(t)
		}
	}
	return 0, false
}

// Nanoseconds is the time in nanoseconds since 1970-01-01 UTC, and whether that can hold it.
func Nanoseconds(t time.Time) (nanoseconds int64, ok bool) {
	const last = math.MaxInt64 / int64(time.Second)
	if s := t.Unix(); s <= -last || s >= last {
		return 0, false
	}
	return t.UnixNano(), true
}
