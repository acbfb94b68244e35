package absorb

import (
	"context"
	"math"
	"sync"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

const (
	// iterationTolerance is the size of the residual of the equations, relative to that of the
	// column, at which conjugate gradients stop.
	iterationTolerance = 1e-13
	iterationLimit     = 20_000
)

// solveIteratively replaces the right-hand sides rhs (levels x p) by a solution of the reduced
// equations. They are singular but consistent, and any solution gives the same residuals. Size
// holds the sum of squares of each column before anything was taken out.
func (s *system) solveIteratively(ctx context.Context, rhs []float64, p int, size []float64, info *Info) error {
	info.Tolerance = iterationTolerance
	for e := range s.others {
		info.Redundant[s.place[e]] = components(s.main, s.others[e])
	}
	scale := s.totals()
	var (
		mutex sync.Mutex
		worst *NotConverged
	)
	err := parallel.For(ctx, p, func(j int) {
		b := make([]float64, s.levels)
		for l := range b {
			b[l] = rhs[l*p+j]
		}
		z, iterations, residual := s.conjugateGradients(ctx, b, scale, size[j])
		mutex.Lock()
		defer mutex.Unlock()
		info.Iterations = max(info.Iterations, iterations)
		if residual > iterationTolerance && (worst == nil || residual > worst.Residual) {
			worst = &NotConverged{Iterations: iterations, Residual: residual, Tolerance: iterationTolerance}
		}
		for l := range z {
			rhs[l*p+j] = z[l]
		}
	})
	if err != nil {
		return err
	}
	if worst != nil {
		return worst
	}
	return nil
}

// conjugateGradients solves the reduced equations for one right-hand side, preconditioned by the
// levels' weights.
func (s *system) conjugateGradients(ctx context.Context, b, scale []float64, size float64) (z []float64, iterations int, residual float64) {
	n := len(b)
	z = make([]float64, n)
	r := append([]float64(nil), b...)
	direction, image := make([]float64, n), make([]float64, n)
	means := make([]float64, s.main.Levels)
	norm := func(v []float64) (sum float64) {
		for l := range v {
			sum += v[l] * v[l] / scale[l]
		}
		return sum
	}
	if size == 0 {
		return z, 0, 0
	}
	rho, before := norm(b), 0.0
	for iterations = 0; iterations < iterationLimit && ctx.Err() == nil; iterations++ {
		if residual = math.Sqrt(rho / size); residual <= iterationTolerance {
			return z, iterations, residual
		}
		keep := 0.0
		if before > 0 {
			keep = rho / before
		}
		for l := range direction {
			direction[l] = r[l]/scale[l] + keep*direction[l]
		}
		s.apply(direction, image, means)
		curvature := 0.0
		for l := range direction {
			curvature += direction[l] * image[l]
		}
		if curvature <= 0 {
			break
		}
		step := rho / curvature
		for l := range z {
			z[l] += step * direction[l]
			r[l] -= step * image[l]
		}
		before, rho = rho, norm(r)
	}
	return z, iterations, math.Sqrt(rho / size)
}

// apply computes the reduced matrix times v.
func (s *system) apply(v, image, means []float64) {
	clear(image)
	for g, mass := range s.mass {
		levels, weights := s.within(g)
		sum := 0.0
		for i, l := range levels {
			sum += weights[i] * v[l]
		}
		means[g] = sum / mass
	}
	if len(s.others) == 1 {
		for g, mean := range means {
			levels, weights := s.within(g)
			for i, l := range levels {
				image[l] += weights[i] * (v[l] - mean)
			}
		}
		return
	}
	for i, g := range s.main.Codes {
		fitted := -means[g]
		for e, other := range s.others {
			fitted += v[s.offset[e]+int(other.Codes[i])]
		}
		fitted *= s.weightOf(i)
		for e, other := range s.others {
			image[s.offset[e]+int(other.Codes[i])] += fitted
		}
	}
}

// components counts the connected parts of two effects, where two levels are linked when a row
// holds both. Each part makes one level of the second effect redundant.
func components(a, b Effect) int {
	parent := make([]int32, a.Levels+b.Levels)
	for v := range parent {
		parent[v] = int32(v)
	}
	find := func(v int32) int32 {
		for parent[v] != v {
			parent[v] = parent[parent[v]]
			v = parent[v]
		}
		return v
	}
	count := len(parent)
	for i := range a.Codes {
		u, v := find(a.Codes[i]), find(int32(a.Levels)+b.Codes[i])
		if u != v {
			parent[u] = v
			count--
		}
	}
	return count
}
