package study

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strconv"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	words "github.com/fieldexp/fieldexp/internal/refuse"
	"github.com/fieldexp/fieldexp/panel"
)

// Columns of the units that the study measures.
const groupColumn = "baseline group"

func beforeOf(column string) string  { return column + " before the launch" }
func afterOf(column string) string   { return column + " after the launch" }
func nBeforeOf(column string) string { return "number of " + beforeOf(column) }
func nAfterOf(column string) string  { return "number of " + afterOf(column) }

// open opens a data file, which lies beside the study file, and returns its name for people. The manifest of the output
// will list it.
func (r *run) open(ctx context.Context, name string) (io.ReadCloser, string, error) {
	s := r.study
	shown := name
	if s.file != "" && !path.IsAbs(name) {
		shown = path.Join(path.Dir(s.file), name)
	}
	open := s.openFile
	if open == nil {
		open = func(name string) (fs.File, error) { return os.Open(name) }
	}
	file, err := opening(ctx, func() (fs.File, error) { return open(name) })
	if ctx.Err() != nil {
		return nil, shown, ctx.Err()
	}
	if err != nil {
		problem, remedy := "cannot be opened: "+reasonOf(err).Error(), fieldexp.Hint("check the name; data files are looked for beside the study file")
		switch {
		case errors.Is(err, fs.ErrNotExist):
			problem = "there is no such file"
		case errors.Is(err, fs.ErrPermission):
			remedy = "ask for leave to read it"
		}
		if s.file == "" && !errors.Is(err, fs.ErrPermission) {
			remedy = "check the name"
		}
		return nil, shown, &fieldexp.Error{Op: "study", Problem: fieldexp.BadFile, Source: shown, Message: problem, Remedy: []fieldexp.Hint{remedy}, Err: err}
	}
	in := newInput(name, file, r.opt.Unsaved)
	in.stop = context.AfterFunc(ctx, func() { file.Close() }) // which ends the wait for a pipe
	r.out.inputs = append(r.out.inputs, in)
	return in.reader(), shown, nil
}

// readUnits reads the file of units; nil where the study names none.
func (r *run) readUnits(ctx context.Context) (*data.Frame, error) {
	s := r.study
	if s.Data.Units == "" {
		return nil, nil
	}
	file, name, err := r.open(ctx, s.Data.Units)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	opt, err := s.readOptions(r.watch.report)
	if err != nil {
		return nil, err
	}
	derivations, err := s.derivations()
	if err != nil {
		return nil, err
	}
	opt.Types[s.Data.Key] = s.keyKind(opt.Types)
	opt.Keys = s.identifiers(derivations)
	units, err := data.ReadCSVFrom(ctx, file, name, opt)
	if err != nil {
		return nil, err
	}
	if err := r.watch.check(units, name); err != nil {
		return nil, err
	}
	keys, err := units.Group(s.Data.Key)
	if err != nil {
		return nil, err
	}
	first := make(map[int32]int, len(keys.Labels))
	for i, c := range keys.Codes {
		refuseKey := func(predicate string, remedy fieldexp.Hint) error {
			e := words.Column("study", fieldexp.BadKey, s.Data.Key, int64(i)+1, predicate, remedy)
			e.Source = name
			return e
		}
		if c < 0 {
			return nil, refuseKey("is missing", "name the unit in every row of the file of units")
		}
		if other, twice := first[c]; twice {
			return nil, refuseKey(fmt.Sprintf("%s has a row already, row %d", keys.Labels[c], other+1), "keep one row for each unit")
		}
		first[c] = i
	}
	if s.Data.Key == s.Roles.Unit {
		return units, nil
	}
	rows := make([]int, units.Len())
	for i := range rows {
		rows[i] = i
	}
	return units, copyColumnAs(units, s.Roles.Unit, units, s.Data.Key, rows)
}

// addHalves adds to the units what was measured of each before and after the launch, and makes the
// units of the events where there is no file of them.
func (r *run) addHalves(sums *panel.Aggregator) error {
	f, _, err := sums.Frame()
	if err != nil {
		return err
	}
	if r.units == nil {
		if r.units, err = oneRowPerUnit(f, r.study.Roles.Unit); err != nil {
			return err
		}
	}
	rows, err := r.join(f)
	if err != nil {
		return err
	}
	if err := r.noteStrangers(f, rows); err != nil {
		return err
	}
	after, err := f.Floats(afterLaunch)
	if err != nil {
		return err
	}
	// Row i of f is unit rows[i]; the other way round, by half.
	either, half := r.noRows(), [2][]int{r.noRows(), r.noRows()}
	for i, u := range rows {
		if u >= 0 {
			either[u], half[int(after[i])][u] = i, i
		}
	}
	events, err := f.Floats(eventCount)
	if err != nil {
		return err
	}
	for _, n := range take(events, half[0], 0) {
		r.eventsBefore += int(n)
	}
	r.observed = make([]bool, r.units.Len())
	for u, i := range either {
		r.observed[u] = i >= 0
	}
	for _, c := range r.plan.fixed {
		if err := copyColumn(r.units, f, c, either); err != nil {
			return err
		}
	}
	for _, m := range r.plan.halves {
		values, err := f.Floats(columnOf(m))
		if err != nil {
			return err
		}
		names, none := [2]string{beforeOf(m.Column), afterOf(m.Column)}, missing
		if m.Stat == panel.CountObserved {
			names, none = [2]string{nBeforeOf(m.Column), nAfterOf(m.Column)}, 0
		}
		for h, name := range names {
			if err := r.units.SetFloats(name, take(values, half[h], none)); err != nil {
				return err
			}
		}
	}
	return nil
}

