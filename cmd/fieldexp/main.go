package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldexp/fieldexp/study"
)

func main() {
	// Nearly all of the heap are columns of numbers, which the collector need not look into: letting
	// it grow by three tenths in place of doubling saves memory and costs little time.
	debug.SetGCPercent(30)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// interrupted is the exit status after an interrupt, as shells have it.
const interrupted = 130

// run is the command but for the process: it returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "fieldexp",
		Short:         "Analyse field experiments in which access is assigned and usage is chosen",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(studyCommand(stdout, stderr), simulateCommand(stdout, stderr), fitCommand(stdout, stderr))
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.CompletionOptions.HiddenDefaultCmd = true
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "fieldexp: interrupted")
		return interrupted
	}
	var some partly
	if errors.As(err, &some) {
		for _, refusal := range some {
			fmt.Fprintf(stderr, "fieldexp: %s\n", strings.Join(strings.Fields(refusal.String()), " "))
		}
		return 1
	}
	fmt.Fprintf(stderr, "fieldexp: %s\n", worded(args, err))
	return 1
}

// partly is the error of a study of which some tables or figures cannot be had. The others are written.
type partly []study.Refusal

func (p partly) Error() string { return counted(len(p), "refusal") }

// refusals is the error of a study's refusals; nil where there are none.
func refusals(result *study.Output) error {
	if len(result.Refused) == 0 {
		return nil
	}
	return partly(result.Refused)
}
