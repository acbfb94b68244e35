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

	"github.com/fieldexp/fieldexp/internal/refdata"
)

// Every file of the studies that the library is tested on is read cell for cell as encoding/csv,
// strconv and package time read it.
func TestReferenceFiles(t *testing.T) {
	t.Run("bundled", func(t *testing.T) { compareFiles(t, filepath.Join("..", "testdata")) })
	t.Run("beside the checkout", func(t *testing.T) {
		set := filepath.Dir(refdata.Path(t, "gerber_green", "newhaven_fedai_box5.csv"))
		compareFiles(t, filepath.Dir(set)) // the data of all sets there
	})
}

func compareFiles(t *testing.T, root string) {
	t.Helper()
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
		t.Error("no CSV files in " + root)
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
