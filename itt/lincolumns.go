package itt

import (
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
)

// linSample is the rows that several outcomes share: over these, controls are centred.
type linSample struct {
	rows     []bool
	outcomes []int // places in Spec.Outcomes
}

// samples groups outcomes by the rows in which nothing of their model is missing.
func (d *Design) samples() ([]*linSample, error) {
	shared, err := d.usable() // assignment, clusters and weights
	if err != nil {
		return nil, err
	}
	controls, err := knownRows(d.Frame, d.Spec.Controls)
	if err != nil {
		return nil, err
	}
	var list []*linSample
	for o, outcome := range d.Spec.Outcomes {
		rows, err := knownRows(d.Frame, []string{outcome})
		if err != nil {
			return nil, err
		}
		for i := range rows {
			rows[i] = rows[i] && controls[i] && shared[i] > 0
		}
		at := slices.IndexFunc(list, func(s *linSample) bool { return slices.Equal(s.rows, rows) })
		if at < 0 {
			at = len(list)
			list = append(list, &linSample{rows: rows})
		}
		list[at].outcomes = append(list[at].outcomes, o)
	}
	return list, nil
}

// linColumns names the regressors that Lin's estimator adds.
type linColumns struct {
	centred  []string
	products []linProduct
}

// linProduct is the product of a centred control with an arm.
type linProduct struct {
	name, centred string
	arm           int
}

func (c *linColumns) names() []string {
	list := make([]string, len(c.products))
	for i, p := range c.products {
		list[i] = p.name
	}
	return list
}

// linColumns adds the controls less their means over the rows used, and their products with the
// arms, to a frame.
func (d *Design) linColumns(frame *data.Frame, rows []bool) (*linColumns, error) {
	weights := make([]float64, len(rows))
	for i, used := range rows {
		if used {
			weights[i] = 1
		}
	}
	if name := d.Spec.Weights; name != "" {
		values, err := frame.Floats(name)
		if err != nil {
			return nil, err
		}
		for i := range weights {
			weights[i] *= values[i]
			if !rows[i] {
				weights[i] = 0
			}
		}
	}
	c := &linColumns{}
	for _, control := range d.Spec.Controls {
		columns, err := controlColumns(frame, control, rows)
		if err != nil {
			return nil, err
		}
		for _, x := range columns {
			if err := d.addProducts(frame, c, x, weights); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// namedColumn is a column with its name.
type namedColumn struct {
	name   string
	values []float64
}

// controlColumns is a control as columns of numbers: itself or, of text, the indicators of the
// levels that occur in the rows used but the first.
func controlColumns(f *data.Frame, name string, rows []bool) ([]namedColumn, error) {
	kind, err := f.Kind(name)
	if err != nil {
		return nil, err
	}
	if kind == data.Float {
		values, err := f.Floats(name)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(values, func(v float64) bool { return math.IsInf(v, 0) }); i >= 0 {
			return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadValues, Columns: []string{name}, Count: 1,
				Message: fmt.Sprintf("control %q is infinite in row %d", name, i+1), Remedy: []fieldexp.Hint{"correct the value, or mark it as missing"}}
		}
		return []namedColumn{{name, values}}, nil
	}
	codes, levels, err := f.Codes(name)
	if err != nil {
		return nil, err
	}
	occurs := make([]bool, len(levels))
	for i, code := range codes {
		if rows[i] {
			occurs[code] = true
		}
	}
	var columns []namedColumn
	first := true
	for level, label := range levels {
		if !occurs[level] {
			continue
		}
		if first {
			first = false
			continue
		}
		values := make([]float64, len(codes))
		for i, code := range codes {
			switch {
			case code < 0:
				values[i] = math.NaN()
			case int(code) == level:
				values[i] = 1
			}
		}
		columns = append(columns, namedColumn{name + "=" + label, values})
	}
	return columns, nil
}

// addProducts adds a control less its weighted mean, and the products of that with the arms.
func (d *Design) addProducts(f *data.Frame, c *linColumns, x namedColumn, weights []float64) error {
	centred := centre(x.values, weights)
	name := x.name + "_c"
	if err := setNew(f, name, centred, "rename the column"); err != nil {
		return err
	}
	c.centred = append(c.centred, name)
	for i, term := range d.Terms {
		arm, err := f.Floats(term)
		if err != nil {
			return err
		}
		product := make([]float64, len(centred))
		for row, v := range centred {
			product[row] = arm[row] * v
		}
		p := linProduct{name: term + ":" + name, centred: name, arm: i + 1}
		if err := setNew(f, p.name, product, "rename the column"); err != nil {
			return err
		}
		c.products = append(c.products, p)
	}
	return nil
}

// centre subtracts the weighted mean of values over the rows of positive weight, in two steps, so
// that what is left of a mean far from zero goes too.
func centre(values, weights []float64) []float64 {
	out := slices.Clone(values)
	for range 2 {
		mass, sum := 0.0, 0.0
		for i, w := range weights {
			if w > 0 {
				mass += w
				sum += w * out[i]
			}
		}
		for i := range out {
			out[i] -= sum / mass
		}
	}
	return out
}
