package iv_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/fieldexp/fieldexp/iv"
)

// TestSetJSON: sets read back as they were written; infinite ends and a missing level are null.
func TestSetJSON(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		set  iv.Set
		want string
	}{
		{iv.Set{Level: 0.9}, `{"pieces":[],"level":0.9}`},
		{iv.Set{Pieces: [][2]float64{{-inf, inf}}, Level: 0.95}, `{"pieces":[[null,null]],"level":0.95}`},
		{iv.Set{Pieces: [][2]float64{{-inf, -1.5}, {0, 0.1}, {1e300, inf}}, Level: 0.95}, `{"pieces":[[null,-1.5],[0,0.1],[1e+300,null]],"level":0.95}`},
		{iv.Set{Level: 0.95, Reason: "there are no instruments"}, `{"pieces":[],"level":0.95,"reason":"there are no instruments"}`},
		{iv.Set{Level: math.NaN()}, `{"pieces":[],"level":null}`},
	} {
		text, err := json.Marshal(c.set)
		if err != nil || string(text) != c.want {
			t.Errorf("%v is written as %s (%v), want %s", c.set, text, err, c.want)
		}
		var back iv.Set
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if again, err := json.Marshal(&back); err != nil || string(again) != c.want {
			t.Errorf("%s reads back as %s (%v)", text, again, err)
		}
		if !math.IsNaN(c.set.Level) && !reflect.DeepEqual(back, c.set) {
			t.Errorf("%#v reads back as %#v", c.set, back)
		}
	}
	var s iv.Set
	if err := json.Unmarshal([]byte(`{"pieces":1}`), &s); err == nil {
		t.Error("a set of one number was read")
	}
}
