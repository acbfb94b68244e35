package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/plot"
)

// span is the range of the finite values it was shown.
type span struct {
	min, max float64
	any      bool
}

// Beyond this, squares of numbers overflow.
const largestDrawn = 1e100

func drawable(x float64) bool { return math.Abs(x) <= largestDrawn }

func (s *span) add(values ...float64) {
	for _, x := range values {
		if !drawable(x) {
			continue
		}
		if !s.any {
			*s = span{x, x, true}
		}
		s.min, s.max = math.Min(s.min, x), math.Max(s.max, x)
	}
}

// padded is the span with room at both ends, and with some width where the values are all alike.
func (s span) padded(share float64) span {
	if !s.any {
		return span{0, 1, true}
	}
	width := s.max - s.min
	if least := 1e-9 * math.Max(math.Abs(s.min), math.Abs(s.max)); width <= least {
		width = math.Max(math.Abs(s.max), 1)
		share = math.Max(share, 0.5)
	}
	return span{s.min - share*width, s.max + share*width, true}
}

// numberTicks puts ticks at multiples of 1, 2 or 5 times a power of ten.
type numberTicks struct{ about int }

// Ticks makes about as many ticks as asked for.
func (t numberTicks) Ticks(lo, hi float64) []plot.Tick {
	step, digits := niceStep((hi - lo) / float64(t.about))
	var ticks []plot.Tick
	first := math.Ceil(lo/step - 1e-9)
	for i := 0; i <= 3*t.about; i++ {
		at := (first + float64(i)) * step
		if at > hi+1e-9*step {
			break
		}
		ticks = append(ticks, plot.Tick{Value: at, Label: tickLabel(at, step, digits)})
	}
	return ticks
}

// niceStep is 1, 2 or 5 times a power of ten, whichever is nearest to raw by ratio, and the
// decimals that it needs.
func niceStep(raw float64) (step float64, digits int) {
	if !(raw > 0) || math.IsInf(raw, 0) {
		return 1, 0
	}
	power := math.Floor(math.Log10(raw))
	m := 1.0
	switch lead := raw / math.Pow(10, power); {
	case lead >= math.Sqrt(50):
		power++
	case lead >= math.Sqrt(10):
		m = 5
	case lead >= math.Sqrt2:
		m = 2
	}
	return m * math.Pow(10, power), max(0, -int(power))
}

// tickLabel prints a tick, as a power of ten where it is very large or the steps are very small.
func tickLabel(x, step float64, digits int) string {
	if math.Abs(x) < step/2 {
		return "0"
	}
	s := strconv.FormatFloat(x, 'f', digits, 64)
	if math.Abs(x) >= 1e6 || digits > 5 {
		s = strconv.FormatFloat(x, 'g', 6, 64)
		s = strings.NewReplacer("e+0", "e", "e+", "e", "e-0", "e-").Replace(s)
	} else if math.Abs(x) >= 1e4 && digits == 0 {
		s = groupThousands(s)
	}
	return realMinus(s)
}

// fixedTicks are ticks at given places.
type fixedTicks []plot.Tick

// Ticks gives all of them.
func (t fixedTicks) Ticks(_, _ float64) []plot.Tick { return t }

// categoryTicks name the places 0, 1, 2, ..., on several lines where the names are long.
func categoryTicks(names []string) fixedTicks {
	var ticks fixedTicks
	for i, n := range names {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: strings.Join(wrap(tidy(n), 14), "\n")})
	}
	return ticks.evenly()
}

// evenly gives every label as many lines as the one that has most, so that their first lines are
// level.
func (t fixedTicks) evenly() fixedTicks {
	most := 0
	for _, tick := range t {
		most = max(most, strings.Count(tick.Label, "\n"))
	}
	for i, tick := range t {
		t[i].Label += strings.Repeat("\n ", most-strings.Count(tick.Label, "\n"))
	}
	return t
}

// dayNumber is the days since 1970 of a time's own calendar day and hour.
func dayNumber(t time.Time) float64 {
	_, offset := t.Zone()
	return (float64(t.Unix()) + float64(offset)) / 86400
}

func dayTime(day float64) time.Time { return time.Unix(int64(math.Floor(day))*86400, 0).UTC() }

// dateTicks puts ticks at days, weeks, months or years from the first day on, fewer than most.
func dateTicks(first, last, most float64) fixedTicks {
	start, end := dayTime(first), dayTime(last)
	label := "2 Jan"
	var step func(time.Time) time.Time
	for _, days := range []int{1, 2, 7, 14} {
		if (last-first)/float64(days) < most {
			step = func(t time.Time) time.Time { return t.AddDate(0, 0, days) }
			break
		}
	}
	if step == nil {
		months := (last - first) / 30.44
		by := 12 * int(math.Ceil(months/12/most))
		for _, n := range []int{1, 2, 3, 6, 12} {
			if months/float64(n) < most {
				by = n
				break
			}
		}
		label = "Jan"
		month := start.Month()
		if by >= 12 {
			month = time.January
		}
		start = time.Date(start.Year(), month, 1, 0, 0, 0, 0, time.UTC)
		step = func(t time.Time) time.Time { return t.AddDate(0, by, 0) }
	}
	var ticks fixedTicks
	year := 0
	for t := start; !t.After(end); t = step(t) {
		if dayNumber(t) < math.Floor(first) {
			continue
		}
		s := t.Format(label)
		if t.Year() != year { // the year stands under the first tick and wherever it changes
			year = t.Year()
			s += "\n" + strconv.Itoa(year)
		}
		ticks = append(ticks, plot.Tick{Value: dayNumber(t), Label: s})
	}
	return ticks.evenly()
}
