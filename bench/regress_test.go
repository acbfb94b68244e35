package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// regressionOf is one of runs with these processor seconds and bytes, before and now.
func regressionOf(before, now []float64, bytesBefore, bytesNow int64) *regression {
	r := &regression{task: "itt"}
	for version, list := range [][]float64{before, now} {
		for _, v := range list {
			r.runs[version] = append(r.runs[version], measured{processor: v, bytes: []int64{bytesBefore, bytesNow}[version]})
		}
	}
	return r
}

func TestMedianInterval(t *testing.T) {
	for _, c := range []struct {
		n         int
		low, high int // by rank from 1; 0 for none
	}{{1, 0, 0}, {4, 0, 0}, {5, 1, 5}, {6, 1, 6}, {7, 1, 7}, {8, 1, 8}, {9, 2, 8}, {15, 4, 12}} {
		values := make([]float64, c.n)
		for i := range values {
			values[i] = float64((i*7)%c.n + 1) // each rank once where 7 does not divide n
			if c.n%7 == 0 {
				values[i] = float64(c.n - i)
			}
		}
		low, high := medianInterval(values)
		if c.low == 0 {
			if !math.IsInf(low, -1) || !math.IsInf(high, 1) {
				t.Errorf("%d values have the interval %v to %v", c.n, low, high)
			}
		} else if low != float64(c.low) || high != float64(c.high) {
			t.Errorf("the interval of %d values is from rank %v to %v, want %d to %d", c.n, low, high, c.low, c.high)
		}
	}
	// By counting all signs: as narrow as it may be.
	for n := 5; n <= 15; n++ {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(i + 1)
		}
		low, _ := medianInterval(values)
		outside := func(below int) (share float64) { // in which fewer than so many values are under the median, or above
			for signs := range 1 << n {
				if ones := strings.Count(fmt.Sprintf("%b", signs), "1"); ones < below || n-ones < below {
					share++
				}
			}
			return share / float64(int(1)<<n)
		}
		if k := int(low); outside(k) > 1./16 || outside(k+1) <= 1./16 {
			t.Errorf("of %d values rank %d: outside in %v, with the next in %v", n, k, outside(k), outside(k+1))
		}
	}
}

func TestVerdicts(t *testing.T) {
	one := []float64{1, 1, 1, 1, 1}
	for _, c := range []struct {
		name        string
		before, now []float64
		bytes       int64 // of 100 before
		want        string
		bad         bool
	}{
		{"the same", one, one, 100, "", false},
		{"a little more", one, []float64{1.02, 1.02, 1.02, 1.02, 1.02}, 105, "", false},
		{"slower in each pair", one, []float64{1.04, 1.05, 1.03, 1.09, 1.01}, 100, "slower", true},
		{"slower on average", one, []float64{1.2, 1.3, .99, 1.2, 1.2}, 100, "slower?", false},
		{"in pairs, though the machine slowed down", []float64{1, 2, 3, 4, 5}, []float64{1.1, 2.2, 3.3, 4.4, 5.5}, 100, "slower", true},
		{"too few pairs to tell", one[:4], []float64{2, 2, 2, 2}, 100, "slower?", false},
		{"faster", one, []float64{.5, .6, .5, .6, .9}, 100, "faster", false},
		{"faster but once", one, []float64{.5, .6, .5, .6, 1.1}, 100, "", false},
		{"larger", one, one, 106, "larger", true},
		{"smaller and slower", one, []float64{2, 2, 2, 2, 2}, 50, "slower, smaller", true},
	} {
		r := regressionOf(c.before, c.now, 100, c.bytes)
		if got := r.verdict(); got != c.want || r.bad() != c.bad {
			t.Errorf("%s: verdict %q, bad %v; want %q, %v", c.name, got, r.bad(), c.want, c.bad)
		}
	}
	unknown := regressionOf(one, one, 0, 0)
	if got := unknown.verdict(); got != "" || unknown.bad() {
		t.Errorf("without memory: %q", got)
	}
	for _, c := range []struct {
		failed [2]error
		want   string
		bad    bool
	}{
		{[2]error{errors.New("no such flag"), nil}, "failed before", false},
		{[2]error{nil, errors.New("no such flag")}, "fails", true},
		{[2]error{errors.New("refused"), errors.New("refused")}, "fails", true},
	} {
		r := &regression{failed: c.failed}
		if got := r.verdict(); got != c.want || r.bad() != c.bad {
			t.Errorf("%v: verdict %q, bad %v", c.failed, got, r.bad())
		}
	}
}

func TestRegressionTable(t *testing.T) {
	slow := regressionOf([]float64{1, 1, 1, 1, 1}, []float64{1.5, 1.5, 1.5, 2, 1.25}, 100e6, 100e6)
	slow.runs[1][2].printed = "otherwise"
	gone := &regression{task: "hc2", failed: [2]error{nil, errors.New("unknown flag: --se")}}
	all := &regressions{commit: "abc", list: []regression{*slow, *gone}}
	want := strings.TrimLeft(`
| task | CPU before |    now | ratio |       interval | memory before |    now | ratio |       interval | runs | output | verdict |
|------|-----------:|-------:|------:|---------------:|--------------:|-------:|------:|---------------:|-----:|--------|---------|
| itt  |     1.00 s | 1.50 s | 1.500 | 1.250 to 2.000 |        100 MB | 100 MB | 1.000 | 1.000 to 1.000 |    5 | varies | slower  |
| hc2  |            |        |       |                |               |        |       |                |    0 |        | fails   |

hc2, now: unknown flag: --se
`, "\n")
	if got := all.String(); got != want {
		t.Errorf("the table is\n%s\nwant\n%s", got, want)
	}
	if err := all.err(); err == nil || !strings.Contains(err.Error(), "2 of 2") || !strings.Contains(err.Error(), "regress abc --long --tasks '^(itt|hc2)$'") {
		t.Errorf("error = %v", err)
	}
	if err := (&regressions{list: []regression{*regressionOf([]float64{1}, []float64{1}, 1, 1)}}).err(); err != nil {
		t.Errorf("nothing is slower: %v", err)
	}
}

