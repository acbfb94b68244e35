package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// golden compares output with a file in testdata; -update rewrites the file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", path, got, want)
	}
}

func TestRenderGolden(t *testing.T) {
	tables := map[string]*Table{"effects": effectsTable(), "beside": besideTable(), "labels": labelsTable()}
	for name, table := range tables {
		for f := Text; f <= JSON; f++ {
			t.Run(name+f.Ext(), func(t *testing.T) {
				var b bytes.Buffer
				if err := table.Render(&b, f); err != nil {
					t.Fatal(err)
				}
				golden(t, name+f.Ext(), b.Bytes())
			})
		}
	}
}

func TestRenderAllGolden(t *testing.T) {
	for f := Text; f <= JSON; f++ {
		t.Run(f.String(), func(t *testing.T) {
			var b bytes.Buffer
			if err := RenderAll(&b, []*Table{effectsTable(), besideTable()}, f); err != nil {
				t.Fatal(err)
			}
			golden(t, "document"+f.Ext(), b.Bytes())
		})
	}
}
