package study

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestHoursOfGroups: with effects of days and hours of their own, groups share nothing: the effect in each is that of
// a study of its events alone. With common ones they share both, and the table says which.
func TestHoursOfGroups(t *testing.T) {
	hourly := strings.NewReplacer("launch =", "period = \"hour\"\nlaunch =",
		"column = \"y\"\ngroups", "column = \"skill\"\ngroups").Replace(logStudy)
	log := missingSome(eventLog())
	run := func(table, log string) *Output {
		out, err := runFiles(t, map[string]string{"study.toml": hourly + "[[tables]]\n" + table, "log.csv": log})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	both := run("kind = \"hetero\"\ntime_effects = \"both\"\n", log)
	with := func(effects string) int {
		return slices.IndexFunc(both.Fits, func(f Fit) bool { return f.TimeEffects == effects && f.Estimator == "2sls" })
	}
	own, common := with("group-specific"), with("common")
	if own < 0 || common < 0 {
		t.Fatalf("fits %+v, want one of each kind of time effects", both.Fits)
	}
	for group, events := range eventsByMedianSkill(t, log) {
		alone := run("kind = \"late\"\n", events)
		at := slices.IndexFunc(alone.Fits, func(f Fit) bool { return f.Estimator == "2sls" })
		got, want := both.Fits[own].Terms[group], alone.Fits[at].Terms[0]
		if math.Abs(float64(got.Estimate-want.Estimate)) > 1e-10*math.Abs(float64(want.SE)) {
			t.Errorf("%s is %v, that of a study of the group alone %v", got.Term, got.Estimate, want.Estimate)
		}
	}
	for at, hours := range map[int]string{own: "hour^" + groupColumn, common: "hour"} {
		if f := both.Fits[at]; !slices.ContainsFunc(f.Effects, func(e Effect) bool { return e.Effect == hours }) {
			t.Errorf("%s: effects %+v, want those of %s", f.TimeEffects, f.Effects, hours)
		}
	}
}

// eventsByMedianSkill cuts the log into the events of units up to the median skill, and of those above.
func eventsByMedianSkill(t *testing.T, log string) [2]string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(log), "\n")
	skillOf := func(line string) float64 {
		v, err := strconv.ParseFloat(line[strings.LastIndex(line, ",")+1:], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	units := map[string]float64{}
	for _, line := range lines[1:] {
		units[line[:strings.Index(line, ",")]] = skillOf(line)
	}
	var skills []float64
	for _, v := range units {
		skills = append(skills, v)
	}
	slices.Sort(skills)
	median := (skills[len(skills)/2-1] + skills[len(skills)/2]) / 2 // of an even number of units
	halves := [2]string{lines[0] + "\n", lines[0] + "\n"}
	for _, line := range lines[1:] {
		half := 0
		if skillOf(line) > median {
			half = 1
		}
		halves[half] += line + "\n"
	}
	return halves
}
