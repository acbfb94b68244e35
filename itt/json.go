package itt

import (
	"encoding/json"
	"fmt"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/document"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// MarshalJSON writes design, effects (each an iv.Coefficient with its outcome and, where there are several, its
// arm), fits (an iv.Result each), notes and warnings. It does not read back.
func (r Result) MarshalJSON() ([]byte, error) {
	var effects []document.Effect
	if r.Design != nil {
		for _, fit := range r.Fits {
			effects = append(effects, r.Design.effects(fit)...)
		}
	}
	return json.Marshal(struct {
		Design   *Design            `json:"design"`
		Effects  []document.Effect  `json:"effects"`
		Fits     []*iv.Result       `json:"fits"`
		Notes    []string           `json:"notes"`
		Warnings []fieldexp.Warning `json:"warnings"`
	}{r.Design, document.List(effects), document.List(r.Fits), document.List(r.Notes()),
		document.List(r.Warnings)})
}

// effects are those in a fit, one for each arm but control.
func (d *Design) effects(fit *iv.Result) (list []document.Effect) {
	for i, term := range d.Terms {
		c, err := fit.Coefficient(term)
		if err != nil {
			continue // a result that was made by hand
		}
		list = append(list, document.Effect{Outcome: fit.Outcome, Arm: armName(d.Arms, i+1),
			Coefficient: c.Document()})
	}
	return list
}

// armName is an arm's label where there are several beside control.
func armName(arms []Arm, i int) string {
	if len(arms) <= 2 {
		return ""
	}
	return arms[i].Label
}

// MarshalJSON writes spec, arms, terms and main_effects; the frame is left out.
func (d Design) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Spec        Spec     `json:"spec"`
		Arms        []Arm    `json:"arms"`
		Terms       []string `json:"terms"`
		MainEffects []string `json:"main_effects"`
	}{d.Spec, document.List(d.Arms), document.List(d.Terms), document.List(d.MainEffects)})
}

// MarshalJSON writes arm and rows.
func (a Arm) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Arm  string `json:"arm"`
		Rows int    `json:"rows"`
	}{a.Label, a.Rows})
}

// MarshalJSON writes the settings under their names in small letters with underscores, such as keep_singletons; the
// functions Rows and Progress are left out, and launch is null where there is none.
func (s Spec) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcomes       []string        `json:"outcomes"`
		Assignment     string          `json:"assignment"`
		ControlArm     string          `json:"control_arm"`
		Controls       []string        `json:"controls"`
		Absorb         []iv.Effect     `json:"absorb"`
		KeepSingletons bool            `json:"keep_singletons"`
		Cluster        []string        `json:"cluster"`
		MixedClusters  bool            `json:"mixed_clusters"`
		Weights        string          `json:"weights"`
		WeightKind     iv.WeightKind   `json:"weight_kind"`
		Covariance     iv.Covariance   `json:"covariance"`
		Level          document.Number `json:"level"`
		Time           string          `json:"time"`
		Launch         *string         `json:"launch"`
		LaunchPeriod   document.Number `json:"launch_period"`
		TreatedName    string          `json:"treated_name"`
	}{document.List(s.Outcomes), s.Assignment, s.ControlArm, document.List(s.Controls), document.List(s.Absorb),
		s.KeepSingletons, document.List(s.Cluster),
		s.MixedClusters, s.Weights, s.WeightKind, s.Covariance, document.Number(s.Level), s.Time,
		document.Instant(s.Launch), document.Number(s.LaunchPeriod), s.TreatedName})
}

// MarshalJSON writes the keys of Spec, unit, step and reference.
func (s EventSpec) MarshalJSON() ([]byte, error) {
	return document.Join(s.Spec, struct {
		Unit      string       `json:"unit"`
		Step      panel.Period `json:"step"`
		Reference int          `json:"reference"`
	}{s.Unit, s.Step, s.Reference})
}

// MarshalJSON writes the keys of Spec, and variables.
func (s BalanceSpec) MarshalJSON() ([]byte, error) {
	return document.Join(s.Spec, struct {
		Variables []string `json:"variables"`
	}{document.List(s.Variables)})
}

// MarshalJSON writes the keys of Spec, blocks, pairs, small (refuse, pool or drop) and df (usual, Welch or design).
func (s MeansSpec) MarshalJSON() ([]byte, error) {
	return document.Join(s.Spec, struct {
		Blocks string      `json:"blocks"`
		Pairs  bool        `json:"pairs"`
		Small  SmallBlocks `json:"small"`
		DF     MeansDF     `json:"df"`
	}{s.Blocks, s.Pairs, s.Small, s.DF})
}

// MarshalText is the design's description.
func (d MeansDesign) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String is refuse, pool or drop.
func (s SmallBlocks) String() string {
	switch s {
	case RefuseSmall:
		return "refuse"
	case PoolSmall:
		return "pool"
	case DropSmall:
		return "drop"
	}
	return fmt.Sprintf("SmallBlocks(%d)", int(s))
}

// MarshalText is the rule's name.
func (s SmallBlocks) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String is usual, Welch or design.
func (d MeansDF) String() string {
	switch d {
	case UsualDF:
		return "usual"
	case WelchDF:
		return "Welch"
	case DesignDF:
		return "design"
	}
	return fmt.Sprintf("MeansDF(%d)", int(d))
}

