package random

import (
	"math/bits"
	"testing"
)

// TestMix holds the function against the first numbers that SplitMix64 gives from state 0, which its
// author published, and checks that one bit of the argument changes about half of the result's.
func TestMix(t *testing.T) {
	const golden uint64 = 0x9e3779b97f4a7c15 // what the generator adds to its state before each number
	state := uint64(0)
	for i, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec} {
		if got := Mix(state); got != want {
			t.Errorf("number %d is %#x, want %#x", i, got, want)
		}
		state += golden
	}
	for bit := range 64 {
		changed := 0
		for x := range uint64(1000) {
			changed += bits.OnesCount64(Mix(x) ^ Mix(x^1<<bit))
		}
		if mean := float64(changed) / 1000; mean < 31 || mean > 33 {
			t.Errorf("bit %d changes %.2f bits on average", bit, mean)
		}
	}
}

// TestSource: a key gives the same numbers again, and neighbouring keys give others.
func TestSource(t *testing.T) {
	a, again, b := Source(1), Source(1), Source(2)
	for i := range 10 {
		x := a.Uint64()
		if y := again.Uint64(); x != y {
			t.Errorf("number %d: %d, and again %d", i, x, y)
		}
		if x == b.Uint64() {
			t.Errorf("number %d is the same for two keys", i)
		}
	}
}
