package study

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
)

// Inference asks for more about effects than their standard errors. Its zero value asks for nothing.
type Inference struct {
	AR      bool `toml:"ar"`      // Anderson-Rubin sets of effects of usage
	Wild    bool `toml:"wild"`    // wild cluster bootstrap: WCR and, of effects of usage, WRE
	Permute bool `toml:"permute"` // randomisation inference on effects of assignment

	// Adjust names the way in which p-values allow for the number of effects in a table: one of
	// Adjustments, of which the last two step down over draws. Empty is not at all.
	Adjust string `toml:"adjust"`

	Draws      int      `toml:"draws"`       // 9,999 when 0
	Seed       int64    `toml:"seed"`        // 0 or more
	WeightsLaw string   `toml:"weights_law"` // of the wild bootstrap: rademacher (the default), mammen, webb, normal or gamma
	Strata     []string `toml:"strata"`      // columns within which assignment was drawn, for Permute and differences in means
	Pairs      string   `toml:"pairs"`       // or the column of matched pairs
}

// mostDraws is how many draws there are at most.
const mostDraws = 10_000_000

// Adjustments are the values of Inference.Adjust.
var Adjustments = []string{"bonferroni", "holm", "hochberg", "hommel", "sidak", "holm-sidak", "bh", "by", "sharpened-q", "romano-wolf", "westfall-young"}

// stepMethods are the adjustments that step down over draws.
var stepMethods = map[string]bootstrap.StepMethod{"romano-wolf": bootstrap.RomanoWolf, "westfall-young": bootstrap.WestfallYoung}

// check refuses what contradicts itself, whatever the data.
func (q *Inference) check() error {
	if _, err := parseLaw(q.WeightsLaw); err != nil {
		return err
	}
	if q.Adjust != "" {
		if err := oneOf("Inference.Adjust", q.Adjust, Adjustments...); err != nil {
			return err
		}
	}
	switch {
	case q.Draws != 0 && q.Draws < 99:
		return refuse(fmt.Sprintf("%d draws are too few for a p-value of 1%%", q.Draws), "ask for at least 99 in {Inference.Draws}")
	case q.Draws > mostDraws:
		return refuse(fmt.Sprintf("%d draws", q.Draws), fieldexp.Hint(fmt.Sprintf("ask for at most %d in {Inference.Draws}: a p-value of them is known to a few millionths", mostDraws)))
	case q.Seed < 0:
		return refuse(fmt.Sprintf("the seed is %d", q.Seed), "set {Inference.Seed} to 0 or more")
	case q.Draws != 0 && !q.Wild && !q.Permute:
		return refuse("draws are of the bootstrap and of permutations, and neither is asked for", "ask for {Inference.Wild} or {Inference.Permute} as well", "leave {Inference.Draws} out")
	case q.WeightsLaw != "" && !q.Wild:
		return refuse("weights are drawn for the wild bootstrap, which is not asked for", "ask for {Inference.Wild} as well", "leave {Inference.WeightsLaw} out")
	case len(q.Strata) > 0 && q.Pairs != "":
		return refuse("strata and pairs are both given, and pairs are strata of two", "name one of them, in {Inference.Strata} or in {Inference.Pairs}")
	case q.stepsDown() && !q.Wild && !q.Permute:
		return refuse(fmt.Sprintf("%s steps down over draws, and none are asked for", q.Adjust), "ask for {Inference.Wild} or {Inference.Permute} as well", "set {Inference.Adjust} to holm")
	case q.Adjust != "" && q.Wild && q.Permute:
		return refuse("p-values of the wild bootstrap or of permutations can be adjusted for their number, and both are asked for", "leave one of them out, {Inference.Wild} or {Inference.Permute}")
	}
	return nil
}

// stepsDown reports whether p-values are adjusted by stepping down over draws, which effects have to share.
func (q *Inference) stepsDown() bool {
	_, steps := stepMethods[q.Adjust]
	return steps
}

// parseLaw reads the name of the law of bootstrap weights.
func parseLaw(name string) (bootstrap.Weights, error) {
	var names []string
	for law := bootstrap.Rademacher; law <= bootstrap.Gamma; law++ {
		if name == "" || strings.EqualFold(law.String(), name) {
			return law, nil
		}
		names = append(names, strings.ToLower(law.String()))
	}
	return 0, refuse(fmt.Sprintf("there are no bootstrap weights %q", name), fieldexp.Hint("set {Inference.WeightsLaw} to "+alternatives(names)))
}

// completeInference refuses what the study's design does not allow.
func (s *Study) completeInference() error {
	q, m := &s.Inference, &s.Model
	if err := q.check(); err != nil {
		return err
	}
	se, _ := parseSE(m.SE, len(m.Cluster) > 0)
	splits := slices.ContainsFunc(s.Tables, func(t TableSpec) bool { return t.Splits > 0 })
	byDesign := slices.ContainsFunc(s.Tables, func(t TableSpec) bool { return t.Design == "means" })
	switch {
	case q.Seed != 0 && !q.Wild && !q.Permute && !splits:
		return refuse("the seed is of the bootstrap, of permutations and of splits, and none of them is asked for", "ask for {Inference.Wild}, {Inference.Permute} or {TableSpec.Splits} as well", "leave {Inference.Seed} out")
	case (len(q.Strata) > 0 || q.Pairs != "") && !q.Permute && !byDesign:
		return refuse("strata and pairs say how assignment was drawn, and nothing uses that", "ask for {Inference.Permute} as well", "set {TableSpec.Design} to means", "leave {Inference.Strata} and {Inference.Pairs} out")
	case q.AR && s.Roles.Usage == "":
		return refuse("Anderson-Rubin sets are of effects of usage, and no column of usage is named", "name it in {Roles.Usage}", "leave {Inference.AR} out")
	case q.Wild && (len(m.Cluster) != 1 || se.unclustered()):
		return refuse(fmt.Sprintf("the wild bootstrap draws a weight for each cluster, and there are %d columns of clusters and %s standard errors", len(m.Cluster), or(m.SE, "the usual")), "name one column in {Model.Cluster}, the level of assignment, and standard errors with clusters in {Model.SE}", "leave {Inference.Wild} out")
	case q.Wild && s.Roles.Usage != "" && m.Estimator != "" && !strings.EqualFold(m.Estimator, "2sls"):
		return refuse(fmt.Sprintf("there is no wild bootstrap of %s", strings.ToUpper(m.Estimator)), "set {Model.Estimator} to 2sls", "leave {Inference.Wild} out")
	}
	return nil
}
