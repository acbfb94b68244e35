package hetero

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
)

// PredictSpec says how to predict what units would have done without treatment. Outcome, Assignment,
// Unit and Covariates are required.
type PredictSpec struct {
	Outcome    string
	Assignment string   // as in Spec, and
	ControlArm string   // of arms with names
	Unit       string   // the column of units
	Covariates []string // numbers that are fixed within a unit and were measured before treatment
	// Time and a launch, or PreColumn (a 0/1 column), tell rows before the launch, whose outcomes are
	// left out. With neither, all rows count.
	Time         string
	Launch       time.Time
	LaunchPeriod float64 // where Time holds numbers; see itt.Spec
	PreColumn    string
	Name         string // of the new column; empty means "predicted <outcome>"
	// InSample predicts a control from a fit that knows its outcome. It is here because published
	// tables use it and to show the difference: see Predict.
	InSample bool
}

// Prediction says what a prediction rests on.
type Prediction struct {
	Name     string  // of the column
	Controls int     // control units that the regression is fitted to
	Units    int     // units with a prediction
	Unknown  int     // units without, for want of a covariate
	R2       float64 // of the regression, in its own sample
}

// Predict adds to f a column, fixed within units, that predicts each unit's outcome without treatment
// from covariates: the fitted values of a least-squares regression, over control units, of the mean
// outcome of a unit. Cut by panel.Groups, it makes groups for Estimate where nothing was measured
// before the launch that could serve as a baseline.
//
// A control's own outcome takes no part in its prediction: it is that of the regression without the
// unit (leave-one-out; Abadie, Chingos and West 2018). With its own outcome in the fit (InSample)
// lucky controls are predicted to do well and unlucky ones badly, while treated units are not; treated
// units then look worse than controls in the highest group and better in the lowest, without any
// effect. The more covariates there are for the number of controls, the worse. Leaving out mends most
// of it, and leaves a small bias of the other sign where controls are few; the split samples of
// SplitEstimate have none. (In simulations without effect, with 60 controls, 12 covariates of which one
// mattered and three groups, the trend per group was -0.40 in sample, 0.05 left out and 0.00 split, in
// standard deviations of the noise.)
//
// It does not mend the return to the mean of groups by a unit's own past: there is no fit to leave a
// unit out of, and SplitEstimate is for that.
//
// The error is a *fieldexp.Error.
func Predict(f *data.Frame, spec PredictSpec) (*Prediction, error) {
	if spec.Name == "" {
		spec.Name = "predicted " + spec.Outcome
	}
	bad := func(problem fieldexp.Problem, message string, remedy fieldexp.Hint) (*Prediction, error) {
		return nil, &fieldexp.Error{Op: "hetero", Problem: problem, Message: message, Remedy: []fieldexp.Hint{remedy}}
	}
	switch {
	case spec.Outcome == "" || spec.Assignment == "" || spec.Unit == "":
		return bad(fieldexp.BadSpec, "outcome, assignment and unit of a prediction are not all named",
			"set {Outcome}, {Assignment} and {Unit}")
	case len(spec.Covariates) == 0:
		return bad(fieldexp.BadSpec, "nothing to predict from", "name columns in {Covariates}")
	case f.Has(spec.Name):
		return bad(fieldexp.ColumnTaken, fmt.Sprintf("the frame has a column %q already", spec.Name), "set {Name}")
	}
	units, err := f.Group(spec.Unit)
	if err != nil {
		return nil, err
	}
	before, err := before(f, spec.PreColumn, itt.Spec{Time: spec.Time, Launch: spec.Launch, LaunchPeriod: spec.LaunchPeriod})
	if err != nil {
		return nil, err
	}
	p, err := newPredictor(f, spec, units, before)
	if err != nil {
		return nil, err
	}
	byUnit, err := p.predict(p.usable, !spec.InSample)
	if err != nil {
		return nil, err
	}
	r := &Prediction{Name: spec.Name, R2: p.r2}
	for u := range byUnit {
		switch {
		case !p.seen[u]:
		case p.known(u):
			r.Units++
		default:
			r.Unknown++
		}
		if p.usable[u] {
			r.Controls++
		}
	}
	return r, f.SetFloats(spec.Name, spread(byUnit, units))
}

