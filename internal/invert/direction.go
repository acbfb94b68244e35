// Package invert inverts tests: it finds the values of an effect that a test does not reject, which are a
// confidence set. A value of the effect is known by the angle of the direction (cos, sin) whose slope it is, so that
// infinity is a value like others, at a right angle. A test's finding changes at angles where some function is
// zero: SignChanges finds them with certainty, Changes tests between them, and Pieces makes the set.
package invert

import "math"

// Direction is an angle with its cosine and sine.
type Direction struct{ Angle, Cos, Sin float64 }

// Toward is the direction of an angle.
func Toward(angle float64) Direction {
	sin, cos := math.Sincos(angle)
	return Direction{angle, cos, sin}
}

// AngleOf is the angle of the line through the direction (c, s), between -pi/2 and pi/2.
func AngleOf(c, s float64) float64 {
	if c < 0 {
		c, s = -c, -s
	}
	return math.Atan2(s, c)
}

// Scale leads from angles to effects: the slope of a direction is an effect's distance from Origin in units of Unit.
type Scale struct{ Origin, Unit float64 }

// Effect is the effect at an angle.
func (s Scale) Effect(angle float64) float64 { return s.Origin + s.Unit*math.Tan(angle) }

// Angle is the angle of an effect.
func (s Scale) Angle(effect float64) float64 { return math.Atan((effect - s.Origin) / s.Unit) }
