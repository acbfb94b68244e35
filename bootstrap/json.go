package bootstrap

import (
	"encoding/json"
	"fmt"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/document"
	"github.com/fieldexp/fieldexp/iv"
)

// MarshalJSON writes outcome, null (the hypothesis), joint, method, estimate, value, se, statistic, p, symmetric,
// equal_tailed, monte_carlo_se, counts, set (with a reason where there is none), level, spec, clusters, singular, notes
// and warnings. Statistics, which has a number for each draw, is left out. It does not read back.
func (r WildResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome      string             `json:"outcome"`
		Null         string             `json:"null"`
		Joint        bool               `json:"joint"`
		Method       string             `json:"method"`
		Estimate     document.Number    `json:"estimate"`
		Value        document.Number    `json:"value"`
		SE           document.Number    `json:"se"`
		Statistic    document.Number    `json:"statistic"`
		P            document.Number    `json:"p"`
		Symmetric    document.Number    `json:"symmetric"`
		EqualTailed  document.Number    `json:"equal_tailed"`
		MonteCarloSE document.Number    `json:"monte_carlo_se"`
		Counts       Counts             `json:"counts"`
		Set          iv.Set             `json:"set"`
		Level        document.Number    `json:"level"`
		Spec         WildSpec           `json:"spec"`
		Clusters     int                `json:"clusters"`
		Singular     int                `json:"singular"`
		Notes        []string           `json:"notes"`
		Warnings     []fieldexp.Warning `json:"warnings"`
	}{r.Outcome, r.Null, r.Joint, r.Method, document.Number(r.Estimate), document.Number(r.Value),
		document.Number(r.SE), document.Number(r.Statistic),
		document.Number(r.P), document.Number(r.Symmetric), document.Number(r.EqualTailed),
		document.Number(r.MonteCarloSE), r.Counts, r.Set,
		document.Number(r.Level), r.Spec, r.Clusters, r.Singular, document.List(r.Notes()),
		document.List(r.Warnings)})
}

// MarshalJSON writes draws, enumerated, larger, ties, above, below and undefined.
func (c Counts) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Draws      int  `json:"draws"`
		Enumerated bool `json:"enumerated"`
		Larger     int  `json:"larger"`
		Ties       int  `json:"ties"`
		Above      int  `json:"above"`
		Below      int  `json:"below"`
		Undefined  int  `json:"undefined"`
	}(c))
}

// MarshalJSON writes the settings under their names in small letters with underscores, such as p_rule; the function
// Progress is left out.
func (s WildSpec) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Term         string          `json:"term"`
		Value        document.Number `json:"value"`
		Null         []Restriction   `json:"null,omitempty"`
		Draws        int             `json:"draws"`
		Seed         uint64          `json:"seed"`
		Weights      Weights         `json:"weights"`
		Type         Type            `json:"type"`
		Unrestricted bool            `json:"unrestricted"`
		Tail         Tail            `json:"tail"`
		PRule        PRule           `json:"p_rule"`
		Ties         Ties            `json:"ties"`
		Level        document.Number `json:"level"`
		NoSet        bool            `json:"no_set"`
	}{s.Term, document.Number(s.Value), s.Null, s.Draws, s.Seed, s.Weights, s.Type, s.Unrestricted, s.Tail,
		s.PRule, s.Ties, document.Number(s.Level), s.NoSet})
}

// MarshalJSON writes term or combination (the weight of each term), and value.
func (r Restriction) MarshalJSON() ([]byte, error) {
	var combination map[string]document.Number
	if r.Combination != nil {
		combination = make(map[string]document.Number, len(r.Combination))
		for term, weight := range r.Combination {
			combination[term] = document.Number(weight)
		}
	}
	return json.Marshal(struct {
		Term        string                     `json:"term,omitempty"`
		Combination map[string]document.Number `json:"combination,omitempty"`
		Value       document.Number            `json:"value"`
	}{r.Term, combination, document.Number(r.Value)})
}

// MarshalJSON writes the two ends, of which an infinite one is null.
func (i Interval) MarshalJSON() ([]byte, error) {
	return json.Marshal([2]document.Number{document.Number(i.Low), document.Number(i.High)})
}

