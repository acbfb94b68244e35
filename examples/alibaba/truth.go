package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp/study"
)

// truth is what truth.json says of a simulated study, as far as it is used here.
type truth struct {
	Config struct {
		Agents int    `json:"agents"`
		Preset string `json:"preset"`
	} `json:"config"`
	Counts struct {
		Chats int `json:"chats"`
	} `json:"counts"`
	Outcomes []struct {
		Name       string     `json:"name"` // a column of the chats
		Pooled     estimand   `json:"pooled"`
		ByBaseline []estimand `json:"by_baseline"`
	} `json:"outcomes"`
}

// estimand is an effect of usage that was planted: what an estimator aims at.
type estimand struct {
	LATE float64 `json:"late"`
}

// fromPaper reports whether the planted effects are the paper's.
func (t *truth) fromPaper() bool { return t.Config.Preset == "published" }

// readTruth reads truth.json; without one the data were not simulated, and there is no truth.
func readTruth(path string) (*truth, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the planted effects cannot be read: %w", err)
	}
	t := new(truth)
	if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("the planted effects in %s cannot be read: %w", path, err)
	}
	return t, nil
}

// An effect is an estimate with the effect that was planted for it.
type effect struct {
	study.Term
	planted float64
}

// inside reports whether the interval holds what was planted.
func (e effect) inside() bool { return float64(e.Low) <= e.planted && e.planted <= float64(e.High) }

// planted lists the estimated effects of usage in a table whose planted size is known: pooled, or
// by quintile. The truth is about agent-days, so that tables by the hour have none.
func (b *book) planted(id string) []effect {
	number, layout := b.layout(id)
	i := slices.IndexFunc(b.Study.Tables, func(t study.TableSpec) bool { return t.Number == number })
	if i < 0 || b.Study.Tables[i].Period != "day" {
		return nil
	}
	var list []effect
	for _, f := range b.Fits {
		if f.Table == number && f.Estimator == "2sls" && f.TimeEffects == layout {
			list = append(list, b.plantedIn(f)...)
		}
	}
	return list
}

// layout is a table's number and, for one by quintile, whose day effects its models have.
func (b *book) layout(id string) (number, timeEffects string) {
	if number, ok := strings.CutSuffix(id, "-common"); ok {
		return number, "common"
	}
	byGroup := slices.ContainsFunc(b.Study.Tables, func(t study.TableSpec) bool { return t.Number == id && t.Kind == "hetero" })
	if byGroup {
		return id, "group-specific"
	}
	return id, ""
}

// plantedIn are the effects of one model.
func (b *book) plantedIn(f study.Fit) []effect {
	o := slices.IndexFunc(b.Study.Outcomes, func(o study.Outcome) bool { return o.Name == f.Outcome && o.Stat == "mean" })
	if b.truth == nil || o < 0 {
		return nil
	}
	var list []effect
	add := func(terms []study.Term, name string, planted float64) {
		if t, ok := find(terms, name); ok {
			list = append(list, effect{t, planted})
		}
	}
	for _, known := range b.truth.Outcomes {
		if known.Name != b.Study.Outcomes[o].Column {
			continue
		}
		if f.TimeEffects == "" {
			add(f.Terms, b.Study.Roles.Usage, known.Pooled.LATE)
			continue
		}
		for g, e := range known.ByBaseline {
			add(f.Impacts, impactOn(g), e.LATE)
		}
	}
	return list
}

// impactOn names the effect in a quintile, counted from 0.
func impactOn(g int) string { return fmt.Sprintf("impact on Q%d", g+1) }

// find finds a term by its name.
func find(terms []study.Term, name string) (study.Term, bool) {
	if i := slices.IndexFunc(terms, func(t study.Term) bool { return t.Term == name }); i >= 0 {
		return terms[i], true
	}
	return study.Term{}, false
}
