package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/internal/refdata"
)

// readmeBlock is the first fenced block of the README in the given language that holds a text.
func readmeBlock(t *testing.T, language, holding string) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		if strings.Contains(part[1], holding) {
			return part[1]
		}
	}
	t.Fatalf("the README has no %s block with %q", language, holding)
	return ""
}

func TestREADMETableIsWhatTheStudyPrints(t *testing.T) {
	stdout, stderr := succeed(t, "study")
	if table := readmeBlock(t, "text", "Table "); !strings.Contains(stdout, strings.TrimSpace(table)) {
		t.Errorf("the study prints another table than the README shows:\n%s", table)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	chats := regexp.MustCompile(`[\d,]+ chats`).FindString(stderr)
	tables := fmt.Sprintf("%d tables", len(regexp.MustCompile(`(?m)^Table `).FindAllString(stdout, -1)))
	for _, fact := range []string{chats, tables} {
		if fact == "" || !strings.Contains(string(readme), fact) {
			t.Errorf("the README does not say %q", fact)
		}
	}
}

func TestREADMELibraryIsTheQuickstart(t *testing.T) {
	source, err := os.ReadFile("../../examples/quickstart/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(source), readmeBlock(t, "go", "package main")) {
		t.Error("the README's program is not that of examples/quickstart")
	}
}

func TestREADMEStudyFileRuns(t *testing.T) {
	text := readmeBlock(t, "toml", "launch")
	for _, name := range []string{"chats.csv.gz", "agents.csv"} {
		text = strings.ReplaceAll(text, fmt.Sprintf("%q", name), fmt.Sprintf("%q", refdata.Path(t, "pilot", name)))
	}
	file := filepath.Join(t.TempDir(), "pilot.toml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	stdout, _ := succeed(t, "study", file)
	for _, want := range []string{"Effects of assignment", "First stage: used", "Effects by stars before the launch"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the study of the README prints nothing on %q", want)
		}
	}
}

func TestREADMEFitRuns(t *testing.T) {
	block := readmeBlock(t, "console", "fieldexp fit")
	t.Chdir("../..")
	line := regexp.MustCompile(`(?s)cmd/fieldexp (fit.*)\n`).FindStringSubmatch(strings.ReplaceAll(block, "\\\n", ""))
	if line == nil {
		t.Fatalf("no command in %q", block)
	}
	stdout, _ := succeed(t, strings.Fields(line[1])...)
	if !strings.Contains(stdout, "As used: OLS") {
		t.Errorf("the command of the README prints\n%s", stdout)
	}
}

// The README: where units were observed once, launch and time are left out.
func TestREADMEStudyOfUnitsObservedOnce(t *testing.T) {
	data := refdata.Path(t, "wellness", "firm_admin.csv.gz")
	for name, controls := range map[string]string{"bare": "", "with a control": "\n[controls]\ncurrent = [\"gym_0816_0717\"]\n"} {
		text := fmt.Sprintf("[data]\nevents = %q\n[roles]\nassignment = \"treat\"\n%s[[outcomes]]\ncolumn = \"promotion_0616_0717\"\n", data, controls)
		file := filepath.Join(t.TempDir(), "once.toml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		stdout, _ := succeed(t, "study", file)
		if !strings.Contains(stdout, "Effects of assignment") {
			t.Errorf("%s: no effects of assignment in\n%s", name, stdout)
		}
		if balance := strings.Contains(stdout, "Balance of the arms"); balance != (controls != "") {
			t.Errorf("%s: table of balance %v", name, balance)
		}
	}
}
