// Package parallel runs independent pieces of work on all processors. What a piece computes may
// not depend on which goroutine runs it, so that results are the same whatever GOMAXPROCS is.
package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// For calls body(0) to body(n-1), each once, on up to GOMAXPROCS goroutines and in no given order.
// It returns when all are done, or with the context's error as soon as the pieces under way are
// done after a cancellation.
func For(ctx context.Context, n int, body func(i int)) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			if err := ctx.Err(); err != nil {
				return err
			}
			body(i)
		}
		return ctx.Err()
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				body(i)
			}
		})
	}
	group.Wait()
	return ctx.Err()
}