// MarshalJSON writes outcome, term, estimate, se, value, statistic, p, monte_carlo_se, counts, sd, percentile and
// studentised (each with two ends), level, spec, clusters and notes. Estimates and Statistics, which have a number
// for each draw, are left out. It does not read back.
func (r PairsResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome      string          `json:"outcome"`
		Term         string          `json:"term"`
		Estimate     document.Number `json:"estimate"`
		SE           document.Number `json:"se"`
		Value        document.Number `json:"value"`
		Statistic    document.Number `json:"statistic"`
		P            document.Number `json:"p"`
		MonteCarloSE document.Number `json:"monte_carlo_se"`
		Counts       Counts          `json:"counts"`
		SD           document.Number `json:"sd"`
		Percentile   Interval        `json:"percentile"`
		Studentised  Interval        `json:"studentised"`
		Level        document.Number `json:"level"`
		Spec         PairsSpec       `json:"spec"`
		Clusters     int             `json:"clusters"`
		Notes        []string        `json:"notes"`
	}{r.Outcome, r.Term, document.Number(r.Estimate), document.Number(r.SE), document.Number(r.Value),
		document.Number(r.Statistic), document.Number(r.P),
		document.Number(r.MonteCarloSE), r.Counts, document.Number(r.SD), r.Percentile, r.Studentised,
		document.Number(r.Level), r.Spec, r.Clusters, document.List(r.Notes())})
}

// MarshalJSON writes the settings as WildSpec does.
func (s PairsSpec) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Term  string          `json:"term"`
		Value document.Number `json:"value"`
		Draws int             `json:"draws"`
		Seed  uint64          `json:"seed"`
		Tail  Tail            `json:"tail"`
		PRule PRule           `json:"p_rule"`
		Ties  Ties            `json:"ties"`
		Level document.Number `json:"level"`
	}{s.Term, document.Number(s.Value), s.Draws, s.Seed, s.Tail, s.PRule, s.Ties, document.Number(s.Level)})
}

// MarshalJSON writes term, effects, units, strata, fixed_strata, draws, enumerated, spec, notes and warnings. It does
// not read back.
func (r PermuteResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Term        string             `json:"term"`
		Effects     []PermuteEffect    `json:"effects"`
		Units       int                `json:"units"`
		Strata      int                `json:"strata"`
		FixedStrata int                `json:"fixed_strata"`
		Draws       int                `json:"draws"`
		Enumerated  bool               `json:"enumerated"`
		Spec        PermuteSpec        `json:"spec"`
		Notes       []string           `json:"notes"`
		Warnings    []fieldexp.Warning `json:"warnings"`
	}{r.Term, document.List(r.Effects), r.Units, r.Strata, r.FixedStrata, r.Draws, r.Enumerated, r.Spec,
		document.List(r.Notes()), document.List(r.Warnings)})
}

// MarshalJSON writes outcome, estimate, se, statistic, p, symmetric, equal_tailed, monte_carlo_se, counts, set (with a
// reason where it was not asked for), level and fit. Statistics, which has a number for each draw, is left out.
func (e PermuteEffect) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome      string          `json:"outcome"`
		Estimate     document.Number `json:"estimate"`
		SE           document.Number `json:"se"`
		Statistic    document.Number `json:"statistic"`
		P            document.Number `json:"p"`
		Symmetric    document.Number `json:"symmetric"`
		EqualTailed  document.Number `json:"equal_tailed"`
		MonteCarloSE document.Number `json:"monte_carlo_se"`
		Counts       Counts          `json:"counts"`
		Set          iv.Set          `json:"set"`
		Level        document.Number `json:"level"`
		Fit          *iv.Result      `json:"fit"`
	}{e.Outcome, document.Number(e.Estimate), document.Number(e.SE), document.Number(e.Statistic),
		document.Number(e.P), document.Number(e.Symmetric),
		document.Number(e.EqualTailed), document.Number(e.MonteCarloSE), e.Counts, e.Set,
		document.Number(e.Level), e.Fit})
}

