package iv_test

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// dense is a regression written out: every matrix of its definition, cluster blocks and all.
type dense struct {
	x, fitted *mat.Dense // regressors, and those fitted by the first stage
	w, u      []float64  // weights and residuals
	bread     *mat.Dense // of the fitted regressors
	outer     *mat.Dense // of the estimates: the same but for LIML and Fuller
	clusters  [][]int
}

// denseModel estimates the model with every indicator written out, as the k-class estimator of a given kappa.
func denseModel(t *testing.T, f *data.Frame, s iv.Spec, kappa float64) *dense {
	t.Helper()
	n := f.Len()
	columns := func(names []string) (list [][]float64) {
		for _, name := range names {
			list = append(list, floats(t, f, name))
		}
		return list
	}
	var effects [][]float64
	for _, e := range s.Absorb {
		g, err := f.Group(e[0])
		if err != nil {
			t.Fatal(err)
		}
		for level := range g.Labels {
			v := make([]float64, n)
			for i, c := range g.Codes {
				if int(c) == level {
					v[i] = 1
				}
			}
			effects = append(effects, v)
		}
	}
	if len(effects) == 0 {
		ones := make([]float64, n)
		for i := range ones {
			ones[i] = 1
		}
		effects = append(effects, ones)
	}
	matrix := func(lists ...[][]float64) *mat.Dense {
		var all [][]float64
		for _, l := range lists {
			all = append(all, l...)
		}
		m := mat.NewDense(n, len(all), nil)
		for j, c := range all {
			m.SetCol(j, c)
		}
		return m
	}
	exogenous := columns(s.Exogenous)
	d := &dense{x: matrix(columns(s.Endogenous), exogenous, effects), w: make([]float64, n)}
	for i := range d.w {
		d.w[i] = 1
	}
	if s.Weights != "" {
		copy(d.w, floats(t, f, s.Weights))
	}
	d.fitted = d.x
	if len(s.Endogenous) > 0 {
		z := matrix(columns(s.Instruments), exogenous, effects)
		var first mat.Dense
		first.Product(generalised(d.cross(z, z)), d.cross(z, d.x))
		d.fitted = &mat.Dense{}
		d.fitted.Mul(z, &first)
	}
	d.bread = generalised(d.cross(d.fitted, d.fitted))
	d.outer = d.bread
	load := d.fitted
	if s.Estimator == iv.LIML || s.Estimator == iv.Fuller {
		var own, fitted mat.Dense
		own.Scale(1-kappa, d.x)
		fitted.Scale(kappa, d.fitted)
		load = &mat.Dense{}
		load.Add(&own, &fitted)
		d.outer = generalised(d.cross(load, d.x))
	}
	y := mat.NewDense(n, 1, append([]float64(nil), floats(t, f, s.Outcomes[0])...))
	var b, on mat.Dense
	b.Mul(d.outer, d.cross(load, y))
	on.Mul(d.x, &b)
	y.Sub(y, &on)
	d.u = mat.Col(nil, 0, y)
	g, err := f.Group(s.Cluster[0])
	if err != nil {
		t.Fatal(err)
	}
	d.clusters = make([][]int, len(g.Labels))
	for i, c := range g.Codes {
		d.clusters[c] = append(d.clusters[c], i)
	}
	return d
}

// cross is a'Wb.
func (d *dense) cross(a, b *mat.Dense) *mat.Dense {
	var c mat.Dense
	c.Product(a.T(), mat.NewDiagDense(len(d.w), d.w), b)
	return &c
}

// power is a power of a symmetric positive semi-definite matrix over the directions in which it is
// not zero.
func power(a mat.Matrix, p, zero float64) *mat.Dense {
	n, _ := a.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	eigen.Factorize(s, true)
	var vectors, result mat.Dense
	eigen.VectorsTo(&vectors)
	values := eigen.Values(nil)
	for i, v := range values {
		values[i] = 0
		if v > zero {
			values[i] = math.Pow(v, p)
		}
	}
	result.Product(&vectors, mat.NewDiagDense(n, values), vectors.T())
	return &result
}

func generalised(a *mat.Dense) *mat.Dense { return power(a, -1, 1e-8*mat.Norm(a, 2)) }

