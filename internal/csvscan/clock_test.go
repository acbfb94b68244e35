package csvscan

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var clockLayouts = []string{
	"2006-01-02 15:04:05", "2006-01-02", "2006-01-02T15:04:05Z07:00", "02.01.2006 15:04", "20060102", "01/02/2006",
	"2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07", "2006-01-02T15:04Z07:00",
	"15:04:05 2006-01-02", "2006-01-02T15:04:05", "2006-01", "Jan 2, 2006", "2006-01-02 3:04PM", "2006-01-02 15:04:05.000",
}

// checkClock compares a clock of one layout with package time.
func checkClock(t *testing.T, layout, cell string) {
	t.Helper()
	want, wantOffset, wantOK := int64(0), int32(NoOffset), false
	if at, err := time.ParseInLocation(layout, cell, time.UTC); err == nil {
		_, shift := at.Zone()
		if want, wantOK = Nanoseconds(at.Add(time.Duration(shift) * time.Second)); strings.Contains(layout, "Z07") {
			wantOffset = int32(shift)
		}
	}
	c := NewClock([]string{layout}, nil)
	got, offset, ok := c.Parse([]byte(cell))
	if ok != wantOK || ok && (got != want || offset != wantOffset) {
		t.Fatalf("layout %q reads %q as %d, %d, %v; time.Parse gives %d, %d, %v", layout, cell, got, offset, ok, want, wantOffset, wantOK)
	}
	if len(c.fixed) == 1 {
		data := pad([]byte(cell))
		if got, offset, ok := c.at(data, 0, len(cell)); ok && (!wantOK || got != want || offset != wantOffset) {
			t.Fatalf("pattern of %q reads %q as %d, %d; time.Parse gives %d, %d, %v", layout, cell, got, offset, want, wantOffset, wantOK)
		}
	}
}

var clockSeeds = []string{
	"2024-01-23 12:34:56", "2024-02-29 23:59:59", "2023-02-29 00:00:00", "2024-13-01 00:00:00", "2024-00-10 00:00:00",
	"2024-01-32 00:00:00", "2024-01-00", "2024-01-23 24:00:00", "2024-01-23 00:60:00", "2024-01-23 00:00:60", "2024-01-23",
	"2024-1-23", "2024-01-23 1:02:03", "2024-01-23 12:34:56.789", "2024-01-23 12:34:56.1234567891", "2024-01-23 12:34:56.",
	"2024-01-23 12:34:56,5", "2024-01-23T12:34:56Z", "2024-01-23T12:34:56.25Z", "2024-01-23T12:34:56+02:00", "23.01.2024 08:15",
	"20240123", "01/02/2024", "12:34:56 2024-01-23", "1900-02-29", "2000-02-29", "1677-12-31", "1678-01-01", "2261-12-31",
	"2262-04-11 23:47:17", "2262-01-01", "9999-12-31", "0001-01-01", "", "x", "2024-01", "Jan 2, 2024", "2024-01-23 3:04PM",
	"2024-01-23T12:34:56-05:00", "2024-01-23 12:34:56-05", "2024-01-23 12:34:56+05:45", "2024-01-23T12:34:56.000000-0500",
	"2024-01-23T12:34:56+0000", "2024-01-23 12:34:56-00:00", "2024-01-23 12:34:56+24:60", "2024-01-23 12:34:56+25:00", "2024-01-23 12:34:56+5",
	"2024-01-23 12:34:56+05:", "2024-01-23 12:34:56+05:4", "2024-01-23 12:34:56+054", "2024-01-23 12:34:56-", "2024-01-23 12:34:56Z0",
	"2040-02-29 23:59:59-11", "1901-12-13T20:45:51+14:00", "2024-01-23T12:34+02:00",
	"2024-01-2a", "2024a01-23", "\xff024-01-23", "2024-01-23 12:34:5\x8a",
}

func TestClockMatchesTimeParse(t *testing.T) {
	for _, layout := range clockLayouts {
		for _, cell := range clockSeeds {
			checkClock(t, layout, cell)
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		at := time.Unix(r.Int64N(1<<34)-1<<33, r.Int64N(1e9)).UTC()
		checkClock(t, "2006-01-02 15:04:05", at.Format("2006-01-02 15:04:05"))
		checkClock(t, "2006-01-02T15:04:05Z07:00", at.Format(time.RFC3339Nano))
		checkClock(t, "2006-01-02", at.Format("2006-01-02"))
	}
}

func TestFixedLayoutsAreCompiled(t *testing.T) {
	for layout, want := range map[string]bool{
		"2006-01-02 15:04:05": true, "2006/01/02": true, "02.01.2006": true, "20060102": true, "2006-01-02 15:04:05Z07": true, "2006-01-02 15:04:05Z0700": true, "2006-01-02 15:04:05-07:00": false, "2006-01-02T15:04:05Z07:00": true,
		"2006-01": false, "2 Jan 2006": false, "2006-01-02 15:04:05.000": false, "2006-01-02Z07:00": false, "2006-01-02 03:04": false,
	} {
		if _, ok := compile(layout); ok != want {
			t.Errorf("compile(%q) = %v, want %v", layout, ok, want)
		}
	}
}

func TestFirstLayoutThatFitsCounts(t *testing.T) {
	c := NewClock([]string{"02/01/2006", "01/02/2006"}, nil)
	for cell, want := range map[string]string{"03/04/2024": "2024-04-03", "12/31/2024": "2024-12-31"} {
		ns, _, ok := c.Parse([]byte(cell))
		if got := time.Unix(0, ns).UTC().Format("2006-01-02"); !ok || got != want {
			t.Errorf("%s is read as %s, want %s", cell, got, want)
		}
	}
}

// Offsets of any form are read by one pattern, where the layouts have them all.
func TestOffsetsShareAPattern(t *testing.T) {
	c := NewClock([]string{"2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05Z07"}, nil)
	if len(c.fixed) != 1 {
		t.Fatalf("%d patterns, want 1", len(c.fixed))
	}
	want := time.Date(2024, 1, 23, 17, 23, 0, 0, time.UTC).UnixNano()
	for cell, offset := range map[string]int32{"": NoOffset, "Z": 0, "+00": 0, "-05": -18000, "-0500": -18000, "-05:00": -18000, "+05:30": 19800, "+0530": 19800, "+14:00": 50400} {
		ns, got, ok := c.Parse([]byte("2024-01-23 17:23:00" + cell))
		if !ok || ns != want || got != offset {
			t.Errorf("offset %q: %d, %d, %v, want %d, %d", cell, ns, got, ok, want, offset)
		}
	}
	for _, cell := range []string{"-5", "-050", "+05:0", "z", " Z", "+05:000", "Z05"} {
		if _, _, ok := c.Parse([]byte("2024-01-23 17:23:00" + cell)); ok {
			t.Errorf("offset %q is read", cell)
		}
	}
}

func FuzzClock(f *testing.F) {
	for i, cell := range clockSeeds {
		f.Add(uint8(i), cell)
	}
	f.Fuzz(func(t *testing.T, i uint8, cell string) {
		checkClock(t, clockLayouts[int(i)%len(clockLayouts)], cell)
	})
}
