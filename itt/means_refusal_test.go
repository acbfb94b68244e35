package itt_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// classes is an experiment of 24 pupils in 8 classes of three in four towns, with columns that are
// wrong in every way that is refused. In town d an arm has one pupil, in town c the outcome of "gone" is
// missing in an arm.
func classes(t *testing.T) *data.Frame {
	t.Helper()
	columns := map[string][]float64{}
	var town, arm []string
	for i := range 24 {
		z := float64(i % 2)
		name := []string{"a", "b", "c", "d"}[i/6]
		single := z
		if name == "d" {
			single = map[bool]float64{true: 1}[i == 20]
		}
		gone, lone := float64(i*i%7), math.NaN()
		if name == "c" && z == 1 {
			gone = math.NaN()
		}
		if z == 0 || i == 3 {
			lone = float64(i % 5)
		}
		halves, infinite, below := 1.5, 1.0, 1.0
		if i == 4 {
			infinite, below = math.Inf(1), -1
		}
		for column, v := range map[string]float64{
			"z": z, "zc": float64(i / 3 % 2), "class": float64(i / 3), "crossed": float64(i % 8), "single": single, "pair": float64(i / 2),
			"y": float64(i*13%11) + z, "gone": gone, "lone": lone, "halves": halves, "infinite": infinite, "below": below,
			"treatedonly": []float64{math.NaN(), float64(i % 5)}[int(z)], "x": float64(i * 5 % 9), "copy": 1 - z, "flat": float64(i*5%9) * z, "none": math.NaN(),
		} {
			columns[column] = append(columns[column], v)
		}
		town = append(town, name)
		arm = append(arm, []string{"control", "text", "voice"}[i%3])
	}
	f := frame(t, columns)
	must(t, f.SetStrings("town", town))
	must(t, f.SetStrings("arm", arm))
	return f
}

func TestMeansRefusals(t *testing.T) {
	f := classes(t)
	y := []string{"y"}
	for _, c := range []struct {
		name    string
		spec    itt.MeansSpec
		problem fieldexp.Problem
		says    string
	}{
		{"no outcome", itt.MeansSpec{Spec: itt.Spec{Assignment: "z"}}, fieldexp.BadSpec, "no outcome"},
		{"no assignment", itt.MeansSpec{Spec: itt.Spec{Outcomes: y}}, fieldexp.BadSpec, "no assignment"},
		{"not 0/1", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "x"}}, fieldexp.NotBinary, `"] = "text" and name that of control`},
		{"level", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z", Level: 95}}, fieldexp.BadSpec, "confidence level of 95"},
		{"pairs of nothing", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z"}, Pairs: true}, fieldexp.BadSpec, "set Blocks"},
		{"pooled pairs", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z"}, Blocks: "pair", Pairs: true, Small: itt.PoolSmall}, fieldexp.BadSpec, "between pairs already"},
		{"small blocks of nothing", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z"}, Small: itt.DropSmall}, fieldexp.BadSpec, "no blocks"},
		{"negative weight", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z", Weights: "below"}}, fieldexp.BadValues, `"below" is negative in row 5`},
		{"infinite weight", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z", Weights: "infinite"}}, fieldexp.BadValues, `"infinite" is infinite in row 5`},
		{"fractional frequency", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z", Weights: "halves", WeightKind: iv.Frequency}}, fieldexp.BadValues, "not whole"},
		{"infinite outcome", itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y", "infinite"}, Assignment: "z"}}, fieldexp.BadValues, `outcome "infinite" is infinite in row 5`},
		{"outcome in one arm", itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"treatedonly"}, Assignment: "z"}}, fieldexp.OneArm, `no row of arm 0|"treatedonly"`},
		{"outcome missing", itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"none"}, Assignment: "z"}}, fieldexp.OneArm, `"none"`},
		{"outcome missing in blocks", itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"none"}, Assignment: "z"}, Blocks: "town"}, fieldexp.OneArm, `"none"`},
		{"one unit in an arm", itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"lone"}, Assignment: "z"}}, fieldexp.FewUnits, "arm 1|1 unit|randomisation inference"},
		{"varies within cluster", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z", Cluster: []string{"class"}}}, fieldexp.MixedCluster, `8 of the 8 clusters of "class"`},
		{"cluster across blocks", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z", Cluster: []string{"crossed"}}, Blocks: "town"}, fieldexp.MixedCluster, `8 of the 8 clusters of "crossed" (such as 0) have rows in several blocks of "town"`},
		{"one unit in a block's arm", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "single"}, Blocks: "town"}, fieldexp.SmallBlock, `block d of "town" has 1 unit in arm 1|PoolSmall|DropSmall`},
		{"one cluster in a block's arm", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "zc", Cluster: []string{"class"}}, Blocks: "town"}, fieldexp.SmallBlock,
			`block a of "town" has 1 cluster in arm|block c|and so on in 1 more|in Pairs`},
		{"no unit in a block's arm", itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"gone"}, Assignment: "z"}, Blocks: "town"}, fieldexp.SmallBlock, `block c of "town" has 0 units in arm 1`},
		{"no unit, pooled", itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"gone"}, Assignment: "z"}, Blocks: "town", Small: itt.PoolSmall}, fieldexp.SmallBlock, "block c|no effect to estimate in it"},
		{"one small block, pooled", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "single"}, Blocks: "town", Small: itt.PoolSmall}, fieldexp.SmallBlock, `block d of "town"|at least half of all such blocks`},
		{"all blocks small", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z"}, Blocks: "pair", Small: itt.DropSmall}, fieldexp.SmallBlock, "none of the 12 blocks|Pairs"},
		{"not pairs", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z"}, Blocks: "town", Pairs: true}, fieldexp.NotPairs, `block a of "town" has 3 units in arm 0|leave Pairs out`},
		{"not pairs, dropping", itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "z"}, Blocks: "town", Pairs: true, Small: itt.DropSmall}, fieldexp.NotPairs, "3 units"},
		{"broken pairs", itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"gone"}, Assignment: "z"}, Blocks: "pair", Pairs: true}, fieldexp.NotPairs, `block 6 of "pair" has 0 units in arm 1|DropSmall`},
		{"one pair", itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"lone"}, Assignment: "z"}, Blocks: "pair", Pairs: true, Small: itt.DropSmall}, fieldexp.FewUnits, "one pair"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := itt.DifferenceInMeans(context.Background(), f, c.spec)
			refused(t, err, c.problem, c.says)
		})
	}
	for name, spec := range map[string]itt.MeansSpec{
		"unknown outcome":    {Spec: itt.Spec{Outcomes: []string{"why"}, Assignment: "z"}},
		"unknown assignment": {Spec: itt.Spec{Outcomes: y, Assignment: "zz"}},
		"unknown block":      {Spec: itt.Spec{Outcomes: y, Assignment: "z"}, Blocks: "twon"},
		"unknown cluster":    {Spec: itt.Spec{Outcomes: y, Assignment: "z", Cluster: []string{"clas"}}},
		"unknown weight":     {Spec: itt.Spec{Outcomes: y, Assignment: "z", Weights: "ww"}},
		"outcome of text":    {Spec: itt.Spec{Outcomes: []string{"town"}, Assignment: "z"}},
	} {
		_, err := itt.DifferenceInMeans(context.Background(), f, spec)
		var e *fieldexp.Error
		if !errors.As(err, &e) || e.Op != "itt" && e.Op != "data" {
			t.Errorf("%s: error %v, want a *fieldexp.Error", name, err)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, cluster := range [][]string{nil, {"class"}} {
		if _, err := itt.DifferenceInMeans(cancelled, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: y, Assignment: "zc", Cluster: cluster}}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: error %v", err)
		}
	}
}

