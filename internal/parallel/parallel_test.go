package parallel

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
)

func TestForVisitsEachOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		visits := make([]atomic.Int32, n)
		if err := For(context.Background(), n, func(i int) { visits[i].Add(1) }); err != nil {
			t.Fatal(err)
		}
		for i := range visits {
			if visits[i].Load() != 1 {
				t.Fatalf("n = %d: piece %d ran %d times", n, i, visits[i].Load())
			}
		}
	}
}

func TestCount(t *testing.T) {
	for _, n := range []int{0, 1, 1000, 200_000} {
		const groups = 7
		codes, want := make([]int32, n), make([]int, groups)
		for i := range codes {
			codes[i] = int32(i*i%groups) - 1 // -1 is in no group, and some groups do not occur
			if codes[i] >= 0 {
				want[codes[i]]++
			}
		}
		if got := Count(codes, groups); !slices.Equal(got, want) {
			t.Errorf("n = %d: counts %v, want %v", n, got, want)
		}
	}
}

func TestForStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var ran atomic.Int32
	err := For(ctx, 1_000_000, func(int) {
		ran.Add(1)
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error = %v, want context.Canceled", err)
	}
	if ran.Load() == 1_000_000 {
		t.Fatal("every piece ran after the cancellation")
	}
}

func TestScratchIsLentToOneAtATime(t *testing.T) {
	var made atomic.Int32
	scratch := NewScratch(func() *atomic.Bool {
		made.Add(1)
		return new(atomic.Bool)
	})
	err := For(context.Background(), 10_000, func(int) {
		taken := scratch.Get()
		if taken.Swap(true) {
			t.Error("memory was lent twice at once")
		}
		taken.Store(false)
		scratch.Put(taken)
	})
	if err != nil {
		t.Fatal(err)
	}
	if most := int32(runtime.GOMAXPROCS(0)); made.Load() > most {
		t.Errorf("%d pieces of memory made for %d goroutines", made.Load(), most)
	}
}
