package hetero

import (
	"encoding/json"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/internal/document"
	"github.com/fieldexp/fieldexp/iv"
)

// MarshalJSON writes regressor, group_column, groups, time_effects, period, ungrouped, effects (each an iv.Coefficient
// with its outcome and group), fits, notes and warnings. It does not read back.
func (r Result) MarshalJSON() ([]byte, error) {
	effects := []document.Effect{}
	for _, f := range r.Fits {
		effects = append(effects, inGroups(f.Outcome, r.Groups, f.Impacts)...)
	}
	return json.Marshal(struct {
		Regressor   string             `json:"regressor"`
		GroupColumn string             `json:"group_column"`
		Groups      []string           `json:"groups"`
		TimeEffects TimeEffects        `json:"time_effects"`
		Period      string             `json:"period"`
		Ungrouped   Ungrouped          `json:"ungrouped"`
		Effects     []document.Effect  `json:"effects"`
		Fits        []Fit              `json:"fits"`
		Notes       []string           `json:"notes"`
		Warnings    []fieldexp.Warning `json:"warnings"`
	}{r.Regressor, r.GroupColumn, document.List(r.Groups), r.TimeEffects, r.Period, r.Ungrouped, effects,
		document.List(r.Fits), document.List(r.Notes()),
		document.List(r.Warnings)})
}

// inGroups are the effects on an outcome with their groups.
func inGroups(outcome string, groups []string, list []iv.Coefficient) []document.Effect {
	effects := make([]document.Effect, min(len(list), len(groups)))
	for k := range effects {
		effects[k] = document.Effect{Outcome: outcome, Group: groups[k], Coefficient: list[k].Document()}
	}
	return effects
}

// MarshalJSON writes rows and clusters.
func (u Ungrouped) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Rows     int `json:"rows"`
		Clusters int `json:"clusters"`
	}(u))
}

// MarshalJSON writes outcome, model, base, interactions, impacts, equality, trend, groups, consistency (null where it
// was skipped) and warnings.
func (f Fit) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome      string             `json:"outcome"`
		Model        *iv.Result         `json:"model"`
		Base         iv.Coefficient     `json:"base"`
		Interactions []iv.Coefficient   `json:"interactions"`
		Impacts      []iv.Coefficient   `json:"impacts"`
		Equality     iv.Test            `json:"equality"`
		Trend        iv.Coefficient     `json:"trend"`
		Groups       []Group            `json:"groups"`
		Consistency  *Consistency       `json:"consistency"`
		Warnings     []fieldexp.Warning `json:"warnings"`
	}{f.Outcome, f.Model, f.Base, document.List(f.Interactions), document.List(f.Impacts), f.Equality, f.Trend,
		document.List(f.Groups), f.Consistency,
		document.List(f.Warnings)})
}

// MarshalJSON writes group, rows, treated_rows, clusters, treated_clusters and, of effects of usage, mean_usage,
// first_stage and first_stage_f.
func (g Group) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Group           string          `json:"group"`
		Rows            int             `json:"rows"`
		TreatedRows     int             `json:"treated_rows"`
		Clusters        int             `json:"clusters"`
		TreatedClusters int             `json:"treated_clusters"`
		MeanUsage       document.Number `json:"mean_usage"` // null without usage
		FirstStage      *iv.Coefficient `json:"first_stage,omitempty"`
		FirstStageF     *iv.Test        `json:"first_stage_f,omitempty"`
	}{g.Label, g.Rows, g.TreatedRows, g.Clusters, g.TreatedClusters, document.Number(g.MeanUsage),
		document.Optional(g.FirstStage), document.Optional(g.FirstStageF)})
}

// MarshalJSON writes shares, average, pooled, difference, and of common period effects alternative, contrasts, drift
// and gradient.
func (c Consistency) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Shares      []document.Number `json:"shares"`
		Average     iv.Coefficient    `json:"average"`
		Pooled      iv.Coefficient    `json:"pooled"`
		Difference  iv.Coefficient    `json:"difference"`
		Alternative []iv.Coefficient  `json:"alternative,omitempty"`
		Contrasts   []iv.Coefficient  `json:"contrasts,omitempty"`
		Drift       *iv.Test          `json:"drift,omitempty"`
		Gradient    *iv.Coefficient   `json:"gradient,omitempty"`
	}{document.Numbers(c.Shares), c.Average, c.Pooled, c.Difference, c.Alternative, c.Contrasts,
		document.Optional(c.Drift), document.Optional(c.Gradient)})
}

