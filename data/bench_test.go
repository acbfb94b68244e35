package data

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

// benchLog is the text of a chat log: identifiers, a time, texts, decimals and missing values.
func benchLog(rows int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2023, 12, 26, 0, 0, 0, 0, time.UTC)
	topics := []string{"refund", "shipping", "login", "invoice"}
	var b bytes.Buffer
	b.WriteString("chat,worker,opened,topic,seconds,rating,load,reply,typing,messages,density\n")
	for i := range rows {
		rating := ""
		if r.IntN(7) == 0 {
			rating = strconv.Itoa(1 + r.IntN(5))
		}
		fmt.Fprintf(&b, "%d,W%06d,%s,%s,%.1f,%s,%d,%.1f,%.1f,%d,%.3f\n", 400_000_000+i, r.IntN(6000),
			start.Add(time.Duration(i)*time.Second).Format(time.DateTime), topics[r.IntN(4)], 500*r.ExpFloat64(), rating, 1+r.IntN(5),
			100*r.ExpFloat64(), 90*r.ExpFloat64(), 1+r.IntN(30), r.Float64())
	}
	return b.Bytes()
}

func BenchmarkReadCSV(b *testing.B) {
	input := benchLog(100_000)
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadCSVFrom(context.Background(), bytes.NewReader(input), "bench", ReadOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadCSVNaive is the yardstick: the same file by encoding/csv, strconv and package time.
func BenchmarkReadCSVNaive(b *testing.B) {
	input := benchLog(100_000)
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	for b.Loop() {
		r := csv.NewReader(bytes.NewReader(input))
		r.ReuseRecord = true
		header, err := r.Read()
		if err != nil {
			b.Fatal(err)
		}
		columns := make([][]float64, len(header))
		levels := map[string]int{}
		for {
			record, err := r.Read()
			if err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			for i, cell := range record {
				v, err := strconv.ParseFloat(cell, 64)
				if i == 2 {
					t, _ := time.Parse(time.DateTime, cell)
					v = float64(t.UnixNano())
				} else if err != nil {
					if _, ok := levels[cell]; !ok {
						levels[cell] = len(levels)
					}
					v = float64(levels[cell])
				}
				columns[i] = append(columns[i], v)
			}
		}
	}
}

func BenchmarkScanCSV(b *testing.B) {
	input := benchLog(100_000)
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	opt := ReadOptions{Types: map[string]Kind{"chat": Float, "worker": Categorical, "opened": Time, "topic": Categorical, "seconds": Float,
		"rating": Float, "load": Float, "reply": Float, "typing": Float, "messages": Float, "density": Float}}
	for b.Loop() {
		if err := ScanCSVFrom(context.Background(), bytes.NewReader(input), "bench", opt, func(*Frame) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteCSV(b *testing.B) {
	input := benchLog(20_000)
	f, err := ReadCSVFrom(context.Background(), bytes.NewReader(input), "bench", ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		if err := f.WriteCSV(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGroup(b *testing.B) {
	const rows = 1_000_000
	r := rand.New(rand.NewPCG(3, 4))
	agents, ids, amounts, days := make([]float64, rows), make([]float64, rows), make([]float64, rows), make([]int64, rows)
	codes := make([]int32, rows)
	for i := range rows {
		agents[i] = float64(r.IntN(6000))
		ids[i] = float64(4e8 + r.IntN(1e9))
		amounts[i] = float64(r.IntN(50_000)) / 100
		days[i] = int64(r.IntN(56)) * 86400e9
		codes[i] = int32(r.IntN(4))
	}
	var f Frame
	for _, err := range []error{f.SetFloats("agents", agents), f.SetFloats("ids", ids), f.SetFloats("amounts", amounts), f.SetInstants("days", days)} {
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := f.SetCodes("issue", codes, []string{"billing", "returns", "login", "tax"}); err != nil {
		b.Fatal(err)
	}
	columns := [][]string{{"agents", "days"}}
	for _, name := range f.Names() {
		columns = append(columns, []string{name})
	}
	for _, names := range columns {
		b.Run(strings.Join(names, "^"), func(b *testing.B) {
			for b.Loop() {
				f.groups = newGroupCache()
				if _, err := f.Group(names[0], names[1:]...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

// BenchmarkGroupAgain asks for groups that are known.
func BenchmarkGroupAgain(b *testing.B) {
	const rows = 1_000_000
	var f Frame
	for _, name := range []string{"agents", "days"} {
		if err := f.SetFloats(name, make([]float64, rows)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := f.Group("agents", "days"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLeftJoin(b *testing.B) {
	const rows, workers = 1_000_000, 6000
	r := rand.New(rand.NewPCG(5, 6))
	levels := make([]string, workers)
	for i := range levels {
		levels[i] = fmt.Sprintf("W%06d", i)
	}
	codes := make([]int32, rows)
	for i := range codes {
		codes[i] = int32(r.IntN(workers))
	}
	arm := make([]float64, workers)
	var events, agents Frame
	for _, err := range []error{events.SetCodes("worker", codes, levels), agents.SetStrings("worker", levels), agents.SetFloats("arm", arm)} {
		if err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, _, err := events.LeftJoin(&agents, "worker"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}
