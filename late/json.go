package late

import (
	"encoding/json"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/document"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// MarshalJSON writes design, usage, shares, effects (each an iv.Coefficient with its outcome), fits (an iv.Result each,
// with its first_stages, reduced_form and as_used), notes and warnings. It does not read back.
func (r Result) MarshalJSON() ([]byte, error) {
	effects := make([]document.Effect, 0, len(r.Fits))
	for _, fit := range r.Fits {
		if c, err := fit.Coefficient(r.Usage); err == nil { // but for a result that was made by hand
			effects = append(effects, document.Effect{Outcome: fit.Outcome, Coefficient: c.Document()})
		}
	}
	var notes []string
	if r.Design != nil {
		notes = r.Notes()
	}
	return json.Marshal(struct {
		Design   *itt.Design        `json:"design"`
		Usage    string             `json:"usage"`
		Shares   Shares             `json:"shares"`
		Effects  []document.Effect  `json:"effects"`
		Fits     []*iv.Result       `json:"fits"`
		Notes    []string           `json:"notes"`
		Warnings []fieldexp.Warning `json:"warnings"`
	}{r.Design, r.Usage, r.Shares, effects, document.List(r.Fits), document.List(notes),
		document.List(r.Warnings)})
}

// MarshalJSON writes the keys of itt.Spec, usage, estimator and fuller_alpha.
func (s Spec) MarshalJSON() ([]byte, error) {
	return document.Join(s.Spec, struct {
		Usage       string          `json:"usage"`
		Estimator   iv.Estimator    `json:"estimator"`
		FullerAlpha document.Number `json:"fuller_alpha"`
	}{s.Usage, s.Estimator, document.Number(s.FullerAlpha)})
}

// MarshalJSON writes assigned, not_assigned, mean_assigned, mean_not_assigned, compliers, never_takers, always_takers
// (null where usage is not 0 or 1), binary, one_sided, used_not_treated, unit, units, never_use and always_use.
func (s Shares) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Assigned        int             `json:"assigned"`
		NotAssigned     int             `json:"not_assigned"`
		MeanAssigned    document.Number `json:"mean_assigned"`
		MeanNotAssigned document.Number `json:"mean_not_assigned"`
		Compliers       document.Number `json:"compliers"`
		NeverTakers     document.Number `json:"never_takers"`
		AlwaysTakers    document.Number `json:"always_takers"`
		Binary          bool            `json:"binary"`
		OneSided        bool            `json:"one_sided"`
		UsedNotTreated  int             `json:"used_not_treated"`
		Unit            string          `json:"unit"`
		Units           int             `json:"units"`
		NeverUse        document.Number `json:"never_use"`
		AlwaysUse       document.Number `json:"always_use"`
	}{s.Assigned, s.NotAssigned, document.Number(s.MeanAssigned), document.Number(s.MeanNotAssigned),
		document.Number(s.Compliers),
		document.Number(s.NeverTakers), document.Number(s.AlwaysTakers), s.Binary, s.OneSided, s.UsedNotTreated,
		s.Unit, s.Units,
		document.Number(s.NeverUse), document.Number(s.AlwaysUse)})
}

// MarshalJSON writes design, usage, always_takers, never_takers and outcomes. It does not read back.
func (a Accounting) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Design       *itt.Design    `json:"design"`
		Usage        string         `json:"usage"`
		AlwaysTakers iv.Coefficient `json:"always_takers"`
		NeverTakers  iv.Coefficient `json:"never_takers"`
		Outcomes     []Compliers    `json:"outcomes"`
	}{a.Design, a.Usage, a.AlwaysTakers, a.NeverTakers, document.List(a.Outcomes)})
}

// MarshalJSON writes outcome, share, always_takers, never_takers, plain_share, effect, effect_set, control, treated, percent and percent_set.
func (c Compliers) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome      string         `json:"outcome"`
		Share        iv.Coefficient `json:"share"`
		AlwaysTakers iv.Coefficient `json:"always_takers"`
		NeverTakers  iv.Coefficient `json:"never_takers"`
		PlainShare   iv.Coefficient `json:"plain_share"`
		Effect       iv.Coefficient `json:"effect"`
		EffectSet    iv.Set         `json:"effect_set"`
		Control      iv.Coefficient `json:"control"`
		Treated      iv.Coefficient `json:"treated"`
		Percent      iv.Coefficient `json:"percent"`
		PercentSet   iv.Set         `json:"percent_set"`
	}(c))
}

// MarshalJSON writes among, effects (each an iv.Coefficient with its outcome), joint (null where the outcomes cannot be
// tested together), first_stages, fits, warnings and notes. It does not read back.
func (p Placebo) MarshalJSON() ([]byte, error) {
	outcomes := func(list []iv.Coefficient) []document.Effect { // which are the names
		effects := make([]document.Effect, len(list))
		for i, c := range list {
			effects[i] = document.Effect{Outcome: c.Name, Coefficient: c.Document()}
			effects[i].Term = p.term
		}
		return effects
	}
	return json.Marshal(struct {
		Among       string             `json:"among"`
		Effects     []document.Effect  `json:"effects"`
		Joint       *iv.Test           `json:"joint"`
		FirstStages []document.Effect  `json:"first_stages,omitempty"`
		Fits        []*iv.Result       `json:"fits"`
		Warnings    []fieldexp.Warning `json:"warnings"`
		Notes       []string           `json:"notes"`
	}{p.Among, outcomes(p.Effects), p.Joint, outcomes(p.FirstStages), document.List(p.Fits),
		document.List(p.Warnings), document.List(p.Notes())})
}

// MarshalJSON writes usage and rows. It does not read back.
func (p Profile) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Usage string       `json:"usage"`
		Rows  []ProfileRow `json:"rows"`
	}{p.Usage, document.List(p.Rows)})
}

// MarshalJSON writes covariate, all, compliers, always_takers and never_takers.
func (r ProfileRow) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Covariate    string         `json:"covariate"`
		All          iv.Coefficient `json:"all"`
		Compliers    iv.Coefficient `json:"compliers"`
		AlwaysTakers iv.Coefficient `json:"always_takers"`
		NeverTakers  iv.Coefficient `json:"never_takers"`
	}(r))
}

// MarshalJSON writes usage and steps. It does not read back.
func (r Response) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Usage string         `json:"usage"`
		Steps []ResponseStep `json:"steps"`
	}{r.Usage, document.List(r.Steps)})
}

// MarshalJSON writes from, to, moved and weight.
func (s ResponseStep) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		From   document.Number `json:"from"`
		To     document.Number `json:"to"`
		Moved  iv.Coefficient  `json:"moved"`
		Weight iv.Coefficient  `json:"weight"`
	}{document.Number(s.From), document.Number(s.To), s.Moved, s.Weight})
}

// MarshalJSON writes outcome, low and high (the direct effects), bounds (of the effect of usage), set and breakdown, as
// results.json does.
func (v Violation) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome   string             `json:"outcome"`
		Low       document.Number    `json:"low"`
		High      document.Number    `json:"high"`
		Bounds    [2]document.Number `json:"bounds"`
		Set       iv.Set             `json:"set"`
		Breakdown document.Number    `json:"breakdown"`
	}{v.Outcome, document.Number(v.DirectLow), document.Number(v.DirectHigh),
		[2]document.Number{document.Number(v.Low), document.Number(v.High)}, v.Set,
		document.Number(v.Breakdown)})
}
