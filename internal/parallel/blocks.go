package parallel

import "context"

// BlockRows is the size of the blocks of rows that Blocks deals out.
const BlockRows = 1 << 14

// Pieces is into how many pieces of equal size n rows are to be cut of which each has some sums to itself, so
// that these are small beside its rows. It does not depend on the number of processors.
func Pieces(n, sums int) int { return max(1, min(16, n/max(1<<15, 4*sums))) }

// Blocks calls body for fixed blocks of n rows, as For does for pieces.
func Blocks(ctx context.Context, n int, body func(from, to int)) error {
	return For(ctx, (n+BlockRows-1)/BlockRows, func(b int) { body(b*BlockRows, min((b+1)*BlockRows, n)) })
}
