package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// From a directory outside the module, a study's files are made by the command of the sources that this test was built from.
func TestStudyMadeOutsideTheModule(t *testing.T) {
	t.Chdir(t.TempDir())
	s := &settings{dir: t.TempDir(), seed: 1}
	d := dataset{name: "small", agents: 20}
	if err := d.make(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{d.events(s), filepath.Join(d.path(s), studyFile)} {
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", path, err)
		}
	}
	dir, err := sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "go.mod")); err != nil || !strings.HasPrefix(string(text), "module "+modulePath+"\n") {
		t.Errorf("the sources are in %s: %v", dir, err)
	}
}
