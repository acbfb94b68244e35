package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// speak, in the environment of a process of this test, is what it prints instead of testing.
const speak = "BENCH_TEST_SPEAKS"

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(speak); ok {
		os.Stdout.WriteString(text)
		return
	}
	os.Exit(m.Run())
}

func TestMeasure(t *testing.T) {
	speaking := func(text string) *exec.Cmd {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), speak+"="+text)
		return c
	}
	m, err := measure(speaking(`{"versions": {"R": "4.2.2"}, "steps": [{"name": "read", "seconds": 0.5}], "estimates": {"itt y1": [1.5, 0.25]}}`), false)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Steps) != 1 || m.Steps[0] != (step{"read", .5, 0}) || m.Estimates["itt y1"] != [2]float64{1.5, .25} || m.Versions["R"] != "4.2.2" || !(m.seconds > 0) {
		t.Errorf("measured %+v", m)
	}
	if _, err := measure(speaking("Error in library(fixest)"), false); err == nil || !strings.Contains(err.Error(), "not the JSON") {
		t.Errorf("error = %v", err)
	}
	if _, err := measure(speaking("anything"), true); err != nil {
		t.Errorf("a silent command: %v", err)
	}
	if m, err := measure(exec.Command("no-such-program-here"), false); err != nil || m.Absent != "no-such-program-here" {
		t.Errorf("a program that is not there: %+v, %v", m, err)
	}
	if _, err := measure(exec.Command(os.Args[0], "-test.no-such-flag"), false); err == nil {
		t.Error("a process that failed was measured")
	}
}

func TestRecords(t *testing.T) {
	s := &settings{dir: t.TempDir()}
	if _, err := readRecords(s); err == nil || !strings.Contains(err.Error(), "bench compare") {
		t.Errorf("no records: %v", err)
	}
	r := record{Task: "itt-1m", Program: "pyfixest", Processors: 2, Seconds: 10,
		output: output{Steps: []step{{"read", 1, 1}, {warm, 3, 3}, {"itt", 2, 4}}, Estimates: map[string][2]float64{"itt y1": {1.0 / 3, 2}}}}
	for range 2 {
		if err := appendRecord(s, r); err != nil {
			t.Fatal(err)
		}
	}
	list, err := readRecords(s)
	if err != nil || len(list) != 2 || list[1].Estimates["itt y1"] != r.Estimates["itt y1"] {
		t.Fatalf("read %+v, %v", list, err)
	}
	if got, ok := list[0].used("read", "itt"); got != 5 || !ok {
		t.Errorf("processors took %v, %v", got, ok)
	}
	for _, c := range []struct {
		steps []string
		want  float64
		ok    bool
	}{{nil, 7, true}, {[]string{"read"}, 1, true}, {[]string{"read", "itt"}, 3, true}, {[]string{"late10"}, 0, false}} {
		if got, ok := list[0].spent(c.steps...); got != c.want || ok != c.ok {
			t.Errorf("%v took %v, %v; want %v, %v", c.steps, got, ok, c.want, c.ok)
		}
	}
	if err := os.WriteFile(filepath.Join(s.dir, "records.jsonl"), []byte("{}\nnot JSON\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readRecords(s); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a bad record: %v", err)
	}
}

// run is a record of one step besides reading.
func run(program string, processors int, seconds, megabytes, estimate float64) record {
	return record{Task: "itt-1m", Program: program, Processors: processors, Bytes: int64(megabytes * 1e6),
		output: output{Steps: []step{{"read", 1, 1}, {"itt", seconds, 2 * seconds}}, Estimates: map[string][2]float64{"itt y1": {estimate, .5}}}}
}

func TestRatios(t *testing.T) {
	absent := record{Task: "itt-1m", Program: "fixest", Processors: 2, output: output{Absent: "R package fixest"}}
	failed := record{Task: "itt-1m", Program: "statsmodels", Processors: 2, output: output{Absent: failedPrefix + "not done after 10m0s"}}
	crashed := record{Task: "itt-1m", Program: "estimatr", Processors: 2, output: output{Absent: failedPrefix + "Error: cannot allocate vector of size 2 Gb"}}
	all := summarise([]record{crashed,
		run(ours, 2, .3, 100, 2), run(ours, 2, .1, 120, 2), run(ours, 2, .2, 110, 2), run(ours, 1, .3, 100, 2),
		run("pyfixest", 2, 2, 550, 2.0002), run("pyfixest", 2, 4, 550, 2.0002), absent, failed,
	})
	want := strings.TrimLeft(`
| work             | peer        |   ours |               theirs | time × | work × |   ours | theirs | memory × | difference | estimates | runs |
|------------------|-------------|-------:|---------------------:|-------:|-------:|-------:|-------:|---------:|-----------:|----------:|-----:|
| ITT, one outcome | estimatr    | 0.20 s |        out of memory |        |        | 110 MB |        |          |            |           |      |
| ITT, one outcome | pyfixest    | 0.20 s |               3.00 s |     15 |     15 | 110 MB | 550 MB |      5.0 |      1e-04 |         1 |  3/2 |
| ITT, one outcome | statsmodels | 0.20 s | not done after 10m0s |        |        | 110 MB |        |          |            |           |      |
`, "\n")
	if got := all.ratios(); got != want {
		t.Errorf("ratios are\n%s\nwant\n%s", got, want)
	}
	machine := all.machine()
	if !strings.Contains(machine, "R package fixest") || strings.Contains(machine, "not done") {
		t.Errorf("the machine is %s", machine)
	}
}

