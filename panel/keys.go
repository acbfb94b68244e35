package panel

import (
	"fmt"
	"strconv"
	"time"

	"github.com/fieldexp/fieldexp/data"
)

// keys are the units or the periods seen so far. They are known by value, not by the code that a
// chunk of events happens to give them. One of the three sets is in use, by the kind.
type keys struct {
	kind     data.Kind
	known    bool // whether kind is
	texts    set[string]
	numbers  set[float64]
	instants set[int64]
}

func (k *keys) len() int { return len(k.texts.values) + len(k.numbers.values) + len(k.instants.values) }

// sorted lists the codes by ascending value.
func (k *keys) sorted() []int32 {
	switch k.kind {
	case data.Categorical:
		return k.texts.sorted()
	case data.Time:
		return k.instants.sorted()
	default:
		return k.numbers.sorted()
	}
}

// label names a key for people.
func (k *keys) label(code int32) string {
	switch k.kind {
	case data.Categorical:
		return k.texts.values[code]
	case data.Time:
		return instantLabel(k.instants.values[code])
	default:
		return strconv.FormatFloat(k.numbers.values[code], 'f', -1, 64)
	}
}

// instantLabel is the shortest text that shows an instant to the second.
func instantLabel(t int64) string {
	at := time.Unix(0, t).UTC()
	if t%int64(24*time.Hour) == 0 {
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateTime)
}

// absorb adds the keys of another aggregator, of the same kind, and returns their codes here.
func (k *keys) absorb(o *keys) []int32 {
	if o.known {
		k.kind, k.known = o.kind, true
	}
	switch o.kind {
	case data.Categorical:
		return k.texts.absorb(&o.texts)
	case data.Time:
		return k.instants.absorb(&o.instants)
	default:
		return k.numbers.absorb(&o.numbers)
	}
}

// write sets the column of the panel: row i has the key codes[i]. Text gets levels in sorted
// order, whatever the order in which the events came.
func (k *keys) write(f *data.Frame, name string, codes []int32, sorted []int32) error {
	switch k.kind {
	case data.Categorical:
		levels := make([]string, len(sorted))
		rank := make([]int32, len(sorted))
		for r, c := range sorted {
			levels[r] = k.texts.values[c]
			rank[c] = int32(r)
		}
		return f.SetCodes(name, gather(rank, codes), levels)
	case data.Time:
		return f.SetInstants(name, gather(k.instants.values, codes))
	default:
		return f.SetFloats(name, gather(k.numbers.values, codes))
	}
}

// gather picks values by index.
func gather[T any](values []T, at []int32) []T {
	out := make([]T, len(at))
	for i, c := range at {
		out[i] = values[c]
	}
	return out
}

// keyReader reads one chunk's column as keys.
type keyReader struct {
	keys    *keys
	kind    data.Kind
	floats  []float64
	codes   []int32
	levels  []string
	times   []int64
	cut     bool // whether instants are cut into periods
	period  Period
	current struct { // the period of the last instant: logs are mostly in order of time
		start, end int64
		code       int32
	}
}

// read opens a column of a chunk of events. Nothing is added to the keys yet.
func (k *keys) read(events *data.Frame, name string) (*keyReader, error) {
	r, err := openKey(events, name)
	if err != nil {
		return nil, err
	}
	if k.known && r.kind != k.kind {
		return nil, columnError(name, 0, fmt.Sprintf("holds %s here and %s in the events before", r.kind, k.kind),
			"name its type when reading, so that it is the same in every chunk")
	}
	r.keys = k
	switch r.kind {
	case data.Categorical:
		k.texts.makePlaces(max(1, len(r.levels)))
	case data.Time:
		k.instants.makePlaces(max(fewPlaces, 2*k.len()))
	default:
		k.numbers.makePlaces(max(fewPlaces, 2*k.len()))
	}
	return r, nil
}

// fewPlaces is how many recent numbers or instants are remembered before it is known how many there are.
const fewPlaces = 1 << 10

// openKey finds a column in a chunk of events.
func openKey(events *data.Frame, name string) (*keyReader, error) {
	r := new(keyReader)
	var err error
	if r.kind, err = events.Kind(name); err != nil {
		return r, err
	}
	switch r.kind {
	case data.Categorical:
		r.codes, r.levels, err = events.Codes(name)
	case data.Time:
		r.times, err = events.Instants(name)
	default:
		r.floats, err = events.Floats(name)
	}
	return r, err
}

// missing reports whether row i has no key.
func (r *keyReader) missing(i int) bool {
	switch r.kind {
	case data.Categorical:
		return r.codes[i] < 0
	case data.Time:
		return r.times[i] == data.MissingTime
	default:
		return r.floats[i] != r.floats[i]
	}
}

// fill sets keys[i] to the key of row from+i. It passes over negative keys; the other rows are not
// missing.
func (r *keyReader) fill(keys []int32, from int) {
	switch r.kind {
	case data.Categorical:
		for i, level := range r.codes[from:][:len(keys)] {
			if keys[i] >= 0 {
				keys[i] = r.keys.texts.codeNear(uint(level), r.levels[level])
			}
		}
	case data.Time:
		for i, t := range r.times[from:][:len(keys)] {
			if keys[i] >= 0 {
				keys[i] = r.instant(t)
			}
		}
	default:
		for i, v := range r.floats[from:][:len(keys)] {
			if keys[i] >= 0 {
				keys[i] = r.keys.numbers.codeNear(uint(int64(v)), v)
			}
		}
	}
}

// instant is the key of an instant, or of the period that holds it.
func (r *keyReader) instant(t int64) int32 {
	now := &r.current
	if t >= now.start && t < now.end {
		return now.code
	}
	if r.cut {
		now.start = r.period.Start(t)
		now.end = now.start + int64(r.period.Length())
	} else {
		now.start, now.end = t, t+1
	}
	now.code = r.keys.instants.codeNear(uint(now.start/int64(time.Hour)), now.start)
	return now.code
}
