package iv

import (
	"context"

	"github.com/fieldexp/fieldexp/internal/moments"
)

// leastResidual is the share of an outcome's sum of squares that residuals must have for their sums
// to be taken from cross-products: these are then right to about twelve digits.
const leastResidual = 1e-4

// scores sums up the residuals and scores of problems: from the cross-products by cluster where
// there are any with outcomes and no digit that matters is lost, and from the rows elsewhere.
func (s *sample) scores(ctx context.Context, frequency []float64, problems []*moments.Problem) error {
	if !s.wide() {
		return moments.Scores(ctx, s.source, s.partition, frequency, problems)
	}
	err := moments.FromProducts(ctx, s.total, s.p, s.grams, problems)
	if err != nil {
		return err
	}
	var rest []*moments.Problem
	for _, p := range problems {
		if !s.keepsDigits(p) {
			rest = append(rest, p)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return moments.Scores(ctx, s.source, s.partition, frequency, rest)
}

// crosses sums up products of residuals in the same way.
func (s *sample) crosses(ctx context.Context, frequency []float64, pairs []*moments.Cross) error {
	var rest []*moments.Cross
	for _, c := range pairs {
		if s.wide() && s.keepsDigits(c.A) && s.keepsDigits(c.B) {
			c.FromProducts(s.total, s.p)
		} else {
			rest = append(rest, c)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return moments.Crosses(ctx, s.source, frequency, rest)
}

// wide reports whether cross-products with the outcomes were kept by cluster. Rows that are not
// clustered have sums that cross-products do not hold.
func (s *sample) wide() bool { return s.grams != nil && s.grams.Width == s.p }

// keepsDigits reports whether a problem's residuals are not too small a part of its outcome.
func (s *sample) keepsDigits(p *moments.Problem) bool {
	return p.RSS > leastResidual*s.total[p.Y*s.p+p.Y]
}
