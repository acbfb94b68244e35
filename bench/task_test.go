package main

import (
	"slices"
	"strings"
	"testing"
)

// What tasks, lines and peers say of each other holds.
func TestTasksHangTogether(t *testing.T) {
	byName := map[string]task{}
	for _, k := range tasks() {
		if _, ok := byName[k.name]; ok {
			t.Errorf("two tasks %s", k.name)
		}
		byName[k.name] = k
		d, err := datasetNamed(k.data)
		if err != nil {
			t.Errorf("%s: %v", k.name, err)
		}
		w := &worker{path: d.path(&settings{})}
		for _, step := range k.steps {
			if w.does()[step] == nil {
				t.Errorf("%s: nobody does %s", k.name, step)
			}
		}
		for _, name := range k.peers {
			p, err := peerNamed(name)
			if err != nil {
				t.Errorf("%s: %v", k.name, err)
				continue
			}
			script, err := scripts.ReadFile("peers/" + p.script)
			if err != nil {
				t.Errorf("%s: %v", k.name, err)
			}
			for _, step := range k.steps {
				if !strings.Contains(string(script), step+" = ") && !strings.Contains(string(script), `"`+step+`": `) {
					t.Errorf("%s: %s does not do %s", k.name, p.script, step)
				}
			}
		}
	}
	for _, l := range lines {
		k, ok := byName[l.task]
		if !ok {
			t.Errorf("%s: there is no task %s", l.title, l.task)
		}
		for _, step := range l.steps {
			if !slices.Contains(k.steps, step) {
				t.Errorf("%s: task %s has no step %s", l.title, l.task, step)
			}
		}
		if len(k.peers) == 0 {
			t.Errorf("%s: task %s has no peer", l.title, l.task)
		}
	}
	if _, err := tasksNamed([]string{"no-such-task"}); err == nil {
		t.Error("a task that does not exist was found")
	}
}
