package refdata

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder is a test that ends as others do, and says how.
type recorder struct{ ended string }

func (r *recorder) Helper() {}
func (r *recorder) Fatalf(format string, args ...any) {
	r.ended = "fatal: " + fmt.Sprintf(format, args...)
	panic(r)
}
func (r *recorder) Skipf(format string, args ...any) {
	r.ended = "skipped: " + fmt.Sprintf(format, args...)
	panic(r)
}

func ending(of func(TB)) (ended string) {
	r := &recorder{}
	defer func() {
		ended = r.ended
		if p := recover(); p != nil && p != any(r) {
			panic(p)
		}
	}()
	of(r)
	return ""
}

// A missing reference fails a test, unless it may not be bundled: then the skip names file and licence.
func TestMissingReferences(t *testing.T) {
	root := filepath.Join(t.TempDir(), "clone")
	deep := filepath.Join(root, "cmd", "tool")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "go.mod"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(deep)
	path := func(set, file string) func(TB) { return func(tb TB) { Path(tb, set, file) } }
	for set, licence := range outside {
		got := ending(path(set, "file.csv"))
		if !strings.HasPrefix(got, "skipped: ") || !strings.Contains(got, set+"/file.csv") || !strings.Contains(got, licence) {
			t.Errorf("%s: ended %q, want a skip that names file and licence", set, got)
		}
	}
	got := ending(path("nist", "Norris.csv"))
	if !strings.HasPrefix(got, "fatal: ") || !strings.Contains(got, "Norris.csv") {
		t.Errorf("ended %q, want a failure that names the file", got)
	}
}

// Every folder of testdata is in the table of its README, and so are the sets outside.
func TestREADMEListsEverySet(t *testing.T) {
	root := moduleRoot(t)
	readme, err := os.ReadFile(filepath.Join(root, "testdata", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(root, "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	var sets []string
	for _, entry := range entries {
		if entry.IsDir() {
			sets = append(sets, entry.Name())
		}
	}
	for set := range outside {
		sets = append(sets, set)
	}
	for _, set := range sets {
		if !strings.Contains(string(readme), "| `"+set+"` |") {
			t.Errorf("testdata/README.md has no row for %s", set)
		}
	}
}
