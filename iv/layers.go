package iv

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// A layer groups rows for the passes that sum them up by level and subtract effects from them. It
// stands for one absorbed effect, or for the combinations of several that have few levels, which
// then cost no more than one.
type layer struct {
	codes  []int32
	starts []int // where the rows of each group begin, if groups are consecutive; nil otherwise
	groups int
	parts  []part
}

// part is an effect that a layer stands for: group g of the layer lies in its level of[g].
type part struct {
	effect int
	of     []int32
}

// layers finds those of the effects; the ones whose groups are consecutive come first.
func layers(ctx context.Context, effects []absorb.Effect, rows int) ([]layer, error) {
	var runs, list []layer
	var few []int // effects that are combined
	combinations := 1
	for e, effect := range effects {
		if effect.Starts != nil {
			runs = append(runs, layer{codes: effect.Codes, starts: effect.Starts, groups: effect.Levels, parts: []part{{e, upTo(effect.Levels)}}})
			continue
		}
		// A table of all combinations is to stay in a core's cache, and be small beside the rows.
		if n := combinations * effect.Levels; n <= min(1<<12, rows/64) {
			few, combinations = append(few, e), n
			continue
		}
		list = append(list, layer{codes: effect.Codes, groups: effect.Levels, parts: []part{{e, upTo(effect.Levels)}}})
	}
	if len(few) > 0 {
		joint, err := combine(ctx, effects, few)
		if err != nil {
			return nil, err
		}
		list = append(list, joint)
	}
	return append(runs, list...), nil
}

// upTo lists 0 to n-1.
func upTo(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i)
	}
	return list
}

// combine makes a layer of all combinations of the levels of some effects.
func combine(ctx context.Context, effects []absorb.Effect, places []int) (layer, error) {
	first := effects[places[0]]
	joint := layer{codes: first.Codes, groups: first.Levels, parts: []part{{places[0], upTo(first.Levels)}}}
	for _, e := range places[1:] {
		next, old := effects[e], joint.codes
		joint.codes = make([]int32, len(old))
		err := parallel.Blocks(ctx, len(old), func(from, to int) {
			for i := from; i < to; i++ {
				joint.codes[i] = old[i]*int32(next.Levels) + next.Codes[i]
			}
		})
		if err != nil {
			return joint, err
		}
		for k := range joint.parts {
			joint.parts[k].of = repeat(joint.parts[k].of, next.Levels)
		}
		joint.parts = append(joint.parts, part{e, slices.Repeat(upTo(next.Levels), joint.groups)})
		joint.groups *= next.Levels
	}
	return joint, nil
}

// repeat lists each value a number of times.
func repeat(values []int32, times int) (list []int32) {
	for _, v := range values {
		list = append(list, slices.Repeat([]int32{v}, times)...)
	}
	return list
}

// sumUp adds the values of the rows from a place on to their groups in every layer. Where the first
// layer has consecutive groups, those whose values are all zero are passed over.
func sumUp(layers []layer, from int, values []float64, into [][]float64) {
	if len(layers) == 0 {
		return
	}
	first := &layers[0]
	if first.starts == nil {
		for l := range layers {
			layers[l].scatter(from, values, into[l])
		}
		return
	}
	for g := int(first.codes[from]); len(values) > 0; g++ {
		n := min(first.starts[g+1]-from, len(values))
		if run := values[:n]; floats.Dot(run, run) != 0 {
			into[0][g] += floats.Sum(run)
			for l := range layers[1:] {
				layers[1+l].scatter(from, run, into[1+l])
			}
		}
		from, values = from+n, values[n:]
	}
}

// scatter adds the values of the rows from a place on to their groups, row by row.
func (l *layer) scatter(from int, values, into []float64) {
	for i, g := range l.codes[from : from+len(values)] {
		into[g] += values[i]
	}
}

// subtract takes what groups have from the values of the rows from a place on.
func (l *layer) subtract(from int, have, values []float64) {
	if l.starts == nil {
		for i, g := range l.codes[from : from+len(values)] {
			values[i] -= have[g]
		}
		return
	}
	for g := int(l.codes[from]); len(values) > 0; g++ {
		n := min(l.starts[g+1]-from, len(values))
		floats.AddConst(-have[g], values[:n])
		from, values = from+n, values[n:]
	}
}

// total is what the effects of the layer have together in each of its groups, given what each effect
// has by level.
func (l *layer) total(coef [][]float64) []float64 {
	if len(l.parts) == 1 {
		return coef[l.parts[0].effect]
	}
	total := make([]float64, l.groups)
	for _, p := range l.parts {
		for g, level := range p.of {
			total[g] += coef[p.effect][level]
		}
	}
	return total
}