// before tells rows before the launch; no row is where neither column nor launch is given.
func before(f *data.Frame, preColumn string, spec itt.Spec) (func(row int) bool, error) {
	switch {
	case preColumn != "":
		marks, err := f.Floats(preColumn)
		if err != nil {
			return nil, err
		}
		for row, v := range marks {
			if v != 0 && v != 1 && !math.IsNaN(v) {
				return nil, &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec, Columns: []string{preColumn}, Count: row + 1,
					Message: fmt.Sprintf("column %q is %g in row %d", preColumn, v, row+1), Remedy: []fieldexp.Hint{"mark rows before the launch by 1 and others by 0"}}
			}
		}
		return func(row int) bool { return marks[row] == 1 }, nil
	case spec.Time != "" && spec.Launch.IsZero():
		periods, err := f.Floats(spec.Time)
		return func(row int) bool { return periods[row] < spec.LaunchPeriod }, err
	case spec.Time != "":
		times, err := f.Instants(spec.Time)
		if err != nil {
			return nil, err
		}
		at := spec.Launch.UnixNano()
		return func(row int) bool { return times[row] < at && times[row] != data.MissingTime }, nil
	}
	return func(int) bool { return false }, nil
}

// spread gives each row its unit's value.
func spread(byUnit []float64, units data.Grouping) []float64 {
	values := make([]float64, len(units.Codes))
	for i, u := range units.Codes {
		values[i] = math.NaN()
		if u >= 0 {
			values[i] = byUnit[u]
		}
	}
	return values
}

// stream is the random numbers of a split.
func stream(seed uint64, split int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(split))) }

// predictor predicts the outcomes of units from covariates.
type predictor struct {
	spec    PredictSpec
	order   []int       // units in the order of their names, in which they are drawn
	seen    []bool      // by unit: whether it has rows
	control []bool      // by unit: never assigned
	x       [][]float64 // by unit: one and the covariates, standardised; nil where one is unknown
	y       []float64   // by unit: mean outcome; NaN where unknown
	usable  []bool      // controls of whom covariates and outcome are known
	r2      float64     // of the last fit
}

func (p *predictor) known(u int) bool { return p.x[u] != nil }

// newPredictor reads what is known of each unit.
func newPredictor(f *data.Frame, spec PredictSpec, units data.Grouping, before func(row int) bool) (*predictor, error) {
	n := units.Len()
	p := &predictor{spec: spec, order: brief.OrderLevels(units.Labels), seen: make([]bool, n), control: make([]bool, n), x: make([][]float64, n), y: make([]float64, n), usable: make([]bool, n)}
	d := &design{spec: Spec{Spec: itt.Spec{Outcomes: []string{spec.Outcome}, Assignment: spec.Assignment, ControlArm: spec.ControlArm}}}
	if err := d.readAssignment(f); err != nil {
		return nil, err
	}
	outcome, err := f.Floats(spec.Outcome)
	if err != nil {
		return nil, err
	}
	rows, assigned := make([]float64, n), make([]bool, n)
	for i, u := range units.Codes {
		if u < 0 {
			continue
		}
		p.seen[u] = true
		switch d.assignment.Arm(i) {
		case 0:
			p.control[u] = true
		case 1:
			assigned[u] = true
		}
		if !before(i) && !math.IsNaN(outcome[i]) {
			p.y[u] += outcome[i]
			rows[u]++
		}
	}
	if err := p.readCovariates(f, units); err != nil {
		return nil, err
	}
	for u := range n {
		p.y[u] /= rows[u]
		p.control[u] = p.control[u] && !assigned[u]
		p.usable[u] = p.control[u] && p.known(u) && rows[u] > 0
	}
	return p, nil
}

