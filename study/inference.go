package study

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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

// Adjustments are the values of Inference.Adjust.
var Adjustments = []string{"bonferroni", "holm", "hochberg", "hommel", "sidak", "holm-sidak", "bh", "by", "sharpened-q", "romano-wolf", "westfall-young"}

// stepMethods are the adjustments that step down over draws.
var stepMethods = map[string]bootstrap.StepMethod{"romano-wolf": bootstrap.RomanoWolf, "westfall-young": bootstrap.WestfallYoung}

// Check refuses what contradicts itself, whatever the data.
func (q *Inference) Check() error {
	if _, err := parseLaw(q.WeightsLaw); err != nil {
		return err
	}
	if q.Adjust != "" {
		if err := oneOf("adjust", q.Adjust, Adjustments...); err != nil {
			return err
		}
	}
	switch {
	case q.Draws != 0 && q.Draws < 99:
		return fmt.Errorf("%d draws are too few for a p-value of 1%%; ask for at least 99", q.Draws)
	case q.Seed < 0:
		return fmt.Errorf("the seed is %d; give 0 or more", q.Seed)
	case q.Draws != 0 && !q.Wild && !q.Permute:
		return errors.New("draws are of the bootstrap and of permutations; ask for wild or permute as well")
	case q.WeightsLaw != "" && !q.Wild:
		return errors.New("weights_law is of the wild bootstrap; ask for wild as well")
	case len(q.Strata) > 0 && q.Pairs != "":
		return errors.New("strata and pairs are both given, and pairs are strata of two; name one of them")
	case q.StepsDown() && !q.Wild && !q.Permute:
		return fmt.Errorf("adjust = %q steps down over draws; ask for wild or permute as well", q.Adjust)
	case q.Adjust != "" && q.Wild && q.Permute:
		return errors.New("adjust can allow for the number of the p-values of wild or of permute, and both are asked for; leave one of them out")
	}
	return nil
}

// StepsDown reports whether p-values are adjusted by stepping down over draws, which effects have to share.
func (q *Inference) StepsDown() bool {
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
	return 0, fmt.Errorf("weights_law cannot be %q; use %s", name, alternatives(names))
}

// completeInference refuses what the study's design does not allow.
func (s *Study) completeInference() error {
	q, m := &s.Inference, &s.Model
	if err := q.Check(); err != nil {
		return fmt.Errorf("inference: %w", err)
	}
	se, _ := ParseSE(m.SE, len(m.Cluster) > 0)
	splits := slices.ContainsFunc(s.Tables, func(t TableSpec) bool { return t.Splits > 0 })
	byDesign := slices.ContainsFunc(s.Tables, func(t TableSpec) bool { return t.Design == "means" })
	switch {
	case q.Seed != 0 && !q.Wild && !q.Permute && !splits:
		return errors.New("inference: the seed is of the bootstrap, of permutations and of splits; ask for wild or permute as well, or leave it out")
	case (len(q.Strata) > 0 || q.Pairs != "") && !q.Permute && !byDesign:
		return errors.New(`inference: strata and pairs say how assignment was drawn; ask for permute as well, or for a table with design = "means"`)
	case q.AR && s.Roles.Usage == "":
		return errors.New("inference.ar is of effects of usage, and roles.usage names no column")
	case q.Wild && (len(m.Cluster) != 1 || se.unclustered()):
		return errors.New("inference.wild draws a weight for each cluster; name one column in model.cluster, and standard errors with clusters in model.se")
	case q.Wild && s.Roles.Usage != "" && m.Estimator != "" && !strings.EqualFold(m.Estimator, "2sls"):
		return fmt.Errorf("inference.wild has no bootstrap of %s; leave model.estimator out", m.Estimator)
	}
	return nil
}
