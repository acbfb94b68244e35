package main

import (
	"context"
	"testing"

	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// BenchmarkCovariance is another covariance for a fit of a million rows, from its cluster
// cross-products: no row is touched.
func BenchmarkCovariance(b *testing.B) {
	w := &worker{path: smallExperiment(b, 1_000_000, 2000)}
	if err := w.run(context.Background(), []string{"read"}); err != nil {
		b.Fatal(err)
	}
	for _, kind := range []iv.CovarianceKind{iv.CR0, iv.CR1, iv.CR2, iv.CR3} {
		b.Run(kind.String(), func(b *testing.B) {
			spec := experimentSpec(1)
			spec.Covariance.Kind = iv.CR2 // keeps what the corrected ones need
			r, err := itt.Estimate(context.Background(), w.frame, spec)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Fits[0].With(iv.Covariance{Kind: kind}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