// readCovariates reads and standardises the covariates of units.
func (p *predictor) readCovariates(f *data.Frame, units data.Grouping) error {
	k := len(p.spec.Covariates)
	for u := range p.x {
		if p.seen[u] {
			p.x[u] = make([]float64, 1+k)
			p.x[u][0] = 1
		}
	}
	for j, name := range p.spec.Covariates {
		values, err := f.Floats(name)
		if err != nil {
			return err
		}
		own := make([]float64, units.Len())
		for u := range own {
			own[u] = math.NaN()
		}
		for i, u := range units.Codes {
			switch v := values[i]; {
			case u < 0 || math.IsNaN(v):
			case math.IsNaN(own[u]):
				own[u] = v
			case own[u] != v:
				return &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec, Columns: []string{name, p.spec.Unit}, Count: i + 1,
					Message: fmt.Sprintf("covariate %q varies within unit %s: %g, then %g in row %d", name, units.Labels[u], own[u], v, i+1),
					Remedy:  []fieldexp.Hint{"predict from what was known before treatment, one value for each unit"}}
			}
		}
		var present []float64
		for _, v := range own {
			if !math.IsNaN(v) {
				present = append(present, v)
			}
		}
		centre, unit := stat.MeanStdDev(present, nil)
		if !(unit > 0) {
			return &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec, Columns: []string{name},
				Message: fmt.Sprintf("covariate %q does not vary among units", name),
				Remedy:  []fieldexp.Hint{"leave it out"}}
		}
		for u, v := range own {
			switch {
			case p.x[u] == nil:
			case math.IsNaN(v):
				p.x[u] = nil
			default:
				p.x[u][1+j] = (v - centre) / unit
			}
		}
	}
	return nil
}

// halve marks a random half of the usable controls.
func (p *predictor) halve(random *rand.Rand) []bool {
	var list []int
	for _, u := range p.order {
		if p.usable[u] {
			list = append(list, u)
		}
	}
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	first := make([]bool, len(p.usable))
	for _, u := range list[:len(list)/2] {
		first[u] = true
	}
	return first
}

// predict fits the regression to the usable controls among the given units and predicts all, with
// leaveOut those of the fit without themselves: (fitted - h y)/(1 - h), with leverage h.
func (p *predictor) predict(among []bool, leaveOut bool) ([]float64, error) {
	k := 1 + len(p.spec.Covariates)
	xx, xy := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil)
	n, sum, squares := 0, 0.0, 0.0
	for u, ok := range p.usable {
		if ok && among[u] {
			x := mat.NewVecDense(k, p.x[u])
			xx.SymRankOne(xx, 1, x)
			xy.AddScaledVec(xy, p.y[u], x)
			n++
			sum += p.y[u]
		}
	}
	refuse := func(message string) ([]float64, error) {
		return nil, &fieldexp.Error{Op: "hetero", Problem: fieldexp.Spanned, Columns: p.spec.Covariates, Count: n, Message: fmt.Sprintf("%q cannot be predicted by %s: %s", p.spec.Outcome, counted(n, "control unit"), message),
			Remedy: []fieldexp.Hint{"use fewer covariates"}}
	}
	if n <= k {
		return refuse(fmt.Sprintf("there are %d coefficients", k))
	}
	var chol mat.Cholesky
	if !chol.Factorize(xx) || chol.Cond() > 1e12 {
		return refuse("the covariates are collinear among them")
	}
	var b, z mat.VecDense
	if err := chol.SolveVecTo(&b, xy); err != nil {
		return refuse("the covariates are collinear among them")
	}
	predicted, rss := make([]float64, len(p.x)), 0.0
	for u, x := range p.x {
		if x == nil {
			predicted[u] = math.NaN()
			continue
		}
		predicted[u] = floats.Dot(x, b.RawVector().Data)
		if !p.usable[u] || !among[u] {
			continue
		}
		e, d := p.y[u]-predicted[u], p.y[u]-sum/float64(n)
		rss, squares = rss+e*e, squares+d*d
		if !leaveOut {
			continue
		}
		v := mat.NewVecDense(k, x)
		if err := chol.SolveVecTo(&z, v); err != nil {
			return refuse("the covariates are collinear among them")
		}
		h := mat.Dot(v, &z)
		if 1-h < 1e-9 {
			return refuse("without one of them a coefficient is not identified")
		}
		predicted[u] = (predicted[u] - h*p.y[u]) / (1 - h)
	}
	p.r2 = 1 - rss/squares
	return predicted, nil
}
