package report

import (
	"math"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// WeakInstruments is a table of what the instruments of models are worth, a column for each model: the
// first stage, measures of its strength with the values that they should exceed, the effect with
// confidence sets that hold where instruments are weak, and tests of the instruments. What a measure
// means, and for whom, stands in the notes.
type WeakInstruments struct {
	Number, Title string
	// Fits are estimated by two-stage least squares, LIML or Fuller with one endogenous column, under
	// the covariance that the tests are to have: any but HC2 and HC3.
	Fits    []*iv.Result
	Headers []string                   // of the columns; the fits' outcomes when empty
	Label   func(column string) string // names of columns for people; nil leaves them as they are
	// ClusterLabels are the rows' labels for the count of a cluster column, as in RegressionOptions.
	ClusterLabels map[string]string
	Digits        int
	Notes         []string
	Words         fieldexp.Words // what warnings call settings; their names in Go when nil
}

// Table lays the report out. It reports fits without instruments, or with several endogenous columns.
func (w WeakInstruments) Table() (*Table, error) {
	t := &Table{Number: w.Number, Title: w.Title, Digits: w.Digits}
	if w.Label == nil {
		w.Label = func(column string) string { return column }
	}
	var columns []RegressionColumn
	for i, fit := range w.Fits {
		if len(fit.FirstStages) != 1 {
			return nil, t.refuse("give it models with one endogenous column",
				"the model of %q has %d first stages", fit.Outcome, len(fit.FirstStages))
		}
		c := RegressionColumn{Result: fit}
		if len(w.Headers) > 0 {
			c.Header = w.Headers[i]
		}
		columns = append(columns, c)
		t.Columns = append(t.Columns, Column{Header: c.header()})
	}
	if len(columns) == 0 {
		return nil, t.refuse("give it a model", "it has no columns")
	}
	usage := w.Label(w.Fits[0].FirstStages[0].Outcome)
	t.Sections = []Section{
		{Title: "First stage: " + brief.InSentence(usage), Rows: w.firstStage()},
		{Title: "Strength of the instruments", Rows: w.strength()},
		{Title: "Effect of " + brief.InSentence(usage), Rows: w.effects(usage)},
		{Title: "Tests", Rows: w.tests(brief.InSentence(usage))},
		{Rows: statisticRows(columns, RegressionOptions{ClusterLabels: w.ClusterLabels})},
	}
	t.Notes = slices.Concat(w.Notes, w.explained(), regressionNotes(t, columns, nil, w.Words))
	return t, nil
}

// row asks each fit for a cell.
func (w *WeakInstruments) row(label string, cell func(*iv.Result) Cell) Row {
	r := Row{Label: label}
	for _, fit := range w.Fits {
		r.Cells = append(r.Cells, cell(fit))
	}
	return r
}

// firstStage are the effects of the instruments on usage.
func (w *WeakInstruments) firstStage() (rows []Row) {
	var names []string
	for _, fit := range w.Fits {
		for _, name := range fit.Instruments() {
			names = appendNew(names, name)
		}
	}
	for _, name := range names {
		rows = append(rows, w.row(w.Label(name), func(fit *iv.Result) Cell {
			if c, err := fit.FirstStages[0].Coefficient(name); err == nil {
				return Coefficient(c)
			}
			return Cell{}
		}))
	}
	return rows
}

// strength are the statistics and the values that they should exceed.
func (w *WeakInstruments) strength() []Row {
	rows := []Row{w.row(RowFirstStageF, func(fit *iv.Result) Cell {
		f := fit.PartialF()[0]
		return statistic(f.Statistic, f.Reason)
	})}
	for _, s := range []struct {
		label, criterion, critical string
		of                         func(*iv.Result) iv.Strength
	}{
		{"Effective F", "worst-case bias", "Its critical value (bias 10%)", (*iv.Result).EffectiveF},
		{"Kleibergen-Paap rk F", "", "", (*iv.Result).KleibergenPaap},
		{"Cragg-Donald F", "size", "Stock-Yogo value (size 10%)", (*iv.Result).CraggDonald},
	} {
		rows = append(rows, w.row(s.label, func(fit *iv.Result) Cell {
			measure := s.of(fit)
			return statistic(measure.Statistic, measure.Reason)
		}))
		if s.critical != "" {
			rows = append(rows, w.row(s.critical, func(fit *iv.Result) Cell { return critical(s.of(fit), s.criterion) }))
		}
	}
	return append(rows, w.row("p, instruments do not identify", func(fit *iv.Result) Cell { return ofTest(fit.UnderIdentification()) }))
}

// effects are the estimates, with sets in braces beneath, and the test that does not lean on strength.
func (w *WeakInstruments) effects(usage string) []Row {
	single := w.single()
	rows := []Row{w.row(usage, func(fit *iv.Result) Cell {
		c := fit.Coefficients()[0]
		cell := Coefficient(c)
		if tf := fit.TF(); single && tf.Reason == "" {
			low, high := tf.Low, tf.High
			if math.IsInf(tf.Critical, 1) {
				low, high = math.Inf(-1), math.Inf(1)
			}
			cell = cell.With(ConfidenceSet("tF interval", iv.Set{Pieces: [][2]float64{{low, high}}, Level: 0.95}))
		}
		if set := fit.ConditionalLRSet(); !single && set.Reason == "" {
			cell = cell.With(ConfidenceSet("conditional LR set", set))
		}
		if set := fit.AndersonRubinSet(); set.Reason == "" {
			cell = cell.With(ConfidenceSet("Anderson-Rubin set", set))
		}
		return cell
	})}
	if single {
		rows = append(rows, w.row("tF critical value of |t|", func(fit *iv.Result) Cell {
			tf := fit.TF()
			return statistic(tf.Critical, tf.Reason).WithDigits(2)
		}))
	} else {
		rows = append(rows, w.row("p, conditional LR", func(fit *iv.Result) Cell { return ofTest(fit.ConditionalLR(0)) }))
	}
	return append(rows, w.row("p, Anderson-Rubin", func(fit *iv.Result) Cell { return ofTest(fit.AndersonRubin(0)) }))
}

// tests are those of exclusion, where instruments are more than what they identify, and of exogeneity.
func (w *WeakInstruments) tests(usage string) (rows []Row) {
	if !w.single() {
		rows = append(rows, w.row("p, instruments agree (J)", func(fit *iv.Result) Cell { return ofTest(fit.Overidentification()) }))
	}
	return append(rows, w.row("p, "+usage+" as good as assigned", func(fit *iv.Result) Cell { return ofTest(fit.WuHausman()) }))
}

// single reports whether no model has more than one instrument.
func (w *WeakInstruments) single() bool {
	return !slices.ContainsFunc(w.Fits, func(fit *iv.Result) bool { return len(fit.Instruments()) > 1 })
}

// explained says what the measures are.
func (w *WeakInstruments) explained() []string {
	notes := []string{
		"Effective F: Montiel Olea and Pflueger (2013); above its critical value, a bias of more than a tenth of the worst case is rejected at 5%.",
		"The Stock-Yogo value, for errors that are independent and of equal variance, is what F should exceed for a 5% t-test to reject at most 10%.",
	}
	level := math.Round(1000*w.Fits[0].Level) / 10
	percent := strings.TrimSuffix(Decimal(level, 1), ".0") + "%"
	ar := "the " + percent + " Anderson-Rubin confidence set, which has its level however weak the instruments are"
	if w.single() {
		return append(notes, "In braces beneath the effect: its 95% interval by tF (Lee, McCrary, Moreira and Porter 2022), whose critical value grows as the first stage weakens; then "+ar+".",
			"The last test is Wu and Hausman's: two-stage and ordinary least squares estimate the same.")
	}
	return append(notes, "In braces beneath the effect: the "+percent+" set of the conditional likelihood ratio test (Moreira 2003), the one to report where instruments are several; then "+ar+", and which is empty where instruments disagree.",
		"J is Hansen's test, or Sargan's under classical standard errors; the last test is Wu and Hausman's: two-stage and ordinary least squares estimate the same.")
}

// statistic is a number with one decimal, or why there is none.
func statistic(x float64, reason string) Cell {
	if reason != "" {
		return Missing(reason)
	}
	return Number(x).WithDigits(1)
}

// ofTest is the p of a test, or why there is none.
func ofTest(t iv.Test) Cell {
	if t.Reason != "" {
		return Missing(t.Reason)
	}
	return Probability(t.P)
}

// critical is the value by a criterion at a tenth, or a dash where none is known.
func critical(s iv.Strength, criterion string) Cell {
	if s.Reason != "" {
		return Missing(s.Reason)
	}
	for _, c := range s.Critical {
		if strings.HasSuffix(c.Criterion, criterion) && c.Tolerated == 0.1 {
			return Number(c.Value).WithDigits(1)
		}
	}
	return Missing("no critical value is known for as many instruments")
}
