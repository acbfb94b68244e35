package simulate

import "math/rand/v2"

// Ratings are mostly ones and fives. These probabilities give the reference study's mean, spread
// and share dissatisfied; the tilt moves probability from one to five.
const (
	ratedShare = 0.1516

	oneShare   = 0.305
	twoShare   = 0.040
	threeShare = 0.055
	fourShare  = 0.060

	// The tilt stays where the probability of a one exceeds every planted effect on
	// dissatisfaction, and that of a five is positive.
	tiltMin, tiltMax = -0.45, 0.205

	skillTilt  = 0.118
	skillTilt2 = -0.022 // low skill shows more than high skill
)

// baseRating is the rating at a uniform draw u, without any effect.
func baseRating(tilt, u float64) int32 {
	one := oneShare - tilt
	switch {
	case u < one:
		return 1
	case u < one+twoShare:
		return 2
	case u < one+twoShare+threeShare:
		return 3
	case u < one+twoShare+threeShare+fourShare:
		return 4
	}
	return 5
}

// lift is the effect of a day's usage on ratings: a one becomes better with some probability, so
// that the share dissatisfied falls by fewer and the mean rises by higher.
type lift struct {
	chance float64 // that a one is lifted
	to     int32   // to this or, with the probability up, the next
	up     float64
}

// liftBy finds the lift for an effect on the mean (higher, not negative) and on the share
// dissatisfied (-fewer). A lifted one must gain 2 to 4 stars on average: 2 <= higher/fewer <= 4.
func liftBy(tilt, higher, fewer float64) lift {
	if fewer <= 0 {
		return lift{}
	}
	gain := higher / fewer
	to := min(int32(gain), 3)
	return lift{chance: fewer / (oneShare - tilt), to: 1 + to, up: gain - float64(to)}
}

// apply changes a rating at the uniform draws v and w.
func (l lift) apply(rating int32, v, w float64) int32 {
	if rating != 1 || v >= l.chance {
		return rating
	}
	if w < l.up {
		return l.to + 1
	}
	return l.to
}

// rate draws a rating. It takes the same draws whatever the effect.
func rate(r *rand.Rand, tilt float64, l lift) int32 {
	u, v, w := r.Float64(), r.Float64(), r.Float64()
	return l.apply(baseRating(tilt, u), v, w)
}
