package bootstrap

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/fieldexp/fieldexp"
)

// redraw is a plan of assignments: re-drawn at random as they were drawn, all that could have been
// drawn, or the analyst's.
type redraw struct {
	*drawn
	seed       uint64
	draws      int
	enumerated bool
	own        [][]float64 // by unit
	decks      []deck      // of each stratum; nil where there is nothing to enumerate
}

// deck is the assignments of one stratum: how many units got each value, and how many ways there are.
type deck struct {
	values []float64
	counts []int
	ways   int
}

// newRedraw enumerates where the assignments are no more than the draws asked for.
func newRedraw(d *drawn, spec *PermuteSpec) (*redraw, error) {
	r := &redraw{drawn: d, seed: spec.Seed, draws: spec.Draws}
	if spec.Own != nil {
		r.enumerated = spec.OwnAll
		return r, r.takeOwn(spec)
	}
	total := 1
	for _, units := range d.strata {
		k := newDeck(d, units, spec.Draws/total)
		if k.ways == 0 {
			return r, nil
		}
		total *= k.ways
		r.decks = append(r.decks, k)
	}
	r.enumerated, r.draws = true, total
	return r, nil
}

// newDeck counts the ways to assign a stratum; ways is 0 when they are more than limit.
func newDeck(d *drawn, units []int32, limit int) deck {
	var k deck
	for _, u := range units {
		at, seen := slices.BinarySearch(k.values, d.value[u])
		if !seen {
			k.values, k.counts = slices.Insert(k.values, at, d.value[u]), slices.Insert(k.counts, at, 0)
		}
		k.counts[at]++
	}
	k.ways = 1
	left := len(units)
	for _, count := range k.counts {
		// Binomial coefficients, along which products only grow.
		for i := range min(count, left-count) {
			k.ways = k.ways * (left - i) / (i + 1)
			if k.ways > limit {
				k.ways = 0
				return k
			}
		}
		left -= count
	}
	return k
}

// takeOwn puts the analyst's draws into the order of the units.
func (r *redraw) takeOwn(spec *PermuteSpec) error {
	columns, err := r.ownColumns(spec)
	if err != nil {
		return err
	}
	width := len(spec.OwnUnits)
	if spec.OwnUnits == nil {
		width = len(r.unit)
	}
	r.own = make([][]float64, len(spec.Own))
	found := false
	for b, draw := range spec.Own {
		if len(draw) != width {
			return bad(fieldexp.BadDesign,
				fmt.Sprintf("draw %d of your own has %d assignments, for %d units", b+1, len(draw), width),
				"give one for every unit in each draw")
		}
		r.own[b] = make([]float64, len(columns))
		for u, c := range columns {
			v := draw[c]
			if v != v || v-v != 0 {
				return bad(fieldexp.BadDesign,
					fmt.Sprintf("draw %d of your own assigns %g to unit %d", b+1, v, c+1),
					"give finite numbers")
			}
			r.own[b][u] = v
		}
		found = found || slices.Equal(r.own[b], r.value)
	}
	if spec.OwnAll && !found {
		return bad(fieldexp.BadDesign,
			fmt.Sprintf("the assignment of the data is not among the %d of your own that are said to be all", len(spec.Own)),
			"check the order of {OwnUnits}", "set {OwnAll} to false for a sample of draws")
	}
	return nil
}

// ownColumns finds the place of every unit in the analyst's draws.
func (r *redraw) ownColumns(spec *PermuteSpec) ([]int, error) {
	columns := make([]int, len(r.value))
	if spec.OwnUnits == nil {
		for i, u := range r.unit {
			if u >= 0 {
				columns[u] = i
			}
		}
		return columns, nil
	}
	place := make(map[string]int, len(spec.OwnUnits))
	for c, label := range spec.OwnUnits {
		if _, twice := place[label]; twice {
			return nil, bad(fieldexp.BadDesign,
				fmt.Sprintf("unit %q is twice among the units of your own draws", label),
				"name each unit once")
		}
		place[label] = c
	}
	for u, label := range r.labels {
		c, ok := place[label]
		if !ok {
			return nil, bad(fieldexp.BadDesign,
				fmt.Sprintf("%s %q is not among the units of your own draws", spec.Unit, label),
				"give the assignment of every unit of the frame in your draws")
		}
		columns[u] = c
	}
	return columns, nil
}

func (r *redraw) blocks() int { return (r.draws + drawBlock - 1) / drawBlock }

// bounds are the draws of a block: from..to-1.
func (r *redraw) bounds(block int) (from, to int) {
	return block * drawBlock, min((block+1)*drawBlock, r.draws)
}

// dealer draws the assignments of one block, one after the other.
type dealer struct {
	plan *redraw
	rng  *rand.Rand
	hand []float64 // the assignment drawn last, by unit
	deck []float64
	left []int
}

func (r *redraw) newDealer() *dealer {
	most := 0
	for _, units := range r.strata {
		most = max(most, len(units))
	}
	return &dealer{plan: r, hand: make([]float64, len(r.value)), deck: make([]float64, most)}
}

// start goes to the beginning of a block's random stream.
func (d *dealer) start(block int) { d.rng = rand.New(stream(d.plan.seed, uint64(block))) }

// deal returns the assignment of draw b, which stands until the next.
func (d *dealer) deal(b int) []float64 {
	switch {
	case d.plan.own != nil:
		return d.plan.own[b]
	case d.plan.enumerated:
		for s := len(d.plan.strata) - 1; s >= 0; s-- {
			ways := d.plan.decks[s].ways
			d.arrange(s, b%ways)
			b /= ways
		}
		return d.hand
	}
	for _, units := range d.plan.strata {
		deck := d.deck[:len(units)]
		for i, u := range units {
			deck[i] = d.plan.value[u]
		}
		for i, u := range units {
			j := i + d.rng.IntN(len(units)-i)
			d.hand[u] = deck[j]
			deck[j] = deck[i]
		}
	}
	return d.hand
}

// arrange deals a stratum the arrangement of the given rank in lexicographic order.
func (d *dealer) arrange(stratum, rank int) {
	deck, units := d.plan.decks[stratum], d.plan.strata[stratum]
	d.left = append(d.left[:0], deck.counts...)
	ways := deck.ways
	for i, u := range units {
		for v, count := range d.left {
			starting := ways * count / (len(units) - i) // arrangements that start with this value
			if rank >= starting {
				rank -= starting
				continue
			}
			d.hand[u] = deck.values[v]
			d.left[v]--
			ways = starting
			break
		}
	}
}
