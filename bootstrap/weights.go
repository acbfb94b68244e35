package bootstrap

import (
	"math"
	"math/rand/v2"
)

// drawBlock is the number of draws that share a random stream. Streams belong to blocks, and
// blocks are cut at fixed places, so that draws do not depend on who computes them.
const drawBlock = 128

// drawing is a plan of draws: random weights, or all sign vectors.
type drawing struct {
	law        Weights
	seed       uint64
	draws      int
	clusters   int
	enumerated bool
}

// newDrawing enumerates the sign vectors where they are no more than the draws asked for.
func newDrawing(law Weights, seed uint64, draws, clusters int) drawing {
	d := drawing{law: law, seed: seed, draws: draws, clusters: clusters}
	if law == Rademacher && clusters < 31 && 1<<clusters <= draws {
		d.enumerated, d.draws = true, 1<<clusters
	}
	return d
}

func (d drawing) blocks() int { return (d.draws + drawBlock - 1) / drawBlock }

// bounds are the draws of a block: from..to-1.
func (d drawing) bounds(block int) (from, to int) {
	return block * drawBlock, min((block+1)*drawBlock, d.draws)
}

// fill writes the weights of a block of draws: a row for each cluster, a column for each draw.
func (d drawing) fill(block int, into []float64) {
	from, to := d.bounds(block)
	n := to - from
	if d.enumerated {
		for g := range d.clusters {
			row := into[g*n : (g+1)*n]
			for b := range row {
				row[b] = 1 - 2*float64((from+b)>>g&1)
			}
		}
		return
	}
	rng := stream(d.seed, uint64(block))
	if d.law == Rademacher {
		signs(rng, into[:d.clusters*n])
		return
	}
	draw := law(d.law, rng)
	for i := range into[:d.clusters*n] {
		into[i] = draw()
	}
}

// signs fills with -1 and 1, a bit of a random word for each.
func signs(rng *rand.PCG, into []float64) {
	for len(into) > 0 {
		bits := rng.Uint64()
		part := into[:min(64, len(into))]
		for i := range part {
			part[i] = 1 - 2*float64(bits&1)
			bits >>= 1
		}
		into = into[len(part):]
	}
}

// root5 is the square root of five.
const root5 = 2*math.Phi - 1

// law is a source of independent weights.
func law(w Weights, source *rand.PCG) func() float64 {
	rng := rand.New(source)
	switch w {
	case Mammen:
		return func() float64 {
			if rng.Float64() < (root5+1)/(2*root5) {
				return (1 - root5) / 2
			}
			return (1 + root5) / 2
		}
	case Webb:
		six := [6]float64{-math.Sqrt(1.5), -1, -math.Sqrt(0.5), math.Sqrt(0.5), 1, math.Sqrt(1.5)}
		return func() float64 { return six[rng.IntN(6)] }
	case Gamma:
		return func() float64 {
			product := 1.0
			for range 4 {
				product *= 1 - rng.Float64()
			}
			return -math.Log(product)/2 - 2
		}
	}
	return rng.NormFloat64
}

// stream is the random stream of a block.
func stream(seed, block uint64) *rand.PCG {
	key := mix(mix(seed) ^ mix(block+0x9e3779b97f4a7c15))
	return rand.NewPCG(key, mix(key))
}

// mix is the finaliser of the SplitMix64 generator: nearby arguments give unrelated results.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
