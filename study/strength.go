package study

import (
	"slices"

	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
)

// Strength is a measure of how strongly assignment moves usage, with the values that it should
// exceed.
type Strength struct {
	Name      string     `json:"name"`
	Statistic Number     `json:"statistic"`
	Reason    string     `json:"reason,omitempty"`
	Critical  []Critical `json:"critical"`
}

// Critical is a critical value at the 5% level.
type Critical struct {
	Criterion string `json:"criterion"`
	Tolerated Number `json:"tolerated"`
	Value     Number `json:"value"`
}

// forInstruments is a fit whose instruments can be tested together with the outcome. HC2 and HC3 are of one
// model's coefficients: in place of them stands HC1, which the second value names.
func forInstruments(fit *iv.Result) (*iv.Result, string) {
	cov := jointly(fit.Covariance)
	if cov.Kind == fit.Covariance.Kind {
		return fit, ""
	}
	other, err := fit.With(cov)
	if err != nil {
		return fit, "" // which says itself why it has no tests
	}
	return other, " (" + cov.Kind.String() + ")"
}

// allInstruments is a fit under a covariance of which its instruments can be tested; see jointly.
func allInstruments(fit *iv.Result) *iv.Result {
	other, _ := forInstruments(fit)
	return other
}

// jointly is a covariance that several models have in common: with HC1 in place of HC2 and HC3.
func jointly(cov iv.Covariance) iv.Covariance {
	if cov.Kind == iv.HC2 || cov.Kind == iv.HC3 {
		cov.Kind = iv.HC1
	}
	return cov
}

// newStrength describes a measure of strength.
func newStrength(s iv.Strength) Strength {
	out := Strength{Name: s.Name, Statistic: Number(s.Statistic), Reason: s.Reason, Critical: []Critical{}}
	for _, c := range s.Critical {
		out.Critical = append(out.Critical, Critical{c.Criterion, Number(c.Tolerated), Number(c.Value)})
	}
	return out
}

// strengthRows are the effective F of the first stages and the value that it should exceed so that
// the bias of two-stage least squares is at most a tenth of the worst case. There are none unless the
// rows are asked for or a first stage is weak.
func strengthRows(fits []*iv.Result, asked bool) []report.Row {
	weak := func(fit *iv.Result) bool { return fit.PartialF()[0].Statistic < late.WeakF }
	if !asked && !slices.ContainsFunc(fits, weak) {
		return nil
	}
	effective, critical := report.Row{Label: "Effective F"}, report.Row{Label: "Its 5% critical value (bias 10%)"}
	for i, fit := range fits {
		fit, kind := forInstruments(fit)
		if i == 0 {
			effective.Label += kind
		}
		s := fit.EffectiveF()
		f, c := report.Missing(s.Reason), report.Missing(or(s.Reason, "no critical value is known"))
		if s.Reason == "" {
			f = report.Number(s.Statistic).WithDigits(1)
		}
		for _, value := range s.Critical {
			if value.Criterion == "worst-case bias" && value.Tolerated == 0.1 {
				c = report.Number(value.Value).WithDigits(1)
			}
		}
		effective.Cells, critical.Cells = append(effective.Cells, f), append(critical.Cells, c)
	}
	return []report.Row{effective, critical}
}
