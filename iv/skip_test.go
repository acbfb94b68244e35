package iv_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// TestSkipInstrumentTests: estimates, first stages and what is computed from them are the same without
// what tests of instruments need, and these tests say why they are missing.
func TestSkipInstrumentTests(t *testing.T) {
	forEachInstrumented(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		want := estimate(t, f, s)
		s.SkipInstrumentTests = true
		got := estimate(t, f, s)
		sameBits(t, "estimates", got, want)
		sameBits(t, "as used", got.AsUsed, want.AsUsed)
		if !slices.Equal(got.PartialF(), want.PartialF()) || !slices.Equal(got.Instruments(), want.Instruments()) {
			t.Errorf("instruments %v with F %v, want %v with %v", got.Instruments(), got.PartialF(), want.Instruments(), want.PartialF())
		}
		for test, reason := range map[string]string{
			"Anderson-Rubin": got.AndersonRubin(make([]float64, len(s.Endogenous))...).Reason, "set": got.AndersonRubinSet().Reason,
			"overidentification": got.Overidentification().Reason, "Wu-Hausman": got.WuHausman().Reason,
			"effective F": got.EffectiveF().Reason, "Kleibergen-Paap": got.KleibergenPaap().Reason,
		} {
			if !strings.Contains(reason, "without the tests of instruments") {
				t.Errorf("%s is missing because %q", test, reason)
			}
		}
	})
}
