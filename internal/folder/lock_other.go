//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package folder

import (
	"io/fs"
	"os"
)

// hold makes a lock and holds it until release, or until the program ends: Windows does not let go of the name of a file
// that is open. The error is fs.ErrExist where another program holds it.
func hold(path string) (release func(), err error) {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, fs.ErrExist
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return func() { file.Close() }, nil
}