// MarshalJSON writes the settings under their names in small letters with underscores, such as own_units; the function
// Progress is left out, and own, with a number for each unit and draw, is written where it is set.
func (s PermuteSpec) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcomes   []string            `json:"outcomes"`
		Assignment string              `json:"assignment"`
		Post       string              `json:"post"`
		Controls   []string            `json:"controls"`
		Absorb     []iv.Effect         `json:"absorb"`
		Weights    string              `json:"weights"`
		WeightKind iv.WeightKind       `json:"weight_kind"`
		Unit       string              `json:"unit"`
		Strata     []string            `json:"strata"`
		Pairs      string              `json:"pairs"`
		Own        [][]document.Number `json:"own,omitempty"`
		OwnUnits   []string            `json:"own_units,omitempty"`
		OwnAll     bool                `json:"own_all"`
		Statistic  Statistic           `json:"statistic"`
		Cluster    string              `json:"cluster"`
		Draws      int                 `json:"draws"`
		Seed       uint64              `json:"seed"`
		Tail       Tail                `json:"tail"`
		PRule      PRule               `json:"p_rule"`
		Ties       Ties                `json:"ties"`
		Level      document.Number     `json:"level"`
		NoSet      bool                `json:"no_set"`
	}{document.List(s.Outcomes), s.Assignment, s.Post, document.List(s.Controls), document.List(s.Absorb),
		s.Weights, s.WeightKind, s.Unit, document.List(s.Strata), s.Pairs,
		document.NumberLists(s.Own), s.OwnUnits, s.OwnAll, s.Statistic, s.Cluster, s.Draws, s.Seed, s.Tail,
		s.PRule, s.Ties, document.Number(s.Level), s.NoSet})
}

// MarshalJSON writes outcomes, largest, largest_p, largest_monte_carlo_se, quadratic, quadratic_p,
// quadratic_monte_carlo_se and, where it could not be computed, reason.
func (j JointPermutation) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcomes    []string        `json:"outcomes"`
		Largest     document.Number `json:"largest"`
		LargestP    document.Number `json:"largest_p"`
		LargestSE   document.Number `json:"largest_monte_carlo_se"`
		Quadratic   document.Number `json:"quadratic"`
		QuadraticP  document.Number `json:"quadratic_p"`
		QuadraticSE document.Number `json:"quadratic_monte_carlo_se"`
		Reason      string          `json:"reason,omitempty"`
	}{document.List(j.Outcomes), document.Number(j.Largest), document.Number(j.LargestP),
		document.Number(j.LargestSE), document.Number(j.Quadratic),
		document.Number(j.QuadraticP), document.Number(j.QuadraticSE), j.Reason})
}

// MarshalJSON writes p, monte_carlo_se, unadjusted, order (of hypotheses, counted from 0), draws and spec.
func (r StepResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		P            []document.Number `json:"p"`
		MonteCarloSE []document.Number `json:"monte_carlo_se"`
		Unadjusted   []document.Number `json:"unadjusted"`
		Order        []int             `json:"order"`
		Draws        int               `json:"draws"`
		Spec         StepSpec          `json:"spec"`
	}{document.Numbers(r.P), document.Numbers(r.MonteCarloSE), document.Numbers(r.Unadjusted),
		document.List(r.Order), r.Draws, r.Spec})
}

// MarshalJSON writes method, p_rule, ties and enumerated.
func (s StepSpec) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Method     StepMethod `json:"method"`
		PRule      PRule      `json:"p_rule"`
		Ties       Ties       `json:"ties"`
		Enumerated bool       `json:"enumerated"`
	}(s))
}

// String is plus one or share.
func (r PRule) String() string {
	switch r {
	case PlusOne:
		return "plus one"
	case Share:
		return "share"
	}
	return fmt.Sprintf("PRule(%d)", int(r))
}

// String is count or excluded.
func (t Ties) String() string {
	switch t {
	case TiesCount:
		return "count"
	case TiesExcluded:
		return "excluded"
	}
	return fmt.Sprintf("Ties(%d)", int(t))
}

// MarshalText is the law's name.
func (w Weights) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// MarshalText is the variant's two digits.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalText is the kind of p-value.
func (t Tail) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalText is the rule's name.
func (r PRule) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// MarshalText is the rule's name.
func (t Ties) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalText is the statistic's name.
func (s Statistic) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalText is the method's name.
func (m StepMethod) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// MarshalText is the method's name.
func (a Adjustment) MarshalText() ([]byte, error) { return []byte(a.String()), nil }
