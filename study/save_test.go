package study

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/internal/folder"
	"github.com/fieldexp/fieldexp/internal/folder/foldertest"
	"github.com/fieldexp/fieldexp/report"
)

// TestFileNames: names keep letters of any script, and no two numbers share a file.
func TestFileNames(t *testing.T) {
	for name, c := range map[string]struct{ numbers, want []string }{
		"plain":           {[]string{"1", "A3", "8-common"}, []string{"t-1", "t-A3", "t-8-common"}},
		"dots and dashes": {[]string{"4.A", "4-A", "4 A", "4/A"}, []string{"t-4.A", "t-4-A", "t-4-A-2", "t-4-A-3"}},
		"scripts":         {[]string{"表一", "表二", "Таблица", "तालिका", "جدول"}, []string{"t-表一", "t-表二", "t-Таблица", "t-तालिका", "t-جدول"}},
		"case":            {[]string{"4a", "4A", "ß", "SS", "ΣΑΣ", "σας"}, []string{"t-4a", "t-4A-2", "t-ß", "t-SS-2", "t-ΣΑΣ", "t-σας-2"}},
		"composition":     {[]string{"\u00e9", "e\u0301"}, []string{"t-\u00e9", "t-\u00e9-2"}},
		"signs":           {[]string{"😀", "🎉", "../x", `..\x`, "a:b", "\x00"}, []string{"t--", "t---2", "t-..-x", "t-..-x-2", "t-a-b", "t---3"}},
		"counts":          {[]string{"a-2", "a b", "a-b", "a-b-2"}, []string{"t-a-2", "t-a-b", "t-a-b-2", "t-a-b-2-2"}},
		"none":            {[]string{""}, []string{"t"}},
	} {
		t.Run(name, func(t *testing.T) {
			names := namesOf("t", c.numbers)
			for i, number := range c.numbers {
				if names[number] != c.want[i] {
					t.Errorf("%q is named %q, want %q", number, names[number], c.want[i])
				}
			}
		})
	}
	long := namesOf("table", []string{strings.Repeat("表", 300), strings.Repeat("表", 299)})
	for number, name := range long {
		if len(name) > 140 || !strings.HasPrefix(name, "table-表") {
			t.Errorf("a number of %d bytes is named with %d", len(number), len(name))
		}
	}
	if len(long) != 2 || long[strings.Repeat("表", 300)] == long[strings.Repeat("表", 299)] {
		t.Error("two long numbers share a name")
	}
}

