package coverage

import (
	"context"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/random"
	"github.com/fieldexp/fieldexp/iv"
)

const (
	// within is the correlation of the errors of two rows of a cluster.
	within = 0.25
	// endogeneity is the correlation of the errors of outcome and usage.
	endogeneity = 0.9
	// uneven is the standard deviation, as a share of the first stage, of what assignment does to the
	// usage of clusters where effects vary.
	uneven = 0.3
)

// purpose keeps the streams of a design apart.
type purpose uint64

const (
	forAssignment purpose = iota + 1
	forErrors
	forTests
)

// stream is the random stream of one replication or batch of a design.
func stream(seed uint64, d Design, p purpose, index int) *rand.Rand {
	key := random.Mix(seed ^ random.Mix(d.key()+uint64(p)))
	return rand.New(random.Source(random.Mix(key ^ random.Mix(uint64(index)))))
}

// batch is the clusters and the assignment that its replications share.
type batch struct {
	Design
	cluster  []int32 // of each row
	rows     []int   // of each cluster
	assigned []bool  // each cluster
	seed     uint64  // of the tests' own draws
}

// newBatch draws the assignment of batch number index.
func newBatch(seed uint64, d Design, index int) *batch {
	b := &batch{Design: d, rows: d.Sizes.rows(d.Clusters), assigned: make([]bool, d.Clusters), seed: stream(seed, d, forTests, index).Uint64()}
	for g, n := range b.rows {
		for range n {
			b.cluster = append(b.cluster, int32(g))
		}
	}
	for _, g := range stream(seed, d, forAssignment, index).Perm(d.Clusters)[:d.Treated] {
		b.assigned[g] = true
	}
	return b
}

// frame is the columns that the replications share.
func (b *batch) frame() (*data.Frame, error) {
	f := &data.Frame{}
	z := make([]float64, len(b.cluster))
	labels := make([]string, b.Clusters)
	for g := range labels {
		labels[g] = strconv.Itoa(g + 1)
	}
	for i, g := range b.cluster {
		if b.assigned[g] {
			z[i] = 1
		}
	}
	if err := f.SetFloats(assignmentColumn, z); err != nil {
		return nil, err
	}
	return f, f.SetCodes(clusterColumn, b.cluster, labels)
}

// effective is the number of effective clusters of assignment's coefficient, which the outcome does not
// matter for.
func (b *batch) effective(ctx context.Context) (float64, error) {
	f, err := b.frame()
	if err != nil {
		return 0, err
	}
	y := make([]float64, len(b.cluster))
	for i := range y {
		y[i] = float64(i * i % 7)
	}
	if err := f.SetFloats(outcomeColumn, y); err != nil {
		return 0, err
	}
	fits, err := iv.Estimate(ctx, f, iv.Spec{Outcomes: []string{outcomeColumn}, Exogenous: []string{assignmentColumn},
		Cluster: []string{clusterColumn}, Covariance: iv.Covariance{Kind: iv.CR2}})
	if err != nil {
		return 0, err
	}
	return fits[0].EffectiveClusters(assignmentColumn)
}

// outcome draws an outcome that assignment does not move on average.
func (b *batch) outcome(r *rand.Rand) []float64 {
	y := make([]float64, len(b.cluster))
	shock := b.shocks(r)
	if b.Varying {
		for g, effect := range b.shocks(r) {
			if b.assigned[g] {
				shock[g] += effect / math.Sqrt(within)
			}
		}
	}
	for i, g := range b.cluster {
		y[i] = shock[g] + math.Sqrt(1-within)*r.NormFloat64()
	}
	return y
}

// shocks draws what the errors of each cluster have in common.
func (b *batch) shocks(r *rand.Rand) []float64 {
	list := make([]float64, b.Clusters)
	for g := range list {
		list[g] = math.Sqrt(within) * r.NormFloat64()
	}
	return list
}

// used draws usage and an outcome that usage does not move on average: over what assignment makes
// clusters use, the effects of usage have a mean of zero.
func (b *batch) used(r *rand.Rand) (y, d []float64) {
	n := len(b.cluster)
	y, d = make([]float64, n), make([]float64, n)
	u, v := b.shocks(r), b.shocks(r)
	first := b.firstStage()
	move, effect := make([]float64, b.Clusters), make([]float64, b.Clusters)
	for g := range move {
		move[g] = first
		if b.Varying {
			// Clusters that assignment moves more gain more.
			a := r.NormFloat64()
			move[g], effect[g] = first*(1+uneven*a), a-uneven
		}
	}
	own := math.Sqrt(1 - endogeneity*endogeneity)
	for i, g := range b.cluster {
		e, f := r.NormFloat64(), r.NormFloat64()
		d[i] = v[g] + math.Sqrt(1-within)*f
		if b.assigned[g] {
			d[i] += move[g]
		}
		y[i] = effect[g]*d[i] + endogeneity*v[g] + own*u[g] + math.Sqrt(1-within)*(endogeneity*f+own*e)
	}
	return y, d
}

// firstStage is the mean effect of assignment on usage that has a population F of b.F: its square is F
// times the variance of the difference in means, to which uneven effects add in proportion to it.
func (b *batch) firstStage() float64 {
	var rows, variance, squares [2]float64
	for g, n := range b.rows {
		size, arm := float64(n), 0
		if b.assigned[g] {
			arm = 1
		}
		rows[arm] += size
		squares[arm] += size * size
		variance[arm] += size*size*within + size*(1-within)
	}
	fixed := variance[0]/(rows[0]*rows[0]) + variance[1]/(rows[1]*rows[1])
	spread := 0.0
	if b.Varying {
		spread = uneven * uneven * squares[1] / (rows[1] * rows[1])
	}
	return math.Sqrt(b.F * fixed / (1 - b.F*spread))
}
