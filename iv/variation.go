package iv

import (
	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
)

// Variation is what is left of the named regressors after all other regressors, the constant and
// the absorbed effects are taken out of them: the cross-products of their (weighted) residuals.
// The shares of its elements are the weights with which a regression averages what it pools. In a
// model with endogenous columns, the regressors are those fitted by the first stage.
func (r *Result) Variation(names ...string) (*mat.SymDense, error) {
	if len(names) == 0 {
		return nil, &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec,
			Message: "the variation of no term",
			Remedy:  []fieldexp.Hint{"name terms of the model"}}
	}
	block := mat.NewDense(len(names), len(names), nil)
	places := make([]int, len(names))
	for i, name := range names {
		at, err := r.term(name)
		if err != nil {
			return nil, err
		}
		places[i] = at
	}
	for i, a := range places {
		for k, b := range places {
			block.Set(i, k, r.fit.bread.At(a, b))
		}
	}
	inverse, err := inverseOf(block)
	if err != nil {
		return nil, &fieldexp.Error{Op: "iv", Problem: fieldexp.IllConditioned, Columns: names, Err: err,
			Message: "the variation of " + quoted(names) + ", which repeat each other", Remedy: []fieldexp.Hint{"name each term once"}}
	}
	return inverse, nil
}
