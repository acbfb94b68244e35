package iv

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp/internal/document"
)

// MarshalJSON writes the model under the keys of results.json: outcome, estimator (ols, 2sls, liml or fuller), n,
// clusters (their number by column), se (the kind of standard errors), k, factor, r2, terms (a Coefficient each),
// tests (of the first stages), effects (absorbed: effect, levels, nested), dropped, warnings, level and, of
// models with endogenous columns, first_stages, reduced_form and as_used, each a model. What is not a finite
// number is null. It does not read back: what other covariances and tests are computed from came of the rows.
func (r Result) MarshalJSON() ([]byte, error) { return json.Marshal(r.withStages()) }

// Document is the result as JSON has it, without its first stages and what else it rests on: for packages of this module
// that make it part of a document of their own.
func (r *Result) Document() document.Model {
	m := document.Model{Outcome: r.Outcome, Estimator: r.Estimator.key(), N: r.N,
		Clusters: make(map[string]int), SE: r.Covariance.Kind.String(),
		K: r.K, Factor: document.Number(r.Factor), R2: document.Number(r.R2), Terms: []document.Coefficient{},
		Dropped:  r.Dropped.document(),
		Warnings: document.List(r.Warnings), Level: document.Number(r.Level)}
	for _, c := range r.Clusters {
		m.Clusters[c.Column] = c.Count
	}
	for _, c := range r.Coefficients() {
		m.Terms = append(m.Terms, c.Document())
	}
	for _, e := range r.Effects {
		m.Effects = append(m.Effects, document.FixedEffect{Effect: e.Effect.String(), Levels: e.Levels,
			Nested: e.Nested})
	}
	return m
}

// withStages is Document with the models that the result rests on.
func (r *Result) withStages() document.Model {
	m := r.Document()
	for _, t := range r.PartialF() {
		m.Tests = append(m.Tests, t.Document())
	}
	for _, first := range r.FirstStages {
		m.FirstStages = append(m.FirstStages, first.Document())
	}
	if r.ReducedForm != nil {
		m.ReducedForm = new(r.ReducedForm.Document())
	}
	if r.AsUsed != nil {
		m.AsUsed = new(r.AsUsed.Document())
	}
	return m
}

// MarshalJSON writes term, estimate, se, df (null for the normal distribution), statistic, p, low, high and, where
// there is no standard error, reason.
func (c Coefficient) MarshalJSON() ([]byte, error) { return json.Marshal(c.Document()) }

// UnmarshalJSON reads what MarshalJSON writes: null is NaN and, of degrees of freedom, infinity.
func (c *Coefficient) UnmarshalJSON(text []byte) error {
	var d document.Coefficient
	if err := json.Unmarshal(text, &d); err != nil {
		return err
	}
	*c = Coefficient{Name: d.Term, Estimate: float64(d.Estimate), SE: float64(d.SE), DF: degrees(d.DF),
		Statistic: float64(d.Statistic),
		P:         float64(d.P), Low: float64(d.Low), High: float64(d.High), Reason: d.Reason}
	return nil
}

// Document is the coefficient as JSON has it; see Result.Document.
func (c Coefficient) Document() document.Coefficient {
	if c.Reason != "" {
		c.SE = math.NaN()
	}
	return document.Coefficient{Term: c.Name, Estimate: document.Number(c.Estimate), SE: document.Number(c.SE),
		DF:        document.Number(c.DF),
		Statistic: document.Number(c.Statistic), P: document.Number(c.P), Low: document.Number(c.Low),
		High: document.Number(c.High), Reason: c.Reason}
}

// MarshalJSON writes null (the hypothesis), statistic, df1, df2 (null for chi-squared), p and, where it could not
// be computed, reason.
func (t Test) MarshalJSON() ([]byte, error) { return json.Marshal(t.Document()) }

// UnmarshalJSON reads what MarshalJSON writes: null is NaN and, of df2, infinity.
func (t *Test) UnmarshalJSON(text []byte) error {
	var d document.Test
	if err := json.Unmarshal(text, &d); err != nil {
		return err
	}
	*t = Test{Null: d.Null, Statistic: float64(d.Statistic), DF1: float64(d.DF1), DF2: degrees(d.DF2),
		P: float64(d.P), Reason: d.Reason}
	return nil
}

// Document is the test as JSON has it; see Result.Document.
func (t Test) Document() document.Test {
	return document.Test{Null: t.Null, Statistic: document.Number(t.Statistic), DF1: document.Number(t.DF1),
		DF2: document.Number(t.DF2),
		P:   document.Number(t.P), Reason: t.Reason}
}

// degrees are degrees of freedom, infinite where JSON has null.
func degrees(df document.Number) float64 {
	if math.IsNaN(float64(df)) {
		return math.Inf(1)
	}
	return float64(df)
}

