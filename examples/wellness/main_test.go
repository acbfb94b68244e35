package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/internal/refdata"
)

// bundled is the folder of the study's public-use files, gzipped.
const bundled = "../../testdata/wellness"

// TestEveryPublishedCell reads the public-use files as they are bundled, and as the study's authors publish them.
func TestEveryPublishedCell(t *testing.T) {
	plain := t.TempDir()
	for _, file := range bundledFiles(t) {
		name := filepath.Base(file)
		content := refdata.Bytes(t, "wellness", name)
		if err := os.WriteFile(filepath.Join(plain, strings.TrimSuffix(name, ".gz")), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, dir := range map[string]string{"gzipped": bundled, "plain": plain} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if err := run(context.Background(), &out, dir); err != nil {
				t.Fatal(err)
			}
			if want := "Of 52 published cells, 52 come out to every printed digit"; !strings.Contains(out.String(), want) {
				t.Errorf("the output lacks %q:\n%s", want, out.String())
			}
		})
	}
}

func bundledFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(bundled + "/*csv*")
	if err != nil || len(files) == 0 {
		t.Fatal("no bundled files", err)
	}
	return files
}

// A number in print that the data do not give must fail the run, or the count above means nothing.
func TestOneWrongDigitFails(t *testing.T) {
	dir := t.TempDir()
	for _, file := range bundledFiles(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		content = []byte(strings.Replace(string(content), "spend_0816_0717,covg_0816_0717,10.8,48.5", "spend_0816_0717,covg_0816_0717,10.9,48.5", 1))
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	err := run(context.Background(), &strings.Builder{}, dir)
	if err == nil || !strings.Contains(err.Error(), "1 of 52") || !strings.Contains(err.Error(), "printed 10.9 (48.5)") {
		t.Errorf("error = %v, want the one cell that differs", err)
	}
}

func TestMissingData(t *testing.T) {
	err := run(context.Background(), &strings.Builder{}, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "published.csv") {
		t.Errorf("error = %v, want the missing file by name", err)
	}
}
