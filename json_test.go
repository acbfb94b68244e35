package fieldexp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/panel"
)

// experiment is a panel of 48 agents on six days, half of them offered an assistant from day 0 on, which most use.
func experiment(t *testing.T) *data.Frame {
	t.Helper()
	const agents, days = 48, 6
	columns, groups := map[string][]float64{}, []string{}
	add := func(name string, v float64) { columns[name] = append(columns[name], v) }
	for a := range agents {
		for d := range days {
			z, day := float64(a%2), float64(d-3)
			used := 0.0
			if z == 1 && day >= 0 && (a*d+a/2)%5 != 0 {
				used = 1
			}
			noise := float64((a*37+d*53+a*d*7)%29) / 10
			add("agent", float64(a))
			add("day", day)
			add("z", z)
			add("used", used)
			add("before", float64((a*11)%17))
			add("town", float64(a/8))
			add("apart", float64(a/40))
			add("y", 10+noise-1.5*used+float64(a%7))
			add("x", 5+float64((a*19+d*23+a*d)%31)/8+0.7*used)
			groups = append(groups, fmt.Sprintf("Q%d", 1+(a/2)%3))
		}
	}
	f := &data.Frame{}
	for name, values := range columns {
		must(t, f.SetFloats(name, values))
	}
	must(t, f.SetStrings("group", groups))
	return f
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ok is a result, or the end of the test.
func ok[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// exported is one of every result and spec, with the keys of fields that are not the fields' own names.
func exported(t *testing.T) []exportedType {
	ctx, f := context.Background(), experiment(t)
	assigned := itt.Spec{Outcomes: []string{"y", "x"}, Assignment: "z", Time: "day",
		Absorb: iv.Effects("agent", "day"), Cluster: []string{"agent"}, Covariance: iv.Covariance{Kind: iv.CR2}}
	cross := itt.Spec{Outcomes: []string{"y", "x"}, Assignment: "z", Cluster: []string{"agent"},
		Rows: func(int) bool { return true }}
	draws := bootstrap.WildSpec{Draws: 199, Seed: 1}
	r := ok[*itt.Result](t)(itt.Estimate(ctx, f, assigned))
	usage := late.Spec{Spec: cross, Usage: "used"}
	l := ok[*late.Result](t)(late.Estimate(ctx, f, usage))
	byGroup := hetero.Spec{Spec: assigned, Group: "group", Period: "day"}
	byGroup.Absorb = iv.Effects("agent")
	h := ok[*hetero.Result](t)(hetero.Estimate(ctx, f, byGroup))
	ofUsage := byGroup
	ofUsage.Usage, ofUsage.TimeEffects = "used", hetero.Common
	hu := ok[*hetero.Result](t)(hetero.Estimate(ctx, f, ofUsage))
	ofUsage.TimeEffects = hetero.GroupSpecific
	separated := ok[*hetero.Separated](t)(hetero.Separate(ctx, f, ofUsage))
	wild := ok[*hetero.Wild](t)(h.Wild(ctx, draws))
	down := ok[*hetero.StepDown](t)(wild.StepDown(bootstrap.RomanoWolf))
	splits := hetero.SplitSpec{Spec: hetero.Spec{Spec: assigned, Period: "day"}, Unit: "agent", Baseline: "y",
		N: 2, Splits: 2}
	splits.Absorb, splits.Covariance = iv.Effects("agent"), iv.Covariance{}
	split := ok[*hetero.SplitResult](t)(hetero.SplitEstimate(ctx, f, splits))
	predicting := hetero.PredictSpec{Outcome: "y", Assignment: "z", Unit: "agent",
		Covariates: []string{"before"}, Time: "day"}
	prediction := ok[*hetero.Prediction](t)(hetero.Predict(f, predicting))
	account := ok[*late.Accounting](t)(late.Account(ctx, f, usage))
	placebo := ok[*late.Placebo](t)(late.ZeroFirstStage(ctx, f, usage, "apart"))
	profile := ok[*late.Profile](t)(late.DescribeCompliers(ctx, f, usage, "before"))
	response := ok[*late.Response](t)(late.ResponseWeights(ctx, f, usage))
	violation := ok[late.Violation](t)(l.Violate("y", -0.1, 0.1))
	comparing := itt.BalanceSpec{Spec: itt.Spec{Assignment: "z", Cluster: []string{"agent"}},
		Variables: []string{"before", "town"}}
	balance := ok[*itt.BalanceResult](t)(itt.Balance(ctx, f, comparing))
	following := itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Time: "day"},
		Unit: "agent"}
	events := ok[[]*itt.EventResult](t)(itt.EventStudy(ctx, f, following))
	averaging := itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z",
		Cluster: []string{"agent"}}, Blocks: "town"}
	means := ok[*itt.MeansResult](t)(itt.DifferenceInMeans(ctx, f, averaging))
	cr2 := cross
	cr2.Covariance = iv.Covariance{Kind: iv.CR2}
	small := ok[*itt.Result](t)(itt.Estimate(ctx, f, cr2))
	draws.Term = "z"
	test := ok[*bootstrap.WildResult](t)(bootstrap.Wild(ctx, small.Fits[0], draws))
	resampling := bootstrap.PairsSpec{Term: "z", Draws: 199}
	pairs := ok[*bootstrap.PairsResult](t)(bootstrap.Pairs(ctx,
		ok[*itt.Result](t)(small.With(iv.Covariance{})).Fits[0], resampling))
	drawing := bootstrap.PermuteSpec{Outcomes: []string{"y", "x"}, Assignment: "z", Unit: "agent", Draws: 199}
	permuted := ok[*bootstrap.PermuteResult](t)(bootstrap.Permute(ctx, f, drawing))
	joint := ok[*bootstrap.JointPermutation](t)(permuted.Joint())
	influence := ok[[]iv.ClusterInfluence](t)(small.Fits[0].Influence("z"))
	making := panel.Spec{Unit: "agent", PeriodColumn: "day", Measures: []panel.Measure{{Column: "y"}},
		UnitColumns: []string{"z"}}
	_, report, err := panel.Build(ctx, f, making)
	must(t, err)
	before := panel.BaselineSpec{Unit: "agent", Measures: []panel.Measure{{Name: "pre_y", Column: "y"}},
		PreColumn: "used"}
	baselines := ok[panel.BaselineReport](t)(panel.Baselines(f, before))
	lagging := panel.LagSpec{Unit: "agent", Period: "day", Columns: []string{"y"}}
	lags := ok[panel.LagReport](t)(panel.Lag(f, lagging))
	cutting := panel.GroupSpec{Value: "before", Unit: "agent", N: 3, Name: "third"}
	grouped := ok[*panel.Grouped](t)(panel.Groups(f, cutting))
	model := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"z"}, Rows: cross.Rows, Progress: func(int,
		int) {
	}}

	fields := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	const out = "" // a field that is left out
	spec := fields("Rows", out, "Progress", out)
	return []exportedType{
		{*l.Fits[0], fields("Kappa", out, "Coef", out, "Vcov", out, "Covariance", "se", "DF", out, "Rows", out,
			"RSS", out, "AdjR2", out, "WithinR2", out,
			"Sigma", out, "MeanY", out, "Weights", out, "WeightKind", out, "Absorbing", out, "Effects", out)},
		{l.Fits[0].Coefficients()[0], fields("Name", "term")}, {l.Fits[0].PartialF()[0], nil},
		{l.Fits[0].Dropped, nil}, {l.Fits[0].TF(), nil}, {l.Fits[0].AndersonRubinSet(), nil},
		{l.Fits[0].EffectiveF(), nil}, {l.Fits[0].EffectiveF().Critical[0], nil}, {influence[0], nil},
		{l.Fits[0].Covariance, nil}, {model, fields("Rows", out, "Sampled", out, "Progress", out)},
		{*r, fields("Term", out)}, {*r.Design, fields("Frame", out)}, {r.Design.Arms[0], fields("Label",
			"arm")}, {r.Design.Spec, spec},
		{*balance, nil}, {balance.Rows[0], nil}, {balance.Rows[0].Arms[0], nil}, {comparing, spec},
		{*events[0], fields("Coefficients", "effects")}, {following, spec},
		{*means, nil}, {*means.Fits[0], nil}, {means.Fits[0].Arms[0], nil}, {means.Fits[0].Blocks[0],
			fields("Label", "block")},
		{means.Fits[0].Strata[0], nil}, {means.Fits[0].Dropped, nil}, {averaging, spec},
		{*l, fields("Term", out)}, {l.Shares, nil}, {usage, spec}, {*account, nil}, {account.Outcomes[0], nil},
		{*placebo, nil}, {*profile, nil},
		{profile.Rows[0], nil}, {*response, nil}, {response.Steps[0], nil}, {violation, fields("DirectLow",
			"low", "DirectHigh", "high", "Low", "bounds", "High", "bounds")},
		{*h, nil}, {h.Ungrouped, nil}, {h.Fits[0], nil}, {h.Fits[0].Groups[0], fields("Label", "group",
			"FirstStage", out, "FirstStageF", out)},
		{hu.Fits[0].Groups[0], fields("Label", "group")}, {*hu.Fits[0].Consistency, nil}, {byGroup, spec},
		{*split, nil}, {split.Fits[0], fields("FirstStages", out)}, {splits, spec}, {*separated, nil},
		{separated.Fits[0], nil},
		{separated.Fits[0].Groups[0], fields("AndersonRubin", "ar")}, {*wild, nil}, {wild.Fits[0], nil}, {*down,
			nil}, {predicting, nil}, {*prediction, nil},
		{*test, fields("Statistics", out)}, {test.Counts, nil}, {draws, fields("Null", out,
			"Progress", out)}, {bootstrap.Restriction{Term: "z"}, fields("Combination", out)},
		{*pairs, fields("Statistics", out, "Estimates", out)}, {pairs.Percentile, nil}, {resampling,
			fields("Progress", out)}, {*permuted, nil}, {permuted.Effects[0], fields("Statistics", out)},
		{drawing, fields("Own", out, "OwnUnits", out, "Progress", out)}, {*joint, fields("LargestSE",
			"largest_monte_carlo_se", "QuadraticSE", "quadratic_monte_carlo_se")},
		{*down.Result, nil}, {down.Result.Spec, nil},
		{report, nil}, {report.EventsPerCell, nil}, {report.Measures[0], nil}, {baselines, nil},
		{baselines.Without[0], nil}, {lags, nil}, {*grouped, nil},
		{making, nil}, {making.Measures[0], nil}, {before, nil}, {lagging, nil}, {cutting, fields("Over", out)},
	}
}

