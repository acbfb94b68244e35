package main

import (
	"context"
	"slices"
	"testing"
)

// TestPeersAskedFor: --peer leaves the peers that it names, of those that a task has, and refuses a name that there
// is not.
func TestPeersAskedFor(t *testing.T) {
	list, err := tasksNamed([]string{"itt-1m"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		asked, want []string
	}{
		{nil, list[0].peers},
		{[]string{"fereg"}, []string{"fereg"}},
		{[]string{"statsmodels", "polars", "fixest"}, []string{"fixest", "statsmodels"}},
		{[]string{"fereg-study"}, nil},
	} {
		s := &settings{peers: c.asked}
		if err := s.check(); err != nil {
			t.Errorf("%v: %v", c.asked, err)
		}
		turns, err := list[0].turns(context.Background(), s, "", "", false, true)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, turn := range turns {
			got = append(got, turn.program)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("peers %v asked for: %v are run, want %v", c.asked, got, c.want)
		}
	}
	if err := (&settings{peers: []string{"excel"}}).check(); err == nil {
		t.Error("a peer that there is not was not refused")
	}
}
