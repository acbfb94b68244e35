package bundle

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMake makes the bundled study again and finds the files that are in the repository.
func TestMake(t *testing.T) {
	files, err := Make(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		path := filepath.Join("..", "..", "testdata", "study", name)
		if strings.HasSuffix(name, ".csv") {
			path += ".gz"
		}
		if got := content(t, path); !bytes.Equal(got, want) {
			t.Errorf("%s is not what the simulation makes (%d bytes, now %d): run go generate in the root", path, len(got), len(want))
		}
	}
}

// content is that of a file, unpacked.
func content(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(path, ".gz") {
		return text
	}
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if text, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	return text
}
