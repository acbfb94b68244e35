package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMainPrints runs the program as the README says, from the root.
func TestMainPrints(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join("..", ".."))
	before := os.Stdout
	os.Stdout = out
	main()
	os.Stdout = before
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Intention-to-treat effects of assigned", "Effects of used (2SLS), assignment assigned", "rating    0.2294  (0.1708)"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("nothing like %q in\n%s", want, text)
		}
	}
}
