package main

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"path/filepath"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// measure is an outcome: its columns in the first year and in the longer run, with the columns
// that weight them (the share of days covered by insurance, the days eligible for sick leave).
type measure struct {
	label, file             string
	first, long             string
	firstWeight, longWeight string
}

var measures = []measure{
	{"Medical spending ($ a month)", "claims", "spend_0816_0717", "spend_0816_0119", "covg_0816_0717", "covg_0816_0119"},
	{"  pharmaceutical", "claims", "spendRx_0816_0717", "spendRx_0816_0119", "covg_0816_0717", "covg_0816_0119"},
	{"  office", "claims", "spendOff_0816_0717", "spendOff_0816_0119", "covg_0816_0717", "covg_0816_0119"},
	{"  hospital", "claims", "spendHosp_0816_0717", "spendHosp_0816_0119", "covg_0816_0717", "covg_0816_0119"},
	{"Any medical spending", "claims", "nonzero_spend_0816_0717", "nonzero_spend_0816_0119", "", ""},
	{"Promotion", "firm_admin", "promotion_0616_0717", "promotion_0616_0119", "", ""},
	{"Left the firm", "firm_admin", "terminated_0717", "terminated_0119", "", ""},
	{"Sick leave (days a year)", "firm_admin", "sickleave_0816_0717", "sickleave_0816_0119", "sickdays_eligible_0816_0717", "sickdays_eligible_0816_0119"},
	{"Management thinks health matters", "online_surveys", "mgmtsafety_0717", "mgmtsafety_0718", "", ""},
	{"Productivity index", "firm_admin", "prod_index_yr1", "prod_index_yr2", "", ""},
	{"Ran a marathon event", "marathon", "marathon_2017", "marathon_2018", "", ""},
	{"Visits to the gym", "firm_admin", "gym_0816_0717", "gym_0816_0119", "", ""},
	{"Ever screened", "online_surveys", "everscreen_0717", "everscreen_0718", "", ""},
}

const (
	offered = "treat"
	joined  = "hra_c_yr1"
)

// estimates are the regressions of the study by outcome.
type estimates struct {
	itt        map[string]*iv.Result // the offer, robust (HC1)
	late       map[string]*iv.Result // taking part, two-stage least squares (HC0, normal)
	naive      map[string]*iv.Result // taking part, least squares among those offered (HC1)
	firstStage iv.Coefficient        // of the outcomes that the study has for everybody
	shares     late.Shares
}

// estimate runs the three specifications for every outcome. Stata's regress with robust errors is
// HC1, and its ivregress with robust errors is HC0 with the normal distribution.
func estimate(ctx context.Context, dir string) (*estimates, error) {
	e := &estimates{map[string]*iv.Result{}, map[string]*iv.Result{}, map[string]*iv.Result{}, iv.Coefficient{}, late.Shares{}}
	frames := map[string]*data.Frame{}
	for _, m := range measures {
		f, ok := frames[m.file]
		if !ok {
			var err error
			if f, err = read(ctx, dir, m.file); err != nil {
				return nil, err
			}
			frames[m.file] = f
		}
		for _, horizon := range []struct{ outcome, weight string }{{m.first, m.firstWeight}, {m.long, m.longWeight}} {
			spec := itt.Spec{Outcomes: []string{horizon.outcome}, Assignment: offered, Weights: horizon.weight}
			r, err := itt.Estimate(ctx, f, spec)
			if err != nil {
				return nil, err
			}
			e.itt[horizon.outcome] = r.Fits[0]
		}
		spec := late.Spec{Spec: itt.Spec{Outcomes: []string{m.first}, Assignment: offered, Weights: m.firstWeight}, Usage: joined}
		naive, err := late.AsUsedAmongAssigned(ctx, f, spec)
		if err != nil {
			return nil, err
		}
		spec.Covariance = iv.Covariance{Kind: iv.HC0, DF: iv.DFNormal}
		r, err := late.Estimate(ctx, f, spec)
		if err != nil {
			return nil, err
		}
		e.late[m.first], e.naive[m.first] = r.Fits[0], naive[0]
		if m.first == "marathon_2017" {
			e.shares = r.Shares
			if e.firstStage, err = r.FirstStage(m.first); err != nil {
				return nil, err
			}
		}
	}
	return e, nil
}

// read reads a file of the study and enters what its codebook says: completion is missing for
// those not offered the programme, none of whom could complete.
func read(ctx context.Context, dir, file string) (*data.Frame, error) {
	path := filepath.Join(dir, file+".csv")
	f, err := data.ReadCSV(ctx, path, data.ReadOptions{})
	if errors.Is(err, fs.ErrNotExist) {
		f, err = data.ReadCSV(ctx, path+".gz", data.ReadOptions{})
	}
	if err != nil {
		return nil, err
	}
	offer, err := f.Floats(offered)
	if err != nil {
		return nil, err
	}
	completed, err := f.Floats(joined)
	if err != nil {
		return nil, err
	}
	filled := append([]float64(nil), completed...)
	for i := range filled {
		if math.IsNaN(filled[i]) && offer[i] == 0 {
			filled[i] = 0
		}
	}
	return f, f.SetFloats(joined, filled)
}
