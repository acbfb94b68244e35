package study

import "math"

// moments are the count, mean and spread of a column of events, gathered chunk by chunk.
type moments struct {
	n         int
	mean, sum float64 // sum of squared deviations from the mean
}

// add takes in a chunk's values, without the missing ones. They are summed as deviations from the mean of the chunks
// before, or of the first chunk, so that digits are not lost where the mean is large beside the spread.
func (m *moments) add(values []float64) {
	centre := m.mean
	if m.n == 0 {
		centre = meanOf(values)
	}
	var sum, squares float64
	n := 0
	for _, v := range values {
		if v == v {
			d := v - centre
			sum += d
			squares += d * d
			n++
		}
	}
	if n == 0 {
		return
	}
	apart := sum / float64(n) // the chunk's mean from the centre
	all := float64(m.n + n)
	m.sum += max(0, squares-apart*sum) + apart*apart*float64(m.n)*float64(n)/all
	m.mean = centre + apart*float64(n)/all
	m.n += n
}

// meanOf is the mean of the values that are not missing; 0 where all are.
func meanOf(values []float64) float64 {
	total, n := 0., 0
	for _, v := range values {
		if v == v {
			total += v
			n++
		}
	}
	return total / float64(max(1, n))
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
