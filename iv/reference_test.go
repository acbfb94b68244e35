package iv_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// reference is one result of another program: named fields, which remember whether a test has
// looked at them, so that none is passed over in silence.
type reference struct {
	key    string
	fields map[string]json.RawMessage
	seen   map[string]bool
}

// described are the fields that say where a reference comes from.
var described = []string{"id", "package", "version", "call", "ssc", "vcov_type", "lhs", "sample", "diag_rows"}

func newReference(key string, fields map[string]json.RawMessage) *reference {
	r := &reference{key: key, fields: fields, seen: make(map[string]bool)}
	for _, name := range described {
		r.seen[name] = true
	}
	return r
}

// readReferences reads a file of results: an object of objects, under "results" if there is one.
func readReferences(t rapid.TB, set, name string) map[string]*reference {
	t.Helper()
	var file struct {
		Results map[string]map[string]json.RawMessage `json:"results"`
	}
	refdata.JSON(t, &file, set, name)
	if len(file.Results) == 0 {
		t.Fatalf("%s/%s holds no results", set, name)
	}
	refs := make(map[string]*reference, len(file.Results))
	for key, fields := range file.Results {
		refs[key] = newReference(key, fields)
	}
	return refs
}

// has reports whether the reference holds a field that is not null, an empty list or a string
// that stands for "not available".
func (r *reference) has(name string) bool {
	raw, ok := r.fields[name]
	if !ok {
		return false
	}
	switch string(raw) {
	case "null", "[]", "{}", `"NA"`:
		r.seen[name] = true
		return false
	}
	return true
}

// into decodes a field.
func (r *reference) into(t rapid.TB, name string, v any) {
	t.Helper()
	raw, ok := r.fields[name]
	if !ok {
		t.Fatalf("%s has no field %q", r.key, name)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("%s, field %q: %v", r.key, name, err)
	}
	r.seen[name] = true
}

func (r *reference) number(t rapid.TB, name string) float64 {
	t.Helper()
	var v float64
	r.into(t, name, &v)
	return v
}

func (r *reference) matrix(t rapid.TB, name string) *mat.SymDense {
	t.Helper()
	var rows [][]float64
	r.into(t, name, &rows)
	m := mat.NewSymDense(len(rows), nil)
	for i := range rows {
		for j := range i + 1 {
			m.SetSym(i, j, rows[i][j])
		}
	}
	return m
}

// within is a field that is itself a set of fields.
func (r *reference) within(t rapid.TB, name string) *reference {
	t.Helper()
	var fields map[string]json.RawMessage
	r.into(t, name, &fields)
	return newReference(r.key+"/"+name, fields)
}

// finish fails for each field that was neither looked at nor excused.
func (r *reference) finish(t rapid.TB, excused map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(r.fields)) {
		if r.seen[name] || !r.has(name) {
			continue
		}
		if excused[name] == "" {
			t.Errorf("%s: field %q was not compared and nothing says why", r.key, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(excused)) {
		if _, ok := r.fields[name]; !ok || r.seen[name] {
			t.Errorf("%s: the excuse for field %q is out of date", r.key, name)
		}
	}
}

// line is a row of a coefficient table; nil is what the program did not or could not compute.
type line struct {
	Term     string
	Estimate *float64
	SE       *float64 `json:"std_error"`
	T        *float64
	P        *float64
	Low      *float64 `json:"ci_lo"`
	High     *float64 `json:"ci_hi"`
	DF       *float64 `json:"dof"`
}

// comparison says how a reference is to be compared with a result of ours.
type comparison struct {
	// rename gives our name of a term; nil leaves it as it is. An empty name passes the term over.
	rename func(term string) string
	// roundedP says that the program's p-values are 1 less a probability, and so have an absolute
	// error of a rounding of 1.
	roundedP bool
	// excused lists the fields that are not compared, and why.
	excused map[string]string
}

// compare holds a result against the usual fields of a reference, those that it has.
func compare(t rapid.TB, ref *reference, res *iv.Result, c comparison) {
	t.Helper()
	if ref.has("n") {
		near(t, "N", float64(res.N), ref.number(t, "n"), 0, 0)
	}
	if ref.has("nclusters") {
		if len(res.Clusters) != 1 {
			t.Errorf("%d clusterings, want 1", len(res.Clusters))
		} else {
			near(t, "clusters", float64(res.Clusters[0].Count), ref.number(t, "nclusters"), 0, 0)
		}
	}
	terms := compareLines(t, ref, res, c)
	for _, field := range []struct {
		name string
		got  float64
	}{
		{"r2", res.R2}, {"adj_r2", res.AdjR2}, {"wr2", res.WithinR2},
		{"sigma", res.Sigma}, {"dof_t", res.DF}, {"dof_K", float64(res.K)},
	} {
		if ref.has(field.name) && c.excused[field.name] == "" {
			near(t, field.name, field.got, ref.number(t, field.name), agree, 0)
		}
	}
	if ref.has("vcov") {
		nearVcov(t, ref.key, block(t, res, terms), ref.matrix(t, "vcov"), agree)
	}
	naive := res // joint tests and, where asked for, t tests with G-1 degrees of freedom
	if res.Satterthwaite() {
		usual := res.Covariance
		usual.DF = iv.DFClusters
		naive = with(t, res, usual)
	}
	if ref.has("fstat") {
		var f struct{ Value, Numdf, Dendf float64 }
		ref.into(t, "fstat", &f)
		test, err := naive.WaldZero(slopes(res)...)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "F of all slopes", test.Statistic, f.Value, agree, 0)
		near(t, "its numerator degrees of freedom", test.DF1, f.Numdf, 0, 0)
		near(t, "its denominator degrees of freedom", test.DF2, f.Dendf, 0, 0)
	}
	if ref.has("naive_t") {
		var want struct{ P, DF []float64 }
		ref.into(t, "naive_t", &want)
		for i, name := range terms {
			got := coefficient(t, naive, name)
			near(t, "p of "+name, got.P, want.P[i], pTolerance(want.P[i]), 0)
			near(t, "degrees of freedom of "+name, got.DF, want.DF[i], agree, 0)
		}
	}
}

