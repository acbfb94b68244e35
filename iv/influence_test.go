package iv_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// TestInfluenceAddsUp: leverages of clusters add up to the coefficients and the kept effects, and
// partial leverages to one.
func TestInfluenceAddsUp(t *testing.T) {
	f := smallFrame(t, 51, 300, 12)
	for _, c := range []struct {
		effects []string
		want    float64
	}{{nil, 4}, {[]string{"agent"}, 3}, {[]string{"day"}, 3 + 9}, {[]string{"agent", "day"}, 3 + 8}} {
		res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1", "c2", "c3"}, Absorb: iv.Effects(c.effects...),
			Cluster: []string{"agent"}, Covariance: iv.Covariance{Kind: iv.CR2}})
		list, err := res.Influence("c1")
		if err != nil {
			t.Fatal(err)
		}
		leverage, partial, squares := 0.0, 0.0, 0.0
		for _, cluster := range list {
			leverage += cluster.Leverage
			partial += cluster.Partial
			squares += cluster.Partial * cluster.Partial
		}
		near(t, "leverages", leverage, c.want, same, 0)
		near(t, "partial leverages", partial, 1, same, 0)
		effective, err := res.EffectiveClusters("c1")
		if err != nil {
			t.Fatal(err)
		}
		near(t, "effective clusters", effective, 1/squares, same, 0)
	}
}

// TestEffectiveClustersAt compares with the definition in the regression on one column.
func TestEffectiveClustersAt(t *testing.T) {
	f := smallFrame(t, 52, 200, 10)
	x, agents := floats(t, f, "c1"), floats(t, f, "agent")
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	squares, sums := map[float64]float64{}, map[float64]float64{}
	for i, v := range x {
		squares[agents[i]] += (v - mean) * (v - mean)
		sums[agents[i]] += v - mean
	}
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Cluster: []string{"agent"}, Covariance: iv.Covariance{Kind: iv.CR2}})
	for _, rho := range []float64{0, 0.3, 1} {
		total, square := 0.0, 0.0
		for a := range squares {
			gamma := (1-rho)*squares[a] + rho*sums[a]*sums[a]
			total += gamma
			square += gamma * gamma
		}
		got, err := res.EffectiveClustersAt("c1", rho)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "effective clusters", got, total*total/square, same, 0)
	}
	if _, err := res.EffectiveClustersAt("c1", 1.5); err == nil {
		t.Error("a correlation above one was not refused")
	}
	if _, err := with(t, res, iv.Covariance{}).EffectiveClustersAt("nobody", 0); err == nil {
		t.Error("a term that there is not was not refused")
	}
}

// TestCorrectedRefusals: what cannot be had is refused with what to do instead.
func TestCorrectedRefusals(t *testing.T) {
	f := smallFrame(t, 53, 300, 12)
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Endogenous: []string{"share"}, Instruments: []string{"z", "z2"}}
	for _, c := range []struct {
		what     string
		change   func(s *iv.Spec)
		contains string
	}{
		{"HC2 with clusters", func(s *iv.Spec) { s.Covariance.Kind, s.Cluster = iv.HC2, []string{"agent"} }, "leave Cluster out"},
		{"CR2 without clusters", func(s *iv.Spec) { s.Covariance.Kind = iv.CR2 }, "in Cluster"},
		{"Satterthwaite of two clusterings", func(s *iv.Spec) {
			s.Covariance = iv.Covariance{Kind: iv.CR2, DF: iv.DFSatterthwaite}
			s.Cluster = []string{"agent", "day"}
		}, "one column"},
		{"unknown", func(s *iv.Spec) { s.Covariance.Kind = 99 }, "CR0 to CR3"},
	} {
		changed := s
		c.change(&changed)
		_, err := iv.Estimate(t.Context(), f, changed)
		var refused *fieldexp.Error
		if !errors.As(err, &refused) || refused.Problem != fieldexp.BadSpec || !strings.Contains(err.Error(), c.contains) {
			t.Errorf("%s: %v, want a refusal that says %q", c.what, err, c.contains)
		}
	}
	many := experiment(t, 54, 5400, 2700)
	_, err := iv.Estimate(t.Context(), many, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Absorb: iv.Effects("agent", "day"),
		Cluster: []string{"day"}, Covariance: iv.Covariance{Kind: iv.CR2}})
	var refused *fieldexp.Error
	if !errors.As(err, &refused) || refused.Problem != fieldexp.NotAvailable || refused.Count < 2500 {
		t.Errorf("effects of thousands of levels that are not nested: %v, want a refusal", err)
	}
	res := estimate(t, f, s)
	if _, err := res.Influence("c1"); !errors.As(err, &refused) || refused.Problem != fieldexp.NotAvailable {
		t.Errorf("influence of clusters of a model without: %v", err)
	}
}

