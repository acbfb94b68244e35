package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Clusters whose names look like the same number are apart: case edges/07, and its twin with plain names.
func TestFitKeepsClustersApart(t *testing.T) {
	for _, file := range []string{"edges-07/id_merge.csv", "edges-07/id_merge_ref.csv"} {
		stdout, stderr := succeed(t, "fit", "--data", filepath.Join("..", "..", "study", "testdata", file), "--outcome", "y", "--assign", "z", "--cluster", "worker")
		if !strings.Contains(stdout, "(0.420)") || !strings.Contains(stdout, "16 clusters") || strings.Contains(stderr, "Warning") {
			t.Errorf("%s: %s%s", file, stdout, stderr)
		}
	}
	stdout, _ := succeed(t, "fit", "--data", filepath.Join("..", "..", "study", "testdata", "edges-07/id_merge.csv"), "--outcome", "y", "--assign", "z", "--cluster", "worker", "--type", "worker=number")
	if !strings.Contains(stdout, "(0.381)") {
		t.Errorf("clusters declared numbers: %s", stdout)
	}
}

// Times with offsets in fit: the cases discover's time_*.
func TestFitClocks(t *testing.T) {
	common := []string{"--assign", "a", "--time", "t", "--absorb", "u", "--cluster", "u", "--launch"}
	utc := `Warning: All 480 times of t are in UTC, and the launch is taken to be in UTC: for the clock of the place, name its zone in --zone, as in "America/New_York"; for UTC, "UTC".`
	for _, c := range []struct {
		file, launch string
		more         []string
		want, said   string
	}{
		{"time_iso.csv", "2024-01-23", nil, "(0.181)", ""},
		{"time_duckdb.csv", "2024-01-23", nil, "(0.181)", ""},
		{"time_polars.csv", "2024-01-23", nil, "(0.181)", ""},
		{"time_fwrite.csv", "2024-01-23", nil, "(0.193)", utc},
		{"time_fwrite.csv", "2024-01-23", []string{"--zone", "America/New_York"}, "(0.181)", ""},
		{"time_polars.csv", "2024-01-23T00:00:00-05:00", []string{"--zone", "America/New_York"}, "(0.181)", ""},
		{"time_iso.csv", "2024-01-23", []string{"--layout", "%Y-%m-%d %H:%M:%S"}, "(0.181)", ""},
		{"time_iso.csv", "2024-01-23", []string{"--layout", "YYYY-MM-DD HH:mm:ss"}, "(0.181)", ""},
	} {
		args := append([]string{"fit", "--data", filepath.Join("..", "..", "study", "testdata", "discover", c.file), "--outcome", "y"}, append(common, c.launch)...)
		stdout, stderr := succeed(t, append(args, c.more...)...)
		if !strings.Contains(stdout, c.want) || !strings.Contains(stderr, c.said) || strings.Contains(stderr, "Warning") != (c.said != "") {
			t.Errorf("%s %s %v: want %s and %q of\n%s%s", c.file, c.launch, c.more, c.want, c.said, stdout, stderr)
		}
	}
	file := filepath.Join("..", "..", "study", "testdata", "discover", "time_polars.csv")
	for _, c := range []struct{ launch, zone, want string }{
		{"2024-01-23T00:00:00-05:00", "", `the launch, 2024-01-23T00:00:00-05:00, has an offset, and times are read by the clock in their cells; write --launch without an offset, by that clock, or name the zone of the clock in --zone, as in "Asia/Shanghai"`},
		{"2024-01-23", "Shanghai", `there is no zone "Shanghai"; name --zone as in "Asia/Shanghai", "Europe/Berlin" or "UTC", or give its offset, as in "+08:00"`},
	} {
		zoned := append(slices.Clone(common), c.launch)
		if c.zone != "" {
			zoned = append(zoned, "--zone", c.zone)
		}
		status, stdout, stderr := command(append([]string{"fit", "--data", file, "--outcome", "y"}, zoned...)...)
		if status != 1 || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s in %q: status %d\n%s%s", c.launch, c.zone, status, stdout, stderr)
		}
	}
}