// compareLines compares the coefficient table and returns our names of its terms.
func compareLines(t rapid.TB, ref *reference, res *iv.Result, c comparison) []string {
	t.Helper()
	if !ref.has("coef") {
		return nil
	}
	var lines []line
	ref.into(t, "coef", &lines)
	var terms []string
	for _, want := range lines {
		name := ourName(want.Term)
		if c.rename != nil {
			name = c.rename(want.Term)
		}
		if name == "" {
			continue
		}
		terms = append(terms, name)
		compareLine(t, coefficient(t, res, name), want, c)
	}
	if c.rename == nil && len(terms) != len(res.Terms) {
		t.Errorf("%d terms %v, want %d %v", len(res.Terms), res.Terms, len(terms), terms)
	}
	return terms
}

func compareLine(t rapid.TB, got iv.Coefficient, want line, c comparison) {
	t.Helper()
	value := func(p *float64) float64 { return *p }
	if want.Estimate == nil {
		t.Errorf("%s: the reference has no estimate", want.Term)
		return
	}
	if want.SE == nil { // the square root of a negative variance
		near(t, got.Name, got.Estimate, value(want.Estimate), agree, 0.01)
		near(t, "standard error of "+got.Name, got.SE, math.NaN(), 0, 0)
		return
	}
	// An estimate next to zero is known no better than its standard error allows.
	near(t, got.Name, got.Estimate, value(want.Estimate), agree, 0.01*value(want.SE))
	near(t, "standard error of "+got.Name, got.SE, value(want.SE), agree, 0)
	if want.T != nil {
		near(t, "t of "+got.Name, got.Statistic, value(want.T), agree, 0.01)
	}
	if want.P != nil {
		tol, scale := pTolerance(value(want.P)), 1e-300
		if c.roundedP {
			scale = 1e-15 / tol
		}
		near(t, "p of "+got.Name, got.P, value(want.P), tol, scale)
	}
	if want.DF != nil {
		near(t, "degrees of freedom of "+got.Name, got.DF, value(want.DF), agree, 0)
	}
	if want.Low != nil && want.High != nil {
		near(t, "lower bound of "+got.Name, got.Low, value(want.Low), agree, value(want.SE))
		near(t, "upper bound of "+got.Name, got.High, value(want.High), agree, value(want.SE))
	}
}

func pTolerance(p float64) float64 {
	if p < tailFrom {
		return tail
	}
	return agree
}

// ourName is our name for a term of R or Python: the intercept, indicators, a fitted regressor.
func ourName(term string) string {
	switch term {
	case "(Intercept)", "Intercept", "const", "_cons":
		return iv.Constant
	}
	for _, prefix := range []struct{ theirs, ours string }{
		{"factor(day)", "day="}, {"C(day)[T.", "day="},
		{"C(issue_type)[T.", "issue_type="}, {"issue_type", "issue_type="}, {"fit_", ""},
	} {
		if len(term) > len(prefix.theirs) && term[:len(prefix.theirs)] == prefix.theirs {
			rest := term[len(prefix.theirs):]
			if n := len(rest); rest[n-1] == ']' {
				rest = rest[:n-1]
			}
			return prefix.ours + rest
		}
	}
	return term
}

// slopes lists the terms but the constant.
func slopes(res *iv.Result) []string {
	return slices.DeleteFunc(slices.Clone(res.Terms), func(name string) bool { return name == iv.Constant })
}

// block is the covariance of the named terms, in that order.
func block(t rapid.TB, res *iv.Result, terms []string) *mat.SymDense {
	t.Helper()
	at := make([]int, len(terms))
	for i, name := range terms {
		at[i] = slices.Index(res.Terms, name)
		if at[i] < 0 {
			t.Fatalf("no term %q among %v", name, res.Terms)
		}
	}
	m := mat.NewSymDense(len(terms), nil)
	for i := range at {
		for j := range i + 1 {
			m.SetSym(i, j, res.Vcov.At(at[i], at[j]))
		}
	}
	return m
}

// compareTest holds a test against a statistic, degrees of freedom and p of a reference; a nil
// value is not compared.
func compareTest(t rapid.TB, what string, got iv.Test, statistic, df1, df2, p *float64) {
	t.Helper()
	if math.IsNaN(got.Statistic) {
		t.Errorf("%s could not be computed: %s", what, got.Reason)
		return
	}
	for _, v := range []struct {
		name string
		got  float64
		want *float64
		tol  float64
	}{
		{"statistic", got.Statistic, statistic, agree}, {"df1", got.DF1, df1, 0}, {"df2", got.DF2, df2, 0},
	} {
		if v.want != nil {
			near(t, fmt.Sprintf("%s: %s", what, v.name), v.got, *v.want, v.tol, 0)
		}
	}
	if p != nil {
		near(t, what+": p", got.P, *p, pTolerance(*p), 1e-300)
	}
}
