package bootstrap_test

import (
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/iv"
)

// BenchmarkPermute is 10,000 permutations on a million rows with 2,000 clusters, with its confidence
// set: the model of the data, the passes over the rows and the draws.
func BenchmarkPermute(b *testing.B) {
	f := experiment(b, 2000, 50, 10)
	controls := []string{"c1", "c2", "c3", "c4"}
	for _, c := range []struct {
		name string
		spec bootstrap.PermuteSpec
	}{
		{"coefficient/controls", bootstrap.PermuteSpec{Outcomes: []string{"y"}, Controls: controls, Statistic: bootstrap.Plain}},
		{"studentised/controls", bootstrap.PermuteSpec{Outcomes: []string{"y"}, Controls: controls}},
		{"studentised/50days", bootstrap.PermuteSpec{Outcomes: []string{"y"}, Controls: controls, Absorb: iv.Effects("day")}},
		{"studentised/50days/2outcomes", bootstrap.PermuteSpec{Outcomes: []string{"y", "z"}, Controls: controls, Absorb: iv.Effects("day")}},
	} {
		c.spec.Assignment, c.spec.Unit, c.spec.Draws = "assigned", "agent", 10_000
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bootstrap.Permute(ctx, f, c.spec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
