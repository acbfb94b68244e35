package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCases runs every handed study that has its data beside it, and counts the tables that stand and those that have a reason
// in their place; a study that is refused as a whole has none, and writes nothing. What the tables say is tested where it is made.
func TestCases(t *testing.T) {
	for file, want := range map[string]struct{ tables, refused, status int }{
		"edges/01-zone-offset/study.toml":                 {7, 0, 0},
		"edges/08-reference-period-unobserved/study.toml": {7, 0, 0},
		"edges/09-launch-within-week/study.toml":          {7, 0, 0},
		"edges/10-fixed-without-units-file/study.toml":    {4, 0, 0},
		"edges/11-one-table-stops-all/study.toml":         {6, 1, 1},
		"edges/12-cross-section-both-arms/study.toml":     {0, 0, 1},
		"edges/13-assigned-never-observed/study.toml":     {7, 0, 0},
		"edges/14-usage-blank-for-controls/study.toml":    {5, 2, 1},
		"edges/15-unnamed-cell/study.toml":                {0, 0, 1},
		"edges/17-small-outcome/study.toml":               {7, 0, 0},
		"panel/count_column.toml":                         {0, 0, 1},
		"panel/dropped_events.toml":                       {1, 0, 0},
		"panel/event_figure.toml":                         {1, 0, 0},
		"panel/hour_figure_lag.toml":                      {1, 0, 0},
		"panel/hour_pooled.toml":                          {3, 0, 0},
		"panel/hour_table_day_lag.toml":                   {1, 0, 0},
		"panel/joint.toml":                                {1, 0, 0},
		"panel/known_log.toml":                            {0, 0, 1},
		"panel/late_events.toml":                          {1, 0, 0},
		"panel/launch_in_day.toml":                        {2, 0, 0},
		"panel/share_events.toml":                         {1, 0, 0},
		"discover/bool.toml":                              {0, 0, 1},
		"discover/dec.toml":                               {0, 0, 1},
		"discover/id_num.toml":                            {1, 0, 0},
		"discover/id_part.toml":                           {1, 0, 0},
		"discover/id_plain.toml":                          {1, 0, 0},
		"discover/id_r.toml":                              {1, 0, 0},
		"discover/panel_r.toml":                           {1, 0, 0},
		"hard/bad_cell/study.toml":                        {0, 0, 1},
		"hard/blank_ids/study.toml":                       {2, 0, 0},
		"hard/digits/1e9.toml":                            {0, 0, 1},
		"hard/groups/1e9.toml":                            {0, 0, 1},
		"hard/groups/max.toml":                            {0, 0, 1},
		"hard/labels/han.toml":                            {2, 0, 0},
		"hard/names/collide.toml":                         {6, 0, 0},
		"hard/time_missing/study.toml":                    {0, 0, 1},
		"hard/year2040/study.toml":                        {2, 0, 0},
		"hard/zone/local.toml":                            {2, 0, 0},
		"hard/zone/zone.toml":                             {2, 0, 0},
		"hard/zone/zone_launch.toml":                      {0, 0, 1},
	} {
		t.Run(file, func(t *testing.T) {
			path := filepath.Join("..", "..", "..", "shared", "cases", filepath.FromSlash(file))
			if _, err := os.Stat(path); err != nil {
				t.Skip("needs ../shared/cases, which is not bundled")
			}
			dir := filepath.Join(t.TempDir(), "out")
			status, stdout, stderr := command("study", path, "--out", dir)
			if status != want.status {
				t.Fatalf("exit status %d: %s", status, stderr)
			}
			tables, refused := strings.Count("\n"+stdout, "\nTable "), strings.Count(stdout, "\nNot available: ")
			if tables-refused != want.tables || refused != want.refused {
				t.Errorf("%d tables and %d refused, want %d and %d", tables-refused, refused, want.tables, want.refused)
			}
			if _, err := os.Stat(dir); (err == nil) != (tables > 0) {
				t.Errorf("a study of %d tables: %v", tables, err)
			}
			written, _ := filepath.Glob(filepath.Join(dir, "tables", "*.txt"))
			if len(written) != want.tables+want.refused {
				t.Errorf("%d tables are written", len(written))
			}
		})
	}
}