// smallStudy runs a study whose result is small.
func smallStudy(t *testing.T, keys string) *Output {
	t.Helper()
	text, _, _ := strings.Cut(refusalStudy, "# outcomes")
	out, err := runFiles(t, map[string]string{"log.csv": refusalLog(), "study.toml": text + keys})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCollidingNames is cases/hard/names/collide.toml: four numbers of which two pairs had a name in common.
func TestCollidingNames(t *testing.T) {
	out := smallStudy(t, `
[[tables]]
kind = "itt"
number = "4.A"
[[tables]]
kind = "event"
number = "4-A"
[[tables]]
kind = "summary"
number = "表一"
[[tables]]
kind = "itt"
number = "表二"
[[tables]]
kind = "itt"
number = "4a"
[[figures]]
kind = "means"
number = "图.1"
title = "评分"
[[figures]]
kind = "means"
number = "图-1"
`)
	dir := filepath.Join(t.TempDir(), "out")
	if err := out.Save(context.Background(), dir, report.Markdown); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tables/table-4.A.md", "tables/table-4-A.csv", "tables/table-表一.md", "tables/table-表二.csv", "tables/table-4a.md",
		"figures/figure-图.1.svg", "figures/figure-图-1.svg", "figures/figure-图-1.png", "report.html", "results.json", "manifest.json"} {
		if info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	tables, _ := os.ReadDir(filepath.Join(dir, "tables"))
	figures, _ := os.ReadDir(filepath.Join(dir, "figures"))
	if len(tables) != 10 || len(figures) != 3 {
		t.Errorf("%d files of tables and %d of figures, want 10 and 3", len(tables), len(figures))
	}
}

// TestForeignLabels is cases/hard/labels/han.toml: labels that the font of images lacks leave out the image alone.
func TestForeignLabels(t *testing.T) {
	for label, warned := range map[string]bool{"评分": true, "かな": true, "평점": true, "مرحبا": true, "Оценка": false, "Rating": false} {
		text := strings.Replace(refusalStudy, "column = \"y\"\n", "column = \"y\"\nlabel = \""+label+"\"\n", 1) + "[[figures]]\nkind = \"means\"\n[[tables]]\nkind = \"itt\"\n"
		out, err := runFiles(t, map[string]string{"log.csv": refusalLog(), "study.toml": text})
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "out")
		if err := out.Save(context.Background(), dir, report.Text); err != nil {
			t.Errorf("%s: %v", label, err)
			continue
		}
		images, _ := filepath.Glob(filepath.Join(dir, "figures", "*.png"))
		drawings, _ := filepath.Glob(filepath.Join(dir, "figures", "*.svg"))
		said := false
		for _, w := range out.Warnings {
			said = said || strings.Contains(w.Message, ".png is not written, since")
		}
		if len(drawings) != 2 || len(images) != 2-btoi(warned) || said != warned {
			t.Errorf("%s: %d drawings, %d images; warnings %v", label, len(drawings), len(images), out.Warnings)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestManifest lists what was read, what was written, and by which version; the same result has the same manifest.
func TestManifest(t *testing.T) {
	out := smallStudy(t, "[[tables]]\nkind = \"itt\"\n[[figures]]\nkind = \"means\"\n")
	root := t.TempDir()
	var texts []string
	for _, name := range []string{"a", "b"} {
		if err := out.Save(context.Background(), filepath.Join(root, name), report.Text); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(root, name, folder.ManifestName))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	if texts[0] != texts[1] {
		t.Error("two manifests of one result differ")
	}
	var m folder.Manifest
	if err := json.Unmarshal([]byte(texts[0]), &m); err != nil {
		t.Fatal(err)
	}
	if m.Program != folder.Program || m.Version == "" || len(m.Inputs) != 2 || len(m.Files) != 6 {
		t.Errorf("manifest is %s", texts[0])
	}
	log := refusalLog()
	if in := m.Inputs[1]; in.Name != "log.csv" || in.Bytes != int64(len(log)) || in.SHA256 != foldertest.Sum(log) {
		t.Errorf("the log has %d bytes and sum %s, the manifest %+v", len(log), foldertest.Sum(log), in)
	}
	if in := m.Inputs[0]; in.Name != "study.toml" || in.SHA256 == "" {
		t.Errorf("the study file is %+v", in)
	}
	for _, f := range m.Files {
		text, err := os.ReadFile(filepath.Join(root, "a", filepath.FromSlash(f.Name)))
		if err != nil || f.Bytes != int64(len(text)) || f.SHA256 != foldertest.Sum(string(text)) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

// TestStaleFiles writes a study of one table where one of three was: nothing of the other is left.
func TestStaleFiles(t *testing.T) {
	many := smallStudy(t, "[[tables]]\nkind = \"itt\"\n[[tables]]\nkind = \"event\"\n[[tables]]\nkind = \"summary\"\n[[figures]]\nkind = \"means\"\n")
	one := smallStudy(t, "[[tables]]\nkind = \"itt\"\n[[figures]]\nkind = \"means\"\nnumber = \"9\"\n")
	dir := filepath.Join(t.TempDir(), "out")
	for _, out := range []*Output{many, one} {
		if err := out.Save(context.Background(), dir, report.Text); err != nil {
			t.Fatal(err)
		}
	}
	want := filepath.Join(t.TempDir(), "out")
	if err := one.Save(context.Background(), want, report.Text); err != nil {
		t.Fatal(err)
	}
	if a, b := fmt.Sprint(foldertest.Tree(t, dir)), fmt.Sprint(foldertest.Tree(t, want)); a != b {
		t.Error("what is there is not the result alone")
	}
}

// faults fails at bytes of a result that replaces another, and at every one of the calls.
func faults(t *testing.T, old, out *Output, every func(bytes int) (at int, ok bool)) (tried int) {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "out")
	result, err := out.result(context.Background(), dir, report.Text)
	if err != nil {
		t.Fatal(err)
	}
	if err := result.Write(context.Background()); err != nil {
		t.Fatal(err)
	}
	want, size := foldertest.Tree(t, root), 0
	for _, text := range want {
		size += len(text)
	}
	if err := old.Save(context.Background(), dir, report.Text); err != nil {
		t.Fatal(err)
	}
	before := foldertest.Tree(t, root)
	for {
		at, ok := every(size)
		if !ok {
			return tried
		}
		tried++
		result.Disk = &foldertest.Faulty{Bytes: at}
		err := result.Write(context.Background())
		if err == nil {
			t.Fatalf("a disk of %d bytes takes a result of %d", at, size)
		}
		if after := foldertest.Tree(t, root); !foldertest.Same(after, before) {
			t.Fatalf("after a failure at byte %d (%v) the old result is not what it was", at, err)
		}
	}
}

// TestDiskFull fails at bytes of a small result, and of the bundled one at some drawn at random: the old result stands, and
// nothing is beside it. FIELDEXP_LONG=1 fails at every byte of the first and at 500 of the second.
func TestDiskFull(t *testing.T) {
	long := os.Getenv("FIELDEXP_LONG") != ""
	step := 397
	if long {
		step = 1
	}
	old := smallStudy(t, "[[tables]]\nkind = \"summary\"\n[[tables]]\nkind = \"event\"\nnumber = \"old\"\n[[figures]]\nkind = \"means\"\nnumber = \"old\"\noutcomes = [\"y\"]\n")
	small := smallStudy(t, "[[tables]]\nkind = \"itt\"\n[[tables]]\nkind = \"late\"\nnumber = \"2\"\n")
	small.Figures, small.Study.Figures = nil, nil
	next := -step
	n := faults(t, old, small, func(size int) (int, bool) {
		if size > 64<<10+len(small.Study.text) {
			t.Fatalf("the small result has %d bytes", size)
		}
		next += step
		return next, next < size
	})
	t.Logf("failed at %d bytes of the small result", n)
	if testing.Short() {
		return
	}
	count := 12
	if long {
		count = 500
	}
	r := rand.New(rand.NewPCG(10, 5))
	n = faults(t, old, bundled(t), func(size int) (int, bool) {
		count--
		return r.IntN(size), count >= 0
	})
	t.Logf("failed at %d bytes of the bundled result", n)
}

// TestUnsaved: an output whose files were not summed up is not saved without their sums.
func TestUnsaved(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"study.toml": logStudy + "[[tables]]\nkind = \"itt\"\n", "log.csv": eventLog()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Load(filepath.Join(dir, "study.toml"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := Run(t.Context(), s, Options{Unsaved: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Save(t.Context(), filepath.Join(dir, "out"), report.Text); err == nil || !strings.Contains(err.Error(), "printed alone") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
		t.Error("something is written")
	}
}
