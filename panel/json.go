package panel

import (
	"encoding/json"

	"github.com/fieldexp/fieldexp/internal/document"
)

// MarshalJSON writes events, used, missing_unit, missing_period, before_launch, units, periods, cells, balanced,
// first, last, events_per_cell, periods_per_unit, measures, baselines and varying. It does not read back.
func (r Report) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Events         int64           `json:"events"`
		Used           int64           `json:"used"`
		MissingUnit    int64           `json:"missing_unit"`
		MissingPeriod  int64           `json:"missing_period"`
		BeforeLaunch   int64           `json:"before_launch"`
		Units          int             `json:"units"`
		Periods        int             `json:"periods"`
		Cells          int             `json:"cells"`
		Balanced       bool            `json:"balanced"`
		First          string          `json:"first"`
		Last           string          `json:"last"`
		EventsPerCell  Spread          `json:"events_per_cell"`
		PeriodsPerUnit Spread          `json:"periods_per_unit"`
		Measures       []MeasureReport `json:"measures"`
		Baselines      []UnitsWithout  `json:"baselines"`
		Varying        []UnitsWithout  `json:"varying"`
	}{r.Events, r.Used, r.MissingUnit, r.MissingPeriod, r.BeforeLaunch, r.Units, r.Periods, r.Cells, r.Balanced,
		r.First, r.Last,
		r.EventsPerCell, r.PeriodsPerUnit, document.List(r.Measures), document.List(r.Baselines),
		document.List(r.Varying)})
}

// MarshalJSON writes min, median and max.
func (s Spread) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Min    int64           `json:"min"`
		Median document.Number `json:"median"`
		Max    int64           `json:"max"`
	}{s.Min, document.Number(s.Median), s.Max})
}

// MarshalJSON writes name, column, observed, missing and empty_cells.
func (m MeasureReport) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name       string `json:"name"`
		Column     string `json:"column"`
		Observed   int64  `json:"observed"`
		Missing    int64  `json:"missing"`
		EmptyCells int    `json:"empty_cells"`
	}(m))
}

// MarshalJSON writes column and units.
func (u UnitsWithout) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Column string `json:"column"`
		Units  int    `json:"units"`
	}(u))
}

// MarshalJSON writes rows, units and without.
func (r BaselineReport) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Rows    int            `json:"rows"`
		Units   int            `json:"units"`
		Without []UnitsWithout `json:"without"`
	}{r.Rows, r.Units, document.List(r.Without)})
}

// MarshalJSON writes rows, first, gap and no_key.
func (r LagReport) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Rows  int `json:"rows"`
		First int `json:"first"`
		Gap   int `json:"gap"`
		NoKey int `json:"no_key"`
	}(r))
}

// MarshalJSON writes labels, cuts, units, rows, over, without and without_rows.
func (g Grouped) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Labels      []string          `json:"labels"`
		Cuts        []document.Number `json:"cuts"`
		Units       []int             `json:"units"`
		Rows        []int             `json:"rows"`
		Over        []int             `json:"over"`
		Without     int               `json:"without"`
		WithoutRows int               `json:"without_rows"`
	}{document.List(g.Labels), document.Numbers(g.Cuts), document.List(g.Units), document.List(g.Rows),
		document.List(g.Over), g.Without, g.WithoutRows})
}

// MarshalJSON writes the settings under their names in small letters with underscores, such as unit_columns; launch
// is null where there is none.
func (s Spec) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Unit         string    `json:"unit"`
		Time         string    `json:"time"`
		Period       Period    `json:"period"`
		PeriodColumn string    `json:"period_column"`
		Measures     []Measure `json:"measures"`
		UnitColumns  []string  `json:"unit_columns"`
		KeepFirst    bool      `json:"keep_first"`
		Baselines    []Measure `json:"baselines"`
		Launch       *string   `json:"launch"`
		PreColumn    string    `json:"pre_column"`
		EventCount   string    `json:"event_count"`
	}{s.Unit, s.Time, s.Period, s.PeriodColumn, document.List(s.Measures), document.List(s.UnitColumns),
		s.KeepFirst, document.List(s.Baselines),
		document.Instant(s.Launch), s.PreColumn, s.EventCount})
}

// MarshalJSON writes name, column and stat.
func (m Measure) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name   string `json:"name"`
		Column string `json:"column"`
		Stat   Stat   `json:"stat"`
	}(m))
}

// MarshalJSON writes unit, measures, time, launch (null where there is none) and pre_column.
func (s BaselineSpec) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Unit      string    `json:"unit"`
		Measures  []Measure `json:"measures"`
		Time      string    `json:"time"`
		Launch    *string   `json:"launch"`
		PreColumn string    `json:"pre_column"`
	}{s.Unit, document.List(s.Measures), s.Time, document.Instant(s.Launch), s.PreColumn})
}

// MarshalJSON writes value, unit, n and name; the function Over is left out.
func (s GroupSpec) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Value string `json:"value"`
		Unit  string `json:"unit"`
		N     int    `json:"n"`
		Name  string `json:"name"`
	}{s.Value, s.Unit, s.N, s.Name})
}

// MarshalJSON writes unit, period, columns, prefix, back, calendar and step.
func (s LagSpec) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Unit     string   `json:"unit"`
		Period   string   `json:"period"`
		Columns  []string `json:"columns"`
		Prefix   string   `json:"prefix"`
		Back     int      `json:"back"`
		Calendar bool     `json:"calendar"`
		Step     Period   `json:"step"`
	}{s.Unit, s.Period, document.List(s.Columns), s.Prefix, s.Back, s.Calendar, s.Step})
}

// MarshalText is the word for one period.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalText is the short name of the statistic.
func (s Stat) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
