package itt_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
)

// TestPublishedBalance reproduces Table 1 of the Illinois Workplace Wellness Study: means by arm,
// p-value and number of observations of its unweighted variables, to every digit that is printed.
func TestPublishedBalance(t *testing.T) {
	admin := []string{"male", "age50", "age37_49", "white", "salaryQ1", "salaryQ2", "salaryQ3", "faculty", "AP"}
	survey := []string{"everscreen_0716", "active_0716", "active_try_0716", "cursmk_0716", "othersmk_0716", "formsmk_0716",
		"drink_0716", "drinkhvy_0716", "chronic_0716", "health1_0716", "health2_0716", "problems_0716", "energy_0716",
		"ehealth_0716", "overweight_0716", "badhealth_0716", "sedentary_0716", "druguse_0716", "physician_0716",
		"hospital_0716", "sickdays_0716", "hrsworked50_0716", "jobsatisf1_0716", "jobsatisf2_0716", "mgmtsafety_0716"}
	published, err := data.ReadCSV(t.Context(), refdata.Path(t, "wellness", "published_balance.csv"), data.ReadOptions{
		Types: map[string]data.Kind{"control": data.Categorical, "treatment": data.Categorical, "p": data.Categorical, "n": data.Categorical}})
	must(t, err)
	text := func(name string, row int) string {
		codes, levels, err := published.Codes(name)
		must(t, err)
		return levels[codes[row]]
	}
	at := 0
	for _, file := range []struct {
		name      string
		variables []string
	}{{"participation.csv.gz", admin}, {"online_surveys.csv.gz", survey}} {
		f := studytest.Read(t, "wellness", file.name)
		res := balance(t, f, itt.BalanceSpec{Spec: itt.Spec{Assignment: "treat"}, Variables: file.variables})
		for _, row := range res.Rows {
			for _, v := range []struct {
				column   string
				got      float64
				decimals int
			}{
				{"control", row.Arms[0].Mean, 3}, {"treatment", row.Arms[1].Mean, 3},
				{"p", row.Differences[0].P, 3}, {"n", float64(row.N), 0},
			} {
				want := text(v.column, at)
				if got := strconv.FormatFloat(v.got, 'f', v.decimals, 64); got != want {
					t.Errorf("%s (%s): %s %s (%v), printed %s", row.Variable, text("label", at), v.column, got, v.got, want)
				}
			}
			at++
		}
		if !(res.Joint.P > 0.05) || math.IsNaN(res.Joint.Statistic) {
			t.Errorf("%s: joint test %+v rejects balance of a randomised experiment", file.name, res.Joint)
		}
	}
	if at != 34 {
		t.Errorf("compared %d rows, want 34", at)
	}
}
