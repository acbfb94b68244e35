package study

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// TestFitIsResultJSON holds a fit in results.json against the JSON of the model that it describes: the same keys with the
// same values, but for warnings, of which a fit has the messages alone.
func TestFitIsResultJSON(t *testing.T) {
	f := &data.Frame{}
	columns := map[string][]float64{}
	for a := range 40 {
		z := float64(a % 2)
		columns["unit"] = append(columns["unit"], float64(a/2))
		columns["site"] = append(columns["site"], float64(a%3))
		columns["z"] = append(columns["z"], z)
		columns["d"] = append(columns["d"], z*float64(min(a%5, 2)))
		columns["y"] = append(columns["y"], float64((a*a)%11)+z*float64(a%5))
	}
	for name, values := range columns {
		if err := f.SetFloats(name, values); err != nil {
			t.Fatal(err)
		}
	}
	for _, spec := range []iv.Spec{
		{Outcomes: []string{"y"}, Exogenous: []string{"z"}},
		{Outcomes: []string{"y"}, Endogenous: []string{"d"}, Instruments: []string{"z"},
			Absorb: iv.Effects("site"), Cluster: []string{"unit"}, Covariance: iv.Covariance{DF: iv.DFNormal}},
	} {
		fits, err := iv.Estimate(context.Background(), f, spec)
		if err != nil {
			t.Fatal(err)
		}
		model, fit := object(t, fits[0]), object(t, newFit(nil, estimatorName(fits[0]), "", fits[0]))
		for key, want := range fit {
			if key == "warnings" {
				for i, w := range model[key].([]any) {
					if message := w.(map[string]any)["message"].(string); !strings.HasPrefix(want.([]any)[i].(string), message) {
						t.Errorf("warning %v, want %v", message, want.([]any)[i])
					}
				}
				continue
			}
			if !reflect.DeepEqual(model[key], want) {
				t.Errorf("%s: %v, want %v", key, model[key], want)
			}
		}
		if spec.Endogenous != nil && (len(model["tests"].([]any)) != 1 || len(model["first_stages"].([]any)) != 1 || model["as_used"] == nil || model["reduced_form"] == nil) {
			t.Errorf("the model of usage lacks what it rests on: %v", model)
		}
	}
}

// object reads the JSON of a value.
func object(t *testing.T, value any) (m map[string]any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}
