package csvscan

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// experiment writes rows of an experiment's file: identifiers, small integers, one text and
// decimals of several lengths, in 22 columns of about 104 bytes.
func experiment(rows int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	issues := strings.Fields("billing returns shipping login password tax payroll upgrade cancel bug feature other")
	decimal := func(v float64, places int) string {
		scale := math.Pow(10, float64(places))
		return strconv.FormatFloat(math.Round(v*scale)/scale, 'f', -1, 64)
	}
	var b bytes.Buffer
	for range rows {
		agent := r.IntN(2000)
		fmt.Fprintf(&b, "%d,%d,%d,%s,%d,%d,%s,%s", agent+1, 1+r.IntN(30), r.IntN(24), issues[r.IntN(12)], agent%2, r.IntN(2),
			decimal(2.2+.5*math.Sin(float64(agent)), 4), decimal(11+10*math.Cos(float64(agent)), 2))
		for j := range 14 {
			b.WriteByte(',')
			switch v := r.NormFloat64(); j % 5 {
			case 0, 1:
				b.WriteString(decimal(v, 4))
			case 2:
				b.WriteString(strconv.Itoa(r.IntN(2)))
			case 3:
				b.WriteString(decimal(math.Exp(3.2+.7*v), 3))
			default:
				b.WriteString(decimal(50+20*v, 2))
			}
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// newBenchParser is a parser of so many fields of unknown kind.
func newBenchParser(fields int) *parser {
	return &parser{
		cells:    cells{separators: newSeparators(','), width: fields},
		missing:  NewMissing([]string{"", "NA", "NaN", "null"}),
		clock:    NewClock([]string{"2006-01-02 15:04:05", "2006-01-02"}, nil),
		fields:   make([]Field, fields),
		learned:  make([]atomic.Uint32, fields),
		lexicons: make([]*lexicon, fields),
	}
}

func BenchmarkParse(b *testing.B) {
	block := experiment(2500)
	limit := len(block)
	block = pad(block)
	p := newBenchParser(22)
	var c Chunk
	b.SetBytes(int64(limit))
	for b.Loop() {
		if bad := p.parse(&c, block, limit); bad != nil {
			b.Fatal(bad)
		}
	}
}

func BenchmarkFindCells(b *testing.B) {
	block := experiment(2500)
	limit := len(block)
	block = pad(block)
	p := newBenchParser(22)
	b.SetBytes(int64(limit))
	for b.Loop() {
		if bad := p.find(block, limit, 2500); bad != nil {
			b.Fatal(bad)
		}
	}
}
