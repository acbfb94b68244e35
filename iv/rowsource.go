package iv

import "gonum.org/v1/gonum/floats"

// rowSource computes the working columns from those of the frame, run by run, whenever they are
// asked for: that takes no longer than to fetch them from memory, and no memory.
type rowSource struct {
	rows    rowList
	columns []column
	shift   []float64 // of each column
	layers  []layer
	take    [][][]float64 // what each layer takes from each column, by group
	roots   []float64     // of the weights; nil when there are none
	steps   [][]step      // passes of orthogonalisation
}

// step takes from a column multiples of others.
type step struct {
	column int
	on     []int
	coef   []float64
}

// Size is the number of rows and columns.
func (s *rowSource) Size() (rows, columns int) { return s.rows.n, len(s.columns) }

// Fill writes rows from to to-1 of every working column.
func (s *rowSource) Fill(from, to int, columns [][]float64) {
	for j, into := range columns {
		s.gather(j, from, to, into)
		for l := range s.layers {
			s.layers[l].subtract(from, s.take[l][j], into)
		}
		if s.roots != nil {
			floats.Mul(into, s.roots[from:to])
		}
	}
	for _, pass := range s.steps {
		for i := len(pass) - 1; i >= 0; i-- { // a step uses columns that later ones in the list leave
			for k, c := range pass[i].on {
				floats.AddScaled(columns[pass[i].column], -pass[i].coef[k], columns[c])
			}
		}
	}
}

// gather writes rows from to to-1 of column j, less its shift.
func (s *rowSource) gather(j, from, to int, into []float64) {
	c, shift := &s.columns[j], s.shift[j]
	switch {
	case c.floats != nil && s.rows.places == nil:
		copy(into, c.floats[from:to])
		floats.AddConst(-shift, into)
	case c.floats != nil:
		s.rows.fetch(c.floats, from, into)
		floats.AddConst(-shift, into)
	case c.codes != nil:
		in := 1 - shift
		for i := range into {
			into[i] = -shift
			if c.codes[s.rows.at(from+i)] == c.level {
				into[i] = in
			}
		}
	default: // the constant
		for i := range into {
			into[i] = 1
		}
	}
}
