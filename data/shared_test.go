package data

import (
	"compress/gzip"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every file of the studies that the library is tested on is read cell for cell as encoding/csv,
// strconv and package time read it.
func TestSharedFiles(t *testing.T) {
	root := filepath.Join("..", "..", "shared")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared data are not beside this checkout")
	}
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".csv") && !strings.HasSuffix(path, ".csv.gz") {
			return err
		}
		content, err := readAll(path)
		if err != nil {
			return err
		}
		if lines := strings.SplitAfterN(content, "\n", 2001); len(lines) > 2000 && !strings.Contains(content, "\"") {
			content = strings.Join(lines[:2000], "") // enough, and quick
		}
		names, columns, err := reference(content)
		if err != nil {
			return err
		}
		f, err := ReadCSVFrom(context.Background(), strings.NewReader(content), path, ReadOptions{})
		if err != nil {
			return err
		}
		for i, name := range names {
			checkColumn(t, f, name, columns[i])
		}
		files++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Error("there are no CSV files in the shared data")
	}
}

func readAll(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	var r io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(file); err != nil {
			return "", err
		}
	}
	content, err := io.ReadAll(r)
	return string(content), err
}
