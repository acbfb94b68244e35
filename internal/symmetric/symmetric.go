// Package symmetric has the algebra of small symmetric matrices that covariances need.
package symmetric

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Eigen is the eigenvalues of a, in ascending order, and its eigenvectors; ok says whether they could be found.
func Eigen(a *mat.SymDense) (values []float64, vectors *mat.Dense, ok bool) {
	var e mat.EigenSym
	if !e.Factorize(a, true) {
		return nil, nil, false
	}
	vectors = &mat.Dense{}
	e.VectorsTo(vectors)
	return e.Values(nil), vectors, true
}

// Of is a matrix that is symmetric but for rounding: the mean of it and its transpose.
func Of(a mat.Matrix) *mat.SymDense {
	n, _ := a.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	return s
}

// Sandwich is root' n root, symmetric to the last bit.
func Sandwich(root mat.Matrix, n *mat.SymDense) *mat.SymDense {
	var v mat.Dense
	v.Product(root.T(), n, root)
	return Of(&v)
}

// Factor is a root of a positive semi-definite matrix: a = Factor Factor'. It is Cholesky's where
// the matrix is definite, and the symmetric root where rounding has made it singular; nil where that cannot be found.
func Factor(a *mat.SymDense) *mat.Dense {
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
		values, vectors, ok := Eigen(scaled)
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

// InverseRoot is a root r of the inverse of a definite matrix, r'r; nil when it is singular.
func InverseRoot(a *mat.SymDense) *mat.Dense {
	scaled, scale := unitDiagonal(a)
	values, vectors, ok := Eigen(scaled)
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

// PseudoInverse inverts a positive semi-definite matrix over the directions in which it is not zero once it has
// a unit diagonal; nil where they cannot be found.
func PseudoInverse(a *mat.SymDense) *mat.Dense {
	scaled, scale := unitDiagonal(a)
	values, vectors, ok := Eigen(scaled)
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
