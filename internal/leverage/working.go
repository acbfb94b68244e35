package leverage

import (
	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// working holds what the working model needs of contrasts c_1, ..., c_q. Their clustered covariance
// is a sum over clusters of products (p_gs'e)(p_gt'e), where e are the errors, and
//
//	p_gs'p_ht = r_gs'J r_ht   for different clusters, and own_gst for the same one.
//
// Without weights, with z_gs = A_g F_g M c_s, r_gs = F_g'z_gs, J = -M and own_gst = z_gs'z_gt + r_gs'J r_gt.
// In terms of the cluster's cross-products N_g and its map K_g, r_gs = N_g K_g'c_s and z_gs'z_gt =
// c_s'K_g N_g K_g'c_t.
type working struct {
	own     []*mat.SymDense
	r       []*mat.Dense // columns of the cluster x contrasts
	at      [][]int      // place of each row of r among all columns
	columns int
	j       *mat.Dense // columns x columns
}

func (a *Adjusted) working(contrasts *mat.Dense) *working {
	n := len(a.maps)
	w := &working{own: make([]*mat.SymDense, n), r: make([]*mat.Dense, n), at: make([][]int, n)}
	if a.weighted != nil {
		w.columns = 2 * a.weighted.columns
		w.j = a.weighted.all()
	} else {
		w.columns = a.design.Bread.SymmetricDim() + a.design.Blocks.levels
		w.j = mat.NewDense(w.columns, w.columns, a.design.whole())
		w.j.Scale(-1, w.j)
	}
	for g, m := range a.maps {
		var z mat.Dense // K'c
		z.Mul(m.T(), contrasts.T())
		if a.weighted != nil {
			w.r[g], w.own[g] = a.weighted.products(g, &z)
			w.at[g] = a.weighted.doubled(g)
			continue
		}
		products := a.design.products(g)
		w.r[g] = &mat.Dense{}
		w.r[g].Mul(products, &z)
		w.own[g] = symmetric.Sandwich(&z, products)
		w.at[g] = a.design.places(g)
		w.own[g].AddSym(w.own[g], w.within(g))
	}
	return w
}

// within is r_g'J r_g.
func (w *working) within(g int) *mat.SymDense {
	n := len(w.at[g])
	j := mat.NewSymDense(n, nil)
	for a, p := range w.at[g] {
		for b := a; b < n; b++ {
			j.SetSym(a, b, w.j.At(p, w.at[g][b]))
		}
	}
	return symmetric.Sandwich(w.r[g], j)
}

// rotate replaces the contrasts by root times them.
func (w *working) rotate(root *mat.Dense) {
	turned := mat.DenseCopyOf(root.T())
	for g := range w.own {
		var r mat.Dense
		r.Mul(w.r[g], turned)
		w.r[g] = &r
		w.own[g] = symmetric.Sandwich(turned, w.own[g])
	}
}

// variance is that of element s, t of the covariance where errors are normal: the sum over pairs of
// clusters of P_ss P_tt + P_st P_ts, with P_st of the elements p_gs'p_ht. It is taken over pairs of
// clusters or over pairs of columns, whichever are fewer.
func (w *working) variance(s, t int) float64 {
	if len(w.own) <= w.columns {
		return w.overClusters(s, t)
	}
	// tr(J U_ts J U_st) + tr(J U_ts J U_ts), where U_st is the sum of r_gs r_gt', but for what
	// clusters have of their own.
	var forth, back mat.Dense
	back.Mul(w.j, w.outer(t, s))
	forth = back
	if s != t {
		forth = mat.Dense{}
		forth.Mul(w.j, w.outer(s, t))
	}
	sum := 0.0
	for i := range w.columns {
		for j := range w.columns {
			sum += back.At(i, j) * (forth.At(j, i) + back.At(j, i))
		}
	}
	for g, own := range w.own {
		j := w.withinPair(g, s, t)
		sum += own.At(s, s)*own.At(t, t) + own.At(s, t)*own.At(s, t) - j[0]*j[1] - j[2]*j[2]
	}
	return sum
}

// withinPair is r_gs'J r_gs, r_gt'J r_gt and r_gs'J r_gt.
func (w *working) withinPair(g, s, t int) (pair [3]float64) {
	rs, rt := mat.Col(nil, s, w.r[g]), mat.Col(nil, t, w.r[g])
	for a, p := range w.at[g] {
		row := w.j.RawRowView(p)
		onS, onT := 0.0, 0.0
		for b, q := range w.at[g] {
			onS += row[q] * rs[b]
			onT += row[q] * rt[b]
		}
		pair[0] += rs[a] * onS
		pair[1] += rt[a] * onT
		pair[2] += rs[a] * onT
	}
	return pair
}

// outer is the sum over clusters of r_gs r_gt'.
func (w *working) outer(s, t int) *mat.Dense {
	u := make([]float64, w.columns*w.columns)
	for g, at := range w.at {
		right := mat.Col(nil, t, w.r[g])
		for i, a := range at {
			v, into := w.r[g].At(i, s), u[a*w.columns:]
			for j, b := range at {
				into[b] += v * right[j]
			}
		}
	}
	return mat.NewDense(w.columns, w.columns, u)
}

// overClusters is variance by all pairs of clusters.
func (w *working) overClusters(s, t int) (sum float64) {
	n := len(w.own)
	wide := func(c int) *mat.Dense {
		r := mat.NewDense(w.columns, n, nil)
		for g, at := range w.at {
			for i, a := range at {
				r.Set(a, g, w.r[g].At(i, c))
			}
		}
		return r
	}
	left, right := wide(s), wide(t)
	pairs := func(a, b *mat.Dense, c, d int) *mat.Dense {
		var p mat.Dense
		p.Product(a.T(), w.j, b)
		for g, own := range w.own {
			p.Set(g, g, own.At(c, d))
		}
		return &p
	}
	ss, tt, st := pairs(left, left, s, s), pairs(right, right, t, t), pairs(left, right, s, t)
	for g := range n {
		for h := range n {
			sum += ss.At(g, h)*tt.At(g, h) + st.At(g, h)*st.At(h, g)
		}
	}
	return sum
}
