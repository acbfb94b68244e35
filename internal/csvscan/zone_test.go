package csvscan

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"
)

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// Instants become what package time shows of them in the zone, in whatever order they come.
func TestMoveMatchesPackageTime(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, name := range []string{"Asia/Shanghai", "America/New_York", "Europe/Lisbon", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "UTC"} {
		m := mover{zone: location(t, name)}
		w := new(Clockwork)
		for range 20_000 {
			at := time.Unix(r.Int64N(1<<33)-1<<31, r.Int64N(1e9)) // 1901 to 2174
			offset := int32(r.IntN(97)-48) * 900
			shown := at.In(m.zone)
			_, shift := shown.Zone()
			if got, want := m.move(at.UnixNano()+int64(offset)*1e9, offset, w), at.UnixNano()+int64(shift)*1e9; got != want {
				t.Fatalf("%s: %s with offset %d is moved to %d, want %d", name, at.UTC(), offset, got, want)
			}
		}
		if w.Skipped+w.Repeated > 0 {
			t.Errorf("%s: instants are never skipped or repeated, yet %+v", name, *w)
		}
	}
}

// Times of a zone's clock stay as they are; those that a change of offset skips or repeats are counted.
func TestSkippedAndRepeatedTimes(t *testing.T) {
	for _, c := range []struct {
		zone, from, to    string // every minute from one to before the other
		skipped, repeated int
	}{
		{"America/New_York", "2024-03-09 00:00", "2024-03-12 00:00", 60, 0},
		{"America/New_York", "2024-11-02 00:00", "2024-11-05 00:00", 0, 60},
		{"America/New_York", "2024-01-01 00:00", "2025-01-01 00:00", 60, 60},
		{"Australia/Lord_Howe", "2024-01-01 00:00", "2025-01-01 00:00", 30, 30},
		{"America/Sao_Paulo", "2018-11-03 12:00", "2018-11-04 12:00", 59, 0},   // at midnight, which may be a date
		{"Pacific/Apia", "2011-12-29 00:00", "2012-01-01 00:00", 24*60 - 1, 0}, // a whole day
		{"Asia/Shanghai", "2024-01-01 00:00", "2025-01-01 00:00", 0, 0},
		{"UTC", "2024-01-01 00:00", "2025-01-01 00:00", 0, 0},
	} {
		m, w := mover{zone: location(t, c.zone)}, new(Clockwork)
		at, _ := time.Parse("2006-01-02 15:04", c.from)
		to, _ := time.Parse("2006-01-02 15:04", c.to)
		for ; at.Before(to); at = at.Add(time.Minute) {
			if got := m.move(at.UnixNano(), NoOffset, w); got != at.UnixNano() {
				t.Fatalf("%s: clock time %s is moved", c.zone, at)
			}
		}
		if w.Skipped != c.skipped || w.Repeated != c.repeated {
			t.Errorf("%s, %s to %s: %d skipped and %d repeated, want %d and %d", c.zone, c.from, c.to, w.Skipped, w.Repeated, c.skipped, c.repeated)
		}
	}
}
