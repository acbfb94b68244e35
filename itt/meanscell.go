package itt

import (
	"context"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// cell is an arm in a block.
type cell struct {
	rows     []int
	n        int     // observations: rows or, with frequency weights, their sum
	units    int     // that were assigned: observations or clusters
	mass     float64 // sum of weights
	mean     float64
	variance float64 // of the mean; NaN with fewer than two units
	df       float64 // of that variance, for errors of equal variances
	// spread is the variance of the mean, over that of an observation, for such errors.
	spread float64
}

// cell computes the mean of an arm in a block, with its design-based variance.
func (d *meansDesign) cell(ctx context.Context, y []float64, rows []int) (cell, error) {
	c := cell{rows: rows, n: len(rows), mean: math.NaN(), variance: math.NaN(), df: math.NaN()}
	if len(rows) == 0 {
		return c, ctx.Err()
	}
	values, weights := make([]float64, len(rows)), make([]float64, len(rows))
	squares, sum := 0.0, 0.0
	for i, row := range rows {
		values[i], weights[i] = y[row], 1
		if d.weights != nil {
			weights[i] = d.weights[row]
		}
		c.mass += weights[i]
		squares += weights[i] * weights[i]
		sum += weights[i] * (y[row] - y[rows[0]])
	}
	c.mean = y[rows[0]] + sum/c.mass
	c.spread = squares / c.mass / c.mass
	if d.weights != nil && d.spec.WeightKind == iv.Frequency {
		c.n = int(c.mass)
		c.spread = 1 / c.mass
	}
	if d.clusters != nil {
		return c, d.clustered(ctx, &c, values, weights)
	}
	c.units = c.n
	if c.units < 2 {
		return c, ctx.Err()
	}
	if d.spec.WeightKind == iv.Frequency {
		c.variance, c.df = c.repeated(values, weights)
	} else {
		c.variance, c.df = c.neyman(values, weights)
	}
	return c, ctx.Err()
}

// repeated is the variance of the mean of values that each stand for as many as their weight.
func (c *cell) repeated(values, weights []float64) (variance, df float64) {
	for i, v := range values {
		variance += weights[i] * (v - c.mean) * (v - c.mean)
	}
	return variance / (c.mass - 1) / c.mass, c.mass - 1
}

// neyman is the variance of a weighted mean, for equal weights s^2/n: each squared deviation over
// what is left of its variance after a mean of which it is a part. The degrees of freedom are those
// of the chi-squared variable with its mean and variance if the deviations are of independent
// normal values of equal variance: for equal weights n-1.
func (c *cell) neyman(values, weights []float64) (variance, df float64) {
	// The variance is e'De for e = (I - 1v')y with D diagonal and v the weights of sum 1. So it
	// has the trace of A = (I - v1')D(I - 1v') = D - d v' - v d' + s v v', where d is D's diagonal
	// and s its sum, and twice the trace of A A as variance.
	var s, dd, dv, vv, ddv, dvv float64
	for i, w := range weights {
		v := w / c.mass
		d := v * v / ((c.mass - w) / c.mass)
		e := values[i] - c.mean
		variance += d * e * e
		s += d
		dd += d * d
		dv += d * v
		vv += v * v
		ddv += d * d * v
		dvv += d * v * v
	}
	trace := s - 2*dv + s*vv
	square := dd + 2*dv*dv + 2*dd*vv + s*s*vv*vv - 4*ddv + 2*s*dvv - 4*s*dv*vv
	return variance, trace * trace / square
}

// clustered fills in the variance of a mean of clusters: CR2 of the regression on a constant.
func (d *meansDesign) clustered(ctx context.Context, c *cell, values, weights []float64) error {
	group := make([]float64, len(c.rows))
	seen := make(map[int32]bool)
	varies := false
	for i, row := range c.rows {
		code := d.clusters.Codes[row]
		group[i] = float64(code)
		seen[code] = true
		varies = varies || values[i] != values[0]
	}
	if c.units = len(seen); c.units < 2 {
		return nil
	}
	if !varies { // the degrees of freedom do not depend on the outcome: any other does
		for i := range values {
			values[i] = float64(i)
		}
	}
	var f data.Frame
	for name, column := range map[string][]float64{"outcome": values, "cluster": group, "weight": weights} {
		if err := f.SetFloats(name, column); err != nil {
			return err
		}
	}
	spec := iv.Spec{Outcomes: []string{"outcome"}, Cluster: []string{"cluster"}, Covariance: iv.Covariance{Kind: iv.CR2}}
	if d.weights != nil {
		spec.Weights, spec.WeightKind = "weight", d.spec.WeightKind
	}
	fits, err := iv.Estimate(ctx, &f, spec)
	if err != nil {
		return err
	}
	mean, err := fits[0].Coefficient(iv.Constant)
	if err != nil {
		return err
	}
	c.df = mean.DF
	if varies {
		c.variance = fits[0].Vcov.At(0, 0) // zero where the clusters' means are the same
	} else {
		c.variance = 0
	}
	return nil
}
