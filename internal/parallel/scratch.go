package parallel

import "runtime"

// Scratch lends working memory to the pieces of work of For: no more of it is made than there are
// goroutines, and it goes when the Scratch does.
type Scratch[T any] struct {
	free   chan T
	create func() T
}

// NewScratch lends what the function makes.
func NewScratch[T any](create func() T) *Scratch[T] {
	return &Scratch[T]{free: make(chan T, runtime.GOMAXPROCS(0)), create: create}
}

// Get is memory that nobody else has until it is Put back. What it holds is left over from before.
func (s *Scratch[T]) Get() T {
	select {
	case v := <-s.free:
		return v
	default:
		return s.create()
	}
}

// Put gives memory back.
func (s *Scratch[T]) Put(v T) {
	select {
	case s.free <- v:
	default:
	}
}
