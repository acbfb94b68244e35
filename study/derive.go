package study

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
)

// derivations reads the columns that the study file derives.
func (s *Study) derivations() ([]data.Derivation, error) {
	list := make([]data.Derivation, len(s.Derive))
	for i, text := range s.Derive {
		d, err := data.ParseDerivation(text)
		if err != nil {
			return nil, derivationError(text, err)
		}
		list[i] = d
	}
	return list, nil
}

// derivationError says which derivation cannot be read.
func derivationError(text string, err error) error {
	e := &fieldexp.Error{Op: "study", Problem: fieldexp.BadSpec, Message: strings.TrimPrefix(err.Error(), "data: "), Err: err,
		Remedy: []fieldexp.Hint{fieldexp.Hint(fmt.Sprintf("mend %q in {Derive}", text))}}
	return e
}

// deriveUnits adds to the units, if there is a file of them, the columns that are derived from theirs alone, and returns the
// other derivations, which are of events.
func (r *run) deriveUnits(derivations []data.Derivation) ([]data.Derivation, error) {
	units := r.units
	var ofEvents, ofUnits []data.Derivation
	levels := &levelCounts{what: r.study.Words.Unit}
	for _, d := range derivations {
		if units == nil || slices.ContainsFunc(d.Columns, func(c string) bool { return !units.Has(c) }) {
			ofEvents = append(ofEvents, d)
			continue
		}
		if err := r.deriveOne(units, d); err != nil {
			return nil, err
		}
		ofUnits = append(ofUnits, d)
	}
	if len(ofUnits) > 0 {
		if err := levels.add(units, ofUnits); err != nil {
			return nil, err
		}
	}
	return ofEvents, r.sayDerived(levels, ofUnits)
}

// derive adds derived columns to rows that are observations.
func (r *run) derive(frame *data.Frame, derivations []data.Derivation) error {
	levels := &levelCounts{what: "row"}
	for _, d := range derivations {
		if err := r.deriveOne(frame, d); err != nil {
			return err
		}
	}
	if err := levels.add(frame, derivations); err != nil {
		return err
	}
	return r.sayDerived(levels, derivations)
}

// deriveOne adds a column to a frame, and counts what it leaves without a logarithm.
func (r *run) deriveOne(f *data.Frame, d data.Derivation) error {
	if err := d.Apply(f); err != nil {
		return err
	}
	return addLogs(r.unlogged, f, d)
}

// addLog adds the logarithm of a column, missing at zero and below.
func addLog(f *data.Frame, name, column string) error {
	return data.Derivation{Name: name, Op: data.OpLog, Columns: []string{column}}.Apply(f)
}
