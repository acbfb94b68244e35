package simulate

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/fieldexp/fieldexp/internal/folder"
)

// Names of the files that Write makes.
const (
	AgentsFile = "agents.csv"
	ChatsFile  = "chats.csv"
	TruthFile  = "truth.json"
)

// Write simulates a study into a directory, which is made if it is not there: AgentsFile, ChatsFile (in order of agent,
// then time) and TruthFile, and more files if there are any. Files of those names are replaced, and only when the whole
// study is written; after an error or a cancelled context the old ones stand.
//
// Memory does not grow with the number of chats. progress, if not nil, is told how many of the
// agents are done, from one goroutine at a time.
func Write(ctx context.Context, dir string, cfg Config, progress func(done, total int), more ...folder.File) (Truth, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Truth{}, err
	}
	var w *world
	var truth Truth
	files := []folder.File{
		{Name: ChatsFile, Write: buffered(func(out *bufio.Writer) (err error) {
			w = newWorld(cfg)
			truth, err = writeChats(ctx, out, w, progress)
			return err
		})},
		{Name: AgentsFile, Write: buffered(func(out *bufio.Writer) error { return writeAgents(out, w.agents) })},
		{Name: TruthFile, Write: buffered(func(out *bufio.Writer) error { return writeTruth(out, truth) })},
	}
	result := folder.Result{Dir: dir, Files: append(files, more...), Replace: true, Op: "simulate"}
	if err := result.Write(ctx); err != nil {
		return Truth{}, err
	}
	return truth, nil
}

// buffered writes through a buffer.
func buffered(write func(*bufio.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<20)
		if err := write(out); err != nil {
			return err
		}
		return out.Flush()
	}
}

// writeChats simulates and writes the chats.
func writeChats(ctx context.Context, out *bufio.Writer, w *world, progress func(done, total int)) (Truth, error) {
	names := identity[:]
	for _, m := range measures {
		names = append(names, m.name)
	}
	if err := writeHeader(out, names); err != nil {
		return Truth{}, err
	}
	tallies := make([]tally, 0, len(w.agents))
	err := generate(ctx, w, func(b *batch) error {
		tallies = append(tallies, b.tallies...)
		if _, err := out.Write(b.rows); err != nil {
			return err
		}
		if progress != nil {
			progress(b.to, len(w.agents))
		}
		return nil
	})
	if err != nil {
		return Truth{}, err
	}
	return newTruth(w, tallies), nil
}

// writeAgents writes agents.csv.
func writeAgents(out *bufio.Writer, agents []agent) error {
	if err := writeHeader(out, agentColumns[:]); err != nil {
		return err
	}
	var line []byte
	for i := range agents {
		a := &agents[i]
		line = append(line[:0], agentID(i)...)
		for _, v := range [...]int{indicator(a.treated), indicator(a.male), a.age, a.tenure} {
			line = strconv.AppendInt(append(line, ','), int64(v), 10)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// writeTruth writes truth.json.
func writeTruth(out io.Writer, truth Truth) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", " ")
	return encoder.Encode(truth)
}

// writeHeader writes the names of the columns.
func writeHeader(out *bufio.Writer, names []string) error {
	for i, n := range names {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(n)
	}
	return out.WriteByte('\n') // reports the first error of all
}

// appendChat adds a row of chats.csv.
func appendChat(b []byte, agent int, id string, c *chat, days *[Days]today) []byte {
	b = strconv.AppendInt(b, chatID(agent, c.number), 10)
	b = append(append(b, ','), id...)
	b = strconv.AppendInt(append(b, ','), int64(c.customer), 10)
	b = appendTime(append(b, ','), c.start, days)
	b = append(append(b, ','), issues[c.issue].name...)
	for i := range measures {
		b = append(b, ',')
		if v := c.v[i]; v != missing {
			b = appendFixed(b, v, measures[i].decimals)
		}
	}
	return append(b, '\n')
}

// appendTime writes seconds since the first day as 2006-01-02 15:04:05.
func appendTime(b []byte, seconds int32, days *[Days]today) []byte {
	const day = int32(24 * time.Hour / time.Second)
	b = append(append(b, days[seconds/day].date...), ' ')
	s := seconds % day
	b = append(appendTwo(b, s/3600), ':')
	b = append(appendTwo(b, s/60%60), ':')
	return appendTwo(b, s%60)
}

// appendTwo writes a number below 100 with two digits.
func appendTwo(b []byte, n int32) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// appendFixed writes v, a count of the last decimal kept, as a decimal number. v is not negative.
func appendFixed(b []byte, v int32, decimals int) []byte {
	switch decimals {
	case 0:
		return strconv.AppendInt(b, int64(v), 10)
	case 1:
		return append(strconv.AppendInt(b, int64(v/10), 10), '.', byte('0'+v%10))
	case 2:
		return appendTwo(append(strconv.AppendInt(b, int64(v/100), 10), '.'), v%100)
	}
	return appendTwo(append(strconv.AppendInt(b, int64(v/1000), 10), '.', byte('0'+v/100%10)), v%100)
}

// agentID names an agent, as in A000123.
func agentID(index int) string { return fmt.Sprintf("A%06d", index+1) }

// indicator is 1 for true.
func indicator(b bool) int {
	if b {
		return 1
	}
	return 0
}