type exportedType struct {
	value any
	keys  map[string]string // by field, where it is not the field's name; empty where the field is left out
}

var snake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

var (
	inner   = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	initial = regexp.MustCompile(`([A-Z])([A-Z][a-z])`)
)

// keyOf is the key that a field should have: that of MonteCarloSE is monte_carlo_se.
func keyOf(field string) string {
	return strings.ToLower(initial.ReplaceAllString(inner.ReplaceAllString(field, "${1}_$2"), "${1}_$2"))
}

// TestJSON marshals one of every result and spec: it parses, its keys are the fields' names, and numbers that are not
// finite are null.
func TestJSON(t *testing.T) {
	seen := map[reflect.Type]bool{}
	for _, e := range exported(t) {
		kind := reflect.TypeOf(e.value)
		name := kind.String()
		if seen[kind] {
			name += " again"
		}
		seen[kind] = true
		t.Run(name, func(t *testing.T) {
			got := parse(t, e.value)
			if kind != reflect.TypeFor[bootstrap.Interval]() {
				checkFields(t, kind, got.(map[string]any), e.keys)
			}
			checkKeys(t, got)
			pointer := reflect.New(kind)
			pointer.Elem().Set(reflect.ValueOf(e.value))
			if !reflect.DeepEqual(parse(t, pointer.Interface()), got) {
				t.Error("a pointer is written otherwise than the value")
			}
			zero := reflect.New(kind)
			parse(t, zero.Interface())
			for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				fill(zero.Elem(), x)
				parse(t, zero.Interface())
			}
		})
	}
	for _, name := range declared(t) {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(seen)),
			func(kind reflect.Type) bool { return kind.String() == name }) {
			t.Errorf("no %s is marshalled here", name)
		}
	}
}

