package leverage

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// local is a cluster's columns F = [regressors, kept columns net of nested ones] and D, its nested
// levels, with what is known of them.
type local struct {
	f, d     int
	to       *mat.Dense       // from score columns, kept columns and nested levels to F and D
	root     *mat.Dense       // R with R'R the cross-products of C = [F, D, WF, WD]
	products [3]*mat.SymDense // of F and D with weights to the powers 0, 1, 2
	inverse  *mat.Dense       // (D'WD)^-
}

// local prepares cluster g; nil where (D'WD)^- cannot be found.
func (d *Design) local(g int) *local {
	u := &d.Blocks.unequal[g]
	k, s, t := d.Fitted.RawMatrix().Cols, len(d.Score), len(d.Blocks.groups[g].support)
	l := &local{f: k + t, d: u.nested}
	own := d.localColumns(g)
	rows, n := own.RawMatrix().Rows, own.RawMatrix().Cols/2
	l.to = mat.NewDense(n, l.f+l.d, nil)
	l.to.Slice(0, s, 0, k).(*mat.Dense).Copy(d.Fitted)
	for i := range t + l.d {
		l.to.Set(s+i, k+i, 1)
	}
	if l.d > 0 {
		var weighted mat.Dense // products with the first power of the weights
		weighted.Mul(own.Slice(0, rows, 0, n).T(), own.Slice(0, rows, n, 2*n))
		if l.inverse = symmetric.PseudoInverse(symmetric.Of(weighted.Slice(s+t, n, s+t, n))); l.inverse == nil {
			return nil
		}
		if t > 0 {
			taken := l.to.Slice(s+t, n, k, k+t).(*mat.Dense)
			taken.Mul(l.inverse, weighted.Slice(s+t, n, s, s+t))
			taken.Scale(-1, taken)
		}
	}
	l.transform(own)
	return l
}

// localColumns is the root of cluster g on the design's score columns, the kept columns and the nested levels alone.
func (d *Design) localColumns(g int) *mat.Dense {
	u := &d.Blocks.unequal[g]
	columns := slices.Clone(d.Score)
	for i := range len(d.Blocks.groups[g].support) + u.nested {
		columns = append(columns, d.Blocks.Grams.K+i)
	}
	rows, width := u.root.Dims()
	n := len(columns)
	own := mat.NewDense(rows, 2*n, nil)
	for r := range rows {
		from, into := u.root.RawRowView(r), own.RawRowView(r)
		for i, c := range columns {
			into[i], into[n+i] = from[c], from[width/2+c]
		}
	}
	return own
}

// transform brings the root over score columns, kept columns and nested levels to F and D.
func (l *local) transform(own *mat.Dense) {
	rows, n, m := own.RawMatrix().Rows, own.RawMatrix().Cols/2, l.f+l.d
	l.root = mat.NewDense(rows, 2*m, nil)
	l.root.Slice(0, rows, 0, m).(*mat.Dense).Mul(own.Slice(0, rows, 0, n), l.to)
	l.root.Slice(0, rows, m, 2*m).(*mat.Dense).Mul(own.Slice(0, rows, n, 2*n), l.to)
	gram := mat.DenseCopyOf(l.gram())
	for p, at := range [][2]int{{0, 0}, {0, m}, {m, m}} {
		l.products[p] = symmetric.Of(gram.Slice(at[0], at[0]+m, at[1], at[1]+m))
	}
}

// weighted is what is known of all clusters together: M over the regressors and all kept columns,
// and M (F'W^2F) M.
type weighted struct {
	columns int
	bread   *mat.Dense
	squared *mat.Dense
	locals  []*local
	at      [][]int // place of each of a cluster's columns F among all
}

// weigh prepares all clusters; nil where one could not be.
func (d *Design) weigh() *weighted {
	w := &weighted{columns: d.Bread.SymmetricDim() + d.Blocks.levels, locals: make([]*local, d.Blocks.Len()), at: make([][]int, d.Blocks.Len())}
	w.bread = mat.NewDense(w.columns, w.columns, d.whole())
	sum := mat.NewDense(w.columns, w.columns, nil)
	for g := range w.locals {
		if w.locals[g] = d.local(g); w.locals[g] == nil {
			return nil
		}
		w.at[g] = d.places(g)
		for i, a := range w.at[g] {
			for j, b := range w.at[g] {
				sum.Set(a, b, sum.At(a, b)+w.locals[g].products[2].At(i, j))
			}
		}
	}
	w.squared = &mat.Dense{}
	w.squared.Product(w.bread, sum, w.bread)
	return w
}

