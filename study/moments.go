package study

import "math"

// moments are the count, mean and spread of a column of events, gathered chunk by chunk.
type moments struct {
	n         int
	mean, sum float64 // sum of squared deviations from the mean
}

// add takes in a chunk's values, without the missing ones: the chunk's own mean and deviations
// first, so that digits are not lost where the mean is large beside the spread.
func (m *moments) add(values []float64) {
	var total float64
	n := 0
	for _, v := range values {
		if v == v {
			total += v
			n++
		}
	}
	if n == 0 {
		return
	}
	mean, squares := total/float64(n), 0.0
	for _, v := range values {
		if v == v {
			squares += (v - mean) * (v - mean)
		}
	}
	apart := mean - m.mean
	all := float64(m.n + n)
	m.sum += squares + apart*apart*float64(m.n)*float64(n)/all
	m.mean += apart * float64(n) / all
	m.n += n
}

// sd is the sample standard deviation; NaN below two values.
func (m *moments) sd() float64 {
	if m.n < 2 {
		return math.NaN()
	}
	return math.Sqrt(m.sum / float64(m.n-1))
}

// momentsOf are those of a column in memory.
func momentsOf(values []float64) *moments {
	m := new(moments)
	m.add(values)
	return m
}
