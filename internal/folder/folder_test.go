package folder_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/internal/folder"
	"github.com/fieldexp/fieldexp/internal/folder/foldertest"
)

// files are files of given contents.
func files(contents map[string]string) []folder.File {
	var list []folder.File
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		list = append(list, folder.File{Name: name, Write: func(w io.Writer) error {
			_, err := io.WriteString(w, contents[name])
			return err
		}})
	}
	return list
}

// result is a result of given contents.
func result(dir string, contents map[string]string) *folder.Result {
	return &folder.Result{Dir: dir, Files: files(contents), Manifest: &folder.Manifest{Version: "test"}, Op: "test"}
}

// put writes files of others.
func put(t *testing.T, dir string, contents map[string]string) {
	t.Helper()
	for name, text := range contents {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// same fails unless the files beneath a folder are those wanted; what the manifest says is not looked at.
func same(t *testing.T, what, dir string, want map[string]string) {
	t.Helper()
	got := foldertest.Tree(t, dir)
	for name := range got {
		if strings.HasSuffix(name, folder.ManifestName) && want[name] == "*" {
			got[name] = "*"
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("%s: there are %q, want %q", what, got, want)
	}
}

var (
	first  = map[string]string{"results.json": "1", "tables/a.txt": "one", "tables/b.txt": "two", "figures/f.svg": "<svg>"}
	second = map[string]string{"results.json": "2", "tables/a.txt": "three", "tables/deep/c.txt": "four"}
	after1 = map[string]string{"manifest.json": "*", "results.json": "1", "tables/": "", "tables/a.txt": "one", "tables/b.txt": "two", "figures/": "", "figures/f.svg": "<svg>"}
	after2 = map[string]string{"manifest.json": "*", "results.json": "2", "tables/": "", "tables/a.txt": "three", "tables/deep/": "", "tables/deep/c.txt": "four"}
)

// within is a tree under a folder of another.
func within(dir string, trees ...map[string]string) map[string]string {
	all := map[string]string{dir + "/": ""}
	for _, t := range trees {
		for name, text := range t {
			all[dir+"/"+name] = text
		}
	}
	return all
}

// TestResults writes a result, and another into the same folder: nothing of the first is left, and nothing beside it.
func TestResults(t *testing.T) {
	root := t.TempDir()
	for i, step := range []struct {
		files map[string]string
		want  map[string]string
	}{{first, after1}, {second, after2}, {second, after2}, {first, after1}} {
		r := result(filepath.Join(root, "out"), step.files)
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		if err := r.Write(context.Background()); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint("step ", i), root, within("out", step.want))
	}
	var m folder.Manifest
	text, _ := os.ReadFile(filepath.Join(root, "out", folder.ManifestName))
	if err := json.Unmarshal(text, &m); err != nil || m.Program != folder.Program || m.Version != "test" || len(m.Files) != 4 {
		t.Errorf("manifest %s: %v", text, err)
	}
	if f := m.Files[0]; f.Name != "figures/f.svg" || f.Bytes != 5 || len(f.SHA256) != 64 {
		t.Errorf("manifest lists %+v", f)
	}
}

// TestOthersStay writes into a folder with files of others, which stay, before and after.
func TestOthersStay(t *testing.T) {
	root := t.TempDir()
	mine := map[string]string{"study.toml": "x", "tables/own.txt": "mine", "data/chats.csv": "1,2", ".hidden": "h"}
	put(t, filepath.Join(root, "out"), mine)
	others := map[string]string{"study.toml": "x", "tables/": "", "tables/own.txt": "mine", "data/": "", "data/chats.csv": "1,2", ".hidden": "h"}
	for i, step := range []struct{ files, want map[string]string }{{first, after1}, {second, after2}, {nil, map[string]string{"manifest.json": "*"}}} {
		if err := result(filepath.Join(root, "out"), step.files).Write(context.Background()); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint("step ", i), root, within("out", step.want, others))
	}
}

// TestTakenNames refuses a folder in which a name is taken, before anything is written.
func TestTakenNames(t *testing.T) {
	for name, there := range map[string]map[string]string{
		"a file":                     {"results.json": "mine"},
		"a file in a folder":         {"tables/a.txt": "mine"},
		"a file where a folder goes": {"tables": "mine"},
		"a folder where a file goes": {"results.json/x": "mine"},
		"another's manifest":         {"manifest.json": `{"name": "an app"}`},
		"a manifest that lies about nothing": {"manifest.json": `{"program": "fieldexp", "files": [{"name": "../keep"}, {"name": "/etc/passwd"}]}`,
			"results.json": "mine"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			put(t, filepath.Join(root, "out"), there)
			put(t, root, map[string]string{"keep": "mine"})
			before := foldertest.Tree(t, root)
			r := result(filepath.Join(root, "out"), first)
			for what, err := range map[string]error{"Check": r.Check(), "Write": r.Write(context.Background())} {
				if err == nil || !strings.Contains(err.Error(), "is there already") {
					t.Errorf("%s: %v", what, err)
				}
			}
			same(t, "after", root, before)
		})
	}
}

