package study

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"

	"github.com/fieldexp/fieldexp/internal/folder"
)

// An input is a data file that is read once or more from its start, of which the manifest lists the bytes that were read.
type input struct {
	name   string
	file   fs.File
	sum    hash.Hash // nil if there will be no manifest
	stop   func() bool
	at     int64 // place in the file
	summed int64 // bytes from the start that are in the sum
}

func newInput(name string, file fs.File, unsaved bool) *input {
	in := &input{name: name, file: file}
	if !unsaved {
		in.sum = sha256.New()
	}
	return in
}

// Read reads and sums what was not read before.
func (in *input) Read(p []byte) (int, error) {
	n, err := in.file.Read(p)
	if fresh := in.at + int64(n) - in.summed; in.sum != nil && in.at <= in.summed && fresh > 0 {
		in.sum.Write(p[int64(n)-fresh : n])
		in.summed += fresh
	}
	in.at += int64(n)
	return n, err
}

// Close closes the file.
func (in *input) Close() error {
	in.stop()
	return in.file.Close()
}

// seekable is an input that can be read again.
type seekable struct{ *input }

func (in seekable) Seek(offset int64, whence int) (int64, error) {
	at, err := in.file.(io.Seeker).Seek(offset, whence)
	in.at = at
	return at, err
}

// reader reads the input, again if its file can be.
func (in *input) reader() io.ReadCloser {
	if _, ok := in.file.(io.Seeker); ok {
		return seekable{in}
	}
	return in
}

// entry is the input in a manifest.
func (in *input) entry() folder.Entry {
	return folder.Entry{Name: in.name, Bytes: in.summed, SHA256: hex.EncodeToString(in.sum.Sum(nil))}
}

// opening opens a file, and waits for it no longer than ctx: a pipe to which nobody writes may never open.
func opening(ctx context.Context, open func() (fs.File, error)) (fs.File, error) {
	type opened struct {
		file fs.File
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		file, err := open()
		done <- opened{file, err}
	}()
	select {
	case o := <-done:
		return o.file, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// reasonOf is why a file cannot be opened, without its path.
func reasonOf(err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}
