package iv_test

import (
	"fmt"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// withTeams adds groups that are awkward to absorb: team nests agent, and side and shift have two
// halves that never meet (no side of the first half occurs with a shift of the second).
func withTeams(t testing.TB, f *data.Frame) *data.Frame {
	t.Helper()
	g := f.Clone()
	derive(t, g, "team", []string{"agent"}, func(x []float64) float64 { return float64(int(x[0]) % 7) })
	derive(t, g, "side", []string{"day", "hour"}, func(x []float64) float64 { return 10*float64(int(x[1])%2) + x[0] })
	derive(t, g, "shift", []string{"agent", "hour"}, func(x []float64) float64 {
		return 10*float64(int(x[1])%2) + float64(int(x[0])%4)
	})
	derive(t, g, "day^hour", []string{"day", "hour"}, func(x []float64) float64 { return 10*x[0] + x[1] })
	derive(t, g, "team^day", []string{"team", "day"}, func(x []float64) float64 { return 10*x[0] + x[1] })
	return g
}

// absorbCases are sets of effects by what is awkward about them, with the columns whose
// indicators say the same.
var absorbCases = []struct {
	name    string
	effects []string
	dummies []string // nil when they are the effects
}{
	{name: "one", effects: []string{"day"}},
	{name: "text", effects: []string{"topic"}},
	{name: "two", effects: []string{"day", "topic"}},
	{name: "three", effects: []string{"hour", "day", "topic"}},
	{name: "nested in the cluster", effects: []string{"agent"}},
	{name: "nested in the cluster and not", effects: []string{"agent", "day"}},
	{name: "not nested and nested", effects: []string{"day", "agent"}},
	{name: "nested in each other", effects: []string{"agent", "team", "day"}},
	{name: "interaction", effects: []string{"day^hour"}, dummies: []string{"day^hour"}},
	{name: "interaction and its parts", effects: []string{"hour", "day^hour", "day"}, dummies: []string{"hour", "day^hour", "day"}},
	{name: "agent and interaction", effects: []string{"agent", "team^day"}, dummies: []string{"agent", "team^day"}},
	{name: "two that fall apart", effects: []string{"side", "shift"}},
	{name: "three of which two fall apart", effects: []string{"side", "topic", "shift"}},
}

// TestAbsorbedIsDummies compares absorbed effects with the same regression with every indicator
// written out, for every covariance that counts the same parameters.
func TestAbsorbedIsDummies(t *testing.T) {
	long(t)
	f := withTeams(t, experiment(t, 14, 700, 30))
	models := map[string]iv.Spec{
		"OLS":      {Exogenous: []string{"c1", "c2", "c3"}},
		"weighted": {Exogenous: []string{"c1", "c2", "c3"}, Weights: "w"},
		"2SLS":     {Exogenous: []string{"c1", "c2"}, Endogenous: []string{"used"}, Instruments: []string{"z"}, Weights: "w"},
		"LIML":     {Exogenous: []string{"c1"}, Endogenous: []string{"share"}, Instruments: []string{"z", "z2"}, Estimator: iv.LIML},
		"Fuller":   {Exogenous: []string{"c1"}, Endogenous: []string{"share"}, Instruments: []string{"z", "z2"}, Estimator: iv.Fuller, FullerAlpha: 4},
	}
	// Instruments that vary within agents, so that agents can be absorbed.
	derive(t, f, "z", []string{"used", "c3", "hour"}, func(x []float64) float64 { return x[0] + x[1]*0.7 + 0.1*x[2]*x[1] })
	derive(t, f, "z2", []string{"share", "c2", "day"}, func(x []float64) float64 { return x[0] - 0.2*x[1] + 0.05*x[2]*x[1] })
	for _, c := range absorbCases {
		for name, s := range models {
			for _, clusters := range [][]string{nil, {"agent"}, {"agent", "day"}} {
				t.Run(fmt.Sprintf("%s, %s by %v", c.name, name, clusters), func(t *testing.T) {
					s := s
					s.Outcomes, s.Cluster, s.KeepSingletons = []string{"y"}, clusters, true
					compareDummies(t, f, s, c.effects, c.dummies)
				})
			}
		}
	}
}

func compareDummies(t *testing.T, f *data.Frame, s iv.Spec, effects, dummies []string) {
	t.Helper()
	if dummies == nil {
		dummies = effects
	}
	written := f.Clone()
	full := s
	for _, name := range dummies {
		full.Exogenous = union(full.Exogenous, indicators(t, written, name, ""))
	}
	s.Absorb = iv.Effects(effects...)
	absorbed, explicit := estimate(t, f, s), estimate(t, written, full)
	for _, cov := range covariances(s.Cluster != nil) {
		switch {
		case cov.Params == iv.CountCoefficients:
			continue // the two forms have different coefficients to count
		case cov.Kind != iv.CR0 || cov.RowFactor == iv.On || cov.DF == iv.DFResidual:
			cov.Params = iv.CountAll // dummies written out are never counted as nested
		}
		// Among the dummies are ones that a two-way covariance gives negative variances; mending
		// them would change the others too.
		cov.Repair = iv.Off
		got, want := with(t, absorbed, cov), with(t, explicit, cov)
		sameFit(t, fmt.Sprintf("%+v", cov), got, want, same, slopes(got)...)
		near(t, "sigma", got.Sigma, want.Sigma, same, 0)
		near(t, "R2", got.R2, want.R2, same, 0)
		near(t, "adjusted R2", got.AdjR2, want.AdjR2, same, 0)
		near(t, "kappa", got.Kappa, want.Kappa, same, 0)
		if cov.Params == iv.CountAll {
			near(t, "K", float64(got.K), float64(want.K), 0, 0)
		}
		for i := range want.FirstStages {
			near(t, "first-stage F", got.PartialF()[i].Statistic, want.PartialF()[i].Statistic, same, 0)
		}
		if t.Failed() {
			t.Logf("terms %v, effects %+v; written out %d terms, dropped %v", got.Terms, got.Effects, len(want.Terms), want.Dropped.Collinear)
			return
		}
	}
}

// TestOrderOfEffects permutes the effects: neither estimates nor what is counted may change.
func TestOrderOfEffects(t *testing.T) {
	f := withTeams(t, experiment(t, 15, 700, 30))
	for _, names := range [][]string{{"agent", "day"}, {"day", "topic"}, {"agent", "team", "topic"}, {"side", "shift", "topic"}, {"hour", "day^hour"}, {"agent", "day^hour"}} {
		for _, clusters := range [][]string{nil, {"agent"}, {"day"}, {"agent", "day"}, {"team"}} {
			s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1", "c2"}, Cluster: clusters, Absorb: iv.Effects(names...)}
			want := estimate(t, f, s)
			for shift := 1; shift < len(names); shift++ {
				s.Absorb = iv.Effects(union(names[shift:], names[:shift])...)
				got := estimate(t, f, s)
				what := fmt.Sprintf("%v by %v", s.Absorb, clusters)
				sameFit(t, what, got, want, same)
				near(t, what+": K", float64(got.K), float64(want.K), 0, 0)
				near(t, what+": within R2", got.WithinR2, want.WithinR2, same, 0)
			}
		}
	}
}

// TestCountOfParameters states what K counts when effects are nested in clusters.
func TestCountOfParameters(t *testing.T) {
	f := withTeams(t, experiment(t, 16, 700, 30)) // 30 agents, 7 teams, 9 days, 6 hours, 5 topics
	for _, c := range []struct {
		effects, clusters []string
		params            iv.ParamCount
		want              int // with two coefficients
	}{
		{nil, nil, iv.CountNotNested, 3},
		{[]string{"day"}, nil, iv.CountNotNested, 2 + 9},
		{[]string{"day", "hour"}, nil, iv.CountNotNested, 2 + 9 + 5},
		{[]string{"day", "hour", "topic"}, nil, iv.CountNotNested, 2 + 9 + 5 + 4},
		{[]string{"agent", "day"}, []string{"agent"}, iv.CountNotNested, 2 + 8 + 1},
		{[]string{"agent"}, []string{"agent"}, iv.CountNotNested, 2 + 1},
		{[]string{"agent"}, []string{"team"}, iv.CountNotNested, 2 + 1},
		{[]string{"team"}, []string{"agent"}, iv.CountNotNested, 2 + 7},
		{[]string{"agent", "day"}, []string{"agent"}, iv.CountAll, 2 + 30 + 8},
		{[]string{"agent", "day"}, []string{"agent"}, iv.CountCoefficients, 2},
		{[]string{"agent", "day^hour"}, []string{"agent"}, iv.CountNotNested, 2 + 53 + 1},
		{[]string{"day^hour", "agent"}, []string{"agent"}, iv.CountNotNested, 2 + 53 + 1},
		{[]string{"agent", "team", "day^hour"}, []string{"team"}, iv.CountNotNested, 2 + 53 + 1},
		{[]string{"day", "hour"}, []string{"agent", "day"}, iv.CountNotNested, 2 + 5 + 1},
		{[]string{"side", "shift"}, []string{"agent"}, iv.CountAll, 2 + 18 + 8 - 2},
	} {
		s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1", "c2"}, Cluster: c.clusters,
			Absorb: iv.Effects(c.effects...), KeepSingletons: true, Covariance: iv.Covariance{Params: c.params}}
		res := estimate(t, f, s)
		if res.K != c.want {
			t.Errorf("effects %v by %v, counted by rule %d: K = %d, want %d; effects are %+v", c.effects, c.clusters, c.params, res.K, c.want, res.Effects)
		}
	}
}
