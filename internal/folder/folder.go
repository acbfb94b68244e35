// Package folder writes a result of several files into a folder, all of them or none: into a new folder first, which is
// swapped in when it is whole. What an earlier result left is told from the files of others by its manifest.
package folder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
)

// File is a file to be written.
type File struct {
	Name  string // with slashes, within the folder
	Write func(w io.Writer) error
}

// Result is what is to be written, and where.
type Result struct {
	Dir   string // made if it is not there
	Files []File
	// Manifest, if there is one, is written with the files, which it lists. Of an earlier result in the folder, what
	// its manifest lists is removed.
	Manifest *Manifest
	// Replace replaces files of the same names, whoever wrote them.
	Replace bool
	Op      string // who writes, for errors
	Disk    Disk   // the operating system's when nil
}

// Check refuses a folder that the result cannot be written to, and one in which a name is taken by another's file. It
// looks at names only, so that it may come before the files are made.
func (r *Result) Check() error {
	p, err := r.place()
	if err != nil {
		return err
	}
	return r.probe(p)
}

// Write writes the files. After an error, and after the end of ctx, the folder is as it was before.
func (r *Result) Write(ctx context.Context) error {
	p, err := r.place()
	if err != nil {
		return err
	}
	beside := p.mayMove()
	err = r.write(ctx, p, beside)
	if beside && errors.Is(err, errImmovable) { // a mount point, or a parent that may not be written to
		err = r.write(ctx, p, false)
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return ctx.Err()
	}
	return err
}

// errImmovable is why a folder is not swapped as a whole.
var errImmovable = errors.New("the folder cannot be moved")

// write writes the files into a stage and swaps them in.
func (r *Result) write(ctx context.Context, p *place, beside bool) error {
	disk := r.disk()
	s, err := newStage(disk, p, beside)
	if err != nil {
		if beside {
			return fmt.Errorf("%w: %w", errImmovable, err)
		}
		return r.unwritten(r.Dir, err)
	}
	defer s.remove()
	names, err := r.fill(ctx, s)
	if err != nil {
		return err
	}
	// From here to the end of the swap nothing stops.
	if err := ctx.Err(); err != nil {
		return err
	}
	if beside {
		err = s.swapWhole()
	} else {
		err = s.swapFiles(names, p.old)
	}
	if err != nil && !errors.Is(err, errImmovable) {
		return r.unwritten(r.Dir, err)
	}
	return err
}

// fill writes the files into the stage, the manifest last, and returns their names.
func (r *Result) fill(ctx context.Context, s *stage) ([]string, error) {
	var names []string
	manifest := Manifest{}
	if r.Manifest != nil {
		manifest = *r.Manifest
		manifest.Files = nil
	}
	add := func(f File) error {
		entry, err := s.create(f)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return r.unwritten(filepath.Join(r.Dir, filepath.FromSlash(f.Name)), err)
		}
		names, manifest.Files = append(names, f.Name), append(manifest.Files, entry)
		return nil
	}
	for _, f := range r.Files {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := add(f); err != nil {
			return nil, err
		}
	}
	if r.Manifest == nil {
		return names, nil
	}
	text, err := manifest.encode()
	if err != nil {
		return nil, err
	}
	return names, add(File{ManifestName, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	}})
}

// names are those of the files, with the manifest.
func (r *Result) names() []string {
	var names []string
	for _, f := range r.Files {
		names = append(names, f.Name)
	}
	if r.Manifest != nil {
		names = append(names, ManifestName)
	}
	return names
}

// probe makes a folder where the result will be staged, and removes it.
func (r *Result) probe(p *place) error {
	disk := r.disk()
	if p.mayMove() {
		if s, err := newStage(disk, p, true); err == nil {
			s.remove()
			return nil
		}
	}
	if !p.exists {
		return r.unwritten(r.Dir, errOf(p.parentIs()))
	}
	s, err := newStage(disk, p, false)
	if err != nil {
		return r.unwritten(r.Dir, err)
	}
	s.remove()
	return nil
}

// errOf is an error, or that it may not be written.
func errOf(err error) error {
	if err == nil {
		return fs.ErrPermission
	}
	return err
}

func (r *Result) disk() Disk {
	if r.Disk == nil {
		return System{}
	}
	return r.Disk
}

// unwritten is the error of a file or folder that cannot be written.
func (r *Result) unwritten(path string, err error) error {
	reason := err
	switch at := err.(type) { // which names a file of the stage
	case *fs.PathError:
		reason = at.Err
	case *os.LinkError:
		reason = at.Err
	}
	return &fieldexp.Error{Op: r.Op, Problem: fieldexp.BadFile, Source: path, Message: "cannot be written: " + reason.Error(),
		Remedy: []fieldexp.Hint{"choose a directory that can be written to"}, Err: err}
}

// counted is a writer that keeps the sum and the size of what it passes on.
type counted struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.sum.Write(p[:n])
	c.n += int64(n)
	return n, err
}

// create writes a file of the stage.
func (s *stage) create(f File) (Entry, error) {
	path := filepath.Join(s.fresh(), filepath.FromSlash(f.Name))
	if err := s.mkdirAll(s.fresh(), f.Name); err != nil {
		return Entry{}, err
	}
	file, err := s.disk.Create(path)
	if err != nil {
		return Entry{}, err
	}
	c := &counted{w: file, sum: sha256.New()}
	err = f.Write(c)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return Entry{Name: f.Name, Bytes: c.n, SHA256: hex.EncodeToString(c.sum.Sum(nil))}, err
}

// mkdirAll makes the folders of a name within a folder that is there, and returns nothing where they are there.
func (s *stage) mkdirAll(root, name string) error {
	for _, dir := range parents(name) {
		if err := s.mkdir(filepath.Join(root, dir)); err != nil {
			return err
		}
	}
	return nil
}

// mkdir makes a folder, unless it is there.
func (s *stage) mkdir(path string) error {
	err := s.disk.Mkdir(path)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// parents are the folders of a name, the outermost first: of a/b/c.txt they are a and a/b.
func parents(name string) []string {
	var dirs []string
	for i, c := range name {
		if c == '/' {
			dirs = append(dirs, filepath.FromSlash(name[:i]))
		}
	}
	return dirs
}

// folders are the parents of several names, each once, the innermost first.
func folders(names []string) []string {
	var dirs []string
	for _, name := range names {
		for _, dir := range parents(name) {
			if !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	slices.SortFunc(dirs, func(a, b string) int {
		return strings.Count(b, string(filepath.Separator)) - strings.Count(a, string(filepath.Separator))
	})
	return dirs
}
