// Command run runs the study of package coverage and writes its report.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/fieldexp/fieldexp/internal/coverage"
)

func main() {
	replications := flag.Int("replications", 10000, "replications of each design")
	seed := flag.Uint64("seed", 1, "start of the random numbers")
	out := flag.String("out", "docs/coverage.md", "file to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *replications, *seed, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, replications int, seed uint64, out string) (err error) {
	// Opened first, so that an unwritable file does not cost minutes, and emptied last, so that what it
	// holds is kept if the study is stopped.
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	study, err := coverage.Run(ctx, coverage.Options{Replications: replications, Seed: seed, Progress: progress()})
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	return study.Markdown(f, fmt.Sprintf("go run ./internal/coverage/run --replications %d --seed %d --out docs/coverage.md", replications, seed))
}

// progress draws a bar on a terminal, and elsewhere writes a line for each tenth.
func progress() func(done, total int) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func(done, total int) {
			if done*10/total > (done-1)*10/total {
				fmt.Fprintf(os.Stderr, "%d%% of %d batches\n", done*100/total, total)
			}
		}
	}
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("batches"),
				progressbar.OptionShowIts(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
		}
		bar.Set(done) // an error of the terminal's is no reason to stop
	}
}
