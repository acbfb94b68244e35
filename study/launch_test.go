package study

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// TestLaunchAsText: a launch is the same after it was written as JSON and read.
func TestLaunchAsText(t *testing.T) {
	for _, text := range []string{"", "2024-01-23", "2024-01-23 09:00:00", "2024-01-23T09:00:00+08:00", "2024-01-23T09:00:00Z", "9", "-2.5"} {
		var want, got Launch
		if err := want.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		written, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(written, &got); err != nil {
			t.Fatal(err)
		}
		if got.IsZero() != (text == "") || got.Period != want.Period || got.Numbered != want.Numbered || !got.Time.Equal(want.Time) || got.String() != want.String() ||
			(got.Location().String() == "UTC") != (want.Location().String() == "UTC") {
			t.Errorf("%q is written %s and read %+v, want %+v", text, written, got, want)
		}
	}
}

// TestNoLaunch: numbers that are no period are refused, whichever way they come.
func TestNoLaunch(t *testing.T) {
	for _, text := range []string{"nan", "inf", "-Inf", "soon", "2024-02-30"} {
		if _, err := ParseLaunch(text); err == nil || !strings.Contains(err.Error(), "is not a date") {
			t.Errorf("%q: %v", text, err)
		}
	}
	var l Launch
	if err := l.UnmarshalTOML(math.NaN()); err != nil || l.bad == nil {
		t.Errorf("TOML's nan is the launch %+v, %v", l, err)
	}
}
