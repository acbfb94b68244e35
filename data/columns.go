package data

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/csvscan"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// Difference adds the column a - b; of two time columns, the seconds from b to a.
func (f *Frame) Difference(name, a, b string) error {
	return Derivation{Name: name, Op: OpDifference, Columns: []string{a, b}}.Apply(f)
}

// Sum adds the sum of columns, missing where one of them is.
func (f *Frame) Sum(name string, terms ...string) error {
	return Derivation{Name: name, Op: OpSum, Columns: terms}.Apply(f)
}

// Product adds the product of columns, missing where one of them is.
func (f *Frame) Product(name string, factors ...string) error {
	return Derivation{Name: name, Op: OpProduct, Columns: factors}.Apply(f)
}

// Ratio adds the column a / b. Where b is zero the ratio is missing; undefined counts those rows.
func (f *Frame) Ratio(name, a, b string) (undefined int, err error) {
	return Derivation{Name: name, Op: OpRatio, Columns: []string{a, b}}.apply(f)
}

// Log adds the natural logarithm of a column. undefined counts the values without a logarithm that
// the rule made missing.
func (f *Frame) Log(name, a string, rule LogRule) (undefined int, err error) {
	return Derivation{Name: name, Op: OpLog, Columns: []string{a}, Rule: rule}.apply(f)
}

// Indicator adds a column that is 1 where the relation of a number column to a value holds, 0 where
// it does not, and missing where the column is: Indicator("dissatisfied", "rating", LessEqual, 2).
func (f *Frame) Indicator(name, column string, compare Comparison, value float64) error {
	return Derivation{Name: name, Op: OpIndicator, Columns: []string{column}, Compare: compare, Value: value}.Apply(f)
}

// IndicatorText adds a column that is 1 where a text column equals, or does not equal, a level, or
// where a relation of a time column to a time holds; 0 where not, and missing where the column is.
func (f *Frame) IndicatorText(name, column string, compare Comparison, text string) error {
	return Derivation{Name: name, Op: OpIndicator, Columns: []string{column}, Compare: compare, Quoted: true, Text: text}.Apply(f)
}

// AsCategorical turns a column of numbers or times into text, one level for each distinct value in
// ascending order. A Categorical column stays as it is.
func (f *Frame) AsCategorical(name string) error {
	g, err := f.Group(name)
	if err != nil {
		return err
	}
	return f.SetCodes(name, g.Codes, g.Labels)
}

// AsFloat turns a text column into numbers. The error names the first row whose text is not one. A
// Float column stays as it is.
func (f *Frame) AsFloat(name string) error {
	c, err := f.column(name)
	if err != nil {
		return err
	}
	if c.kind == Float {
		return nil
	}
	codes, levels, err := f.Codes(name)
	if err != nil {
		return err
	}
	numbers := make([]float64, len(levels))
	bad := make([]bool, len(levels))
	for i, level := range levels {
		v, ok := csvscan.ParseNumber(level)
		numbers[i], bad[i] = v, !ok
	}
	values := make([]float64, len(codes))
	for i, code := range codes {
		switch {
		case code < 0:
			values[i] = math.NaN()
		case bad[code]:
			return refuse.Column("data", fieldexp.BadCell, name, int64(i+1),
				fmt.Sprintf("%q is not a number", levels[code]), "name it in {MissingValues} when reading")
		default:
			values[i] = numbers[code]
		}
	}
	return f.SetFloats(name, values)
}

// Summary describes the values of a number column.
type Summary struct {
	N       int     // values that are there
	Missing int     // values that are not
	Mean    float64 // NaN without a value
	SD      float64 // with N - 1 in the denominator; NaN with fewer than two values
	Min     float64 // NaN without a value
	Max     float64 // NaN without a value
}

// Summary describes a Float column. The mean and the standard deviation are computed in two
// passes, so that a large mean does not cost digits.
func (f *Frame) Summary(name string) (Summary, error) {
	values, err := f.Floats(name)
	if err != nil {
		return Summary{}, err
	}
	nan := math.NaN()
	s := Summary{Mean: nan, SD: nan, Min: nan, Max: nan}
	sum := 0.0
	for _, v := range values {
		if v != v {
			continue
		}
		if s.N == 0 {
			s.Min, s.Max = v, v
		}
		s.N++
		sum += v
		s.Min, s.Max = min(s.Min, v), max(s.Max, v)
	}
	s.Missing = len(values) - s.N
	if s.N == 0 {
		return s, nil
	}
	s.Mean = sum / float64(s.N)
	if s.N == 1 {
		return s, nil
	}
	var squares, rest float64
	for _, v := range values {
		if v == v {
			d := v - s.Mean
			squares += d * d
			rest += d // what rounding left in the mean
		}
	}
	s.SD = math.Sqrt(max(0, squares-rest*rest/float64(s.N)) / float64(s.N-1))
	return s, nil
}
