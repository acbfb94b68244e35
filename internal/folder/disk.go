package folder

import (
	"io"
	"io/fs"
	"os"
)

// Disk is where results are written to.
type Disk interface {
	Mkdir(path string) error
	Create(path string) (io.WriteCloser, error) // of a file that is not there
	Rename(from, to string) error
	Exchange(a, b string) error // the names of two folders at once; errors.ErrUnsupported where that cannot be done
	Chmod(path string, mode fs.FileMode) error
	Remove(path string) error // of a file, or of a folder that is empty
}

// system is the operating system's file system.
type system struct{}

func (system) Mkdir(path string) error { return os.Mkdir(path, 0o777) }
func (system) Create(path string) (io.WriteCloser, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}
func (system) Rename(from, to string) error              { return os.Rename(from, to) }
func (system) Exchange(a, b string) error                { return exchange(a, b) }
func (system) Chmod(path string, mode fs.FileMode) error { return os.Chmod(path, mode) }
func (system) Remove(path string) error                  { return os.Remove(path) }