// TestSmallBlocksLeftOut: what DropSmall leaves out is counted and warned of, and the rest is the
// comparison without it.
func TestSmallBlocksLeftOut(t *testing.T) {
	f := classes(t)
	spec := itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"gone"}, Assignment: "single"}, Blocks: "town", Small: itt.DropSmall}
	res := means(t, f, spec)
	fit := res.Fits[0]
	if want := (itt.MeansDropped{Missing: 3, Blocks: 2, BlockRows: 9}); fit.Dropped != want || len(fit.Blocks) != 2 || fit.N != 12 {
		t.Errorf("dropped %+v, %d blocks and N %d, want %+v, 2 and 12", fit.Dropped, len(fit.Blocks), fit.N, want)
	}
	if !hasWarning(res.Warnings, "blocks-dropped") || !hasWarning(res.Warnings, "few-units") {
		t.Errorf("warnings %v, want those of dropped blocks and of few units", res.Warnings)
	}
	if text := res.String(); !strings.Contains(text, "Dropped of gone: 3 rows with a missing value; 2 block(s) with too few units in an arm (9 rows).") {
		t.Errorf("the summary does not say what was dropped:\n%s", text)
	}
	towns, _, err := f.Codes("town")
	must(t, err)
	rest := means(t, f.Filter(func(row int) bool { return towns[row] < 2 }), spec)
	if got, want := res.Effects()[0], rest.Effects()[0]; got != want {
		t.Errorf("effect %+v, want %+v", got, want)
	}
}

func hasWarning(list []fieldexp.Warning, code string) bool {
	return slices.ContainsFunc(list, func(w fieldexp.Warning) bool { return w.Code == code })
}

