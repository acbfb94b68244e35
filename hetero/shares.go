package hetero

import (
	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/iv"
)

// shares are the weights of the groups in the pooled effect that has the model's own controls and
// absorbed effects. Write T and D for exposure and usage, T_k and D_k for them in group k, and a
// tilde for what controls and effects leave of a column. The model's residual is orthogonal to
// each instrument T_k, hence to their sum T, and so
//
//	pooled = T~'y~ / T~'D~ = sum over k of s_k impact_k,  s_k = T~'D~_k / T~'D~,
//
// exactly, in every sample, with shares that add up to one. Share k is the effect of assignment on
// usage in group k over that on all usage: the group's part of the first stage. For the ITT, with
// T in the place of D, it is the group's part of the residual variation of treatment. Where
// everything is group-specific, the residual columns of different groups do not overlap, and
// s_k = T~_k'D~_k / sum over j of T~_j'D~_j.
func (d *design) shares(model *iv.Result) ([]float64, error) {
	n := len(d.exposures)
	carrier := model
	if d.usages != nil {
		carrier = model.ReducedForm
	}
	variation, err := carrier.Variation(d.exposures...) // T~_i'T~_j
	if err != nil {
		return nil, err
	}
	onExposure := make([]float64, n) // T~'T~_j
	for i := range n {
		for j := range n {
			onExposure[j] += variation.At(i, j)
		}
	}
	shares := onExposure
	if d.usages != nil {
		shares = make([]float64, n)
		for k, first := range model.FirstStages {
			moved := make([]float64, n) // coefficients of the exposures on usage in group k
			for j, exposure := range d.exposures {
				c, err := first.Coefficient(exposure)
				if err != nil {
					return nil, err
				}
				moved[j] = c.Estimate
			}
			shares[k] = mat.Dot(mat.NewVecDense(n, onExposure), mat.NewVecDense(n, moved))
		}
	}
	total := 0.0
	for _, s := range shares {
		total += s
	}
	for k := range shares {
		shares[k] /= total
	}
	return shares, nil
}