// MarshalJSON writes missing, zero_weight, singletons and collinear.
func (d Dropped) MarshalJSON() ([]byte, error) { return json.Marshal(d.document()) }

func (d Dropped) document() document.Dropped {
	return document.Dropped{Missing: d.Missing, ZeroWeight: d.ZeroWeight, Singletons: d.Singletons,
		Collinear: append([]string{}, d.Collinear...)}
}

// MarshalJSON writes name, statistic, reason (where there is none) and critical, a list.
func (s Strength) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name      string          `json:"name"`
		Statistic document.Number `json:"statistic"`
		Reason    string          `json:"reason,omitempty"`
		Critical  []Critical      `json:"critical"`
	}{s.Name, document.Number(s.Statistic), s.Reason, document.List(s.Critical)})
}

// MarshalJSON writes criterion, tolerated and value.
func (c Critical) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Criterion string          `json:"criterion"`
		Tolerated document.Number `json:"tolerated"`
		Value     document.Number `json:"value"`
	}{c.Criterion, document.Number(c.Tolerated), document.Number(c.Value)})
}

// MarshalJSON writes f, critical, se, low, high, rejects and, where there is no interval, reason.
func (t TF) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		F        document.Number `json:"f"`
		Critical document.Number `json:"critical"` // null for infinity
		SE       document.Number `json:"se"`
		Low      document.Number `json:"low"`
		High     document.Number `json:"high"`
		Rejects  bool            `json:"rejects"`
		Reason   string          `json:"reason,omitempty"`
	}{document.Number(t.F), document.Number(t.Critical), document.Number(t.SE), document.Number(t.Low),
		document.Number(t.High), t.Rejects, t.Reason})
}

// MarshalJSON writes cluster, leverage, partial and without.
func (c ClusterInfluence) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Cluster  string          `json:"cluster"`
		Leverage document.Number `json:"leverage"`
		Partial  document.Number `json:"partial"`
		Without  document.Number `json:"without"`
	}{c.Cluster, document.Number(c.Leverage), document.Number(c.Partial), document.Number(c.Without)})
}

// MarshalJSON writes the settings under their names in small letters with underscores, such as skip_instrument_tests;
// the functions Rows, Sampled and Progress are left out.
func (s Spec) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcomes            []string        `json:"outcomes"`
		Exogenous           []string        `json:"exogenous"`
		Endogenous          []string        `json:"endogenous"`
		Instruments         []string        `json:"instruments"`
		NoConstant          bool            `json:"no_constant"`
		Absorb              []Effect        `json:"absorb"`
		KeepSingletons      bool            `json:"keep_singletons"`
		Cluster             []string        `json:"cluster"`
		Weights             string          `json:"weights"`
		WeightKind          WeightKind      `json:"weight_kind"`
		SkipInstrumentTests bool            `json:"skip_instrument_tests"`
		Estimator           Estimator       `json:"estimator"`
		FullerAlpha         document.Number `json:"fuller_alpha"`
		Covariance          Covariance      `json:"covariance"`
		Level               document.Number `json:"level"`
	}{document.List(s.Outcomes), document.List(s.Exogenous), document.List(s.Endogenous),
		document.List(s.Instruments), s.NoConstant, document.List(s.Absorb),
		s.KeepSingletons, document.List(s.Cluster), s.Weights, s.WeightKind, s.SkipInstrumentTests, s.Estimator,
		document.Number(s.FullerAlpha), s.Covariance,
		document.Number(s.Level)})
}

// MarshalJSON writes kind, params, row_factor, cluster_factor, groups, df, repair, working and centre, each a name.
func (c Covariance) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Kind          CovarianceKind `json:"kind"`
		Params        ParamCount     `json:"params"`
		RowFactor     Toggle         `json:"row_factor"`
		ClusterFactor Toggle         `json:"cluster_factor"`
		Groups        GroupFactor    `json:"groups"`
		DF            DFRule         `json:"df"`
		Repair        Toggle         `json:"repair"`
		Working       WorkingModel   `json:"working"`
		Centre        Centring       `json:"centre"`
	}(c))
}

// key is the estimator's name in study files and in JSON.
func (e Estimator) key() string { return strings.ToLower(e.String()) }

// MarshalText is the estimator's name in study files: ols, 2sls, liml or fuller.
func (e Estimator) MarshalText() ([]byte, error) { return []byte(e.key()), nil }

// MarshalText is the effect's name, as in day^quintile.
func (e Effect) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// MarshalText is the kind's name.
func (k CovarianceKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// MarshalText is the model's description.
func (w WorkingModel) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// MarshalText is the preset's name.
func (p Preset) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalText is the kind's name.
func (k WeightKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// MarshalText is the switch's position.
func (t Toggle) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalText is the count's name.
func (c ParamCount) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MarshalText is the factor's name.
func (g GroupFactor) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// MarshalText is the rule's name.
func (r DFRule) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// MarshalText is the centre's name.
func (c Centring) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
