package leverage

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// all is J over the columns F and WF of all clusters.
func (w *weighted) all() *mat.Dense {
	n := w.columns
	j := mat.NewDense(2*n, 2*n, nil)
	j.Slice(0, n, 0, n).(*mat.Dense).Copy(w.squared)
	for _, at := range [][2]int{{0, n}, {n, 0}} {
		block := j.Slice(at[0], at[0]+n, at[1], at[1]+n).(*mat.Dense)
		block.Scale(-1, w.bread)
	}
	return j
}

// doubled lists the places of the cluster's columns F and WF among those of all.
func (w *weighted) doubled(g int) []int {
	at := slices.Clone(w.at[g])
	for _, p := range w.at[g] {
		at = append(at, w.columns+p)
	}
	return at
}

// products is what the working model needs of cluster g, with z the contrasts on [F, D, WF, WD]:
// r = (F'z, F'Wz - F'W^2D (D'WD)^- D'z), in which the other clusters meet it, and its own z'B_g z.
func (w *weighted) products(g int, z *mat.Dense) (r *mat.Dense, own *mat.SymDense) {
	l := w.locals[g]
	n := l.f + l.d
	_, q := z.Dims()
	gram := l.gram()
	var all mat.Dense
	all.Mul(gram, z)
	own = symmetric.Sandwich(z, gram)
	own.AddSym(own, symmetric.Sandwich(&all, w.joint(g)))
	r = mat.NewDense(2*l.f, q, nil)
	r.Slice(0, l.f, 0, q).(*mat.Dense).Copy(all.Slice(0, l.f, 0, q))
	r.Slice(l.f, 2*l.f, 0, q).(*mat.Dense).Copy(all.Slice(n, n+l.f, 0, q))
	if l.d > 0 {
		fd, _ := l.squares()
		var taken mat.Dense
		taken.Product(fd, l.inverse, all.Slice(l.f, n, 0, q))
		lower := r.Slice(l.f, 2*l.f, 0, q).(*mat.Dense)
		lower.Sub(lower, &taken)
	}
	return r, own
}