// declared lists the types whose methods write JSON, and the exported structures whose names say that they are results or
// specs.
func declared(t *testing.T) (names []string) {
	method := regexp.MustCompile(`(?m)^func \(\w+ (\w+)\) MarshalJSON`)
	structure := regexp.MustCompile(`(?m)^type ([A-Z]\w*(?:Result|Spec|Report|Fit)|Result|Spec|Report|Fit) struct`)
	for _, directory := range []string{"iv", "itt", "late", "hetero", "bootstrap", "panel"} {
		files, err := filepath.Glob(directory + "/*.go")
		must(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			must(t, err)
			for _, found := range slices.Concat(method.FindAllSubmatch(text, -1),
				structure.FindAllSubmatch(text, -1)) {
				names = append(names, directory+"."+string(found[1]))
			}
		}
	}
	return names
}

// parse marshals a value and reads what comes out.
func parse(t *testing.T, value any) (got any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	must(t, json.Unmarshal(text, &got))
	return got
}

// checkFields checks that every exported field has its key.
func checkFields(t *testing.T, kind reflect.Type, got map[string]any, keys map[string]string) {
	t.Helper()
	for i := range kind.NumField() {
		field := kind.Field(i)
		if !field.IsExported() {
			continue
		}
		if field.Anonymous {
			checkFields(t, field.Type, got, keys)
			continue
		}
		key, other := keys[field.Name]
		if !other {
			key = keyOf(field.Name)
		} else if key == "" {
			continue
		}
		if _, there := got[key]; !there && !(field.Name == "Reason" && key == "reason") {
			t.Errorf("field %s has no key %q among %v", field.Name, key, slices.Sorted(maps.Keys(got)))
		}
	}
	for name := range keys {
		if _, there := kind.FieldByName(name); !there {
			t.Errorf("there is no field %s", name)
		}
	}
}

