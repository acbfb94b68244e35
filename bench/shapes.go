package main

import (
	"bufio"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// shape is a kind of file other than the experiment's: its columns, and a function that draws its rows in order. All
// are numbers but a column "date", which is drawn as the days since firstDate.
type shape struct {
	columns func(d dataset) string
	draw    func(d dataset, rng *rand.Rand, row func(values ...float64))
}

// write writes the file of a dataset of this shape.
func (s *shape) write(d dataset, seed uint64, w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<20)
	header := s.columns(d)
	out.WriteString(header + "\n")
	date := slices.Index(strings.Split(header, ","), "date")
	var line []byte
	s.draw(d, rand.New(rand.NewPCG(seed, 0)), func(values ...float64) {
		line = line[:0]
		for i, v := range values {
			switch whole := int64(v); {
			case i == date:
				line = firstDate.AddDate(0, 0, int(v)).AppendFormat(line, time.DateOnly)
			case float64(whole) == v:
				line = strconv.AppendInt(line, whole, 10)
			default:
				line = appendDecimal(line, v, 4)
			}
			line = append(line, ',')
		}
		line[len(line)-1] = '\n'
		out.Write(line)
	})
	return out.Flush() // with the first error of all writes
}

var firstDate = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// Days, counted from the first, on which usage begins.
const (
	daysLaunch    = 180
	workersLaunch = 2
)

// launchDate is a launch as the command takes it.
func launchDate(day int) string { return firstDate.AddDate(0, 0, day).Format(time.DateOnly) }

// events are rows of units of unequal sizes, half of the units assigned, with effects of many levels that are
// not nested in the units. Where there is a unit to each row, each row is a unit of its own.
var events = &shape{
	columns: func(d dataset) string {
		return "id,day,month,issue,assigned,used,baseline,c1,c2,wt," + strings.Join(outcomes(d.outcomes), ",")
	},
	draw: func(d dataset, rng *rand.Rand, row func(...float64)) {
		sizes := make([]float64, d.clusters)
		assigned, baseline := make([]float64, d.clusters), make([]float64, d.clusters)
		for i := range sizes {
			sizes[i] = distuv.Gamma{Alpha: 1.5, Beta: 1, Src: rng}.Rand()
			assigned[i], baseline[i] = yes(rng, .5), rng.NormFloat64()
		}
		size := newCumulative(sizes)
		values := make([]float64, 10+d.outcomes)
		for r := range d.rows {
			unit := r
			if d.clusters < d.rows {
				unit = size.draw(rng)
			}
			used := assigned[unit] * yes(rng, .5)
			c1, c2 := rng.NormFloat64(), rng.NormFloat64()
			day, month, issue := float64(rng.IntN(365)), float64(rng.IntN(12)), float64(rng.IntN(40))
			copy(values, []float64{float64(unit), day, month, issue, assigned[unit], used, baseline[unit], c1, c2, .1 + 2*rng.Float64()})
			for j := range d.outcomes {
				values[10+j] = .5*baseline[unit] + .1*used + .3*c1 + rng.NormFloat64()
			}
			row(values...)
		}
	},
}

// days are units that are observed on each of 365 days but for gaps.
var days = &shape{
	columns: func(dataset) string { return "agent,date,assigned,used,baseline,c1,y1,y2" },
	draw: func(d dataset, rng *rand.Rand, row func(...float64)) {
		for agent := range d.clusters {
			assigned, baseline := yes(rng, .5), rng.NormFloat64()
			for day := range 365 {
				used := assigned * since(day, daysLaunch) * yes(rng, .5)
				y := baseline + .1*used + rng.NormFloat64()
				c1, y2 := rng.NormFloat64(), 2*y+rng.NormFloat64()
				if yes(rng, .92) == 1 {
					row(float64(agent), float64(day), assigned, used, baseline, c1, y, y2)
				}
			}
		}
	},
}

// Workers at firms, two effects with many levels: each worker in five periods, four workers to a firm. How hard the
// effects are to absorb depends on who moves where.
const (
	workerPeriods  = 5
	workersPerFirm = 4
)

var (
	// At any firm in each period: everything is linked with everything.
	workersAnywhere = workersWho(func(rng *rand.Rand, _, firms int) (at [workerPeriods]int) {
		for t := range at {
			at[t] = rng.IntN(firms)
		}
		return at
	})
	// A tenth moves once, to one of three firms close by.
	workersNearby = workersWho(func(rng *rand.Rand, _, firms int) [workerPeriods]int {
		home := rng.IntN(firms)
		return moving(rng, home, (home+1+rng.IntN(3))%firms, .1)
	})
	// Three in ten move once, to the next firm.
	workersNext = workersWho(func(rng *rand.Rand, _, firms int) [workerPeriods]int {
		home := rng.IntN(firms)
		return moving(rng, home, min(home+1, firms-1), .3)
	})
	// One worker of each firm moves, to the next firm: firms hang together as a line does.
	workersLine = workersWho(func(rng *rand.Rand, worker, firms int) [workerPeriods]int {
		home, share := worker%firms, 0.
		if worker < firms {
			share = 1
		}
		return moving(rng, home, min(home+1, firms-1), share)
	})
)

// moving is a worker's firms: with a probability, another one from some period on.
func moving(rng *rand.Rand, home, other int, probability float64) (at [workerPeriods]int) {
	move := workerPeriods
	if when := 1 + rng.IntN(workerPeriods-1); yes(rng, probability) == 1 {
		move = when
	}
	for t := range at {
		at[t] = home
		if t >= move {
			at[t] = other
		}
	}
	return at
}

func workersWho(work func(rng *rand.Rand, worker, firms int) [workerPeriods]int) *shape {
	return &shape{
		columns: func(dataset) string { return "worker,firm,date,assigned,used,c1,y1" },
		draw: func(d dataset, rng *rand.Rand, row func(...float64)) {
			firms := d.clusters / workersPerFirm
			effects := make([]float64, firms) // close firms are alike
			for f := 1; f < firms; f++ {
				effects[f] = effects[f-1] + .05*rng.NormFloat64()
			}
			for worker := range d.clusters {
				assigned, ability := yes(rng, .5), rng.NormFloat64()
				for t, firm := range work(rng, worker, firms) {
					used := assigned * since(t, workersLaunch) * yes(rng, .6)
					c1 := rng.NormFloat64() + .1*effects[firm]
					y := ability + effects[firm] + .2*used + .5*c1 + rng.NormFloat64()
					row(float64(worker), float64(firm), float64(t), assigned, used, c1, y)
				}
			}
		},
	}
}

// yes is 1 with a probability, and 0 otherwise.
func yes(rng *rand.Rand, probability float64) float64 {
	if rng.Float64() < probability {
		return 1
	}
	return 0
}

// since is 1 from a period on, and 0 before.
func since(period, launch int) float64 {
	if period >= launch {
		return 1
	}
	return 0
}
