package main

import (
	"bufio"
	"io"
	"os"
)

// writeWhole writes a file under a passing name and renames it when it is whole.
func writeWhole(path string, write func(io.Writer) error) error {
	file, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	defer os.Remove(path + ".part") // nothing is left to remove after success
	defer file.Close()              // after an error; closing twice does no harm
	out := bufio.NewWriterSize(file, 1<<20)
	if err := write(out); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}
