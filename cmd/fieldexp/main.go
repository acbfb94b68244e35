package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // zones, where the machine has none

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fieldexp/fieldexp/study"
)

func main() {
	// Nearly all of the heap are columns of numbers, which the collector need not look into: letting
	// it grow by three tenths in place of doubling saves memory and costs little time.
	debug.SetGCPercent(30)
	os.Exit(run(stoppable(), os.Args[1:], os.Stdout, os.Stderr))
}

// stoppable is a context that ends at the first signal to stop; the second one ends the program at once.
func stoppable() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	for _, s := range stops {
		if !signal.Ignored(s) { // as in the background of a shell, or under nohup
			signal.Notify(signals, s)
		}
	}
	go func() {
		s := <-signals
		signal.Reset(stops...)
		cancel(stopped{s})
	}()
	return ctx
}

// stopped is why a context ended: at a signal.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string {
	if s.signal == os.Interrupt {
		return "interrupted"
	}
	return "stopped by " + s.signal.String()
}

// status is the exit status after the signal, as shells have it: 130 after an interrupt, 143 after a request to end.
func (s stopped) status() int {
	if number, ok := s.signal.(syscall.Signal); ok {
		return 128 + int(number)
	}
	return interrupted
}

// interrupted is the exit status after an interrupt.
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
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return checkEmpty(c) }
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.CompletionOptions.HiddenDefaultCmd = true
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		why := stopped{os.Interrupt}
		errors.As(context.Cause(ctx), &why)
		fmt.Fprintf(stderr, "fieldexp: %v\n", why)
		return why.status()
	}
	var some partly
	if errors.As(err, &some) {
		for _, reason := range study.Reasons(some) {
			fmt.Fprintf(stderr, "fieldexp: %s\n", strings.Join(strings.Fields(reason), " "))
		}
		return 1
	}
	fmt.Fprintf(stderr, "fieldexp: %s\n", worded(args, err))
	return 1
}

// mayBeEmpty are flags whose value may be nothing.
var mayBeEmpty = []string{"missing", "missing-only"}

// checkEmpty refuses flags that are given without a value, as an unset variable of a shell leaves them: what they would
// have asked for would not be done, in silence.
func checkEmpty(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		empty := f.Value.String() == ""
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values := list.GetSlice()
			empty = len(values) == 0 || slices.Contains(values, "")
		}
		if empty && err == nil && !slices.Contains(mayBeEmpty, f.Name) {
			err = fmt.Errorf("--%s is given and empty: give it a value, or leave it out", f.Name)
		}
	})
	return err
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
