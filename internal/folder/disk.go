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

// System is the operating system's file system.
type System struct{}

func (System) Mkdir(path string) error { return os.Mkdir(path, 0o777) }
func (System) Create(path string) (io.WriteCloser, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}
func (System) Rename(from, to string) error              { return os.Rename(from, to) }
func (System) Exchange(a, b string) error                { return exchange(a, b) }
func (System) Chmod(path string, mode fs.FileMode) error { return os.Chmod(path, mode) }
func (System) Remove(path string) error                  { return os.Remove(path) }
