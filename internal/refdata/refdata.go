// Package refdata gives tests the results that the library is held against, and the data that they were
// computed from. They are in testdata at the root of the module, whose README.md says where each set comes
// from; sets that are not bundled because of their licence are looked for beside the checkout.
package refdata

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// TB is what this package needs of a test: a testing.TB, or a rapid.T.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// outside has the licence of each set that is not bundled: the module's own is BSD 3-Clause.
var outside = map[string]string{
	"gerber_green": "GPL 2 or later",
	"jobs2":        "GPL",
}

// Path is the path of a file of a set of references. A test that needs a set which is not bundled is skipped
// where the set is not in ../shared/data beside the checkout.
func Path(t TB, set, file string) string {
	t.Helper()
	root := moduleRoot(t)
	licence, notBundled := outside[set]
	if !notBundled {
		path := filepath.Join(root, "testdata", set, file)
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("a bundled reference is missing: %v", err)
		}
		return path
	}
	path := filepath.Join(root, "..", "shared", "data", set, file)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs %s/%s, which is not bundled because of its licence (%s): see testdata/README.md", set, file, licence)
	}
	return path
}

// Bytes is what a file of a set of references holds, decompressed where its name ends in .gz.
func Bytes(t TB, set, file string) []byte {
	t.Helper()
	in, err := os.Open(Path(t, set, file))
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer in.Close()
	var r io.Reader = in
	if strings.HasSuffix(file, ".gz") {
		if r, err = gzip.NewReader(in); err != nil {
			t.Fatalf("%s/%s: %v", set, file, err)
		}
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s/%s: %v", set, file, err)
	}
	return content
}

// JSON reads a file of a set of references into a variable.
func JSON(t TB, into any, set, file string) {
	t.Helper()
	if err := json.Unmarshal(Bytes(t, set, file), into); err != nil {
		t.Fatalf("%s/%s: %v", set, file, err)
	}
}

// Experiment reads the 217 results for the simulated experiment of 20,000 chats by their keys.
func Experiment(t TB) map[string]json.RawMessage {
	t.Helper()
	var golden struct{ Results map[string]json.RawMessage }
	JSON(t, &golden, "experiment", "golden.json.gz")
	return golden.Results
}

// moduleRoot is the directory of go.mod: tests run in that of their package.
func moduleRoot(t TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	t.Fatalf("no go.mod in the working directory or above it (%v)", err)
	return ""
}
