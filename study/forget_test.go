package study

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/panel"
)

// TestForget: a model is kept up to the last table that shows it, and no longer; so are panels by other periods than
// the study's own.
func TestForget(t *testing.T) {
	file := filepath.Join(t.TempDir(), "study.toml")
	tables := "[[tables]]\nkind = \"itt\"\n[[tables]]\nkind = \"itt\"\nperiod = \"hour\"\n[[tables]]\nkind = \"itt\"\n"
	if err := os.WriteFile(file, []byte(logStudy+tables), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	s.Figures = nil // those that a study has by itself show models too
	byDay, byHour := s.key(ofAssignment, &s.Tables[0]), s.key(ofAssignment, &s.Tables[1])
	r := &run{study: s, plan: s.newPlan(func(string) bool { return false }),
		fitted: map[modelKey]*fitted{byDay: {}, byHour: {}},
		cells:  map[panel.Period]*data.Frame{panel.Day: {}, panel.Hour: {}}}
	for step, keep := range []struct{ day, hour bool }{{true, true}, {true, false}, {false, false}} {
		r.step = step
		r.forget()
		if day, hour := r.fitted[byDay] != nil, r.fitted[byHour] != nil; day != keep.day || hour != keep.hour {
			t.Errorf("after table %d: models by day kept %v, by hour %v; want %v", step+1, day, hour, keep)
		}
		if day, hour := r.cells[panel.Day] != nil, r.cells[panel.Hour] != nil; !day || hour != keep.hour {
			t.Errorf("after table %d: panel by day kept %v, by hour %v; want true, %v", step+1, day, hour, keep.hour)
		}
	}
}
