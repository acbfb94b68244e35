package absorb

import (
	"context"
	"fmt"
)

// TooManyLevels says that the effects beside the largest have more levels than the exact
// solution of their equations allows for.
type TooManyLevels struct{ Levels int }

// Error says how many levels there are and how many may be.
func (e *TooManyLevels) Error() string {
	return fmt.Sprintf("the effects beside the largest have %d levels, more than the %d up to which their leverage can be computed", e.Levels, DirectLimit)
}

// Leverage is the leverage of every row in the weighted regression on the indicators of all
// effects: the diagonal of their hat matrix. A row i of the main effect's level g has w_i/mass_g
// from that effect, and w_i (t_i - c_g/mass_g)' A^- (t_i - c_g/mass_g) from the others, where t_i are its
// indicators of the other levels, c_g the weights of the other levels within g, and A the matrix of
// the reduced equations. The error is *TooManyLevels, or that of ctx.
func Leverage(ctx context.Context, rows int, w []float64, effects []Effect) ([]float64, error) {
	h := make([]float64, rows)
	if len(effects) == 0 {
		return h, ctx.Err()
	}
	s := newSystem(effects, w)
	if s.levels > DirectLimit {
		return nil, &TooManyLevels{Levels: s.levels}
	}
	for i, g := range s.main.Codes {
		h[i] = s.weightOf(i) / s.mass[g]
	}
	if s.levels == 0 {
		return h, ctx.Err()
	}
	a, err := s.reduced(ctx)
	if err != nil {
		return nil, err
	}
	inverse, _ := Inverse(a, s.levels, s.totals())
	starts, row := s.rowsByMain()
	image := make([]float64, s.levels)
	for g, mass := range s.mass {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		levels, weights := s.within(g)
		own := 0.0 // c'A^-c / mass^2
		for i, l := range levels {
			image[l] = 0
			for k, m := range levels {
				image[l] += inverse[int(l)*s.levels+int(m)] * weights[k] / mass
			}
			own += image[l] * weights[i] / mass
		}
		for place := starts[g]; place < starts[g+1]; place++ {
			i := row(place)
			h[i] += s.weightOf(i) * (own + s.deviation(i, inverse, image))
		}
	}
	return h, nil
}

// deviation is t'A^-t - 2 t'A^-c/mass for the indicators t of row i, given image = A^-c/mass.
func (s *system) deviation(i int, inverse, image []float64) (sum float64) {
	for e, other := range s.others {
		l := s.offset[e] + int(other.Codes[i])
		sum -= 2 * image[l]
		for f, another := range s.others {
			sum += inverse[l*s.levels+s.offset[f]+int(another.Codes[i])]
		}
	}
	return sum
}
