package simulate

import "time"

// today is what a day of the calendar does to everybody.
type today struct {
	date       string  // 2006-01-02
	attendance float64 // factor on the share of agents at work
	load       float64 // factor on chats
	pace       float64 // added to ln times
	delay      float64 // added to ln identification time
	tilt       float64 // added to the probability of a five, taken from that of a one
	retrial    float64 // added to the probability of a retrial
	pictures   float64 // factor on the probability of pictures
}

// The month after the launch is quieter than the month before it, most of all in the week of the
// New Year holiday, and a little better rated.
const (
	holidayFrom, holidayTo = 45, 52 // 9 to 15 February
	holidayAttendance      = 0.72

	preTilt      = -0.047
	postTilt     = -0.035
	preRetrial   = 0.390
	postRetrial  = 0.368
	postPictures = 0.92
)

// calendar draws the days. Both arms share them.
func calendar(seed uint64) [Days]today {
	r := stream(seed, forCalendar, 0)
	var days [Days]today
	for d := range days {
		date := firstDay().AddDate(0, 0, d)
		t := today{
			date:       date.Format(time.DateOnly),
			attendance: 1,
			load:       preLoad,
			pace:       0.02 * r.NormFloat64(),
			delay:      0.03 * r.NormFloat64(),
			tilt:       preTilt + 0.004*r.NormFloat64(),
			retrial:    preRetrial + 0.005*r.NormFloat64(),
			pictures:   1 + 0.02*r.NormFloat64(),
		}
		if d >= LaunchDay {
			t.load, t.tilt, t.retrial = postLoad, t.tilt+postTilt-preTilt, t.retrial+postRetrial-preRetrial
			t.pictures *= postPictures
			t.attendance = 0.96
		}
		if d >= holidayFrom && d < holidayTo {
			t.attendance = holidayAttendance
		}
		if wd := date.Weekday(); wd == time.Saturday || wd == time.Sunday {
			t.attendance *= 0.95
			t.load *= 1.08
		}
		t.load *= 1 + 0.03*r.NormFloat64()
		days[d] = t
	}
	return days
}
