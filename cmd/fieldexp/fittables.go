package main

import (
	"context"
	"errors"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
	"github.com/fieldexp/fieldexp/study"
)

// add adds the tables that are asked for beside those of the effects.
func (r *fitResult) add(ctx context.Context, frame *data.Frame, group string, spec itt.Spec) error {
	fl := r.flags
	keep := func(t *report.Table, err error) error {
		if err == nil {
			r.more = append(r.more, t)
		}
		return err
	}
	if fl.weak {
		if err := keep(r.worth(ctx, frame, group, spec)); err != nil {
			return err
		}
	}
	if !fl.compliers {
		return nil
	}
	asked := late.Spec{Spec: spec, Usage: fl.usage}
	asked.Covariance = study.Joint(asked.Covariance)
	if !r.usage.Shares.Binary {
		if len(fl.profile) > 0 {
			return errors.New("--profile describes compliers, who can be told where usage is 0 or 1 in every row, and here it has more levels: leave it out")
		}
		response, err := late.ResponseWeights(ctx, frame, asked)
		if err != nil {
			return err
		}
		if err := keep(report.ResponseWeights{Title: "How the effect of " + fl.usage + " weighs its levels", Response: response}.Table()); err != nil {
			return err
		}
	} else if err := r.account(ctx, frame, asked, keep); err != nil {
		return err
	}
	return r.placebo(ctx, frame, asked, keep)
}

// worth is the table of what the instruments are worth, of each group's own where there are groups.
func (r *fitResult) worth(ctx context.Context, frame *data.Frame, group string, spec itt.Spec) (*report.Table, error) {
	if r.groups == nil {
		w := report.WeakInstruments{Title: "What the instruments are worth"}
		for _, fit := range r.usage.Fits {
			w.Fits = append(w.Fits, study.ForInstruments(fit))
		}
		return w.Table()
	}
	h := r.flags.groupSpec(group, spec)
	h.Covariance = study.Joint(h.Covariance)
	separated, err := hetero.Separate(ctx, frame, h)
	if err != nil {
		return nil, err
	}
	rows, how, err := r.flags.inference.AgreeingGroups(ctx, frame, h, nil)
	if err != nil {
		return nil, err
	}
	var notes []string
	if r.cut != "" {
		notes = append(notes, r.cut)
	}
	return report.SeparateGroups{Title: "Each group by itself", Separated: separated, Tests: rows, Notes: append(notes, how...)}.Table()
}

// account adds who complies, and what they do.
func (r *fitResult) account(ctx context.Context, frame *data.Frame, spec late.Spec, keep func(*report.Table, error) error) error {
	accounting, err := late.Account(ctx, frame, spec)
	if err != nil {
		return err
	}
	if err := keep(report.Compliers{Title: "Compliers", Accounting: accounting}.Table()); err != nil || len(r.flags.profile) == 0 {
		return err
	}
	profile, err := late.DescribeCompliers(ctx, frame, spec, r.flags.profile...)
	if err != nil {
		return err
	}
	return keep(report.ComplierProfile{Title: "Who compliers are", Profile: profile}.Table())
}

// placebo adds the contrast of never-takers with controls, unless there are no never-takers.
func (r *fitResult) placebo(ctx context.Context, frame *data.Frame, spec late.Spec, keep func(*report.Table, error) error) error {
	placebo, err := late.NeverTakerContrast(ctx, frame, spec)
	if none := (*fieldexp.Error)(nil); errors.As(err, &none) && none.Problem == fieldexp.NoVariation {
		last := r.more[len(r.more)-1]
		last.Notes = append(last.Notes, "Never-takers are not compared with controls: "+none.Message)
		return nil
	}
	if err != nil {
		return err
	}
	opt := report.RegressionOptions{Title: "Never-takers against controls", Terms: []report.Term{{Name: r.usage.Term}}, Notes: []string{placebo.Among + ". Assignment should have no effect on them if it matters through usage alone; " +
		"in a cross-section, never-takers differ by choice as well."}}
	var columns []report.RegressionColumn
	for _, fit := range placebo.Fits {
		columns = append(columns, report.RegressionColumn{Result: fit})
	}
	if joint := placebo.Joint; joint != nil && len(placebo.Fits) > 1 {
		opt.Notes = append(opt.Notes, "All effects zero: "+brief.Test(*joint)+".")
	}
	return keep(report.Regression(columns, opt))
}
