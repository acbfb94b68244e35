package bootstrap

import (
	"context"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// project finds columns that span the controls and effects, and the slopes of the targets on them.
func (p *permutePass) project(ctx context.Context) error {
	k := p.columns()
	grams, rights := make([][]float64, len(p.chunks)-1), make([][]float64, len(p.chunks)-1)
	sums, err := p.byLevel(ctx, k, func(c, from, to int, sums []float64) {
		gram, right := make([]float64, k*k), make([]float64, k*p.targets)
		var row rowColumns
		for i := from; i < to; i++ {
			e := int(p.main.of[i])
			floats.Sub(p.values[i*p.width:(i+1)*p.width], p.left[e*p.width:(e+1)*p.width])
			p.load(i, &row)
			targets, into := p.targetsOf(i), sums[e*k:(e+1)*k]
			for a, j := range row.index {
				v := p.w[i] * row.value[a]
				into[j] += v
				for b, l := range row.index[:a+1] {
					gram[j*k+l] += v * row.value[b]
				}
				for t, y := range targets {
					right[j*p.targets+t] += v * y
				}
			}
		}
		grams[c], rights[c] = gram, right
	})
	if err != nil {
		return err
	}
	gram, right := added(grams), added(rights)
	raw := make([]float64, k)
	for j := range k {
		raw[j] = gram[j*k+j]
	}
	copy(raw[k-p.numeric:], p.scale)
	if err := p.centre(ctx, gram, sums, k); err != nil {
		return err
	}
	inverse, spanned := absorb.Inverse(gram, k, raw)
	p.keep(inverse, spanned, sums)
	p.findSlopes(right)
	return nil
}

// added is the sum of the chunks' numbers, in order.
func added(parts [][]float64) []float64 {
	for _, part := range parts[1:] {
		floats.Add(parts[0], part)
	}
	return parts[0]
}

// centre takes the means in the levels of the main effect out of the columns' products.
func (p *permutePass) centre(ctx context.Context, gram, sums []float64, k int) error {
	return parallel.For(ctx, k, func(j int) {
		for e, mass := range p.mass {
			s := sums[e*k : (e+1)*k]
			if s[j] != 0 {
				floats.AddScaled(gram[j*k:j*k+j+1], -s[j]/mass, s[:j+1])
			}
		}
	})
}

// keep renumbers the columns that are not spanned by others.
func (p *permutePass) keep(inverse []float64, spanned []bool, sums []float64) {
	all := len(spanned)
	for j, s := range spanned {
		p.kept[j] = -1
		if !s {
			p.kept[j] = p.k
			p.k++
		}
	}
	p.ginv = make([]float64, p.k*p.k)
	p.means = make([]float64, p.main.count*p.k)
	for j, a := range p.kept {
		if a < 0 {
			continue
		}
		for l, b := range p.kept {
			if b >= 0 {
				p.ginv[a*p.k+b] = inverse[j*all+l]
			}
		}
		for e := range p.main.count {
			p.means[e*p.k+a] = sums[e*all+j] / p.mass[e]
		}
	}
}

// findSlopes computes the slopes of the targets on the columns that are kept, and the means of what these fit.
func (p *permutePass) findSlopes(right []float64) {
	p.slopes = make([]float64, p.k*p.targets)
	for j, a := range p.kept {
		if a < 0 {
			continue
		}
		for b := range p.k { // the inverse is symmetric
			floats.AddScaled(p.slopes[b*p.targets:(b+1)*p.targets], p.ginv[a*p.k+b], right[j*p.targets:(j+1)*p.targets])
		}
	}
	p.fits = make([]float64, p.main.count*p.targets)
	multiply(p.means, p.k, p.slopes, p.fits, p.targets)
}

// sumUnits takes the columns out of the targets, and computes the sums by unit.
func (p *permutePass) sumUnits(ctx context.Context) error {
	units := p.unit.count
	p.qq, p.q = make([]float64, units), make([]float64, units)
	p.v, p.y = make([]float64, units*p.k), make([]float64, units*p.targets)
	p.around = make([]int32, units)
	inLevel := make([]float64, p.main.count) // of an inner effect: the sum of w q
	of := make([]int32, p.main.count)
	err := p.each(ctx, func(_, from, to int) {
		var row rowColumns
		for i := from; i < to; i++ {
			g, e := int(p.unit.of[i]), int(p.main.of[i])
			q := p.post[i]
			wq := p.w[i] * q
			p.q[g] += wq
			p.qq[g] += wq * q
			p.around[g] = int32(e)
			if p.inner {
				inLevel[e] += wq
				of[e] = int32(g)
			}
			p.load(i, &row)
			targets := p.targetsOf(i)
			floats.Add(targets, p.fits[e*p.targets:(e+1)*p.targets])
			for a, j := range row.index {
				p.v[g*p.k+j] += wq * row.value[a]
				floats.AddScaled(targets, -row.value[a], p.slopes[j*p.targets:(j+1)*p.targets])
			}
			floats.AddScaled(p.y[g*p.targets:(g+1)*p.targets], wq, targets)
		}
	})
	if err != nil {
		return err
	}
	minus := func(g int32, e int, by float64) {
		floats.AddScaled(p.v[int(g)*p.k:int(g+1)*p.k], -by, p.means[e*p.k:(e+1)*p.k])
	}
	if p.inner {
		for e, wq := range inLevel {
			p.qq[of[e]] -= wq * wq / p.mass[e]
			minus(of[e], e, wq)
		}
		return nil
	}
	for g, e := range p.around {
		minus(int32(g), int(e), p.q[g])
	}
	return nil
}
