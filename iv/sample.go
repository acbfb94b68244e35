package iv

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/moments"
)

// sample is the set of rows that outcomes with the same missing values share. Its source delivers
// every column of the model in working form: centred, effects absorbed, rows multiplied by the root
// of their weight.
type sample struct {
	outs    []int // places in model.outs
	rows    rowList
	dropped Dropped
	alone   []string // see Spec.Sampled

	known     map[*int32]grouping // groupings of the rows so far, by where the frame's codes begin
	clusters  []data.Grouping     // levels compacted to those that occur
	labels    clusterLabels       // of the first clustering
	partition moments.Partition   // of the rows by the first clustering; blocks of rows without one
	evenness  float64             // number of equal clusters that are as unequal as those
	effects   []EffectCount
	groups    []absorb.Effect // the effects, over the rows
	layers    []layer         // the same, as rows are passed over
	absorbing string
	ordered   bool // whether rows have to be in the order of clusters, and products kept of the smallest

	weights []float64 // nil when there are none
	n       int       // observations

	// The source's columns are constant (if any), exogenous, instruments, endogenous, outcomes.
	source  moments.Source
	working *rowSource     // the same source before any rows were held
	held    moments.Matrix // all of the source's rows, where something needs them at once
	columns []column
	p       int   // number of columns
	exog    []int // places of columns that take part, by role
	instr   []int
	endog   []int
	first   int // place of the first outcome
	// total and grams are the cross-products of the columns, in total and by cluster.
	total []float64
	grams *moments.Grams
	// basis maps coefficients on the working columns to coefficients on the original ones: working
	// column j is the sum over i of basis[i*p+j] times original column i.
	basis []float64
	shift []float64 // what was subtracted from each original column
	mean  []float64 // of each original column
	// exact holds, for small samples, the columns before they were made orthogonal: the estimates
	// of least squares are polished against them.
	exact []float64
	raw   []float64 // sum of squares of each column
	tss   []float64 // after centring
	inner []float64 // and after absorbing
}

// prepare brings the sample into working form.
func (s *sample) prepare(ctx context.Context, m *model) error {
	if !m.spec.KeepSingletons {
		s.dropSingletons(m)
	}
	if s.rows.n == 0 {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.NoRows, Columns: []string{m.outs[s.outs[0]].name}, Count: s.dropped.Singletons,
			Message: fmt.Sprintf("every row of outcome %q is alone in an absorbed group", m.outs[s.outs[0]].name),
			Remedy:  []fieldexp.Hint{"absorb coarser effects"}}
	}
	if m.spec.Sampled != nil {
		outcomes := make([]string, len(s.outs))
		for i, o := range s.outs {
			outcomes[i] = m.outs[o].name
		}
		s.alone = m.spec.Sampled(outcomes, s.rows.n, s.rows.at)
	}
	s.layOut(m)
	if err := s.cluster(m); err != nil {
		return err
	}
	if err := s.prepareEffects(ctx, m); err != nil {
		return err
	}
	s.weigh(m)
	return s.transform(ctx, m.constant || len(s.groups) > 0)
}
