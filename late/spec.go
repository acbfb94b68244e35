package late

import (
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// Spec says which effects of usage to estimate: the spec of an intention-to-treat effect, whose
// assignment becomes the instrument, and the column of usage.
type Spec struct {
	itt.Spec
	// Usage is the column of what was used: 0 or 1, the share of occasions on which it was, or any
	// dose. It must be known for those not assigned too: 0 where they could not use.
	Usage string
	// Estimator is two-stage least squares unless it says otherwise; with one instrument, LIML is
	// the same.
	Estimator   iv.Estimator
	FullerAlpha float64 // constant of Fuller's estimator; 0 means 1
}

// weights is the column of weights, nil when there is none.
func (s *Spec) weights(f *data.Frame) ([]float64, error) {
	if s.Weights == "" {
		return nil, nil
	}
	return f.Floats(s.Weights)
}