// MarshalJSON writes the keys of itt.Spec, usage, estimator, fuller_alpha, group, period, time_effects and
// skip_consistency.
func (s Spec) MarshalJSON() ([]byte, error) {
	return document.Join(s.Spec, struct {
		Usage           string          `json:"usage"`
		Estimator       iv.Estimator    `json:"estimator"`
		FullerAlpha     document.Number `json:"fuller_alpha"`
		Group           string          `json:"group"`
		Period          string          `json:"period"`
		TimeEffects     TimeEffects     `json:"time_effects"`
		SkipConsistency bool            `json:"skip_consistency"`
	}{s.Usage, s.Estimator, document.Number(s.FullerAlpha), s.Group, s.Period, s.TimeEffects, s.SkipConsistency})
}

// MarshalText is the word that tables print.
func (t TimeEffects) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalJSON writes the keys of Spec, unit, baseline, pre_column, covariates, n, splits and seed.
func (s SplitSpec) MarshalJSON() ([]byte, error) {
	return document.Join(s.Spec, struct {
		Unit       string   `json:"unit"`
		Baseline   string   `json:"baseline"`
		PreColumn  string   `json:"pre_column"`
		Covariates []string `json:"covariates"`
		N          int      `json:"n"`
		Splits     int      `json:"splits"`
		Seed       uint64   `json:"seed"`
	}{s.Unit, s.Baseline, s.PreColumn, document.List(s.Covariates), s.N, s.Splits, s.Seed})
}

// MarshalJSON writes regressor, groups, time_effects, units, undivided, spec, effects (each an iv.Coefficient with its
// outcome and group), fits, notes and warnings. It does not read back.
func (r SplitResult) MarshalJSON() ([]byte, error) {
	effects := []document.Effect{}
	for _, f := range r.Fits {
		effects = append(effects, inGroups(f.Outcome, r.Groups, f.Impacts)...)
	}
	return json.Marshal(struct {
		Regressor   string             `json:"regressor"`
		Groups      []string           `json:"groups"`
		TimeEffects TimeEffects        `json:"time_effects"`
		Units       int                `json:"units"`
		Undivided   int                `json:"undivided"`
		Spec        SplitSpec          `json:"spec"`
		Effects     []document.Effect  `json:"effects"`
		Fits        []SplitFit         `json:"fits"`
		Notes       []string           `json:"notes"`
		Warnings    []fieldexp.Warning `json:"warnings"`
	}{r.Regressor, document.List(r.Groups), r.TimeEffects, r.Units, r.Undivided, r.Spec, effects,
		document.List(r.Fits), document.List(r.Notes()), document.List(r.Warnings)})
}

// MarshalJSON writes outcome, base, interactions, impacts, equality, trend, first_stages (of effects of usage), estimates
// (the impacts of each model of a split), monte_carlo_se and level.
func (f SplitFit) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome      string              `json:"outcome"`
		Base         iv.Coefficient      `json:"base"`
		Interactions []iv.Coefficient    `json:"interactions"`
		Impacts      []iv.Coefficient    `json:"impacts"`
		Equality     iv.Test             `json:"equality"`
		Trend        iv.Coefficient      `json:"trend"`
		FirstStages  []iv.Coefficient    `json:"first_stages,omitempty"`
		Estimates    [][]document.Number `json:"estimates"`
		MonteCarloSE []document.Number   `json:"monte_carlo_se"`
		Level        document.Number     `json:"level"`
	}{f.Outcome, f.Base, document.List(f.Interactions), document.List(f.Impacts), f.Equality, f.Trend,
		f.FirstStages, document.NumberLists(f.Estimates),
		document.Numbers(f.MonteCarloSE), document.Number(f.Level)})
}

