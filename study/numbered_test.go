package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/report"
)

// numberedPanel is a panel of 60 units and 12 numbered periods, with treatment from period 7 on. Every third treated unit never
// uses, and its outcome is that of a control.
func numberedPanel() string {
	var b strings.Builder
	b.WriteString("id,t,arm,used,y\n")
	for u := range 60 {
		for period := 1; period <= 12; period++ {
			used := 0
			if u%2 == 1 && u%3 > 0 && period >= 7 && (u+period)%4 > 0 {
				used = 1
			}
			fmt.Fprintf(&b, "u%d,%d,%d,%d,%.4f\n", u, period, u%2, used, math.Sin(float64(u*u+7*period))+float64(used)/2)
		}
	}
	return b.String()
}

const numberedStudy = `launch = 7
[data]
panel = "p.csv"
[roles]
unit = "id"
assignment = "arm"
time = "t"
usage = "used"
[model]
cluster = ["id"]
[[outcomes]]
column = "y"
`

// TestNeverTakersOfPanel: the sample of never-takers and controls of a panel is what it is in a file of their rows alone.
func TestNeverTakersOfPanel(t *testing.T) {
	table := "[[tables]]\nkind = \"itt\"\n"
	got := ran(t, map[string]string{"study.toml": "figures = []\n" + numberedStudy + table + "sample = \"never-takers\"\n", "p.csv": numberedPanel()})
	var kept []string
	for i, line := range strings.Split(strings.TrimSpace(numberedPanel()), "\n") {
		var u int
		if fmt.Sscanf(line, "u%d,", &u); i == 0 || u%2 == 0 || u%3 == 0 {
			kept = append(kept, line)
		}
	}
	want := ran(t, map[string]string{"study.toml": "figures = []\n" + numberedStudy + table, "p.csv": strings.Join(kept, "\n")})
	sameFits(t, "never-takers", got, want, 1e-12)
}

// TestNumberedLaunchOfFigures: a distribution over cells counts those since a launch by number.
func TestNumberedLaunchOfFigures(t *testing.T) {
	figure := "[[figures]]\nkind = \"distribution\"\nof = \"cells\"\nvariables = [\"y\", \"used\"]\n"
	out := ran(t, map[string]string{"study.toml": numberedStudy + "[[tables]]\nkind = \"itt\"\n" + figure, "p.csv": numberedPanel()})
	panels := out.Figures[0].Figure.(report.Distribution).Panels
	if n := len(panels[0].Samples[1].Values); n != 30*6 {
		t.Errorf("%d cells of the treated, want %d", n, 30*6)
	}
}

// TestPanelWithoutUnits: models that absorb effects of units are refused where no column names them, before anything is read.
func TestPanelWithoutUnits(t *testing.T) {
	without := strings.NewReplacer("unit = \"id\"\n", "", "cluster = [\"id\"]\n", "")
	for _, text := range []string{numberedStudy, strings.Replace(strings.Replace(numberedStudy, "launch = 7\n", "", 1), "[model]", "[controls]\nlagged = [\"y\"]\n[model]", 1)} {
		_, err := runFiles(t, map[string]string{"study.toml": without.Replace(text), "p.csv": numberedPanel()})
		if err == nil || !strings.Contains(err.Error(), "name it in unit under [roles]") {
			t.Errorf("error %v, want one that asks for units", err)
		}
	}
}

// TestPanelWithoutLaunch: the usual figures of a panel of numbered periods without a launch can be drawn.
func TestPanelWithoutLaunch(t *testing.T) {
	text := strings.Replace(numberedStudy, "launch = 7\n", "", 1)
	out := ran(t, map[string]string{"study.toml": text, "p.csv": numberedPanel()})
	if len(out.Refused) > 0 {
		t.Errorf("refused: %v", out.Refused)
	}
	if text, err := out.JSON(); err != nil || !strings.Contains(string(text), `"panel": "p.csv"`) || strings.Contains(string(text), `"period": "day"`) {
		t.Errorf("JSON names no panel, or a period: %v %.200s", err, text)
	}
	if out := ran(t, map[string]string{"study.toml": "tables = []\nfigures = []\n" + text, "p.csv": numberedPanel()}); len(out.Tables)+len(out.Figures) > 0 {
		t.Errorf("%d tables and %d figures where none is asked for", len(out.Tables), len(out.Figures))
	}
}
