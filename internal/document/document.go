// Package document holds what results of all packages have in common in JSON: numbers, estimates, tests and
// models, under the keys of results.json. Package iv fills them in, and packages itt, late, hetero, bootstrap and
// study put them into documents of their own.
package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/fieldexp/fieldexp"
)

// Number is a number with all digits; what JSON cannot write is null.
type Number float64

// MarshalJSON writes the shortest digits that read back as the same number.
func (x Number) MarshalJSON() ([]byte, error) {
	if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(x))
}

// UnmarshalJSON reads a number; null is NaN.
func (x *Number) UnmarshalJSON(text []byte) error {
	if bytes.Equal(text, []byte("null")) {
		*x = Number(math.NaN())
		return nil
	}
	return json.Unmarshal(text, (*float64)(x))
}

// Numbers are those of a list, which is never null.
func Numbers(list []float64) []Number {
	numbers := make([]Number, len(list))
	for i, x := range list {
		numbers[i] = Number(x)
	}
	return numbers
}

// NumberLists are those of lists.
func NumberLists(lists [][]float64) [][]Number {
	numbers := make([][]Number, len(lists))
	for i, list := range lists {
		numbers[i] = Numbers(list)
	}
	return numbers
}

// List is a list that is never null.
func List[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Optional is nil for the zero value, so that omitempty leaves it out.
func Optional[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// Instant is a time as in 2024-01-22T00:00:00Z; nil, and so null, for none.
func Instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.Format(time.RFC3339Nano)
	return &text
}

// Join writes the keys of several objects as one, in their order: how a type that embeds another has its keys.
func Join(objects ...any) ([]byte, error) {
	joined := []byte{'{'}
	for _, object := range objects {
		text, err := json.Marshal(object)
		if err != nil {
			return nil, err
		}
		if len(text) < 2 || text[0] != '{' {
			return nil, fmt.Errorf("document: %T is not an object in JSON", object)
		}
		if keys := text[1 : len(text)-1]; len(keys) > 0 {
			if len(joined) > 1 {
				joined = append(joined, ',')
			}
			joined = append(joined, keys...)
		}
	}
	return append(joined, '}'), nil
}

// Coefficient is an estimate.
type Coefficient struct {
	Term      string `json:"term"`
	Estimate  Number `json:"estimate"`
	SE        Number `json:"se"`
	DF        Number `json:"df"` // null for the normal distribution
	Statistic Number `json:"statistic"`
	P         Number `json:"p"`
	Low       Number `json:"low"`
	High      Number `json:"high"`
	Reason    string `json:"reason,omitempty"` // why there is no standard error
}

// Effect is the effect of a treatment, with what it is the effect on.
type Effect struct {
	Outcome string `json:"outcome"`
	Arm     string `json:"arm,omitempty"`   // where there are several beside control
	Group   string `json:"group,omitempty"` // of effects by group
	Coefficient
}

// Test is a joint test.
type Test struct {
	Null      string `json:"null"`
	Statistic Number `json:"statistic"`
	DF1       Number `json:"df1"`
	DF2       Number `json:"df2"` // null for chi-squared
	P         Number `json:"p"`
	Reason    string `json:"reason,omitempty"` // why it could not be computed
}

// FixedEffect is an absorbed effect.
type FixedEffect struct {
	Effect string `json:"effect"`
	Levels int    `json:"levels"`
	Nested bool   `json:"nested"` // in the clusters
}

// Dropped is what did not enter the estimation.
type Dropped struct {
	Missing    int      `json:"missing"`
	ZeroWeight int      `json:"zero_weight"`
	Singletons int      `json:"singletons"`
	Blocks     int      `json:"blocks,omitempty"` // of a comparison of means, with too few units in an arm
	Collinear  []string `json:"collinear"`
}

// Model is an estimated linear model.
type Model struct {
	Outcome   string             `json:"outcome"`
	Estimator string             `json:"estimator"` // ols, 2sls, liml, fuller
	N         int                `json:"n"`
	Clusters  map[string]int     `json:"clusters"`
	SE        string             `json:"se"` // the kind of standard errors, such as CR1
	K         int                `json:"k"`
	Factor    Number             `json:"factor"`
	R2        Number             `json:"r2"`
	Terms     []Coefficient      `json:"terms"`
	Tests     []Test             `json:"tests,omitempty"` // of the first stages
	Effects   []FixedEffect      `json:"effects,omitempty"`
	Dropped   Dropped            `json:"dropped"`
	Warnings  []fieldexp.Warning `json:"warnings"`
	Level     Number             `json:"level"` // of the intervals from low to high

	FirstStages []Model `json:"first_stages,omitempty"`
	ReducedForm *Model  `json:"reduced_form,omitempty"`
	AsUsed      *Model  `json:"as_used,omitempty"`
}
