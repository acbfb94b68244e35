package iv

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
)

// column is a regressor, instrument or outcome: numbers, or the indicator of one level.
type column struct {
	name   string
	floats []float64
	codes  []int32 // in use when floats is nil
	level  int32
	// complete says that it holds numbers of which none is missing or infinite.
	complete bool
	infinite bool // whether it holds infinite numbers, in rows that may be left out
}

func (c *column) at(i int) float64 {
	if c.floats != nil {
		return c.floats[i]
	}
	if c.codes[i] == c.level {
		return 1
	}
	return 0
}

func (c *column) missing(i int) bool {
	if c.floats != nil {
		return math.IsNaN(c.floats[i])
	}
	return c.codes[i] < 0
}

// model is a Spec whose names have been looked up in a frame.
type model struct {
	spec                           Spec
	frameRows                      int
	rows                           rowList // of the frame, that the models are over
	exog, instruments, endog, outs []column
	constant                       bool
	effects, clusters              []data.Grouping
	weights                        []float64 // nil when there are none
	covariance                     Covariance
	level                          float64
}

// newModel looks up every name of the spec and refuses what contradicts itself.
func newModel(f *data.Frame, spec Spec) (*model, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	m := &model{spec: spec, frameRows: f.Len(), rows: rowsOf(f.Len(), spec.Rows), constant: !spec.NoConstant && len(spec.Absorb) == 0,
		covariance: spec.Covariance, level: spec.Level}
	if m.level == 0 {
		m.level = 0.95
	}
	if m.covariance.Kind == Default {
		m.covariance.Kind = HC1
		if len(spec.Cluster) > 0 {
			m.covariance.Kind = CR1
		}
	}
	if m.rows.n == 0 {
		message := "the frame has no rows"
		if f.Len() > 0 {
			message = fmt.Sprintf("Rows leaves out all %d rows of the frame", f.Len())
		}
		return nil, &fieldexp.Error{Op: "iv", Problem: fieldexp.NoRows,
			Message: message,
			Remedy:  []fieldexp.Hint{"check the file and the filters before the estimation"}}
	}
	var err error
	for _, list := range []struct {
		names []string
		into  *[]column
		split bool // whether text may enter, as indicators
	}{{spec.Exogenous, &m.exog, true}, {spec.Instruments, &m.instruments, true}, {spec.Endogenous, &m.endog, false}, {spec.Outcomes, &m.outs, false}} {
		for _, name := range list.names {
			if *list.into, err = m.appendColumn(*list.into, f, name, list.split); err != nil {
				return nil, err
			}
		}
	}
	for _, effect := range spec.Absorb {
		g, err := f.Group(effect[0], effect[1:]...)
		if err != nil {
			return nil, err
		}
		m.effects = append(m.effects, g)
	}
	for _, name := range spec.Cluster {
		g, err := clustering(f, name)
		if err != nil {
			return nil, err
		}
		m.clusters = append(m.clusters, g)
	}
	if spec.Weights != "" {
		if m.weights, err = f.Floats(spec.Weights); err != nil {
			return nil, err
		}
	}
	return m, m.checkValues()
}

// check refuses specs that no data could satisfy.
func (s *Spec) check() error {
	bad := func(message string, remedy fieldexp.Hint, columns ...string) error {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec, Columns: columns,
			Message: message,
			Remedy:  []fieldexp.Hint{remedy}}
	}
	if len(s.Outcomes) == 0 {
		return bad("no outcome is named", "set {Outcomes}")
	}
	role := map[string]string{}
	for _, list := range []struct {
		what  string
		names []string
	}{{"an outcome", s.Outcomes}, {"exogenous", s.Exogenous}, {"endogenous", s.Endogenous}, {"an instrument", s.Instruments}} {
		for _, n := range list.names {
			if was, twice := role[n]; twice {
				return bad(fmt.Sprintf("column %q is named twice: as %s and as %s", n, was, list.what), "give each column one role", n)
			}
			role[n] = list.what
		}
	}
	if len(s.Endogenous) > 0 && len(s.Instruments) < len(s.Endogenous) {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.UnderIdentified, Columns: s.Endogenous, Count: len(s.Instruments),
			Message: fmt.Sprintf("%d endogenous column(s) %s but %d instrument(s)", len(s.Endogenous), quoted(s.Endogenous), len(s.Instruments)),
			Remedy:  []fieldexp.Hint{"name at least as many instruments as endogenous columns in {Instruments}"}}
	}
	if len(s.Endogenous) == 0 && len(s.Instruments) > 0 {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec, Columns: s.Instruments, Message: fmt.Sprintf("instrument(s) %s but nothing endogenous", quoted(s.Instruments)),
			Remedy: []fieldexp.Hint{"name usage in {Endogenous}", "move the instruments to {Exogenous}"}}
	}
	if s.Level < 0 || s.Level >= 1 || math.IsNaN(s.Level) {
		return bad(fmt.Sprintf("a confidence level of %g", s.Level), "give a share between 0 and 1, such as 0.95")
	}
	if s.FullerAlpha < 0 || math.IsNaN(s.FullerAlpha) {
		return bad(fmt.Sprintf("a Fuller constant of %g", s.FullerAlpha), "give a positive number in {FullerAlpha}, such as 1")
	}
	named := map[string]bool{}
	for _, e := range s.Absorb {
		if len(e) == 0 {
			return bad("an absorbed effect names no column", "name the columns of each effect in {Absorb}")
		}
		if named[e.String()] {
			return bad(fmt.Sprintf("effect %s is absorbed twice", e), "name it once", e...)
		}
		named[e.String()] = true
	}
	for i, c := range s.Cluster {
		if slices.Contains(s.Cluster[:i], c) {
			return bad(fmt.Sprintf("cluster column %q is named twice", c), "name it once", c)
		}
	}
	if s.Estimator < TwoStage || s.Estimator > OLS || s.Estimator == OLS && len(s.Endogenous) > 0 {
		return bad(fmt.Sprintf("%s is not an estimator for a model with %d endogenous column(s)", s.Estimator, len(s.Endogenous)),
			"use {TwoStage}, {LIML} or {Fuller}")
	}
	if err := s.checkCovariance(); err != nil {
		return err
	}
	if len(s.Cluster) > 4 {
		return bad(fmt.Sprintf("%d clusterings", len(s.Cluster)), "cluster by at most four columns", s.Cluster...)
	}
	return nil
}