// A peer that lacks an estimate, or has another name for it, is not taken to agree: the table says how many were
// compared, and the comparison fails and names one.
func TestLackingEstimates(t *testing.T) {
	our, their := run(ours, 2, .2, 100, 2), run("fixest", 2, 2, 400, 2)
	list, err := tasksNamed([]string{"itt-1m"})
	if err != nil {
		t.Fatal(err)
	}
	if err := summarise([]record{our, their}).lacks(list); err != nil {
		t.Errorf("nothing lacks: %v", err)
	}
	our.Estimates["itt y2"] = [2]float64{1, 1}
	their.Estimates["itt c(y2)"] = [2]float64{1, 1}
	all := summarise([]record{our, their})
	if table := all.ratios(); !strings.Contains(table, "| 1, **2 LACKING** |") || !strings.Contains(table, " 0e+00 |") {
		t.Errorf("the table is\n%s", table)
	}
	if err := all.lacks(list); err == nil || !strings.Contains(err.Error(), `itt-1m of fixest: 1 estimates compared, and 2 lacking on one side, such as "itt c(y2)"`) {
		t.Errorf("error = %v", err)
	}
	delete(their.Estimates, "itt y1")
	if err := summarise([]record{our, their}).lacks(list); err == nil || !strings.Contains(err.Error(), "0 estimates compared, and 3 lacking") {
		t.Errorf("nothing in common: %v", err)
	}
	mended := run("fixest", 2, 2, 400, 2)
	mended.Estimates["itt y2"] = our.Estimates["itt y2"]
	if err := summarise([]record{our, their, mended}).lacks(list); err != nil {
		t.Errorf("after it was mended: %v", err)
	}
}

func TestIdentical(t *testing.T) {
	a, b := run(ours, 2, 1, 1, 2), run(ours, 1, 1, 1, 2)
	if !identical([]record{a, b}) {
		t.Error("the same numbers differ")
	}
	b.Simulated = map[string]float64{"p": .5}
	a.Simulated = map[string]float64{"p": .5000000000000001}
	if identical([]record{a, b}) {
		t.Error("numbers that differ in the last bit are the same")
	}
}

// All tables are written from records of all tasks.
func TestTables(t *testing.T) {
	var list []record
	for _, k := range tasks() {
		for _, processors := range []int{1, 2} {
			r := record{Task: k.name, Program: ours, Processors: processors, Seconds: 4, Bytes: 1e9, FileBytes: 1e8}
			for i, name := range k.steps {
				r.Steps = append(r.Steps, step{name, float64(i+1) / float64(processors), float64(i + 1)})
			}
			list = append(list, r)
		}
	}
	var b strings.Builder
	l := &limits{FileRead: [2]float64{3e9, 6e9}, Newlines: [2]float64{2e9, 4e9}, MemoryRead: [2]float64{1e10, 2e10}, MultiplyAdd: [2]float64{2e9, 4e9}}
	if err := writeTables(&b, summarise(list), l); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| read-1m    | fieldexp |  0.50 s |  200 |              5% |",
		"| ratio                                                              | 8.0    |",
		"| 0.2 M  |  0.5 s (1.00) |",
		"| growth-10m   | itt10         | 2.00 s | 4.00 s |  2.0 |",
		"| file read and newlines counted                 |      2.0 GB/s | 4.0 GB/s |",
	} {
		squeeze := func(text string) string { return strings.Join(strings.Fields(text), " ") }
		if !strings.Contains(squeeze(b.String()), squeeze(want)) {
			t.Errorf("no line %s in\n%s", want, b.String())
		}
	}
}

func TestLimits(t *testing.T) {
	path := smallExperiment(t, 2000, 20)
	l, err := measureLimits(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	s := &settings{dir: t.TempDir()}
	if none, err := readLimits(s); none != nil || err != nil {
		t.Errorf("limits before they are measured: %v, %v", none, err)
	}
	if err := os.WriteFile(limitsPath(s), text, 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := readLimits(s)
	if err != nil || *got != l {
		t.Errorf("read %v, %v; want %v", got, err, l)
	}
	for _, rate := range [...][2]float64{l.FileRead, l.Newlines, l.MemoryRead, l.MultiplyAdd} {
		if !(rate[0] > 0 && rate[1] > 0) {
			t.Errorf("limits are %+v", l)
		}
	}
}