// TestReplace replaces files of the same names, and those alone.
func TestReplace(t *testing.T) {
	root := t.TempDir()
	put(t, root, map[string]string{"a.csv": "old", "b.csv": "mine"})
	r := &folder.Result{Dir: root, Files: files(map[string]string{"a.csv": "new", "c.csv": "more"}), Replace: true, Op: "test"}
	if err := r.Write(context.Background()); err != nil {
		t.Fatal(err)
	}
	same(t, "after", root, map[string]string{"a.csv": "new", "b.csv": "mine", "c.csv": "more"})
	r.Replace = false
	if err := r.Check(); err == nil {
		t.Error("names that are taken are not refused")
	}
}

// TestPlaces writes to the folder that the program works in, to links, and to folders that are not there.
func TestPlaces(t *testing.T) {
	t.Run("working directory", func(t *testing.T) {
		root := t.TempDir()
		t.Chdir(root)
		for _, step := range []struct{ files, want map[string]string }{{first, after1}, {second, after2}} {
			if err := result(".", step.files).Write(context.Background()); err != nil {
				t.Fatal(err)
			}
			same(t, "after", root, step.want)
			if _, err := os.Stat("results.json"); err != nil { // it is still the same folder
				t.Error(err)
			}
		}
	})
	t.Run("above the working directory", func(t *testing.T) {
		root := t.TempDir()
		put(t, root, map[string]string{"in/x": ""})
		t.Chdir(filepath.Join(root, "in"))
		if err := result("..", first).Write(context.Background()); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat("x"); err != nil {
			t.Error(err)
		}
	})
	t.Run("link", func(t *testing.T) {
		root := t.TempDir()
		put(t, root, map[string]string{"real/nothing.here": ""})
		os.Remove(filepath.Join(root, "real", "nothing.here"))
		if err := os.Symlink("real", filepath.Join(root, "link")); err != nil {
			t.Skip(err)
		}
		for _, step := range []struct{ files, want map[string]string }{{first, after1}, {second, after2}} {
			if err := result(filepath.Join(root, "link"), step.files).Write(context.Background()); err != nil {
				t.Fatal(err)
			}
			same(t, "after", filepath.Join(root, "real"), step.want)
			if to, err := os.Readlink(filepath.Join(root, "link")); err != nil || to != "real" {
				t.Errorf("the link leads to %q: %v", to, err)
			}
		}
	})
	t.Run("links that lead nowhere", func(t *testing.T) {
		root := t.TempDir()
		if err := os.Symlink("nowhere", filepath.Join(root, "link")); err != nil {
			t.Skip(err)
		}
		os.Symlink("round", filepath.Join(root, "round"))
		for _, name := range []string{"link", "round"} {
			if err := result(filepath.Join(root, name), first).Check(); err == nil || !strings.Contains(err.Error(), "a link that leads to no directory") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("a link among the files", func(t *testing.T) {
		root := t.TempDir()
		put(t, root, map[string]string{"elsewhere/a.txt": "mine", "out/x": ""})
		if err := os.Symlink(filepath.Join(root, "elsewhere"), filepath.Join(root, "out", "tables")); err != nil {
			t.Skip(err)
		}
		if err := result(filepath.Join(root, "out"), first).Check(); err == nil || !strings.Contains(err.Error(), "tables: is there already") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a file", func(t *testing.T) {
		root := t.TempDir()
		put(t, root, map[string]string{"file": ""})
		for _, name := range []string{"file", "file/out", "file/out/more"} {
			err := result(filepath.Join(root, filepath.FromSlash(name)), first).Check()
			if err == nil || !strings.Contains(err.Error(), "cannot be written") || !strings.Contains(err.Error(), "choose a directory") {
				t.Errorf("%s: %v", name, err)
			}
		}
		same(t, "after", root, map[string]string{"file": ""})
	})
	t.Run("folders to be made", func(t *testing.T) {
		root := t.TempDir()
		r := result(filepath.Join(root, "a", "b", "out"), first)
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		same(t, "after a look", root, map[string]string{})
		if err := r.Write(context.Background()); err != nil {
			t.Fatal(err)
		}
		same(t, "after", filepath.Join(root, "a", "b", "out"), after1)
	})
	t.Run("a folder that may not be written to", func(t *testing.T) {
		root := t.TempDir()
		put(t, root, map[string]string{"out/x": ""})
		os.Chmod(filepath.Join(root, "out"), 0o555)
		defer os.Chmod(filepath.Join(root, "out"), 0o755)
		if f, err := os.Create(filepath.Join(root, "out", "probe")); err == nil {
			f.Close()
			t.Skip("the user may write everywhere")
		}
		if err := result(filepath.Join(root, "out"), first).Check(); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a folder in one that may not be written to", func(t *testing.T) {
		root := t.TempDir()
		put(t, root, map[string]string{"up/out/x": ""})
		os.Remove(filepath.Join(root, "up", "out", "x"))
		os.Chmod(filepath.Join(root, "up"), 0o555)
		defer os.Chmod(filepath.Join(root, "up"), 0o755)
		for _, step := range []struct{ files, want map[string]string }{{first, after1}, {second, after2}} {
			if err := result(filepath.Join(root, "up", "out"), step.files).Write(context.Background()); err != nil {
				t.Fatal(err)
			}
			same(t, "after", filepath.Join(root, "up", "out"), step.want)
		}
	})
}

// TestFaults fails at every byte, and at every call, of a result that replaces another: alone in its folder, beside files
// of others, and where folders cannot be exchanged. The old result is there or the new one, whole, and nothing beside it.
func TestFaults(t *testing.T) {
	others := map[string]string{"study.toml": "x"}
	for name, c := range map[string]struct {
		others     map[string]string
		noExchange bool
		empty      bool // no result before
	}{"alone": {}, "without exchange": {noExchange: true}, "beside others": {others: others}, "nothing before": {empty: true}, "nothing but others before": {empty: true, others: others}} {
		t.Run(name, func(t *testing.T) {
			old := within("out", after1, c.others)
			if c.empty {
				old = map[string]string{}
				if c.others != nil {
					old = within("out", c.others)
				}
			}
			var root string
			begin := func() {
				root = t.TempDir()
				if c.others != nil {
					put(t, filepath.Join(root, "out"), c.others)
				}
				if !c.empty {
					if err := result(filepath.Join(root, "out"), first).Write(context.Background()); err != nil {
						t.Fatal(err)
					}
				}
			}
			try := func(d *foldertest.Faulty) (done bool) {
				d.NoExchange = c.noExchange
				r := result(filepath.Join(root, "out"), second)
				r.Disk = d
				err := r.Write(context.Background())
				what := fmt.Sprintf("byte %d, call %d (%v)", d.Bytes, d.Call, err)
				if err == nil {
					same(t, what, root, within("out", after2, c.others))
				} else {
					same(t, what, root, old)
				}
				return err == nil
			}
			begin()
			for n := 0; ; n++ {
				if try(&foldertest.Faulty{Bytes: n}) {
					t.Logf("whole with %d bytes", n)
					break
				}
			}
			for n := 1; ; n++ {
				begin()
				d := &foldertest.Faulty{Bytes: 1 << 20, Call: n}
				try(d)
				if d.Calls < n {
					t.Logf("%d calls", d.Calls)
					break
				}
			}
		})
	}
}

// TestCancelled stops before each file: the old result is there.
func TestCancelled(t *testing.T) {
	for n := range len(second) {
		root := t.TempDir()
		if err := result(filepath.Join(root, "out"), first).Write(context.Background()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		r := result(filepath.Join(root, "out"), second)
		write := r.Files[n].Write
		r.Files[n].Write = func(w io.Writer) error {
			cancel()
			return write(w)
		}
		if err := r.Write(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		same(t, "after", root, within("out", after1))
	}
}

// TestKilled kills the program at every call. What it leaves is mended by the next run, even by one that is refused, and a
// whole result is in the folder: the old one, or the new one.
func TestKilled(t *testing.T) {
	for name, others := range map[string]map[string]string{"alone": nil, "beside others": {"study.toml": "x"}} {
		t.Run(name, func(t *testing.T) {
			outcomes := map[string]int{}
			for n := 1; ; n++ {
				root := t.TempDir()
				out := filepath.Join(root, "out")
				put(t, out, others)
				if err := result(out, first).Write(context.Background()); err != nil {
					t.Fatal(err)
				}
				d := &foldertest.Faulty{Bytes: 1 << 20, Call: n, Dies: true}
				r := result(out, second)
				r.Disk = d
				r.Write(context.Background())
				if d.Calls < n {
					break
				}
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				if err := result(out, second).Write(ctx); !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				which, want := "old", within("out", after1, others)
				if text, _ := os.ReadFile(filepath.Join(out, "results.json")); string(text) == "2" {
					which, want = "new", within("out", after2, others)
				}
				outcomes[which]++
				same(t, fmt.Sprintf("killed at call %d, %s", n, which), root, want)
			}
			if outcomes["old"] == 0 || outcomes["new"] == 0 {
				t.Errorf("outcomes %v", outcomes)
			}
			t.Log(outcomes)
		})
	}
}