// TestCorrectedNotes: the notes name the covariance and its degrees of freedom, and warnings fit it.
func TestCorrectedNotes(t *testing.T) {
	f := smallFrame(t, 55, 300, 12)
	s := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Cluster: []string{"agent"}, Weights: "w"}
	for _, c := range []struct {
		cov   iv.Covariance
		words []string
	}{
		{iv.Covariance{Kind: iv.CR2}, []string{"CR2", "Satterthwaite", "equal variances", "agent (12)"}},
		{iv.Covariance{Kind: iv.CR2, Working: iv.InverseWeights}, []string{"CR2", "variances inverse to the weights"}},
		{iv.Covariance{Kind: iv.CR2, DF: iv.DFClusters}, []string{"t with 11 degrees of freedom"}},
		{iv.Covariance{Kind: iv.Jackknife}, []string{"jackknife around the estimates", "factor 0.916667", "t with 11"}},
		{iv.Covariance{Kind: iv.Jackknife, Centre: iv.CentreMean}, []string{"around the mean of the estimates"}},
	} {
		note := estimate(t, f, by(s, c.cov, "agent")).Notes()[0]
		for _, word := range c.words {
			if !strings.Contains(note, word) {
				t.Errorf("%+v: note %q does not say %q", c.cov, note, word)
			}
		}
	}
	s.Weights = ""
	few := func(res *iv.Result) bool {
		return slices.ContainsFunc(res.Warnings, func(w fieldexp.Warning) bool { return w.Code == "few-clusters" })
	}
	res := estimate(t, f, by(s, iv.Covariance{}, "agent"))
	if !few(res) || few(with(t, res, iv.Covariance{Kind: iv.CR2})) || !few(with(t, with(t, res, iv.Covariance{Kind: iv.CR2}), iv.Covariance{})) {
		t.Error("twelve clusters are few for CR1 and not for CR2, whichever way the result came by it")
	}
	if note := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Covariance: iv.Covariance{Kind: iv.HC3}}).Notes()[0]; !strings.Contains(note, "HC3") {
		t.Errorf("note %q does not say HC3", note)
	}
}

// TestCorrectedJoin: models joined with CR2 have their own covariances on the diagonal.
func TestCorrectedJoin(t *testing.T) {
	f := smallFrame(t, 56, 300, 12)
	s := iv.Spec{Outcomes: []string{"y", "y2"}, Exogenous: []string{"c1"}, Cluster: []string{"agent"}, Covariance: iv.Covariance{Kind: iv.CR2}}
	results := estimateAll(t, f, s)
	joint, err := iv.Join(results...)
	if err != nil {
		t.Fatal(err)
	}
	for i, res := range results {
		weights := make([]map[string]float64, len(results))
		weights[i] = map[string]float64{"c1": 1}
		c, err := joint.Combine("c1", weights...)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "standard error of c1 on "+res.Outcome, c.SE, coefficient(t, res, "c1").SE, same, 0)
		if math.IsNaN(c.P) {
			t.Errorf("p of c1 on %s is not a number", res.Outcome)
		}
	}
}
