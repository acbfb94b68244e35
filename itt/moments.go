package itt

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// describe computes the moments of variables by arm, over the rows in which the columns that the
// variables' regressions share are known.
func (d *Design) describe(variables []string) ([]BalanceRow, error) {
	weights, err := d.usable()
	if err != nil {
		return nil, err
	}
	rows := make([]BalanceRow, len(variables))
	for i, name := range variables {
		values, err := d.Frame.Floats(name)
		if err != nil {
			return nil, err
		}
		rows[i] = d.describeOne(name, values, weights)
	}
	return rows, nil
}

// usable is the weight of each row, 1 without weights; 0 where assignment, a cluster, a stratum or
// the weight is missing.
func (d *Design) usable() ([]float64, error) {
	weights := make([]float64, len(d.assigned.codes))
	for i := range weights {
		weights[i] = 1
	}
	if name := d.Spec.Weights; name != "" {
		values, err := d.Frame.Floats(name)
		if err != nil {
			return nil, err
		}
		copy(weights, values)
	}
	groups := []data.Grouping{{Codes: d.assigned.codes}}
	effects := d.Spec.Absorb
	for _, name := range d.Spec.Cluster {
		effects = append(effects[:len(effects):len(effects)], iv.Effects(name)[0])
	}
	for _, effect := range effects {
		g, err := groupRows(d.Frame, effect)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	for i := range weights {
		for _, g := range groups {
			if g.Codes[i] < 0 || math.IsNaN(weights[i]) {
				weights[i] = 0
			}
		}
	}
	return weights, nil
}

// describeOne computes a variable's moments, and why it cannot be compared if it cannot.
func (d *Design) describeOne(name string, values, weights []float64) BalanceRow {
	arms := len(d.Arms)
	row := BalanceRow{Variable: name, Arms: make([]Moments, arms)}
	mass, centre, spread := make([]float64, arms), make([]float64, arms), make([]float64, arms)
	each := func(visit func(arm int32, w, v float64)) {
		for i, v := range values {
			if weights[i] > 0 && !math.IsNaN(v) {
				visit(d.assigned.codes[i], weights[i], v)
			}
		}
	}
	lowest, highest := math.Inf(1), math.Inf(-1)
	each(func(arm int32, w, v float64) {
		row.Arms[arm].N++
		mass[arm] += w
		centre[arm] += w * v
		lowest, highest = min(lowest, v), max(highest, v)
	})
	for a := range arms {
		centre[a] /= mass[a]
	}
	each(func(arm int32, w, v float64) {
		spread[arm] += w * (v - centre[arm]) * (v - centre[arm])
	})
	for a := range arms {
		m := &row.Arms[a]
		m.Mean = centre[a]
		if d.Spec.WeightKind == iv.Frequency && d.Spec.Weights != "" {
			m.N = int(mass[a])
			m.SD = math.Sqrt(spread[a] / (mass[a] - 1))
		} else {
			n := float64(m.N)
			m.SD = math.Sqrt(spread[a] / mass[a] * n / (n - 1))
		}
		row.N += m.N
		if m.N == 0 && row.Reason == "" {
			row.Reason = fmt.Sprintf("arm %s has no value", d.Arms[a].Label)
		}
	}
	if row.Reason == "" && lowest == highest {
		row.Reason = fmt.Sprintf("it is %g in every row", lowest)
	}
	for a := 1; a < arms; a++ {
		pooled := math.Sqrt((row.Arms[0].SD*row.Arms[0].SD + row.Arms[a].SD*row.Arms[a].SD) / 2)
		row.Normalized = append(row.Normalized, (row.Arms[a].Mean-row.Arms[0].Mean)/pooled)
	}
	return row
}
