package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCases runs the handed studies whose data need nothing that they do not have, and counts the tables that stand and those
// that have a reason in their place.
func TestCases(t *testing.T) {
	for file, want := range map[string]struct{ tables, refused int }{
		"edges/01-zone-offset/study.toml":             {7, 0},
		"edges/09-launch-within-week/study.toml":      {7, 0},
		"edges/11-one-table-stops-all/study.toml":     {6, 1},
		"edges/13-assigned-never-observed/study.toml": {7, 0},
		"edges/17-small-outcome/study.toml":           {7, 0},
		"hard/names/collide.toml":                     {6, 0},
		"hard/labels/han.toml":                        {2, 0},
		"hard/zone/local.toml":                        {2, 0},
		"panel/dropped_events.toml":                   {1, 0},
		"panel/event_figure.toml":                     {1, 0},
		"panel/hour_pooled.toml":                      {3, 0},
		"panel/joint.toml":                            {1, 0},
		"panel/late_events.toml":                      {1, 0},
		"panel/launch_in_day.toml":                    {2, 0},
	} {
		t.Run(file, func(t *testing.T) {
			path := filepath.Join("..", "..", "..", "shared", "cases", filepath.FromSlash(file))
			if _, err := os.Stat(path); err != nil {
				t.Skip("needs ../shared/cases, which is not bundled")
			}
			dir := filepath.Join(t.TempDir(), "out")
			status, stdout, stderr := command("study", path, "--out", dir)
			if status != min(want.refused, 1) {
				t.Fatalf("exit status %d: %s", status, stderr)
			}
			tables, refused := strings.Count("\n"+stdout, "\nTable "), strings.Count(stdout, "\nNot available: ")
			if tables-refused != want.tables || refused != want.refused {
				t.Errorf("%d tables and %d refused, want %d and %d", tables-refused, refused, want.tables, want.refused)
			}
			written, _ := filepath.Glob(filepath.Join(dir, "tables", "*.txt"))
			if len(written) != want.tables+want.refused {
				t.Errorf("%d tables are written", len(written))
			}
		})
	}
}