// joint is J of cluster g, over [F, D, WF, WD].
func (w *weighted) joint(g int) *mat.SymDense {
	l := w.locals[g]
	n := l.f + l.d
	j := mat.NewSymDense(2*n, nil)
	for a, p := range w.at[g] {
		for b, q := range w.at[g] {
			if b >= a {
				j.SetSym(a, b, w.squared.At(p, q))
			}
			j.SetSym(a, n+b, -w.bread.At(p, q))
		}
	}
	if l.d == 0 {
		return j
	}
	fd, dd := l.squares()
	within := mat.NewDense(l.f, l.f, nil)
	for a, p := range w.at[g] {
		for b, q := range w.at[g] {
			within.Set(a, b, w.bread.At(p, q))
		}
	}
	var across, own mat.Dense
	across.Product(within, fd, l.inverse)
	own.Product(l.inverse, dd, l.inverse)
	for b := range l.d {
		for a := range l.f {
			j.SetSym(a, l.f+b, across.At(a, b))
		}
		for a := range l.d {
			j.SetSym(l.f+a, n+l.f+b, -l.inverse.At(a, b))
			if a <= b {
				j.SetSym(l.f+a, l.f+b, (own.At(a, b)+own.At(b, a))/2)
			}
		}
	}
	return j
}

// squares is F'W^2D and D'W^2D.
func (l *local) squares() (fd, dd mat.Matrix) {
	all := mat.DenseCopyOf(l.products[2])
	return all.Slice(0, l.f, l.f, l.f+l.d), all.Slice(l.f, l.f+l.d, l.f, l.f+l.d)
}

// gram is the cross-products of [F, D, WF, WD].
func (l *local) gram() *mat.SymDense {
	var g mat.SymDense
	g.SymOuterK(1, l.root.T())
	return &g
}

// rooted is the map from C'u to C'A_g u with A_g = B_g^(-1/2) for errors of equal variance. With
// C'C = R'R it is I + R'U x(w) U'R J, where U w U' is RJR' and x(w) = ((1+w)^(-1/2) - 1)/w, which needs
// no inverse of R. It is nil where the eigenvalues cannot be found.
func (l *local) rooted(joint *mat.SymDense) *mat.Dense {
	values, vectors, ok := symmetric.Eigen(symmetric.Sandwich(l.root.T(), joint))
	if !ok {
		return nil
	}
	var left, right, result mat.Dense
	left.Mul(l.root.T(), vectors)
	right.Mul(left.T(), joint)
	for i, w := range values {
		f := 1.0 // the direction is left out: (0-1)/(-1)
		if kept := 1 + w; kept > singular {
			s := math.Sqrt(kept)
			f = -1 / (s * (1 + s))
		}
		row := right.RawRowView(i)
		for j := range row {
			row[j] *= f
		}
	}
	result.Mul(&left, &right)
	for i := range result.RawMatrix().Rows {
		result.Set(i, i, result.At(i, i)+1)
	}
	return &result
}

// reweigh replaces the map of cluster g, which is that for variances inverse to the weights, by
// the one from [F, D, WF, WD]'u. Powers other than the inverse root are the same.
func (a *Adjusted) reweigh(g int, power Power) bool {
	d, l := a.design, a.weighted.locals[g]
	n := l.f + l.d
	estimates, _ := d.Basis.Dims()
	wide := mat.NewDense(estimates, 2*n, nil)
	if power != InverseRoot {
		wide.Slice(0, estimates, n, n+l.f).(*mat.Dense).Copy(a.maps[g])
		a.maps[g] = wide
		return true
	}
	m := l.rooted(a.weighted.joint(g))
	if m == nil {
		return false
	}
	k := d.Bread.SymmetricDim()
	wide.Product(d.Basis, d.Bread, m.Slice(n, n+k, 0, 2*n))
	a.maps[g] = wide
	return true
}

// sums brings a cluster's scores from Blocks.Scores to [F, D, WF, WD]'u.
func (l *local) sums(kept []float64) *mat.VecDense {
	half, n := len(kept)/2, l.f+l.d
	all := mat.NewVecDense(2*n, nil)
	for p := range 2 {
		var v mat.VecDense
		v.MulVec(l.to.T(), mat.NewVecDense(half, kept[p*half:(p+1)*half]))
		for i := range n {
			all.SetVec(p*n+i, v.AtVec(i))
		}
	}
	return all
}
