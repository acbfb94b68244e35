package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are the flags that all steps share.
type settings struct {
	dir     string // of files and records
	seed    uint64
	rscript string
	python  string
	runs    int
	budget  time.Duration
	limit   time.Duration
	memory  int      // of peers, in GB
	peers   []string // the only ones to run; none for all
}

// command is the command line.
func command() *cobra.Command {
	s := &settings{}
	root := &cobra.Command{
		Use:               "bench",
		Short:             "Measure this library against its peers",
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: func(*cobra.Command, []string) error { return s.check() },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&s.dir, "dir", "out/bench", "directory of the files and of records.jsonl")
	flags.Uint64Var(&s.seed, "seed", 1, "seed of the files")
	flags.StringVar(&s.rscript, "rscript", fromEnvironment("RSCRIPT", "Rscript"), "R's script runner")
	flags.StringVar(&s.python, "python", fromEnvironment("PYTHON", "python3"), "Python")
	flags.IntVar(&s.runs, "runs", 5, "runs of each program")
	flags.DurationVar(&s.budget, "budget", 2*time.Minute, "a program that has taken this long over a task is not run again")
	flags.DurationVar(&s.limit, "limit", 10*time.Minute, "a process that takes longer is ended, and counts as failed")
	flags.StringSliceVar(&s.peers, "peer", nil, "run only these peers, by the names that list gives them")
	flags.IntVar(&s.memory, "memory", 0, "GB of address space that a peer may have, on Unix; 0 for no limit")
	root.AddCommand(
		generateCommand(s),
		runCommand(s, "compare", "Run tasks, ours and theirs in turn", true, true),
		runCommand(s, "ours", "Run tasks, ours alone", true, false),
		runCommand(s, "peers", "Run tasks, theirs alone", false, true),
		regressCommand(s),
		limitsCommand(s),
		tableCommand(s),
		listCommand(),
		stepsCommand(),
	)
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

// check refuses peers that there are not, and makes paths hold wherever a peer is run.
func (s *settings) check() (err error) {
	for _, name := range s.peers {
		if _, err := peerNamed(name); err != nil {
			return err
		}
	}
	for _, path := range []*string{&s.dir, &s.rscript, &s.python} {
		if path != &s.dir && !strings.ContainsRune(*path, filepath.Separator) {
			continue // a name, to be looked up
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	return nil
}

// fromEnvironment is a variable of the environment or, where it is not set, the fallback.
func fromEnvironment(name, fallback string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return fallback
}
