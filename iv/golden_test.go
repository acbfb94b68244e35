package iv_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// golden reads the 217 reference results for the simulated experiment of 20,000 chats.
func golden(t rapid.TB) map[string]*reference {
	t.Helper()
	return readReferences(t, "experiment", "golden.json.gz")
}

// goldenPlan compares one reference result, or several of our results with it.
type goldenPlan struct {
	run func(t *testing.T, f *data.Frame, ref *reference)
	// excused lists the fields that the plan does not compare, and why.
	excused map[string]string
}

// Reasons why fields wait.
const (
	byInstruments = "TestGoldenInstruments compares tests of instruments"
	belongsBoot   = "compared by package bootstrap, whose draws it checks"
	belongsMany   = "adjustments for many outcomes are package bootstrap's, which compares them with this row"
	belongsDraws  = "permutation tests are package bootstrap's, which compares them with this row"
	belongsITT    = "differences in means are package itt's, which tests them against this row"
	belongsPanel  = "quantiles and groups are the panel package's, which tests them against this row"
)

// TestGolden compares every result of the file that can be expressed, and fails when a result or
// a field of one is neither compared nor listed as waiting.
func TestGolden(t *testing.T) {
	long(t)
	refs := golden(t)
	f := goldenFrame(t)
	plans := goldenPlans()
	later := waitingPlans()
	for _, key := range slices.Sorted(maps.Keys(refs)) {
		plan, ok := plans[key]
		if !ok {
			if later[key] == "" {
				t.Errorf("%s is neither compared nor listed as waiting", key)
			}
			continue
		}
		if later[key] != "" {
			t.Errorf("%s is compared and listed as waiting", key)
		}
		t.Run(key, func(t *testing.T) {
			ref := refs[key]
			plan.run(t, f, ref)
			ref.finish(t, plan.excused)
		})
	}
	for _, key := range slices.Concat(slices.Sorted(maps.Keys(plans)), slices.Sorted(maps.Keys(later))) {
		if refs[key] == nil {
			t.Errorf("%s is not in the reference file", key)
		}
	}
	t.Logf("%d results compared here, %d by other packages", len(plans), len(later))
}

var goldenOnce struct {
	sync.Once
	frame *data.Frame
}

// goldenFrame is the experiment with the columns that the reference calls derive. It is read once;
// tests must not set columns in it.
func goldenFrame(t rapid.TB) *data.Frame {
	t.Helper()
	goldenOnce.Do(func() {
		f := readCSV(t, refdata.Path(t, "experiment", "experiment.csv.gz"))
		derive(t, f, "az", []string{"assigned", "baseline"}, func(x []float64) float64 { return x[0] * x[1] })
		derive(t, f, "w", []string{"c2"}, func(x []float64) float64 { return 1 + x[0] })
		indicators(t, f, "day", "1")
		indicators(t, f, "issue_type", "billing")
		for _, c := range union(controls, agentControls) {
			var mean float64
			for _, v := range floats(t, f, c) {
				mean += v / float64(f.Len())
			}
			derive(t, f, c+"_c", []string{c}, func(x []float64) float64 { return x[0] - mean })
			derive(t, f, "assigned:"+c+"_c", []string{"assigned", c + "_c"}, func(x []float64) float64 { return x[0] * x[1] })
		}
		// Quartiles of baseline over rows, right-closed; the cut points are in the reference file.
		derive(t, f, "qb", []string{"baseline"}, func(x []float64) float64 {
			q := 1.0
			for _, cut := range []float64{1.8754, 2.2499, 2.6298} {
				if x[0] > cut {
					q++
				}
			}
			return q
		})
		for q := 1; q <= 4; q++ {
			derive(t, f, fmt.Sprintf("qb::Q%d:assigned", q), []string{"qb", "assigned"}, func(x []float64) float64 {
				if int(x[0]) == q {
					return x[1]
				}
				return 0
			})
		}
		goldenOnce.frame = f
	})
	if goldenOnce.frame == nil {
		t.Fatal("the experiment could not be read")
	}
	return goldenOnce.frame
}

var (
	controls      = []string{"c1", "c2", "c3", "c4"}
	agentControls = []string{"baseline", "tenure"}
)

// The models of the reference file, by its names for them.

func modelF0() iv.Spec { return iv.Spec{Outcomes: []string{"y1"}, Exogenous: []string{"assigned"}} }

