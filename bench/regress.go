package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// studyFile is the name that fieldexp simulate gives to the study's file.
const studyFile = "study.toml"

// regressCommand compares an earlier commit with the sources as they are.
func regressCommand(s *settings) *cobra.Command {
	var pattern string
	var long bool
	c := &cobra.Command{
		Use:   "regress COMMIT",
		Short: "Compare the command of an earlier commit with the present one, in turn",
		Long: "Builds fieldexp of an earlier commit and of the sources as they are, uncommitted changes among them, and runs " +
			"both in turn over the tasks. A task is slower if the median of the ratios of processor time within pairs of runs is " +
			"above 1.03 and the interval of that median above 1, and larger if so for peak memory with 1.05; with a question " +
			"mark where the interval has 1 in it. What is slower or larger after the first runs is run twice as often again " +
			"before it is judged. The exit status is 1 if a task is slower, larger, or fails.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			list, err := regressTasksMatching(pattern, long)
			if err != nil {
				return err
			}
			root, err := sources(c.Context())
			if err != nil {
				return err
			}
			return regress(c.Context(), s, root, args[0], list, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&pattern, "tasks", "", "run only the tasks whose name this regular expression matches")
	c.Flags().BoolVar(&long, "long", false, "run also tasks that take minutes or gigabytes")
	return c
}

// version is a build of the command and a directory of its own to run in.
type version struct {
	title   string
	command string
	dir     string
}

// regress compares two versions of the command in the repository root: of a commit, and as it is. It writes a table,
// and to log a line for each task that is done.
func regress(ctx context.Context, s *settings, root, commit string, list []regressTask, out, log io.Writer) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	versions, err := buildVersions(ctx, root, commit, dir)
	if err != nil {
		return err
	}
	results := regressions{commit: commit}
	for _, t := range list {
		r, err := t.compare(ctx, s, versions)
		if err != nil {
			return err
		}
		results.list = append(results.list, r)
		fmt.Fprintf(log, "%-18s %s\n", t.name, r.line())
	}
	title := fmt.Sprintf("Before: %s. Now: %s. Runs of both in turn.", versions[0].title, versions[1].title)
	fmt.Fprintf(out, "%s\n\n%s", title, &results)
	return results.err()
}

// buildVersions builds the command of a commit and of the sources as they are.
func buildVersions(ctx context.Context, root, commit, dir string) (versions [2]version, err error) {
	git := func(words ...string) (string, error) {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, words...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	before, err := git("rev-parse", "--verify", "--short", commit+"^{commit}")
	if err != nil {
		return versions, fmt.Errorf("%s is no commit of the repository in %s", commit, root)
	}
	now, err := git("rev-parse", "--short", "HEAD")
	if err != nil {
		return versions, err
	}
	changes, err := git("status", "--porcelain")
	if err != nil {
		return versions, err
	}
	if changes != "" {
		now += " with uncommitted changes"
	}
	for i, title := range []string{before, now} {
		v := version{title: title, dir: filepath.Join(dir, []string{"before", "now"}[i])}
		v.command = filepath.Join(v.dir, "fieldexp")
		if err := os.Mkdir(v.dir, 0o755); err != nil {
			return versions, err
		}
		versions[i] = v
	}
	if err := buildCommit(ctx, root, before, versions[0].command); err != nil {
		return versions, err
	}
	return versions, buildFrom(ctx, root, versions[1].command)
}

// again is how many times as often a task is run in all that is slower or larger after the first runs: of many tasks,
// some are so by chance.
const again = 3

// compare runs the task with both versions in turn, until one fails.
func (t *regressTask) compare(ctx context.Context, s *settings, versions [2]version) (regression, error) {
	r := regression{task: t.name}
	d, err := datasetNamed(t.data)
	if err != nil {
		return r, err
	}
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	if _, err := prepare(ctx, s, &task{data: t.data}, self); err != nil {
		return r, err
	}
	rounds := s.runs
	for done := 1; done <= rounds; done++ {
		for i, v := range versions {
			m, err := v.run(ctx, s, t, d)
			switch {
			case ctx.Err() != nil:
				return r, ctx.Err()
			case err != nil:
				r.failed[i] = err
			default:
				r.runs[i] = append(r.runs[i], m)
			}
		}
		if r.failed != [2]error{} {
			break
		}
		if done == s.runs && r.bad() {
			rounds *= again
		}
	}
	return r, nil
}

// run runs the task once.
func (v *version) run(ctx context.Context, s *settings, t *regressTask, d dataset) (measured, error) {
	limited, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	if d.agents > 0 {
		if err := v.study(limited, s, d); err != nil {
			return measured{}, err
		}
	}
	c := exec.CommandContext(limited, v.command, t.arguments(d, s)...)
	c.Dir = v.dir
	m, err := measure(c, true)
	if limited.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%s after %v", notDone, s.limit)
	}
	return m, err
}

// study makes the version's own study in its directory, where it is not yet: the data are those of both versions, and
// the study file is the one that this version writes.
func (v *version) study(ctx context.Context, s *settings, d dataset) error {
	dir := filepath.Join(v.dir, d.name)
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := quietly(exec.CommandContext(ctx, v.command, "simulate", "--agents", "10", "--out", dir)); err != nil {
		return err
	}
	data, err := filepath.Glob(filepath.Join(d.path(s), "*.csv"))
	if err != nil {
		return err
	}
	for _, path := range data {
		link := filepath.Join(dir, filepath.Base(path))
		if err := errors.Join(os.Remove(link), os.Symlink(path, link)); err != nil {
			return err
		}
	}
	return nil
}
