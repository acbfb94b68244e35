package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/study"
)

// Settings without a word of the front doors: hints that need them are for programs, and are not printed.
var (
	// of library calls that no front door makes, and of values that it does not offer
	ofPrograms = strings.Fields(`ArmEffect Arms GroupEffect AsCategorical AsUsed Back BH BY Bonferroni CDF CR0 CR1 CR2 CR3 Categorical Classical Columns Column CountObserved Day Default Density Endogenous
		Equality EstimateCells Exogenous FirstStages Fit Float Font Frame From Fuller FullerAlpha Gamma HC0 HC3 Histogram Hochberg Holm HolmSidak Hommel Hour Instruments InverseWeights Jackknife
		KeepFirst KindBlank KindMissing LIML Mammen Mean Measures Model Name Normal Null Observed Over Own OwnAll OwnUnits Outcome PRule Panels PeriodColumn Plain Post PreColumn Prefix Rademacher
		ReadCSV Reason ReducedForm ResponseWeights Result Rows Samples Select Series SharpenedQ Sidak Stacked Stat Statistic StepMethod Symmetric Tail Term Ties To TreatedName Type Type11
		Type13 Type31 Type33 Unrestricted Value WRE Webb Week WildCells With ZeroFirstStage`)
	// of study files alone
	ofFiles = strings.Fields(`Baseline.Over Data.Events FigureSpec.Kind FigureSpec.Number FigureSpec.Of FigureSpec.Variables Model.NoEffects Outcome.Name Outcome.Stat Outcome.Transform
		Reference Step TableSpec.Absorb TableSpec.Column TableSpec.Digits TableSpec.Kind TableSpec.Level TableSpec.NoControls TableSpec.Number TableSpec.Sample TableSpec.Show TableSpec.Steps Variables`)
)

// TestVocabulary: every setting of which a hint of the module speaks has a word as a key of a study file and as a flag,
// or is listed above for having none.
func TestVocabulary(t *testing.T) {
	setting := regexp.MustCompile(`\{([A-Z][A-Za-z0-9.]*)\}`)
	keys := study.Keys()
	found := 0
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "//") || !strings.ContainsAny(line, "\"`") {
				continue
			}
			for _, match := range setting.FindAllStringSubmatch(line, -1) {
				name := match[1]
				if len(name) == 1 || slices.Contains(ofPrograms, name) {
					continue
				}
				found++
				if keys[name] == "" {
					t.Errorf("%s: %s has no key", path, name)
				}
				if flags[name] == "" && !slices.Contains(ofFiles, name) {
					t.Errorf("%s: %s has no flag", path, name)
				}
			}
		}
		return err
	})
	if err != nil || found < 200 {
		t.Errorf("found %d settings, %v", found, err)
	}
	for _, name := range append(slices.Clone(ofPrograms), ofFiles...) {
		if flags[name] != "" {
			t.Errorf("%s is listed as having no flag, and has %s", name, flags[name])
		}
	}
}

// TestHouseWording runs commands whose refusals spoke of Go: they speak of flags.
func TestHouseWording(t *testing.T) {
	file := filepath.Join("testdata", "wording", "d.csv")
	for args, want := range map[string][]string{
		"--assign z --usage z --cluster g":                     {"same column", "--usage"},
		"--assign arm --permute":                               {`two arms, and assignment "arm" has 3: a, b, c`, `by --derive, as in treat = arm == "b"`},
		"--assign z --usage d --by x --groups 200 --cluster g": {`column "x"`, "varies within unit g00", "leave --cluster out", "--time and --launch"},
		"--assign z --cluster t":                               {"varies within", "set --mixed-clusters"},
	} {
		refused(t, want, append([]string{"fit", "--data", file, "--outcome", "y"}, strings.Fields(args)...)...)
		_, _, stderr := command(append([]string{"fit", "--data", file, "--outcome", "y"}, strings.Fields(args)...)...)
		for _, goWord := range []string{"package", "itt", "panel:", "data:", "filter", "Spec"} {
			if strings.Contains(stderr, goWord) {
				t.Errorf("%s: speaks of %q: %s", args, goWord, stderr)
			}
		}
	}
}