// MarshalText is the rule's name.
func (d MeansDF) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalJSON writes arms, rows, joint, joint_n, notes and warnings. It does not read back.
func (r BalanceResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Arms     []Arm              `json:"arms"`
		Rows     []BalanceRow       `json:"rows"`
		Joint    iv.Test            `json:"joint"`
		JointN   int                `json:"joint_n"`
		Notes    []string           `json:"notes"`
		Warnings []fieldexp.Warning `json:"warnings"`
	}{document.List(r.Arms), document.List(r.Rows), r.Joint, r.JointN, document.List(r.Notes()),
		document.List(r.Warnings)})
}

// MarshalJSON writes variable, n, arms, differences, normalized, reason (where there is no difference) and fit.
func (r BalanceRow) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Variable    string            `json:"variable"`
		N           int               `json:"n"`
		Arms        []Moments         `json:"arms"`
		Differences []iv.Coefficient  `json:"differences"`
		Normalized  []document.Number `json:"normalized"`
		Reason      string            `json:"reason,omitempty"`
		Fit         *iv.Result        `json:"fit"`
	}{r.Variable, r.N, document.List(r.Arms), document.List(r.Differences), document.Numbers(r.Normalized),
		r.Reason, r.Fit})
}

// MarshalJSON writes n, mean and sd.
func (m Moments) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		N    int             `json:"n"`
		Mean document.Number `json:"mean"`
		SD   document.Number `json:"sd"`
	}{m.N, document.Number(m.Mean), document.Number(m.SD)})
}

// MarshalJSON writes outcome, reference, periods, effects (in their order), pre_trend, fit, notes and warnings. It does
// not read back.
func (r EventResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome   string             `json:"outcome"`
		Reference int                `json:"reference"`
		Periods   []int              `json:"periods"`
		Effects   []iv.Coefficient   `json:"effects"`
		PreTrend  iv.Test            `json:"pre_trend"`
		Fit       *iv.Result         `json:"fit"`
		Notes     []string           `json:"notes"`
		Warnings  []fieldexp.Warning `json:"warnings"`
	}{r.Outcome, r.Reference, document.List(r.Periods), document.List(r.Coefficients), r.PreTrend, r.Fit,
		document.List(r.Notes()), document.List(r.Warnings)})
}

// MarshalJSON writes spec, design, arms, effects (each an iv.Coefficient with its outcome and, where there are
// several, its arm), fits, notes and warnings. It does not read back.
func (r MeansResult) MarshalJSON() ([]byte, error) {
	var effects []document.Effect
	for _, fit := range r.Fits {
		for i, c := range fit.Effects {
			effects = append(effects, document.Effect{Outcome: fit.Outcome, Arm: armName(r.Arms, i+1),
				Coefficient: c.Document()})
		}
	}
	return json.Marshal(struct {
		Spec     MeansSpec          `json:"spec"`
		Design   MeansDesign        `json:"design"`
		Arms     []Arm              `json:"arms"`
		Effects  []document.Effect  `json:"effects"`
		Fits     []*MeansFit        `json:"fits"`
		Notes    []string           `json:"notes"`
		Warnings []fieldexp.Warning `json:"warnings"`
	}{r.Spec, r.Design, document.List(r.Arms), document.List(effects), document.List(r.Fits),
		document.List(r.Notes()), document.List(r.Warnings)})
}

// MarshalJSON writes outcome, n, units, arms, effects, blocks and strata (where there are blocks), dropped and level.
func (f MeansFit) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome string             `json:"outcome"`
		N       int                `json:"n"`
		Units   int                `json:"units"`
		Arms    []ArmMean          `json:"arms"`
		Effects []iv.Coefficient   `json:"effects"`
		Blocks  []BlockMeans       `json:"blocks,omitempty"`
		Strata  []StrataComparison `json:"strata,omitempty"`
		Dropped MeansDropped       `json:"dropped"`
		Level   document.Number    `json:"level"`
	}{f.Outcome, f.N, f.Units, document.List(f.Arms), document.List(f.Effects), f.Blocks, f.Strata, f.Dropped,
		document.Number(f.Level)})
}

// MarshalJSON writes n, units, mean and se.
func (m ArmMean) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		N     int             `json:"n"`
		Units int             `json:"units"`
		Mean  document.Number `json:"mean"`
		SE    document.Number `json:"se"`
	}{m.N, m.Units, document.Number(m.Mean), document.Number(m.SE)})
}

// MarshalJSON writes block, n, units, share, arms, effects and se.
func (b BlockMeans) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Block   string            `json:"block"`
		N       int               `json:"n"`
		Units   int               `json:"units"`
		Share   document.Number   `json:"share"`
		Arms    []ArmMean         `json:"arms"`
		Effects []document.Number `json:"effects"`
		SE      []document.Number `json:"se"`
	}{b.Label, b.N, b.Units, document.Number(b.Share), document.List(b.Arms), document.Numbers(b.Effects),
		document.Numbers(b.SE)})
}

// MarshalJSON writes weights, precision, difference and explanation.
func (c StrataComparison) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Weights     []document.Number `json:"weights"`
		Precision   iv.Coefficient    `json:"precision"`
		Difference  iv.Coefficient    `json:"difference"`
		Explanation string            `json:"explanation"`
	}{document.Numbers(c.Weights), c.Precision, c.Difference, c.Explanation})
}

// MarshalJSON writes missing, zero_weight, blocks and block_rows.
func (d MeansDropped) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Missing    int `json:"missing"`
		ZeroWeight int `json:"zero_weight"`
		Blocks     int `json:"blocks"`
		BlockRows  int `json:"block_rows"`
	}(d))
}
