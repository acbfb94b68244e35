package late_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/late"
)

// TestJointPlaceboOfOtherClusters: outcomes that are missing in a cluster, the same one or one each, are
// tested together by contributions of clusters that are paired by label.
func TestJointPlaceboOfOtherClusters(t *testing.T) {
	const clusters, size = 16, 10
	for _, c := range []struct {
		name string
		lost [2]int // the cluster in which each outcome is missing
		f    float64
	}{{"one cluster", [2]int{0, 0}, 121.05676072}, {"a cluster each", [2]int{0, clusters - 2}, 1.0641}} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 2))
			var label []string
			columns := map[string][]float64{}
			add := func(name string, v float64) { columns[name] = append(columns[name], v) }
			for g := range clusters {
				e, z := 2*r.NormFloat64(), float64(g%2)
				for k := range size {
					u := e + r.NormFloat64()
					y := [2]float64{0.4*z + u, -0.4*z + u + 0.3*r.NormFloat64()}
					for o, lost := range c.lost {
						if lost == g {
							y[o] = math.NaN()
						}
						add(fmt.Sprint("y", o+1), y[o])
					}
					in := 1.0
					if k >= 8 {
						in = 0
					}
					label = append(label, fmt.Sprintf("g%02d", g))
					add("z", z)
					add("in", in)
					add("used", (1-in)*z)
				}
			}
			f := &data.Frame{}
			for name, values := range columns {
				must(t, f.SetFloats(name, values))
			}
			must(t, f.SetStrings("g", label))
			spec := late.Spec{Spec: itt.Spec{Outcomes: []string{"y1", "y2"}, Assignment: "z", Cluster: []string{"g"}}, Usage: "used"}
			p, err := late.ZeroFirstStage(context.Background(), f, spec, "in")
			must(t, err)

			// The slope of each outcome on z and what each cluster contributes to its error, with the factor of CR1.
			var slope [2]float64
			var own [2]map[string]float64
			for o, y := range [][]float64{columns["y1"], columns["y2"]} {
				var n, sz, sy, szy float64 // z is its own square
				known := func(i int) bool { return columns["in"][i] == 1 && !math.IsNaN(y[i]) }
				for i, z := range columns["z"] {
					if known(i) {
						n, sz, sy, szy = n+1, sz+z, sy+y[i], szy+z*y[i]
					}
				}
				det := n*sz - sz*sz
				slope[o] = (n*szy - sz*sy) / det
				level := (sy - slope[o]*sz) / n
				own[o] = map[string]float64{}
				for i, z := range columns["z"] {
					if known(i) {
						own[o][label[i]] += (n*z - sz) / det * (y[i] - level - slope[o]*z)
					}
				}
				groups := float64(len(own[o]))
				for g := range own[o] {
					own[o][g] *= math.Sqrt(groups / (groups - 1) * (n - 1) / (n - 2))
				}
			}
			var v [2][2]float64
			for a := range own {
				for b := range own {
					for g, x := range own[a] {
						v[a][b] += x * own[b][g] // nothing where the other lacks it
					}
				}
			}
			want := (slope[0]*slope[0]*v[1][1] - 2*slope[0]*slope[1]*v[0][1] + slope[1]*slope[1]*v[0][0]) / (v[0][0]*v[1][1] - v[0][1]*v[1][0]) / 2
			studytest.Near(t, "F by hand", p.Joint.Statistic, want, same, 1)
			studytest.Near(t, "F as it is known", p.Joint.Statistic, c.f, 1e-4, 0)
			if p.Joint.DF1 != 2 || p.Joint.DF2 != clusters-2 {
				t.Errorf("F(%v, %v), want (2, %d)", p.Joint.DF1, p.Joint.DF2, clusters-2)
			}
		})
	}
}
