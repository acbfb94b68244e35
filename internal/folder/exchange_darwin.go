package folder

import "golang.org/x/sys/unix"

// exchange exchanges the names of two files at once.
func exchange(a, b string) error { return unix.RenamexNp(a, b, unix.RENAME_SWAP) }
