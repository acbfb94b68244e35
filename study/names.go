package study

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
)

// checkNames refuses types, labels and definitions of columns that there are not, which would do nothing.
func (r *run) checkNames(ctx context.Context) error {
	s := r.study
	if len(s.Data.Types)+len(s.Labels)+len(s.Definitions) == 0 {
		return nil
	}
	var files, names []string
	for _, file := range []string{s.source(), s.Data.Units} {
		if file == "" {
			continue
		}
		header, err := r.header(ctx, file)
		if err != nil || header == nil {
			return err // reading the whole file says more
		}
		files, names = append(files, file), append(names, header...)
	}
	derivations, err := s.derivations()
	if err != nil {
		return err
	}
	check := func(key string, named []string, names []string) error {
		for _, name := range named {
			if slices.Contains(names, name) {
				continue
			}
			remedy := fieldexp.Hint("take it out of {" + key + "}")
			if best := nearest(name, names); best != "" {
				remedy = fieldexp.Hint(fmt.Sprintf("did you mean %q in {%s}?", best, key))
			}
			return &fieldexp.Error{Op: "study", Problem: fieldexp.NoColumn, Columns: []string{name}, Remedy: []fieldexp.Hint{remedy},
				Message: fmt.Sprintf("%q is no column of %s", name, strings.Join(files, " or "))}
		}
		return nil
	}
	if err := check("Types", sortedKeys(s.Data.Types), names); err != nil {
		return err
	}
	names = append(names, s.outcomeNames()...)
	for _, d := range derivations {
		names = append(names, d.Name)
	}
	// What the study itself adds: groups, and effects of periods.
	names = append(names, groupColumn, "hour", "day", "week", "period")
	if err := check("Labels", sortedKeys(s.Labels), names); err != nil {
		return err
	}
	return check("Definitions", sortedKeys(s.Definitions), names)
}

// header is the names of the columns of a data file; none where it cannot be read twice, or cannot be read.
func (r *run) header(ctx context.Context, name string) ([]string, error) {
	s := r.study
	open := s.openFile
	if open == nil {
		open = func(name string) (fs.File, error) { return os.Open(name) }
	}
	opt, err := s.readOptions(nil)
	if err != nil {
		return nil, err
	}
	file, err := opening(ctx, func() (fs.File, error) { return open(name) })
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, nil
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	header, err := data.Header(file, name, opt)
	if err != nil {
		return nil, nil
	}
	return header, nil
}
