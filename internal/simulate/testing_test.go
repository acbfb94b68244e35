package simulate

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/fieldexp/fieldexp/data"
)

// agentDay is an agent-day of raw chats.
type agentDay struct {
	agent *agent
	day   int
	usage float64
	chats []chat
}

// agentDays simulates a study and keeps its chats by agent-day.
func agentDays(t testing.TB, cfg Config) (*world, []agentDay) {
	t.Helper()
	cfg, err := cfg.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(cfg)
	var days []agentDay
	var ws workspace
	for i := range w.agents {
		all, _ := w.simulate(&w.agents[i], &ws)
		all = append([]chat(nil), all...)
		for from := 0; from < len(all); {
			d, to, used := all[from].start/86400, from, 0
			for ; to < len(all) && all[to].start/86400 == d; to++ {
				used += int(all[to].v[colAIComplete] + all[to].v[colAIPartial])
			}
			days = append(days, agentDay{&w.agents[i], int(d), float64(used) / float64(to-from), all[from:to]})
			from = to
		}
	}
	return w, days
}

// mean is the mean of a measure over the chats of the day on which it is known.
func (d *agentDay) mean(column int) (mean float64, n int) {
	sum := 0.0
	for i := range d.chats {
		if v := d.chats[i].v[column]; v != missing {
			sum += float64(v) / scale[measures[column].decimals]
			n++
		}
	}
	return sum / float64(n), n
}

// frames simulates and reads the files.
func frames(t testing.TB, cfg Config) (agents, chats *data.Frame, truth Truth) {
	t.Helper()
	dir := t.TempDir()
	truth, err := Write(context.Background(), dir, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) *data.Frame {
		f, err := data.ReadCSV(context.Background(), filepath.Join(dir, name), data.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	return read(AgentsFile), read(ChatsFile), truth
}

// numbers is a numeric column.
func numbers(t testing.TB, f *data.Frame, name string) []float64 {
	t.Helper()
	v, err := f.Floats(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