// noRows says of every unit that it has no row.
func (r *run) noRows() []int {
	rows := make([]int, r.units.Len())
	for i := range rows {
		rows[i] = -1
	}
	return rows
}

// oneRowPerUnit makes a frame of the units that occur in another.
func oneRowPerUnit(f *data.Frame, unit string) (*data.Frame, error) {
	group, err := f.Group(unit)
	if err != nil {
		return nil, err
	}
	var first []int
	seen := make([]bool, len(group.Labels))
	for i, c := range group.Codes {
		if !seen[c] {
			seen[c] = true
			first = append(first, i)
		}
	}
	units := new(data.Frame)
	return units, copyColumn(units, f, unit, first)
}

// addGroups cuts the units into groups of their baseline.
func (r *run) addGroups() error {
	b := r.study.Baseline
	if b.Column == "" {
		return nil
	}
	if done, err := groupsOfValues(r.units, r.baselineColumn()); done || err != nil {
		return err
	}
	spec := panel.GroupSpec{Value: r.baselineColumn(), N: b.Groups, Name: groupColumn}
	if r.study.crossSection() {
		spec.Unit = r.study.Roles.Unit
	}
	if b.Over == "controls" {
		arm, err := r.armOf(r.units)
		if err != nil {
			return err
		}
		spec.Over = func(row int) bool { return arm[row] == 0 }
	}
	var err error
	r.groups, err = panel.Groups(r.units, spec)
	return err
}

// groupsOfValues makes groups of the values of a column, where they are text, or numbers of which there are two.
func groupsOfValues(f *data.Frame, column string) (done bool, err error) {
	kind, err := f.Kind(column)
	if err != nil {
		return false, err
	}
	if kind == data.Categorical {
		codes, levels, err := f.Codes(column)
		if err != nil {
			return false, err
		}
		codes, levels = inOrder(codes, levels)
		return true, f.SetCodes(groupColumn, codes, levels)
	}
	if kind != data.Float {
		return false, nil
	}
	values, err := f.Floats(column)
	if err != nil {
		return false, err
	}
	low, high := missing, missing
	for _, v := range values {
		switch {
		case math.IsNaN(v) || v == low || v == high:
		case math.IsNaN(low):
			low = v
		case math.IsNaN(high):
			high = v
		default:
			return false, nil
		}
	}
	if math.IsNaN(high) {
		return false, nil
	}
	low, high = min(low, high), max(low, high)
	codes := make([]int32, len(values))
	for i, v := range values {
		switch {
		case math.IsNaN(v):
			codes[i] = -1
		case v == high:
			codes[i] = 1
		}
	}
	return true, f.SetCodes(groupColumn, codes, []string{
		column + "=" + strconv.FormatFloat(low, 'g', -1, 64), column + "=" + strconv.FormatFloat(high, 'g', -1, 64)})
}

// inOrder puts the levels of codes in the order of their names, so that the order of rows does not matter.
func inOrder(codes []int32, levels []string) ([]int32, []string) {
	sorted := slices.Clone(levels)
	slices.SortFunc(sorted, brief.CompareLevels)
	place := make(map[string]int32, len(levels))
	for i, level := range sorted {
		place[level] = int32(i)
	}
	moved := make([]int32, len(codes))
	for i, c := range codes {
		moved[i] = -1
		if c >= 0 {
			moved[i] = place[levels[c]]
		}
	}
	return moved, sorted
}

// baselineColumn is the column of the units that groups are cut from.
func (r *run) baselineColumn() string {
	if c := r.study.Baseline.Column; r.plan.ofUnit(c) {
		return c
	}
	return beforeOf(r.study.Baseline.Column)
}

// groupLabels are the names of the groups, in their order.
func (r *run) groupLabels() []string {
	if r.groups != nil {
		return r.groups.Labels
	}
	_, levels, err := r.cells[r.study.period()].Codes(groupColumn)
	if err != nil {
		return nil // there are no groups
	}
	return levels
}
