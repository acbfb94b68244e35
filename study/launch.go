package study

import (
	"fmt"
	"strconv"
	"time"

	"github.com/fieldexp/fieldexp"
)

// Launch is when treatment begins: a date, or a date and time, without a zone, by the clock of the data; or, in a panel
// whose periods are numbers, the number of the first period with treatment.
type Launch struct {
	time.Time
	Period   float64
	Numbered bool // Period is the launch
}

// ParseLaunch reads a launch as a study file or a flag has it: 2024-01-23, 2024-01-23 09:00:00, or 9.
func ParseLaunch(text string) (Launch, error) {
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return Launch{Time: t}, nil
		}
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		return Launch{Period: number, Numbered: true}, nil
	}
	return Launch{}, refuse(fmt.Sprintf("launch %s is not a date", text), "write {Launch} as 2024-01-23 or 2024-01-23 09:00:00, or as the number of a period")
}

// UnmarshalTOML reads a date or a number of TOML's, or a string that holds one.
func (l *Launch) UnmarshalTOML(v any) (err error) {
	switch v := v.(type) {
	case time.Time:
		if v.Year() == 0 { // TOML's local time
			return refuse(fmt.Sprintf("launch %s is a time of the day without a date", v.Format(time.TimeOnly)), "write {Launch} as 2024-01-23 09:00:00")
		}
		l.Time = time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), v.Nanosecond(), time.UTC)
	case int64:
		*l = Launch{Period: float64(v), Numbered: true}
	case float64:
		*l = Launch{Period: v, Numbered: true}
	default:
		*l, err = ParseLaunch(fmt.Sprint(v))
	}
	return err
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

// refuse is the error of a study that contradicts itself.
func refuse(message string, remedy ...fieldexp.Hint) error {
	return &fieldexp.Error{Op: "study", Problem: fieldexp.BadSpec, Message: message, Remedy: remedy}
}
