package parallel

import "context"

// Leave calls body in a goroutine and returns its error, or the context's at once when that ends first: for work that
// cannot look at its context often enough, such as the algebra of wide matrices. Body then goes on until it looks itself; it
// may write nothing that is used after Leave has returned an error.
func Leave(ctx context.Context, body func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- body() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
