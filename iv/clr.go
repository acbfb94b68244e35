package iv

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/integrate/quad"

	"github.com/fieldexp/fieldexp/internal/dist"
)

// conditionalTail is the probability that the conditional likelihood-ratio statistic of l > 1 instruments
// exceeds lr, given the strength of the first stage (Andrews, Moreira and Stock 2007, equation 3):
//
//	2 K integral over a from 0 to pi/2 of P(chi2(l) > (strength+lr)/(1+strength sin(a)^2/lr)) cos(a)^(l-2) da
//
// with K such that the weights integrate to one. The angle takes the place of its sine there, so that
// the integrand is smooth whatever the strength.
func conditionalTail(lr, strength float64, l int) float64 {
	if !(lr > 0) {
		return 1
	}
	up, _ := math.Lgamma(float64(l) / 2)
	down, _ := math.Lgamma(float64(l-1) / 2)
	k := math.Exp(up-down) / math.Sqrt(math.Pi)
	tail := 0.0
	for _, n := range tailNodes() {
		tail += n.weight * dist.ChiSquaredTail((strength+lr)/(1+strength*n.sine2/lr), float64(l)) * math.Pow(n.cosine, float64(l-2))
	}
	return min(2*k*tail, 1)
}

// tailNode is a node of the integral of conditionalTail.
type tailNode struct{ weight, sine2, cosine float64 }

var tailNodes = sync.OnceValue(func() []tailNode {
	const nodes = 200
	at, weights := make([]float64, nodes), make([]float64, nodes)
	quad.Legendre{}.FixedLocations(at, weights, 0, math.Pi/2)
	list := make([]tailNode, nodes)
	for i, a := range at {
		s, c := math.Sincos(a)
		list[i] = tailNode{weights[i], s * s, c}
	}
	return list
})
