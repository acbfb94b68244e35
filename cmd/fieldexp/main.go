package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	_ "time/tzdata" // zones, where the machine has none

	"github.com/spf13/cobra"
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
	fmt.Fprintf(stderr, "fieldexp: %s\n", worded(args, err))
	return 1
}
