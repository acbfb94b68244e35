package main

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// pieceRows is how many rows have a stream of random numbers of their own. The file depends on it,
// and on nothing else of how it is made.
const pieceRows = 1 << 14

// write writes the file: the first rows of a longer one with the same clusters and seed.
func (e *experiment) write(ctx context.Context, out io.Writer, rows int) error {
	if _, err := io.WriteString(out, strings.Join(experimentColumns, ",")+"\n"); err != nil {
		return err
	}
	pieces := make([][]byte, 2*runtime.GOMAXPROCS(0))
	for first := 0; first < rows; first += pieceRows * len(pieces) {
		err := parallel.For(ctx, len(pieces), func(i int) {
			from := first + i*pieceRows
			pieces[i] = e.appendRows(pieces[i][:0], from/pieceRows, min(pieceRows, rows-from))
		})
		if err != nil {
			return err
		}
		for _, p := range pieces {
			if _, err := out.Write(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendRows adds the rows of a piece; fewer than none are none.
func (e *experiment) appendRows(b []byte, piece, rows int) []byte {
	rng := rand.New(rand.NewPCG(e.seed, uint64(piece)+1))
	var r experimentRow
	for range rows {
		e.draw(&r, rng)
		b = e.appendRow(b, &r)
	}
	return b
}

// outcomeDecimals are those of the kinds of outcome; counts and yes or no have none.
var outcomeDecimals = [5]int{4, 0, 3, 0, 2}

func (e *experiment) appendRow(b []byte, r *experimentRow) []byte {
	a := &e.agents[r.agent]
	b = strconv.AppendInt(b, int64(r.agent+1), 10)
	b = strconv.AppendInt(append(b, ','), int64(r.day+1), 10)
	b = strconv.AppendInt(append(b, ','), int64(r.hour), 10)
	b = append(append(b, ','), issueNames[r.issue]...)
	b = append(b, ',', digit(a.assigned), ',', digit(r.used))
	b = appendDecimal(append(b, ','), a.baseline, 4)
	b = appendDecimal(append(b, ','), a.tenure, 2)
	for j, decimals := range [...]int{4, 4, 0, 4} {
		b = appendDecimal(append(b, ','), r.c[j], decimals)
	}
	for j, y := range r.y {
		b = appendDecimal(append(b, ','), y, outcomeDecimals[j%5])
	}
	return append(b, '\n')
}

// appendDecimal adds v rounded to so many decimals, without the zeros at its end but one: 2.5, 2.0.
func appendDecimal(b []byte, v float64, decimals int) []byte {
	n := int64(math.RoundToEven(v * powers[decimals]))
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	unit := int64(powers[decimals])
	b = strconv.AppendInt(b, n/unit, 10)
	if decimals == 0 {
		return b
	}
	b = append(b, '.')
	for rest := n % unit; ; rest %= unit {
		unit /= 10
		b = append(b, byte('0'+rest/unit))
		if rest%unit == 0 {
			return b
		}
	}
}

func digit(yes bool) byte {
	if yes {
		return '1'
	}
	return '0'
}