func modelF1() iv.Spec {
	return iv.Spec{Outcomes: []string{"y1"}, Exogenous: union([]string{"assigned"}, controls, agentControls)}
}

func modelF2() iv.Spec {
	return iv.Spec{Outcomes: []string{"y1"}, Exogenous: union([]string{"assigned"}, controls, dayIndicators(), issueIndicators())}
}

func modelFE() iv.Spec {
	return iv.Spec{Outcomes: []string{"y1"}, Exogenous: union([]string{"assigned"}, controls),
		Absorb: iv.Effects("day", "issue_type"), KeepSingletons: true}
}

func modelWeighted() iv.Spec {
	s := modelF1()
	s.Weights = "w"
	return s
}

func modelLin() iv.Spec {
	s := modelF0()
	for _, c := range union(controls, agentControls) {
		s.Exogenous = append(s.Exogenous, c+"_c", "assigned:"+c+"_c")
	}
	return s
}

// modelIV is 2SLS with usage instrumented by assignment: without controls ("just0"), with them
// ("just"), and with a second instrument ("over").
func modelIV(name string) iv.Spec {
	s := iv.Spec{Outcomes: []string{"y1"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"}}
	if name != "just0" {
		s.Exogenous = union(controls, agentControls)
	}
	if name == "over" {
		s.Instruments = []string{"assigned", "az"}
	}
	return s
}

func modelIVFE() iv.Spec {
	return iv.Spec{Outcomes: []string{"y1"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"},
		Exogenous: controls, Absorb: iv.Effects("day", "issue_type"), KeepSingletons: true}
}

func dayIndicators() []string {
	var names []string
	for d := 2; d <= 30; d++ {
		names = append(names, fmt.Sprintf("day=%d", d))
	}
	return names
}

func issueIndicators() []string {
	var names []string
	for _, topic := range strings.Fields("bug cancel feature login other password payroll returns shipping tax upgrade") {
		names = append(names, "issue_type="+topic)
	}
	return names
}

// by adds clusters and a covariance to a model.
func by(s iv.Spec, c iv.Covariance, clusters ...string) iv.Spec {
	s.Covariance, s.Cluster = c, clusters
	return s
}

// outcome changes the outcome of a model.
func outcome(s iv.Spec, name string) iv.Spec {
	s.Outcomes = []string{name}
	return s
}

// usual compares the usual fields of a reference with one model.
func usual(s iv.Spec) goldenPlan { return usualExcept(s, comparison{}) }

func usualExcept(s iv.Spec, c comparison) goldenPlan {
	return goldenPlan{excused: c.excused, run: func(t *testing.T, f *data.Frame, ref *reference) {
		compare(t, ref, estimate(t, f, s), c)
	}}
}

// goldenPlans maps the keys of the reference file to what is compared with them.
func goldenPlans() map[string]goldenPlan {
	plans := make(map[string]goldenPlan)
	for _, add := range []func(map[string]goldenPlan){
		planEstimatr, planIVRobust, planIVReg, planSandwich, planClubSandwich, planStatsmodels, planManyIV,
		planFixest, planFixestFactors, planFixestIV, planFixestOther, planHand, planSmall,
	} {
		add(plans)
	}
	return plans
}

// waitingPlans lists the keys that other packages compare, and which.
func waitingPlans() map[string]string {
	later := make(map[string]string)
	list := func(reason, keys string) {
		for _, key := range strings.Fields(keys) {
			later[key] = reason
		}
	}
	list(belongsITT, "difference_in_means_cluster")
	for _, kind := range strings.Fields("fnw11 11 31 13 33") {
		list(belongsBoot, fmt.Sprintf("boottest_enum10_type%s_nullTRUE boottest_enum10_type%s_nullFALSE", kind, kind))
	}
	list(belongsBoot, `boottest_full_rademacher boottest_full_webb boottest_full_mammen boottest_full_norm
		boottest_full_rademacher_y3 boottest_full_rademacher_y8 boottest_full_rademacher_y10 boottest_full_2way
		boottest_full_type11 boottest_full_type31 boottest_full_type33 boottest_full_feols_FE`)
	list(belongsDraws, "ritest_cluster")
	list(belongsMany, "sm_multipletests")
	list(belongsPanel, "quantiles")
	return later
}
