//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package folder

import (
	"io/fs"
	"os"
	"syscall"
)

// hold makes a lock and holds it until release, or until the program ends. The error is fs.ErrExist where another
// program holds it.
func hold(path string) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fs.ErrExist
	}
	if _, err := os.Lstat(path); err != nil { // another removed it before it was held
		file.Close()
		return nil, err
	}
	return func() { file.Close() }, nil
}