// appendColumn looks up a column of numbers or, where split allows it, makes indicators of the
// levels of a column of text but the first.
func (m *model) appendColumn(list []column, f *data.Frame, name string, split bool) ([]column, error) {
	kind, err := f.Kind(name)
	if err != nil {
		return nil, err
	}
	if kind == data.Categorical && split {
		codes, levels, err := f.Codes(name)
		if err != nil {
			return nil, err
		}
		occurs := make([]bool, len(levels))
		for i := range m.rows.n {
			if c := codes[m.rows.at(i)]; c >= 0 {
				occurs[c] = true
			}
		}
		first := slices.Index(occurs, true)
		for l, label := range levels {
			if l > first && occurs[l] {
				list = append(list, column{name: name + "=" + label, codes: codes, level: int32(l)})
			}
		}
		return list, nil
	}
	values, err := f.Floats(name)
	if err != nil {
		return nil, err
	}
	complete, err := f.Finite(name)
	if err != nil {
		return nil, err
	}
	infinite, err := f.Infinite(name)
	return append(list, column{name: name, floats: values, complete: complete, infinite: infinite}), err
}

// clustering groups rows by a column, or by the combinations of several as in "agent^week".
func clustering(f *data.Frame, name string) (data.Grouping, error) {
	columns := Effects(name)[0]
	return f.Group(columns[0], columns[1:]...)
}

// cross groups rows by the pairs of groups that occur together, numbered in the order of their first
// rows.
func cross(g, h data.Grouping) data.Grouping {
	codes := make([]int32, len(g.Codes))
	number := pairNumbers(len(g.Labels), len(h.Labels))
	var labels []string
	for i, a := range g.Codes {
		b := h.Codes[i]
		if a < 0 || b < 0 {
			codes[i] = -1
			continue
		}
		c := number(a, b, int32(len(labels)))
		if int(c) == len(labels) {
			labels = append(labels, g.Labels[a]+"^"+h.Labels[b])
		}
		codes[i] = c
	}
	return data.Grouping{Codes: codes, Labels: labels}
}

// pairNumbers looks up the number of a pair of codes below n and m, and gives it the next one when it
// is new: in a table of all pairs or, where that would be large, in a map.
func pairNumbers(n, m int) func(a, b, next int32) int32 {
	const tableLimit = 1 << 22
	if n*m > tableLimit {
		seen := make(map[int64]int32)
		return func(a, b, next int32) int32 {
			key := int64(a)*int64(m) + int64(b)
			c, ok := seen[key]
			if !ok {
				c = next
				seen[key] = c
			}
			return c
		}
	}
	table := make([]int32, n*m) // numbers from one on
	return func(a, b, next int32) int32 {
		c := &table[int(a)*m+int(b)]
		if *c == 0 {
			*c = next + 1
		}
		return *c - 1
	}
}

// checkValues refuses infinite values and weights that are not weights.
func (m *model) checkValues() error {
	for _, list := range [][]column{m.outs, m.exog, m.endog, m.instruments} {
		for _, c := range list {
			if !c.infinite {
				continue
			}
			if count, first := m.countIf(c.floats, func(v float64) bool { return math.IsInf(v, 0) }); count > 0 {
				return &fieldexp.Error{Op: "iv", Problem: fieldexp.BadValues, Columns: []string{c.name}, Count: count,
					Message: fmt.Sprintf("column %q holds %d infinite value(s), the first in row %d", c.name, count, first+1),
					Remedy:  []fieldexp.Hint{"make them missing", "derive the column again with a rule for zeros"}}
			}
		}
	}
	name := m.spec.Weights
	bad := func(what string, remedy fieldexp.Hint, test func(v float64) bool) error {
		count, first := m.countIf(m.weights, test)
		if count == 0 {
			return nil
		}
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.BadValues, Columns: []string{name}, Count: count,
			Message: fmt.Sprintf("weight column %q holds %d %s value(s), the first in row %d", name, count, what, first+1), Remedy: []fieldexp.Hint{remedy}}
	}
	return errors.Join(
		bad("negative", "give weights of zero or more, of which zero drops the row", func(v float64) bool { return v < 0 }),
		bad("infinite", "give finite weights", func(v float64) bool { return math.IsInf(v, 1) }),
		bad("fractional", "use {Analytic} weights, since frequency weights count rows",
			func(v float64) bool { return m.spec.WeightKind == Frequency && v != math.Trunc(v) }))
}

// countIf counts the rows whose values pass a test, and finds the first of them.
func (m *model) countIf(values []float64, test func(float64) bool) (count, first int) {
	if values == nil {
		return 0, 0
	}
	for i := range m.rows.n {
		if r := m.rows.at(i); test(values[r]) {
			if count == 0 {
				first = r
			}
			count++
		}
	}
	return count, first
}
