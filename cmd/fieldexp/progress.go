package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// patience is how long work goes on before a bar is drawn.
const patience = time.Second

// bar shows progress on a terminal. Its zero value shows none.
type bar struct {
	w     io.Writer
	start time.Time
	stage string
	drawn *progressbar.ProgressBar
}

// newBar is a bar on w if that is a terminal.
func newBar(w io.Writer) *bar {
	if f, ok := w.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return &bar{}
	}
	return &bar{w: w, start: time.Now()}
}

// show draws how much of a stage is done; of an unknown total, it spins.
func (b *bar) show(stage string, done, total int64) {
	if b.w == nil || time.Since(b.start) < patience {
		return
	}
	if total == 0 {
		total = -1
	}
	if b.drawn == nil || stage != b.stage || total != b.drawn.GetMax64() {
		b.clear()
		b.stage = stage
		b.drawn = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.w), progressbar.OptionSetDescription(stage),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
	}
	b.drawn.Set64(done) // an error of the terminal's is no reason to stop
}

// clear takes the bar away.
func (b *bar) clear() {
	if b.drawn != nil {
		b.drawn.Clear()
		b.drawn = nil
	}
}
