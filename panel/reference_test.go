package panel

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
)

// event is a row of a log, for the reference below.
type event struct {
	unit  string // empty is missing
	at    int64
	y     float64
	flag  float64
	arm   float64
	level string
}

func logFrame(t tester, events []event) *data.Frame {
	var unit, level []string
	var at []int64
	var y, flag, arm []float64
	for _, e := range events {
		unit, at, y = append(unit, e.unit), append(at, e.at), append(y, e.y)
		flag, arm, level = append(flag, e.flag), append(arm, e.arm), append(level, e.level)
	}
	return frame(t, "unit", unit, "at", at, "y", y, "flag", flag, "arm", arm, "level", level)
}

var launch = time.Date(2024, 1, 4, 12, 0, 0, 0, time.UTC)

func logSpec(period Period) Spec {
	return Spec{
		Unit: "unit", Time: "at", Period: period,
		Measures: []Measure{{Column: "y"}, {Column: "y", Stat: Sum}, {Column: "y", Stat: SD}, {Column: "flag", Stat: Share},
			{Column: "y", Stat: CountObserved}, {Stat: Count}, {Column: "level", Stat: CountObserved}},
		UnitColumns: []string{"arm", "level"},
		Baselines:   []Measure{{Column: "y"}, {Column: "y", Stat: SD}, {Column: "flag", Stat: Share}},
		Launch:      launch,
	}
}

// drawLog draws a log with gaps, missing values, units and times, over about ten days. There is
// always an event before the launch.
func drawLog(t *rapid.T) []event {
	units := []string{"u1", "u2", "u10", "u3", ""}
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	events := []event{{unit: "u2", at: start, y: 1, flag: 0, arm: 2, level: "level u2"}}
	n := rapid.IntRange(0, 120).Draw(t, "events")
	for range n {
		e := event{unit: rapid.SampledFrom(units).Draw(t, "unit"), at: data.MissingTime, y: nan, flag: nan, arm: nan}
		if rapid.IntRange(0, 19).Draw(t, "no time") > 0 {
			e.at = start + int64(rapid.IntRange(0, 240*3600).Draw(t, "second"))*int64(time.Second)
		}
		if rapid.Bool().Draw(t, "rated") {
			e.y = rapid.Float64Range(-1e6, 1e6).Draw(t, "y")
		}
		if rapid.Bool().Draw(t, "flagged") {
			e.flag = float64(rapid.IntRange(0, 1).Draw(t, "flag"))
		}
		if rapid.Bool().Draw(t, "told") && e.unit != "" {
			e.arm, e.level = float64(len(e.unit)), "level "+e.unit
		}
		events = append(events, e)
	}
	return events
}