func TestRegressTasksMatching(t *testing.T) {
	names := func(pattern string, long bool) (names []string) {
		list, err := regressTasksMatching(pattern, long)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range list {
			names = append(names, k.name)
		}
		return names
	}
	if got := names("^line", false); !slices.Equal(got, []string{"line-1000", "line-5000"}) {
		t.Errorf("tasks are %v", got)
	}
	if got := names("^line", true); !slices.Contains(got, "line-50000") {
		t.Errorf("with the long ones they are %v", got)
	}
	for pattern, want := range map[string]string{"^line-50000$": "--long", "pivot": "no task", "(": "--tasks"} {
		if _, err := regressTasksMatching(pattern, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q in it", pattern, err, want)
		}
	}
	seen := map[string]bool{}
	for _, k := range regressTasks() {
		if seen[k.name] {
			t.Errorf("two tasks %s", k.name)
		}
		seen[k.name] = true
	}
}

// Every task's flags are taken by the command as it is, on files a hundredth as long.
func TestRegressTasksRun(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the command on each task")
	}
	s := &settings{dir: t.TempDir(), seed: 1}
	command, err := buildCommand(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{}
	for _, k := range regressTasks() {
		d, err := datasetNamed(k.data)
		if err != nil {
			t.Fatal(err)
		}
		if d.agents > 0 {
			continue // the command's own tests run studies
		}
		d.rows, d.clusters = d.rows/100, max(d.clusters/100, 200)
		if d.shape == days {
			d.clusters = 80 // with 365 rows each
		}
		if !made[d.name] {
			if err := d.make(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			made[d.name] = true
		}
		args := k.arguments(d, s)
		if strings.Contains(k.words, "--draws") {
			args = append(args, "--draws", "99") // the last of a flag counts
		}
		if _, err := measure(exec.CommandContext(t.Context(), command, args...), true); err != nil {
			t.Errorf("%s: %v", k.name, err)
		}
	}
}

// repository is a module whose command takes some work and memory, with a commit for each of the pairs.
func repository(t *testing.T, work, megabytes []int) string {
	t.Helper()
	dir := t.TempDir()
	git := func(words ...string) {
		t.Helper()
		c := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@b", "-C", dir}, words...)...)
		if err := quietly(c); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	if err := os.MkdirAll(filepath.Join(dir, "cmd", "fieldexp"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range work {
		for path, text := range map[string]string{
			"go.mod": "module example.com/m\n\ngo 1.22\n",
			"cmd/fieldexp/main.go": fmt.Sprintf(`package main

import "fmt"

func main() {
	memory := make([]uint64, %d<<17)
	for i := range %d << 20 {
		memory[(i*512)%%len(memory)] += uint64(i)
	}
	fmt.Println(len(memory) > 0)
}
`, megabytes[i], work[i]),
		} {
			if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		git("add", ".")
		git("commit", "-q", "-m", "commit")
	}
	return dir
}

// From the repository to the verdict: a commit with itself, and one that takes more time and memory than the one before.
func TestRegress(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	root := repository(t, []int{2, 10}, []int{40, 80})
	s := &settings{dir: t.TempDir(), seed: 1, runs: 5, limit: 1 << 40}
	// The file is there already: making it is a process of this program, which here is the test.
	d, err := datasetNamed("line-1000")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.make(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	list, err := regressTasksMatching("^line-1000$", false)
	if err != nil {
		t.Fatal(err)
	}
	run := func(commit string) (string, error) {
		t.Helper()
		var out, log strings.Builder
		err := regress(t.Context(), s, root, commit, list, &out, &log)
		t.Logf("%s%s%v", &log, &out, err)
		return out.String(), err
	}
	out, err := run("HEAD~1")
	if err == nil || !strings.Contains(out, "| the same | slower, larger |") || !strings.Contains(out, "|   15 |") {
		t.Errorf("error %v and\n%s", err, out)
	}
	if out, _ := run("HEAD"); strings.Contains(out, "larger") || !strings.Contains(out, "| the same |") {
		t.Errorf("a commit with itself:\n%s", out)
	}
	if err := os.WriteFile(filepath.Join(root, "cmd", "fieldexp", "main.go"), []byte("package main\n\nfunc main() { panic(1) }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err = run("HEAD")
	if err == nil || !strings.Contains(out, "with uncommitted changes") || !strings.Contains(out, "| fails") || !strings.Contains(out, "panic: 1") {
		t.Errorf("error %v and\n%s", err, out)
	}
	if _, err := run("no-such-commit"); err == nil || !strings.Contains(err.Error(), "no commit") {
		t.Errorf("error %v", err)
	}
	trees, err := exec.Command("git", "-C", root, "worktree", "list").Output()
	if err != nil || strings.Count(string(trees), "\n") != 1 {
		t.Errorf("work trees are left: %s, %v", trees, err)
	}
}
