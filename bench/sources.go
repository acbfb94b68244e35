package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// modulePath is that of this module.
const modulePath = "github.com/fieldexp/fieldexp"

// sources is the directory of the module's sources: those of the working directory's module or, from elsewhere, those
// that this program was built from.
func sources(ctx context.Context) (string, error) {
	if out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", modulePath).Output(); err == nil {
		if dir := strings.TrimSpace(string(out)); dir != "" {
			return dir, nil
		}
	}
	if _, file, _, ok := runtime.Caller(0); ok {
		dir := filepath.Dir(filepath.Dir(file))
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("the command fieldexp is built from its sources, which are not here: run bench in the module's directory")
}

// buildCommand builds the command fieldexp into the directory of the files.
func buildCommand(ctx context.Context, s *settings) (string, error) {
	dir, err := sources(ctx)
	if err != nil {
		return "", err
	}
	path := filepath.Join(s.dir, "fieldexp")
	return path, buildFrom(ctx, dir, path)
}

// buildCommit builds the command of a commit of the repository in a directory, in a work tree that does not outlast it.
func buildCommit(ctx context.Context, dir, commit, path string) (err error) {
	tree := path + "-tree"
	if err := quietly(exec.CommandContext(ctx, "git", "-C", dir, "worktree", "add", "--detach", tree, commit)); err != nil {
		return err
	}
	defer func() {
		ctx := context.WithoutCancel(ctx) // after an interrupt too
		err = errors.Join(err, quietly(exec.CommandContext(ctx, "git", "-C", dir, "worktree", "remove", "--force", tree)))
	}()
	return buildFrom(ctx, tree, path)
}

// buildFrom builds the command of the sources in a directory. Paths are left out of it, so that what two directories
// have in common is compiled once.
func buildFrom(ctx context.Context, dir, path string) error {
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", path, "./cmd/fieldexp")
	c.Dir = dir
	return quietly(c)
}

// quietly runs a command whose output matters only when it fails.
func quietly(c *exec.Cmd) error {
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, out)
	}
	return nil
}
