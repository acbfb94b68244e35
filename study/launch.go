package study

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/fieldexp/fieldexp"
)

// Launch is when treatment begins: a date, or a date and time, by the clock that times are read by; or, in a panel whose
// periods are numbers, the number of the first period with treatment. A Time in UTC is what that clock shows. A Time in
// another location is an instant, for which the study must name its zone.
type Launch struct {
	time.Time
	Period   float64
	Numbered bool // Period is the launch

	bad *fieldexp.Error // why what the study file has is no launch
}

// ParseLaunch reads a launch as a study file or a flag has it: 2024-01-23, 2024-01-23 09:00:00, the same with an offset,
// or 9.
func ParseLaunch(text string) (Launch, error) {
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return Launch{Time: t}, nil
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		for _, offset := range []string{"Z07:00", "Z0700", "Z07", " Z07:00", " Z0700"} {
			if t, err := time.Parse(layout+offset, text); err == nil {
				return Launch{Time: instantOf(t)}, nil
			}
		}
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(number) && !math.IsInf(number, 0) {
		return Launch{Period: number, Numbered: true}, nil
	}
	return Launch{}, noLaunch(text)
}

// noLaunch is the error of a launch that cannot be read.
func noLaunch(text string) *fieldexp.Error {
	return &fieldexp.Error{Op: "study", Problem: fieldexp.BadSpec, Message: fmt.Sprintf("launch %s is not a date", text),
		Remedy: []fieldexp.Hint{"write {Launch} as 2024-01-23 or 2024-01-23 09:00:00, or as the number of a period"}}
}

// UnmarshalTOML reads a date or a number of TOML's, or a string that holds one. What is neither is refused by the caller, who
// knows the line.
func (l *Launch) UnmarshalTOML(v any) error {
	switch v := v.(type) {
	case time.Time:
		switch v.Location().String() { // how package toml marks what has no offset
		case "date-local", "datetime-local":
			l.Time = onClock(v)
		case "time-local":
			l.bad = &fieldexp.Error{Op: "study", Problem: fieldexp.BadSpec, Message: fmt.Sprintf("launch %s is a time of the day without a date", v.Format(time.TimeOnly)),
				Remedy: []fieldexp.Hint{"write {Launch} as 2024-01-23 09:00:00"}}
		default:
			l.Time = instantOf(v)
		}
	case int64:
		*l = Launch{Period: float64(v), Numbered: true}
	default: // numbers with a point among them, of which not all are periods
		launch, err := ParseLaunch(fmt.Sprint(v))
		errors.As(err, &launch.bad)
		*l = launch
	}
	return nil
}

// instantOf is a time with an offset, in a location that is not UTC even where the offset is zero.
func instantOf(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.In(time.FixedZone("", offset))
}

// IsZero reports whether there is no launch.
func (l Launch) IsZero() bool { return !l.Numbered && l.Time.IsZero() }

// String writes the date, with the time of day if it has one, or the number of the period.
func (l Launch) String() string {
	if l.Numbered {
		return strconv.FormatFloat(l.Period, 'g', -1, 64)
	}
	if h, m, s := l.Clock(); h+m+s == 0 {
		return l.Format(time.DateOnly)
	}
	return l.Format(time.DateTime)
}

// MarshalText writes the launch as ParseLaunch reads it; nothing where there is none.
func (l Launch) MarshalText() ([]byte, error) {
	switch {
	case l.IsZero():
		return nil, nil
	case l.Numbered || l.Location() == time.UTC:
		return []byte(l.String()), nil
	}
	return []byte(l.Format("2006-01-02T15:04:05Z07:00")), nil
}

// UnmarshalText reads what MarshalText writes.
func (l *Launch) UnmarshalText(text []byte) (err error) {
	if *l = (Launch{}); len(text) > 0 {
		*l, err = ParseLaunch(string(text))
	}
	return err
}

// MarshalJSON writes the launch as a string.
func (l Launch) MarshalJSON() ([]byte, error) {
	text, _ := l.MarshalText() // which has no error
	return json.Marshal(string(text))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (l *Launch) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	return l.UnmarshalText([]byte(s))
}

// refuse is the error of a study that contradicts itself.
func refuse(message string, remedy ...fieldexp.Hint) error {
	return &fieldexp.Error{Op: "study", Problem: fieldexp.BadSpec, Message: message, Remedy: remedy}
}
