package parallel

import "context"

// BlockRows is the size of the blocks of rows that Blocks deals out.
const BlockRows = 1 << 14

// Blocks calls body for fixed blocks of n rows, as For does for pieces.
func Blocks(ctx context.Context, n int, body func(from, to int)) error {
	return For(ctx, (n+BlockRows-1)/BlockRows, func(b int) { body(b*BlockRows, min((b+1)*BlockRows, n)) })
}
