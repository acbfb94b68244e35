package bootstrap_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
)

// The Illinois workplace wellness study prints p-values adjusted by Westfall and Young's method within each
// domain and source of outcomes, from 10,000 bootstrap draws. Here the draws are 999 re-drawn assignments,
// which differ from theirs, and so both simulations are allowed their error.
const wellnessDraws = 999

// withinPrint is how far a p-value may be off the printed one.
const withinPrint = 0.05

// wellnessPrinted maps outcomes to the p-values of Table 3.
func wellnessPrinted(t *testing.T) map[string]float64 {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(refdata.Bytes(t, "wellness", "published.csv"))).ReadAll()
	must(t, err)
	outcome, p := slices.Index(rows[0], "outcome"), slices.Index(rows[0], "westfall_young_p")
	printed := map[string]float64{}
	for _, row := range rows[1:] {
		if row[p] != "" {
			printed[row[outcome]], err = strconv.ParseFloat(row[p], 64)
			must(t, err)
		}
	}
	if len(printed) != 26 {
		t.Fatalf("%d printed p-values, want 26", len(printed))
	}
	return printed
}

// family is outcomes whose p-values are adjusted together.
type family struct {
	outcomes []string
	observed []float64
	draws    [][]float64
}

// add permutes outcomes of one file. Calls with the same seed re-draw the same assignments, so that
// outcomes with different weights share their draws.
func (f *family) add(t *testing.T, frame *data.Frame, seed uint64, weights string, outcomes ...string) {
	t.Helper()
	res := permute(t, frame, bootstrap.PermuteSpec{Outcomes: outcomes, Assignment: "treat", Weights: weights, Draws: wellnessDraws, Seed: seed, NoSet: true})
	observed, draws := res.Common()
	f.outcomes, f.observed, f.draws = append(f.outcomes, outcomes...), append(f.observed, observed...), append(f.draws, draws...)
}

// compare adjusts the family by both methods, and compares what is printed.
func (f *family) compare(t *testing.T, printed map[string]float64) (compared int) {
	t.Helper()
	for _, method := range []bootstrap.StepMethod{bootstrap.RomanoWolf, bootstrap.WestfallYoung} {
		res := stepDown(t, f.observed, f.draws, bootstrap.StepSpec{Method: method})
		compared = 0
		for i, outcome := range f.outcomes {
			want, ok := printed[outcome]
			if !ok {
				continue
			}
			compared++
			if math.Abs(res.P[i]-want) > withinPrint {
				t.Errorf("%s, %s: p = %.3f, printed %.3f", outcome, method, res.P[i], want)
			}
		}
	}
	return compared
}

func wellnessFile(t *testing.T, name string) *data.Frame {
	t.Helper()
	return readCSV(t, refdata.Path(t, "wellness", name+".csv.gz"))
}

// TestWellnessFamilies covers the 22 p-values of outcomes that are columns of the public files; three of them can only be
// bounded.
func TestWellnessFamilies(t *testing.T) {
	long(t)
	printed := wellnessPrinted(t)
	claims, firm, marathon := wellnessFile(t, "claims"), wellnessFile(t, "firm_admin"), wellnessFile(t, "marathon")
	compared := 0
	for _, period := range []string{"0816_0717", "0816_0119"} {
		var spending family
		spending.add(t, claims, 1, "covg_"+period, "spend_"+period, "spendRx_"+period, "spendOff_"+period, "spendHosp_"+period)
		spending.add(t, claims, 1, "", "nonzero_spend_"+period)
		compared += spending.compare(t, printed)

		year := strings.TrimPrefix(period, "0816_")
		var employment family
		employment.add(t, firm, 2, "", "promotion_0616_"+year, "terminated_"+year)
		employment.add(t, firm, 2, "sickdays_eligible_"+period, "sickleave_"+period)
		if year == "0717" {
			employment.bound(t, printed)
		} else {
			compared += employment.compare(t, printed)
		}

		// Marathons and visits to the gym are in files that cannot be joined: their draws are
		// independent of each other, as the outcomes nearly are.
		var activity family
		activity.add(t, marathon, 3, "", map[string]string{"0717": "marathon_2017", "0119": "marathon_2018"}[year])
		activity.add(t, firm, 4, "", "gym_"+period)
		compared += activity.compare(t, printed)
	}
	for _, year := range []string{"yr1", "yr2"} {
		var alone family
		alone.add(t, firm, 5, "", "prod_index_"+year)
		compared += alone.compare(t, printed)
	}
	if compared != 19 {
		t.Errorf("%d p-values compared, want 19", compared)
	}
}

// bound compares the first-year employment family, whose changes of title and salary are not in the public
// files. A hypothesis less can only lower adjusted p-values, and one more that is independent of the others and
// weaker than all raises them most: printed values must lie between, up to the error of simulation.
func (f *family) bound(t *testing.T, printed map[string]float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(6, 6))
	draws := make([]float64, wellnessDraws)
	for b := range draws {
		draws[b] = rng.NormFloat64()
	}
	least := stepDown(t, f.observed, f.draws, bootstrap.StepSpec{})
	most := stepDown(t, append(slices.Clone(f.observed), 0), append(slices.Clone(f.draws), draws), bootstrap.StepSpec{})
	for i, outcome := range f.outcomes {
		if want := printed[outcome]; want < least.P[i]-withinPrint || want > most.P[i]+withinPrint {
			t.Errorf("%s: printed %.3f, not between %.3f and %.3f", outcome, want, least.P[i], most.P[i])
		}
	}
}

// TestWellnessSurveyFamilies covers the four p-values of single survey questions, which are adjusted
// with all others of their domain.
func TestWellnessSurveyFamilies(t *testing.T) {
	long(t)
	frame := wellnessFile(t, "online_surveys")
	printed := wellnessPrinted(t)
	compared := 0
	for _, year := range []string{"0717", "0718"} {
		for i, domain := range []string{
			`everscreen active active_try cursmk othersmk formsmk drink drinkhvy chronic health1 health2 problems energy
				ehealth overweight badhealth sedentary druguse physician hospital`,
			"sickdays hrsworked50 jobsatisf1 jobsatisf2 mgmtsafety happywork presenteeism productive promotion jobsearch1 jobsearch2",
		} {
			var f family
			var outcomes []string
			for _, question := range strings.Fields(domain) {
				outcomes = append(outcomes, fmt.Sprintf("%s_%s", question, year))
			}
			f.add(t, frame, uint64(10+i), "", outcomes...)
			compared += f.compare(t, printed)
		}
	}
	if compared != 4 {
		t.Errorf("%d p-values compared, want 4", compared)
	}
}
