// Package random derives streams of random numbers that have nothing to do with each other from one
// seed and what each is for, so that results do not depend on the order in which work is done.
package random

import "math/rand/v2"

// Source is the stream of a key, which is best made by Mix.
func Source(key uint64) *rand.PCG { return rand.NewPCG(key, Mix(key)) }

// Mix is the finaliser of the SplitMix64 generator: nearby arguments give unrelated results.
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
