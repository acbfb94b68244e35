// Package foldertest has disks that fail, and looks at what they leave, for tests of results that are written whole or not
// at all.
package foldertest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/fieldexp/fieldexp/internal/folder"
)

// ErrFull is a disk's that is full.
var ErrFull = errors.New("no space left on device")

// A Faulty disk is full after some bytes, and one of its calls fails.
type Faulty struct {
	folder.System
	Bytes      int  // until it is full
	Call       int  // that fails, counted from 1; 0 for none
	Dies       bool // all calls after that fail, too, as if the program were killed there
	NoExchange bool // as on a system that has none
	Calls      int  // that were made
}

// fails counts a call.
func (d *Faulty) fails() error {
	d.Calls++
	if d.Calls == d.Call || d.Dies && d.Calls > d.Call {
		return ErrFull
	}
	return nil
}

// Mkdir makes a folder.
func (d *Faulty) Mkdir(path string) error {
	if err := d.fails(); err != nil {
		return err
	}
	return d.System.Mkdir(path)
}

// Rename renames.
func (d *Faulty) Rename(from, to string) error {
	if err := d.fails(); err != nil {
		return err
	}
	return d.System.Rename(from, to)
}

// Exchange exchanges two names.
func (d *Faulty) Exchange(a, b string) error {
	if d.NoExchange {
		return errors.ErrUnsupported
	}
	if err := d.fails(); err != nil {
		return err
	}
	return d.System.Exchange(a, b)
}

// Remove removes; only the dead cannot.
func (d *Faulty) Remove(path string) error {
	if d.Dies && d.fails() != nil {
		return ErrFull
	}
	return d.System.Remove(path)
}

// Create makes a file, of which the disk takes as much as it has room for.
func (d *Faulty) Create(path string) (io.WriteCloser, error) {
	if err := d.fails(); err != nil {
		return nil, err
	}
	file, err := d.System.Create(path)
	return &faultyFile{file, d}, err
}

type faultyFile struct {
	io.WriteCloser
	disk *Faulty
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if len(p) <= f.disk.Bytes {
		f.disk.Bytes -= len(p)
		return f.WriteCloser.Write(p)
	}
	n, _ := f.WriteCloser.Write(p[:f.disk.Bytes])
	f.disk.Bytes = 0
	return n, ErrFull
}

// Tree reads all files beneath a folder, by name; names of folders end in a slash.
func Tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		rel = filepath.ToSlash(rel)
		if err != nil || rel == "." {
			return err
		}
		if e.IsDir() {
			found[rel+"/"] = ""
			return nil
		}
		text, err := os.ReadFile(path)
		found[rel] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Same reports whether two trees are the same.
func Same(a, b map[string]string) bool { return maps.Equal(a, b) }

// Sum is the SHA-256 of a text.
func Sum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
