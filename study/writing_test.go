package study

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestWritingOfFile: the order of columns and rows, quotes around identifiers, and one offset behind every time change
// nothing, simulated p-values included.
func TestWritingOfFile(t *testing.T) {
	text := strings.Replace(logStudy, "[[outcomes]]", "[inference]\npermute = true\ndraws = 199\n[[outcomes]]", 1) + "[[tables]]\nkind = \"itt\"\n[[tables]]\nkind = \"late\"\n[[tables]]\nkind = \"hetero\"\n"
	lines := strings.Split(strings.TrimSpace(eventLog()), "\n")
	want := ran(t, map[string]string{"study.toml": text, "log.csv": strings.Join(lines, "\n")})
	if fitOf(t, want, "1", "y").Terms[0].Permutation == nil {
		t.Fatal("nothing is drawn")
	}
	names := strings.Split(lines[0], ",")
	for seed := range uint64(6) {
		draw := rand.New(rand.NewPCG(seed, 9))
		order, rows := draw.Perm(len(names)), draw.Perm(len(lines)-1)
		offset := []string{"", "+05:30", "-0800", "+08"}[seed%4]
		write := func(line string, header bool) string {
			cells := strings.Split(line, ",")
			moved := make([]string, len(cells))
			for to, from := range order {
				moved[to] = cells[from]
				switch {
				case header:
				case names[from] == "when":
					moved[to] += offset
				case names[from] == "id" && seed%2 == 1:
					moved[to] = `"` + moved[to] + `"`
				}
			}
			return strings.Join(moved, ",")
		}
		mixed := []string{write(lines[0], true)}
		for _, i := range rows {
			mixed = append(mixed, write(lines[i+1], false))
		}
		got := ran(t, map[string]string{"study.toml": text, "log.csv": strings.Join(mixed, "\n")})
		sameFits(t, "columns, rows, quotes and offset "+offset, got, want, 1e-10)
		if a, b := fitOf(t, got, "1", "y").Terms[0].Permutation, fitOf(t, want, "1", "y").Terms[0].Permutation; a.P != b.P {
			t.Errorf("simulated p %v, want %v", a.P, b.P)
		}
	}
}