// reference aggregates by maps and two-pass formulas.
func reference(t tester, events []event, period Period) *data.Frame {
	type key struct {
		unit  string
		start int64
	}
	cells := make(map[key][]event)
	pre := make(map[string][]event)
	arm, level := make(map[string]float64), make(map[string]string)
	for _, e := range events {
		if e.unit == "" || e.at == data.MissingTime {
			continue
		}
		k := key{e.unit, time.Unix(0, e.at).UTC().Truncate(period.Length()).UnixNano()}
		cells[k] = append(cells[k], e)
		if time.Unix(0, e.at).Before(launch) {
			pre[e.unit] = append(pre[e.unit], e)
		}
		if _, ok := arm[e.unit]; !ok {
			arm[e.unit] = nan
		}
		if e.arm == e.arm {
			arm[e.unit], level[e.unit] = e.arm, e.level
		}
	}
	var order []key
	for k := range cells {
		order = append(order, k)
	}
	slices.SortFunc(order, func(a, b key) int {
		if c := strings.Compare(a.unit, b.unit); c != 0 {
			return c
		}
		return int(a.start/1e9 - b.start/1e9)
	})
	mean := func(v []float64) float64 { return total(v) / float64(len(v)) }
	sd := func(v []float64) float64 {
		if len(v) < 2 {
			return nan
		}
		var squares []float64
		centre := mean(v)
		for _, x := range v {
			squares = append(squares, (x-centre)*(x-centre))
		}
		return math.Sqrt(total(squares) / float64(len(v)-1))
	}
	y := func(e event) float64 { return e.y }
	flag := func(e event) float64 { return e.flag }
	out := make(map[string][]float64)
	add := func(name string, v float64) { out[name] = append(out[name], v) }
	var units, levels []string
	var starts []int64
	for _, k := range order {
		rows := cells[k]
		units, starts, levels = append(units, k.unit), append(starts, k.start), append(levels, level[k.unit])
		ys := observed(rows, y)
		add("arm", arm[k.unit])
		add("y", mean(ys))
		sum := total(ys)
		if len(ys) == 0 {
			sum = nan
		}
		add("sum_y", sum)
		add("sd_y", sd(ys))
		add("flag", mean(observed(rows, flag)))
		add("observed_y", float64(len(ys)))
		add("count", float64(len(rows)))
		n := 0
		for _, e := range rows {
			if e.level != "" {
				n++
			}
		}
		add("observed_level", float64(n))
		add("baseline_y", mean(observed(pre[k.unit], y)))
		add("baseline_sd_y", sd(observed(pre[k.unit], y)))
		add("baseline_flag", mean(observed(pre[k.unit], flag)))
		add("events", float64(len(rows)))
	}
	f := frame(t, "unit", units, period.column(), starts)
	columns := []any{"arm", out["arm"], "level", levels}
	for _, name := range []string{"y", "sum_y", "sd_y", "flag", "observed_y", "count", "observed_level",
		"baseline_y", "baseline_sd_y", "baseline_flag", "events"} {
		columns = append(columns, name, out[name])
	}
	for i := 0; i < len(columns); i += 2 {
		name := columns[i].(string)
		var err error
		switch v := columns[i+1].(type) {
		case []string:
			err = f.SetStrings(name, v)
		case []float64:
			err = f.SetFloats(name, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// total is the sum, rounded once.
func total(v []float64) float64 {
	s := new(big.Float).SetPrec(exactBits)
	for _, x := range v {
		s.Add(s, new(big.Float).SetFloat64(x))
	}
	rounded, _ := s.Float64()
	return rounded
}

func observed(events []event, value func(event) float64) []float64 {
	var out []float64
	for _, e := range events {
		if v := value(e); v == v {
			out = append(out, v)
		}
	}
	return out
}

// manyEvents makes a log in order of time, as logs are, in which a unit is seen on three days of
// eight, with measures m0, m1, ... of which the odd ones miss most values.
func manyEvents(t tester, rows, units, days, measures int) (*data.Frame, Spec) {
	random := rand.New(rand.NewPCG(1, 2))
	codes := make([]int32, rows)
	levels := make([]string, units)
	for u := range levels {
		levels[u] = fmt.Sprintf("W%05d", u)
	}
	when := make([]int64, rows)
	dense, sparse := make([]float64, rows), make([]float64, rows)
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	step := int64(days) * int64(24*time.Hour) / int64(rows)
	for i := range rows {
		when[i] = start + int64(i)*step
		day := int(when[i]/int64(24*time.Hour)) % 8
		codes[i] = int32(random.IntN(units))
		for (int(codes[i])*5+day*3)%8 > 2 {
			codes[i] = int32(random.IntN(units))
		}
		dense[i] = math.Exp(random.NormFloat64())
		sparse[i] = nan
		if random.IntN(100) < 15 {
			sparse[i] = float64(1 + random.IntN(5))
		}
	}
	f := frame(t, "at", when)
	if err := f.SetCodes("unit", codes, levels); err != nil {
		t.Fatal(err)
	}
	spec := Spec{Unit: "unit", Time: "at"}
	for m := range measures {
		name := fmt.Sprintf("m%d", m)
		values := dense
		if m%2 == 1 {
			values = sparse
		}
		if err := f.SetFloats(name, values); err != nil {
			t.Fatal(err)
		}
		spec.Measures = append(spec.Measures, Measure{Column: name})
	}
	return f, spec
}