// MarshalJSON writes regressor, groups, effects (each an iv.Coefficient with its outcome and group), fits and notes. It
// does not read back.
func (s Separated) MarshalJSON() ([]byte, error) {
	effects := []document.Effect{}
	for _, f := range s.Fits {
		effects = append(effects, inGroups(f.Outcome, s.Groups, f.effects())...)
	}
	return json.Marshal(struct {
		Regressor string            `json:"regressor"`
		Groups    []string          `json:"groups"`
		Effects   []document.Effect `json:"effects"`
		Fits      []SeparateFit     `json:"fits"`
		Notes     []string          `json:"notes"`
	}{s.Regressor, document.List(s.Groups), effects, document.List(s.Fits), document.List(s.Notes())})
}

// MarshalJSON writes outcome, groups and equality.
func (f SeparateFit) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome  string          `json:"outcome"`
		Groups   []GroupModelFit `json:"groups"`
		Equality iv.Test         `json:"equality"`
	}{f.Outcome, document.List(f.Groups), f.Equality})
}

// MarshalJSON writes group, model, effect, first_stage, strength and ar (the Anderson-Rubin set).
func (f GroupModelFit) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Group         string         `json:"group"`
		Model         *iv.Result     `json:"model"`
		Effect        iv.Coefficient `json:"effect"`
		FirstStage    iv.Coefficient `json:"first_stage"`
		Strength      iv.Strength    `json:"strength"`
		AndersonRubin iv.Set         `json:"ar"`
	}(f))
}

// MarshalJSON writes regressor, groups, fits, notes and warnings. It does not read back.
func (w Wild) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Regressor string             `json:"regressor"`
		Groups    []string           `json:"groups"`
		Fits      []WildFit          `json:"fits"`
		Notes     []string           `json:"notes"`
		Warnings  []fieldexp.Warning `json:"warnings"`
	}{w.Regressor, document.List(w.Groups), document.List(w.Fits), document.List(w.Notes()),
		document.List(w.warnings())})
}

// MarshalJSON writes outcome, impacts (a bootstrap.WildResult for each group), equality and trend (null for effects of
// usage).
func (f WildFit) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome  string                  `json:"outcome"`
		Impacts  []*bootstrap.WildResult `json:"impacts"`
		Equality *bootstrap.WildResult   `json:"equality"`
		Trend    *bootstrap.WildResult   `json:"trend"`
	}{f.Outcome, document.List(f.Impacts), f.Equality, f.Trend})
}

// MarshalJSON writes outcomes, groups, p and unadjusted (each by outcome, then group), result and notes.
func (s StepDown) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcomes   []string              `json:"outcomes"`
		Groups     []string              `json:"groups"`
		P          [][]document.Number   `json:"p"`
		Unadjusted [][]document.Number   `json:"unadjusted"`
		Result     *bootstrap.StepResult `json:"result"`
		Notes      []string              `json:"notes"`
	}{document.List(s.Outcomes), document.List(s.Groups), document.NumberLists(s.P),
		document.NumberLists(s.Unadjusted), s.Result, document.List(s.Notes())})
}

// MarshalJSON writes outcome, assignment, control_arm, unit, covariates, time, launch (null where there is none), launch_period,
// pre_column, name and in_sample.
func (s PredictSpec) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome      string          `json:"outcome"`
		Assignment   string          `json:"assignment"`
		ControlArm   string          `json:"control_arm"`
		Unit         string          `json:"unit"`
		Covariates   []string        `json:"covariates"`
		Time         string          `json:"time"`
		Launch       *string         `json:"launch"`
		LaunchPeriod document.Number `json:"launch_period"`
		PreColumn    string          `json:"pre_column"`
		Name         string          `json:"name"`
		InSample     bool            `json:"in_sample"`
	}{s.Outcome, s.Assignment, s.ControlArm, s.Unit, document.List(s.Covariates), s.Time, document.Instant(s.Launch),
		document.Number(s.LaunchPeriod), s.PreColumn, s.Name, s.InSample})
}

// MarshalJSON writes name, controls, units, unknown and r2.
func (p Prediction) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name     string          `json:"name"`
		Controls int             `json:"controls"`
		Units    int             `json:"units"`
		Unknown  int             `json:"unknown"`
		R2       document.Number `json:"r2"`
	}{p.Name, p.Controls, p.Units, p.Unknown, document.Number(p.R2)})
}
