package simulate

import (
	"math"
	"math/rand/v2"

	"github.com/fieldexp/fieldexp/internal/random"
)

// purpose keeps the random streams of different parts of the study apart.
type purpose uint64

const (
	forCalendar purpose = iota + 1
	forAssignment
	forTraits
	forChats
)

// stream is the random stream of one purpose and one agent. It depends on nothing but its
// arguments, so that the order in which agents are simulated does not matter.
func stream(seed uint64, p purpose, index int) *rand.Rand {
	key := random.Mix(seed + uint64(p)*0x9e3779b97f4a7c15)
	return rand.New(random.Source(random.Mix(key ^ random.Mix(uint64(index)))))
}

// logistic maps the line to (0, 1).
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// clamp keeps x between low and high.
func clamp(x, low, high float64) float64 { return math.Max(low, math.Min(high, x)) }

// chance is 1 with probability p.
func chance(r *rand.Rand, p float64) int32 {
	if r.Float64() < p {
		return 1
	}
	return 0
}

// wholes rounds x to one of its two neighbouring whole numbers, so that its mean is x.
func wholes(r *rand.Rand, x float64) int32 { return int32(x + r.Float64()) }
