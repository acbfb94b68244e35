package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
)

// A place is a folder as it is found.
type place struct {
	dir    string // absolute, with links followed
	exists bool
	old    []string // files of an earlier result, with slashes, that are there
	others bool     // there are files of others
}

// place looks at the folder, and refuses it if the result cannot go there.
func (r *Result) place() (*place, error) {
	p := new(place)
	var err error
	if p.dir, p.exists, err = resolve(r.Dir); err != nil {
		return nil, r.unwritten(r.Dir, err)
	}
	clean(r.disk(), p)
	if _, err := os.Stat(p.dir); err != nil {
		p.exists = false
		return p, nil
	}
	p.exists = true
	dir := p.dir
	p.old = slices.DeleteFunc(readManifest(dir), func(name string) bool { return !isFile(dir, name) })
	if r.Replace {
		p.old = nil
		for _, name := range r.names() {
			if isFile(dir, name) {
				p.old = append(p.old, name)
			}
		}
	}
	for _, name := range r.names() {
		if taken := takenBy(dir, name); taken != "" && !isOneOf(dir, taken, p.old) {
			return nil, r.taken(filepath.Join(r.Dir, taken))
		}
	}
	p.others = r.Replace || hasOthers(dir, "", p.old)
	return p, nil
}

// taken is the error of a name at which another's file is.
func (r *Result) taken(path string) error {
	return &fieldexp.Error{Op: r.Op, Problem: fieldexp.BadFile, Source: path,
		Message: "is there already, and no manifest of an earlier run lists it",
		Remedy:  []fieldexp.Hint{"choose another directory", "move the file away"}}
}

// resolve is the absolute path of a folder with links followed, and whether it is there. A folder that is not there is one
// of a folder that is, or will be.
func resolve(dir string) (path string, exists bool, err error) {
	if path, err = filepath.Abs(dir); err != nil {
		return "", false, err
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		info, err := os.Stat(real)
		if err == nil && !info.IsDir() {
			err = errors.New("it is a file, and no directory")
		}
		return real, true, err
	}
	if _, link := os.Lstat(path); link == nil { // a link that leads nowhere, or round
		return "", false, fmt.Errorf("it is a link that leads to no directory: %w", err)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", false, err
	}
	up := filepath.Dir(path)
	if up == path {
		return "", false, err
	}
	parent, _, err := resolve(up)
	return filepath.Join(parent, filepath.Base(path)), false, err
}

// isFile reports whether a name is a file in a folder, not behind a link.
func isFile(dir, name string) bool {
	for _, up := range parents(name) {
		if info, err := os.Lstat(filepath.Join(dir, up)); err != nil || !info.IsDir() {
			return false
		}
	}
	info, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name)))
	return err == nil && info.Mode().IsRegular()
}

// takenBy is what is in the way of a new file: something at its name, or something that is no folder where it needs one.
func takenBy(dir, name string) string {
	for _, up := range parents(name) {
		info, err := os.Lstat(filepath.Join(dir, up))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return ""
		case err != nil || !info.IsDir():
			return up
		}
	}
	path := filepath.FromSlash(name)
	if _, err := os.Lstat(filepath.Join(dir, path)); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return path
}

// isOneOf reports whether a path in a folder is one of some files in it, by the same name or, where the file system does
// not tell them apart, by another.
func isOneOf(dir, path string, names []string) bool {
	info, err := os.Lstat(filepath.Join(dir, path))
	return slices.ContainsFunc(names, func(name string) bool {
		if filepath.FromSlash(name) == path {
			return true
		}
		if err != nil || len(name) != len(path) {
			return false
		}
		other, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name)))
		return err == nil && os.SameFile(info, other) && strings.EqualFold(filepath.FromSlash(name), path)
	})
}

// hasOthers reports whether a folder within dir has entries beside files of ours, and folders of these.
func hasOthers(dir, within string, ours []string) bool {
	entries, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(within)))
	if err != nil {
		return true
	}
	for _, e := range entries {
		name := strings.TrimPrefix(within+"/"+e.Name(), "/")
		switch {
		case slices.Contains(ours, name):
		case !e.IsDir(), !slices.ContainsFunc(ours, func(o string) bool { return strings.HasPrefix(o, name+"/") }), hasOthers(dir, name, ours):
			return true
		}
	}
	return false
}

// mayMove reports whether the folder may be put away as a whole for another: nothing of others is in it, and neither this
// program nor a shell that started it works in it.
func (p *place) mayMove() bool {
	if p.others || filepath.Dir(p.dir) == p.dir {
		return false
	}
	here, err := os.Getwd()
	if err == nil {
		here, err = filepath.EvalSymlinks(here)
	}
	return err == nil && !contains(p.dir, here)
}

// contains reports whether a path is that of a folder, or within it.
func contains(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// parentIs is why a folder cannot be made where it should be; nil if that is not known.
func (p *place) parentIs() error {
	for up := filepath.Dir(p.dir); ; up = filepath.Dir(up) {
		info, err := os.Stat(up)
		switch {
		case err == nil && !info.IsDir():
			return fmt.Errorf("%s is a file, and no directory", up)
		case err == nil || filepath.Dir(up) == up:
			return nil
		}
	}
}