// checkKeys checks that all keys are in small letters with underscores, but for those that are names of columns.
func checkKeys(t *testing.T, value any) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		for key, part := range v {
			if !snake.MatchString(key) {
				t.Errorf("key %q", key)
			}
			if key != "clusters" && key != "combination" {
				checkKeys(t, part)
			}
		}
	case []any:
		for _, part := range v {
			checkKeys(t, part)
		}
	}
}

// fill sets all numbers that a value can be made of to x, with one element in every list. Estimated models have
// no terms.
func fill(v reflect.Value, x float64) {
	switch v.Kind() {
	case reflect.Float64:
		v.SetFloat(x)
	case reflect.String:
		v.SetString("a")
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), x)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), x)
		}
	case reflect.Map:
		element := reflect.New(v.Type().Elem()).Elem()
		fill(element, x)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("a"), element)
	case reflect.Pointer:
		if kind := v.Type().Elem(); kind.PkgPath() != "gonum.org/v1/gonum/mat" && kind != reflect.TypeFor[data.Frame]() {
			v.Set(reflect.New(kind))
			if kind != reflect.TypeFor[iv.Result]() {
				fill(v.Elem(), x)
			}
		}
	case reflect.Func:
		v.Set(reflect.MakeFunc(v.Type(),
			func([]reflect.Value) []reflect.Value { return []reflect.Value{reflect.ValueOf(true)} }))
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			of := v.Type() == reflect.TypeFor[iv.Result]() && (field.Name == "Terms" || field.Name == "FirstStages") // of models that there are
			if field.IsExported() && !of {
				fill(v.Field(i), x)
			}
		}
	}
}

// TestJSONReadsBack reads estimates and tests back.
func TestJSONReadsBack(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, want := range []iv.Coefficient{
		{Name: "z", Estimate: 0.1, SE: 1.0 / 3, DF: 11, Statistic: 0.3, P: 1e-300, Low: -1, High: math.MaxFloat64},
		{Name: `a "b" <c>`, Estimate: 1, SE: nan, DF: inf, Statistic: nan, P: nan, Low: nan, High: nan},
	} {
		text, err := json.Marshal(want)
		must(t, err)
		var got iv.Coefficient
		must(t, json.Unmarshal(text, &got))
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) { // NaN is not equal to itself
			t.Errorf("%s reads back as %+v, want %+v", text, got, want)
		}
	}
	for _, want := range []iv.Test{
		{Null: "no effect", Statistic: 2.5, DF1: 2, DF2: 11.5, P: 0.1}, {Null: "no effect", Statistic: 2.5,
			DF1: 2, DF2: inf, P: 0.1},
		{Null: "no effect", Statistic: nan, P: nan, Reason: "the covariance is singular"},
	} {
		text, err := json.Marshal(want)
		must(t, err)
		var got iv.Test
		must(t, json.Unmarshal(text, &got))
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s reads back as %+v, want %+v", text, got, want)
		}
	}
	for _, into := range []any{&iv.Coefficient{}, &iv.Test{}} {
		if err := json.Unmarshal([]byte(`{"p": "small"}`), into); err == nil {
			t.Errorf("%T reads a word as a number", into)
		}
	}
}
