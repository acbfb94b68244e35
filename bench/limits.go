package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// limits are what the machine can do at most, against which our steps are held. Each is the best
// of several tries, on one processor and on all.
type limits struct {
	FileRead    [2]float64 `json:"file_read"`    // bytes a second from the system's cache
	Newlines    [2]float64 `json:"newlines"`     // the same with the ends of lines counted: the plainest scan
	MemoryRead  [2]float64 `json:"memory_read"`  // bytes a second of numbers added up
	MultiplyAdd [2]float64 `json:"multiply_add"` // a second, in products of columns that are in the cache
}

const limitTries = 5

// measureLimits reads a file that should be in the system's cache.
func measureLimits(ctx context.Context, path string) (l limits, err error) {
	numbers := make([]uint64, 1<<25)
	for i := range numbers {
		numbers[i] = uint64(i) // so that each page is the array's own
	}
	for i, processors := range [2]int{1, runtime.NumCPU()} {
		before := runtime.GOMAXPROCS(processors)
		for range limitTries {
			for _, m := range []struct {
				best *float64
				work func() (float64, error)
			}{
				{&l.FileRead[i], func() (float64, error) { return scanFile(ctx, path, func([]byte) int { return 0 }) }},
				{&l.Newlines[i], func() (float64, error) {
					return scanFile(ctx, path, func(b []byte) int { return bytes.Count(b, []byte{'\n'}) })
				}},
				{&l.MemoryRead[i], func() (float64, error) { return sumMemory(ctx, numbers) }},
				{&l.MultiplyAdd[i], func() (float64, error) { return multiplyColumns(ctx) }},
			} {
				start := time.Now()
				amount, err := m.work()
				if err != nil {
					runtime.GOMAXPROCS(before)
					return l, err
				}
				*m.best = max(*m.best, amount/time.Since(start).Seconds())
			}
		}
		runtime.GOMAXPROCS(before)
	}
	return l, nil
}

// scanFile looks at a file piece by piece, on all processors, and returns its bytes.
func scanFile(ctx context.Context, path string, look func([]byte) int) (float64, error) {
	const piece = 1 << 18
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	pieces := int((info.Size() + piece - 1) / piece)
	failed, found := make([]error, pieces), make([]int, pieces)
	buffers := parallel.NewScratch(func() []byte { return make([]byte, piece) })
	err = parallel.For(ctx, pieces, func(i int) {
		b := buffers.Get()
		n, err := file.ReadAt(b, int64(i)*piece)
		if err != nil && !errors.Is(err, io.EOF) {
			failed[i] = err
		}
		found[i] = look(b[:n])
		buffers.Put(b)
	})
	return float64(info.Size()), errors.Join(append(failed, err)...)
}

// sumMemory adds up numbers, more than any cache holds, and returns their bytes.
func sumMemory(ctx context.Context, numbers []uint64) (float64, error) {
	const pieces = 64
	size := len(numbers) / pieces
	sums := make([]uint64, pieces)
	err := parallel.For(ctx, pieces, func(i int) {
		var a, b, c, d uint64
		for v := numbers[i*size : (i+1)*size]; len(v) >= 4; v = v[4:] {
			a, b, c, d = a+v[0], b+v[1], c+v[2], d+v[3]
		}
		sums[i] = a + b + c + d
	})
	return 8 * float64(size) * pieces, err
}

// multiplyColumns takes products of columns that stay in the cache, two by four at a time as plain Go
// does best, and returns the count of multiplications with addition.
func multiplyColumns(ctx context.Context) (float64, error) {
	const rows, columns, times, pieces = 256, 16, 200, 16
	err := parallel.For(ctx, pieces, func(int) {
		x := make([]float64, rows*columns)
		for i := range x {
			x[i] = 1 / float64(i+1)
		}
		var products [columns * columns]float64
		for range times {
			for j := 0; j < columns; j += 2 {
				for k := 0; k < columns; k += 4 {
					tile(&products, x, j, k, rows)
				}
			}
		}
	})
	return rows * columns * columns * times * pieces, err
}

// tile adds the products of two columns with four.
func tile(products *[256]float64, x []float64, j, k, rows int) {
	column := func(c int) []float64 { return x[c*rows : (c+1)*rows : (c+1)*rows] }
	p, q := column(j), column(j + 1)[:len(column(j))]
	a, b, c, d := column(k)[:len(p)], column(k + 1)[:len(p)], column(k + 2)[:len(p)], column(k + 3)[:len(p)]
	var pa, pb, pc, pd, qa, qb, qc, qd float64
	for i, u := range p {
		v := q[i]
		pa += u * a[i]
		pb += u * b[i]
		pc += u * c[i]
		pd += u * d[i]
		qa += v * a[i]
		qb += v * b[i]
		qc += v * c[i]
		qd += v * d[i]
	}
	for i, s := range [...]float64{pa, pb, pc, pd} {
		products[16*j+k+i] += s
	}
	for i, s := range [...]float64{qa, qb, qc, qd} {
		products[16*(j+1)+k+i] += s
	}
}

// limitsPath is where limits are kept.
func limitsPath(s *settings) string { return filepath.Join(s.dir, "limits.json") }

// readLimits is nil where none were measured.
func readLimits(s *settings) (*limits, error) {
	text, err := os.ReadFile(limitsPath(s))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l := new(limits)
	return l, json.Unmarshal(text, l)
}

// limitsCommand measures the machine.
func limitsCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "limits",
		Short: "Measure what the machine can do at most",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			self, err := os.Executable()
			if err != nil {
				return err
			}
			t := task{data: "e1m"}
			if _, err := prepare(c.Context(), s, &t, self); err != nil {
				return err
			}
			l, err := measureLimits(c.Context(), t.path(s))
			if err != nil {
				return err
			}
			text, err := json.Marshal(l)
			if err != nil {
				return err
			}
			if err := os.WriteFile(limitsPath(s), append(text, '\n'), 0o644); err != nil {
				return err
			}
			_, err = io.WriteString(c.OutOrStdout(), l.String())
			return err
		},
	}
}