// TestConstantOutcome: an outcome that does not vary in an arm has no variance there, and one that
// varies nowhere none at all, clustered or not.
func TestConstantOutcome(t *testing.T) {
	f := classes(t)
	must(t, f.SetFloats("ones", slices.Repeat([]float64{1}, 24)))
	bought := slices.Clone(column(t, f, "zc"))
	for i := range bought {
		bought[i] *= float64(i % 5 / 2)
	}
	must(t, f.SetFloats("bought", bought))
	for _, cluster := range [][]string{nil, {"class"}} {
		spec := itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"bought", "ones"}, Assignment: "zc", Cluster: cluster}}
		res := means(t, f, spec)
		model := itt.Spec{Outcomes: []string{"bought"}, Assignment: "zc", Covariance: iv.Covariance{Kind: iv.HC2}}
		if len(cluster) > 0 {
			model.Cluster, model.Covariance.Kind = cluster, iv.CR2
		}
		want := effect(t, estimate(t, f, model), "bought")
		if len(cluster) == 0 {
			want.DF, want.P = res.Effects()[0].DF, res.Effects()[0].P
		}
		nearEffect(t, "bought", res.Effects()[0], want, 1e-9)
		if c := res.Effects()[1]; c.Estimate != 0 || c.SE != 0 || !(c.DF > 0) || !math.IsNaN(c.P) {
			t.Errorf("effect on a constant %+v", c)
		}
	}
}

func TestMeansAccessors(t *testing.T) {
	f := classes(t)
	steps := 0
	res := means(t, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y", "x"}, Assignment: "arm", Progress: func(done, total int) { steps += 10*done + total }}})
	if steps != 12+22 {
		t.Errorf("progress %d", steps)
	}
	_, err := res.Effect("y")
	refused(t, err, fieldexp.BadSpec, "3 arms|ArmEffect")
	_, err = res.ArmEffect("y", "voices")
	refused(t, err, fieldexp.BadSpec, `no effect of arm "voices"|text, voice`)
	_, err = res.ArmEffect("why", "voice")
	refused(t, err, fieldexp.BadSpec, `outcome "why"|y, x`)
	c, err := res.ArmEffect("x", "voice")
	must(t, err)
	if c != res.Effects()[3] || c.Name != "arm=voice" {
		t.Errorf("effect %+v", c)
	}
	if fit := res.Fits[0]; fit.Blocks != nil || fit.Strata != nil || res.Design != itt.SimpleDesign || len(fit.Arms) != 3 {
		t.Errorf("a simple design has %+v", fit)
	}
	for design, want := range map[itt.MeansDesign]string{itt.SimpleDesign: "simple", itt.ClusteredDesign: "clustered", itt.BlockedDesign: "blocked",
		itt.BlockClusteredDesign: "blocked and clustered", itt.PairedDesign: "matched pairs", itt.PairClusteredDesign: "matched pairs of clusters", 9: "MeansDesign(9)"} {
		if design.String() != want {
			t.Errorf("design %d is %q, want %q", int(design), design, want)
		}
	}
}

// TestExplanation: where shares assigned and effects go together, the two effects part, with a
// warning that names the block to which most of the difference is due; otherwise there is none.
func TestExplanation(t *testing.T) {
	var z, y, same []float64
	var site []string
	for b, c := range []struct{ treated, control, effect int }{{2, 18, 10}, {10, 10, 0}, {10, 10, 1}} {
		for i := range c.treated + c.control {
			z = append(z, map[bool]float64{true: 1}[i < c.treated])
			noise := float64(i*7%5) / 5
			y = append(y, noise+float64(c.effect)*z[len(z)-1])
			same = append(same, noise+3*z[len(z)-1]+float64(b))
			site = append(site, []string{"harbour", "market", "station"}[b])
		}
	}
	f := frame(t, map[string][]float64{"z": z, "y": y, "same": same})
	must(t, f.SetStrings("site", site))
	res := means(t, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y", "same"}, Assignment: "z"}, Blocks: "site"})
	// Precision weighs the sites 2*18/20 = 1.8, 5 and 5; size weighs them alike.
	strata := res.Fits[0].Strata[0]
	for b, want := range []float64{1.8 / 11.8, 5 / 11.8, 5 / 11.8} {
		studytest.Near(t, "weight", strata.Weights[b], want, 1e-12, 0)
	}
	for _, part := range []string{`block harbour of "site", of which 10.0% is assigned`, "counts 33.3% by size and 15.3% by precision"} {
		if !strings.Contains(strata.Explanation, part) {
			t.Errorf("explanation %q does not say %q", strata.Explanation, part)
		}
	}
	if strata.Difference.P > 1e-6 {
		t.Errorf("difference %+v, want one beyond chance", strata.Difference)
	}
	var warned []string
	for _, w := range res.Warnings {
		if w.Code == "strata-weights" {
			warned = append(warned, w.Message)
		}
	}
	if len(warned) != 1 || warned[0] != "y: "+strata.Explanation {
		t.Errorf("warnings %q, want one of y", warned)
	}
}
