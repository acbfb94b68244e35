package study

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/report"
)

// Refusal says why a table or figure of a study cannot be had, where the others can.
type Refusal struct {
	Table  string `json:"table,omitempty"`  // its ID, or
	Figure string `json:"figure,omitempty"` // that of the figure
	Kind   string `json:"kind"`
	Reason string `json:"reason"` // with what can be done, in the words of the study's settings
	Err    error  `json:"-"`
}

// String reads: table 6 (hetero): group Q1 has one arm only; make fewer groups.
func (f Refusal) String() string {
	what, id := "table", f.Table
	if f.Figure != "" {
		what, id = "figure", f.Figure
	}
	return strings.ReplaceAll(what+" "+id, " (", ", ") + " (" + f.Kind + "): " + f.Reason
}

// reason is what a reader of the output is told of an error.
func (r *run) reason(err error) string {
	text := r.opt.Words.Say(err)
	if refusal := (*fieldexp.Error)(nil); !errors.As(err, &refusal) {
		return strings.TrimPrefix(text, "study: ")
	}
	return text
}

// table builds a table, or puts the reason in its place.
func (r *run) table(ctx context.Context, t *TableSpec) error {
	fits, warnings := len(r.out.Fits), len(r.out.Warnings)
	tables, err := r.build(ctx, t)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		// What was told of models that no table shows would mislead.
		r.out.Fits, r.out.Warnings = r.out.Fits[:fits], r.out.Warnings[:warnings]
		tables = []*Table{r.refuse(t, err)}
	}
	r.out.Tables = append(r.out.Tables, tables...)
	return nil
}

// build builds a table of columns that can be had.
func (r *run) build(ctx context.Context, t *TableSpec) ([]*Table, error) {
	kind := tableKinds()[t.Kind]
	if err := r.lacks(kind.needs); err != nil {
		return nil, err
	}
	return kind.fill(ctx, r, t)
}

// refuse is what stands in the place of a table.
func (r *run) refuse(t *TableSpec, err error) *Table {
	refusal := Refusal{Table: t.Number, Kind: t.Kind, Reason: r.reason(err), Err: err}
	r.out.Refused = append(r.out.Refused, refusal)
	return &Table{ID: t.Number, Table: &report.Table{Number: t.Number, Title: t.Title, Refusal: "Not available: " + refusal.Reason}}
}

// figure builds a figure, or puts the reason in its place.
func (r *run) figure(ctx context.Context, f *FigureSpec) error {
	kind := figureKinds()[f.Kind]
	figure, err := (*Figure)(nil), r.lacks(kind.needs)
	if err == nil {
		figure, err = kind.draw(ctx, r, f)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		refusal := Refusal{Figure: f.Number, Kind: f.Kind, Reason: r.reason(err), Err: err}
		r.out.Refused = append(r.out.Refused, refusal)
		figure = &Figure{Refusal: "Not available: " + refusal.Reason}
	}
	figure.ID, figure.Title, figure.Caption = f.Number, f.Title, f.Caption
	r.out.Figures = append(r.out.Figures, figure)
	return nil
}

// lacks is why the table or figure at work cannot be had whatever its models say: a column that is not what is asked of
// it, or groups that could not be made.
func (r *run) lacks(needs need) error {
	for _, column := range r.plan.asked[r.step] {
		if err := r.lacking[column]; err != nil {
			return err
		}
	}
	if needs&groups != 0 {
		return r.ungrouped
	}
	return nil
}

// refused is the error of a study of which nothing can be had; nil where something can.
func (o *Output) refused() error {
	if len(o.Refused) == 0 || len(o.Refused) < len(o.Tables)+len(o.Figures) {
		return nil
	}
	if len(o.Refused) == 1 && o.Study.alone() {
		return o.Refused[0].Err
	}
	if len(o.Refused) == 1 {
		f := o.Refused[0]
		return fmt.Errorf("%s (%s): %w", strings.SplitN(f.String(), " (", 2)[0], f.Kind, f.Err)
	}
	return &noneError{strings.Join(Reasons(o.Refused), "; "), slices.Collect(func(yield func(error) bool) {
		for _, f := range o.Refused {
			if !yield(f.Err) {
				return
			}
		}
	})}
}

// Reasons says each reason of refusals once, with all that it is the reason of.
func Reasons(refused []Refusal) []string {
	var reasons []string
	of := make(map[string][]string)
	for _, f := range refused {
		reasons = with(reasons, f.Reason)
		of[f.Reason] = append(of[f.Reason], strings.TrimSuffix(f.String(), ": "+f.Reason))
	}
	for i, reason := range reasons {
		reasons[i] = strings.Join(of[reason], ", ") + ": " + reason
	}
	return reasons
}

// noneError is the error of a study of which nothing can be had, in the words of its settings.
type noneError struct {
	text string
	errs []error
}

func (e *noneError) Error() string   { return "no table or figure can be had: " + e.text }
func (e *noneError) Unwrap() []error { return e.errs }