// contrasts are the rows p_gs of the contrasts' estimates as sums over clusters of p_gs'u, and
// the covariance of p_gs'e over clusters g, h and contrasts s, t, for errors e of the working
// model.
func (d *dense) contrasts(kind iv.CovarianceKind, working iv.WorkingModel, first int) (estimates *mat.Dense, p [][][][]float64) {
	n, k := d.fitted.Dims()
	target := mat.NewDense(n, n, nil) // covariance of errors
	for i, w := range d.w {
		target.Set(i, i, 1)
		if working == iv.InverseWeights {
			target.Set(i, i, 1/w)
		}
	}
	weights := mat.NewDiagDense(n, d.w)
	var hat, maker mat.Dense // I - H
	hat.Product(d.fitted, d.bread, d.fitted.T(), weights)
	maker.Sub(mat.DenseCopyOf(mat.NewDiagDense(n, ones(n))), &hat)
	var spread mat.Dense // covariance of residuals
	spread.Product(&maker, target, maker.T())
	estimates = mat.NewDense(len(d.clusters), first, nil)
	combos := make([]*mat.Dense, len(d.clusters)) // first x n: the cluster's p_g
	for g, rows := range d.clusters {
		m := len(rows)
		block := func(a mat.Matrix) *mat.Dense {
			b := mat.NewDense(m, m, nil)
			for i, r := range rows {
				for j, c := range rows {
					b.Set(i, j, a.At(r, c))
				}
			}
			return b
		}
		adjust := mat.DenseCopyOf(mat.NewDiagDense(m, ones(m)))
		switch kind {
		case iv.CR2: // D (D^-1 B D^-1)^(-1/2) D^-1 with DD the errors' covariance
			root, back := power(block(target), 0.5, 0), power(block(target), -0.5, 0)
			var inner mat.Dense
			inner.Product(back, block(&spread), back)
			adjust.Product(root, power(&inner, -0.5, 1e-9), back)
		case iv.CR3: // (I - H_gg)^-1, by way of the symmetric W^(1/2) (I - H_gg) W^(-1/2)
			half, back := mat.NewDiagDense(m, nil), mat.NewDiagDense(m, nil)
			for i, r := range rows {
				half.SetDiag(i, math.Sqrt(d.w[r]))
				back.SetDiag(i, 1/math.Sqrt(d.w[r]))
			}
			var inner mat.Dense
			inner.Product(half, block(&maker), back)
			adjust.Product(back, power(&inner, -1, 1e-9), half)
		}
		z := mat.NewDense(first, n, nil)
		var left mat.Dense
		scores := mat.NewDense(k, m, nil)
		for i, r := range rows {
			for j := range k {
				scores.Set(j, i, d.fitted.At(r, j)*d.w[r])
			}
		}
		left.Product(d.outer.Slice(0, first, 0, k), scores, adjust)
		for i, r := range rows {
			for j := range first {
				z.Set(j, r, left.At(j, i))
				estimates.Set(g, j, estimates.At(g, j)+left.At(j, i)*d.u[r])
			}
		}
		combos[g] = &mat.Dense{}
		combos[g].Mul(z, &maker)
	}
	p = make([][][][]float64, len(combos))
	for g := range combos {
		p[g] = make([][][]float64, len(combos))
		for h := range combos {
			var c mat.Dense
			c.Product(combos[g], target, combos[h].T())
			for s := range first {
				p[g][h] = append(p[g][h], mat.Row(nil, s, &c))
			}
		}
	}
	return estimates, p
}

func ones(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = 1
	}
	return v
}

// TestCorrectedAgainstDefinition compares standard errors, degrees of freedom and the joint test
// with their definitions, matrices of all rows and all.
func TestCorrectedAgainstDefinition(t *testing.T) {
	f := smallFrame(t, 41, 90, 8)
	for name, s := range smallModels() {
		if s.WeightKind == iv.Frequency {
			continue
		}
		for _, effects := range [][]string{nil, {"agent"}, {"day"}, {"topic", "agent", "hour"}} {
			for _, working := range []iv.WorkingModel{iv.EqualVariances, iv.InverseWeights} {
				for _, kind := range []iv.CovarianceKind{iv.CR0, iv.CR2, iv.CR3} {
					s := s
					s.Outcomes, s.Cluster, s.KeepSingletons, s.Absorb = []string{"y"}, []string{"agent"}, true, iv.Effects(effects...)
					s.Covariance = iv.Covariance{Kind: kind, DF: iv.DFSatterthwaite, Working: working}
					compareDefinition(t, fmt.Sprintf("%s with effects %v, %v for %v", name, effects, kind, working), f, s)
				}
			}
		}
	}
}

func compareDefinition(t *testing.T, what string, f *data.Frame, s iv.Spec) {
	t.Helper()
	res := estimate(t, f, s)
	names := slopes(res)
	first := len(names)
	sums, p := denseModel(t, f, s, res.Kappa).contrasts(s.Covariance.Kind, s.Covariance.Working, first)
	groups := len(p)
	var v mat.SymDense
	v.SymOuterK(1, sums.T())
	mean := mat.NewDense(first, first, nil)
	for g := range p {
		for a := range first {
			for b := range first {
				mean.Set(a, b, mean.At(a, b)+p[g][g][a][b])
			}
		}
	}
	// Standardised by the root of the mean, its total variance gives the joint test's degrees.
	root := power(mean, -0.5, 0)
	total := 0.0
	for g := range groups {
		for h := range groups {
			block := mat.NewDense(first, first, nil)
			for a := range first {
				block.SetRow(a, p[g][h][a])
			}
			var b mat.Dense
			b.Product(root, block, root)
			for s := range first {
				for u := range first {
					total += b.At(s, u)*b.At(u, s) + b.At(s, s)*b.At(u, u)
				}
			}
		}
	}
	for j, name := range names {
		c := coefficient(t, res, name)
		near(t, what+": standard error of "+name, c.SE, math.Sqrt(v.At(j, j)), 1e-7, 0)
		squares := 0.0
		for g := range groups {
			for h := range groups {
				squares += p[g][h][j][j] * p[g][h][j][j]
			}
		}
		near(t, what+": degrees of freedom of "+name, c.DF, mean.At(j, j)*mean.At(j, j)/squares, 1e-7, 0)
	}
	test, err := res.WaldZero(names...)
	if err != nil {
		t.Fatal(err)
	}
	nu := float64(first*(first+1)) / total
	near(t, what+": degrees of freedom of the joint test", test.DF2, nu-float64(first)+1, 1e-7, 0)
}
