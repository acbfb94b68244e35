package leverage

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// eigen is the eigenvalues of a, in ascending order, and its eigenvectors; ok says whether they could be found.
func eigen(a *mat.SymDense) (values []float64, vectors *mat.Dense, ok bool) {
	var e mat.EigenSym
	if !e.Factorize(a, true) {
		return nil, nil, false
	}
	vectors = &mat.Dense{}
	e.VectorsTo(vectors)
	return e.Values(nil), vectors, true
}

// symmetric is a matrix that is symmetric but for rounding.
func symmetric(a mat.Matrix) *mat.SymDense {
	n, _ := a.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	return s
}

// sandwich is root' n root.
func sandwich(root mat.Matrix, n *mat.SymDense) *mat.SymDense {
	var v mat.Dense
	v.Product(root.T(), n, root)
	return symmetric(&v)
}

// factor is a root of a positive semi-definite matrix: a = factor factor'. It is Cholesky's where
// the matrix is definite, and the symmetric root where rounding has made it singular; nil where that cannot be found.
func factor(a *mat.SymDense) *mat.Dense {
	n := a.SymmetricDim()
	scale := make([]float64, n)
	scaled := mat.NewSymDense(n, nil)
	for i := range n {
		scale[i] = math.Sqrt(a.At(i, i))
	}
	for i := range n {
		for j := i; j < n; j++ {
			scaled.SetSym(i, j, a.At(i, j)/scale[i]/scale[j])
		}
	}
	root := mat.NewDense(n, n, nil)
	var chol mat.Cholesky
	if chol.Factorize(scaled) {
		var lower mat.TriDense
		chol.LTo(&lower)
		root.Copy(&lower)
	} else {
		values, vectors, ok := eigen(scaled)
		if !ok {
			return nil
		}
		root.Apply(func(_, j int, v float64) float64 { return v * math.Sqrt(max(values[j], 0)) }, vectors)
	}
	root.Apply(func(i, _ int, v float64) float64 { return v * scale[i] }, root)
	return root
}

// negligible is the share of a matrix's largest eigenvalue, once it has a unit diagonal, up to which another
// counts as zero.
const negligible = 1e-12

// inverseRoot is a root r of the inverse of a definite matrix, r'r; nil when it is singular.
func inverseRoot(a *mat.SymDense) *mat.Dense {
	scaled, scale := unitDiagonal(a)
	values, vectors, ok := eigen(scaled)
	if !ok || !(values[0] > negligible*values[len(values)-1]) {
		return nil
	}
	for i, v := range values {
		values[i] = 1 / math.Sqrt(v)
	}
	var root mat.Dense
	root.Product(mat.NewDiagDense(len(values), values), vectors.T(), scale)
	return &root
}

// pseudoInverse inverts a positive semi-definite matrix over the directions in which it is not zero once it has
// a unit diagonal; nil where they cannot be found.
func pseudoInverse(a *mat.SymDense) *mat.Dense {
	scaled, scale := unitDiagonal(a)
	values, vectors, ok := eigen(scaled)
	if !ok {
		return nil
	}
	largest := values[len(values)-1]
	for i, v := range values {
		values[i] = 0
		if v > negligible*largest {
			values[i] = 1 / v
		}
	}
	var inverse mat.Dense
	inverse.Product(scale, vectors, mat.NewDiagDense(len(values), values), vectors.T(), scale)
	return &inverse
}

// unitDiagonal is scale a scale, in which elements of the diagonal are one, or zero as they were.
func unitDiagonal(a *mat.SymDense) (scaled *mat.SymDense, scale *mat.DiagDense) {
	n := a.SymmetricDim()
	scaled, scale = mat.NewSymDense(n, nil), mat.NewDiagDense(n, nil)
	for i := range n {
		scale.SetDiag(i, 1)
		if v := a.At(i, i); v > 0 {
			scale.SetDiag(i, 1/math.Sqrt(v))
		}
	}
	for i := range n {
		for j := i; j < n; j++ {
			scaled.SetSym(i, j, a.At(i, j)*scale.At(i, i)*scale.At(j, j))
		}
	}
	return scaled, scale
}
