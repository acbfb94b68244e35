// Package brief writes the numbers, names and notes of plain-text summaries, so that those of
// packages itt and late read alike. Tables for print are package report's.
package brief

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// Number writes a number with four significant digits, whole and with commas between thousands from 1,000 on.
func Number(v float64) string {
	size := math.Abs(v)
	switch {
	case math.IsNaN(v):
		return "n/a"
	case v == 0 || math.IsInf(v, 0):
		return fmt.Sprint(v)
	case size >= 1e15 || size < 1e-5:
		return strconv.FormatFloat(v, 'e', 3, 64)
	}
	_, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 3, 64), "e") // after rounding
	power, _ := strconv.Atoi(exponent)
	if power >= 3 {
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return strconv.FormatFloat(v, 'f', 3-power, 64)
}

// P writes a p-value with three decimals, and what is below them as <0.001.
func P(p float64) string {
	switch {
	case math.IsNaN(p):
		return "n/a"
	case p < 0.0005:
		return "<0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

// Test writes the statistic and p-value of a test, or why there are none.
func Test(t iv.Test) string {
	switch {
	case t.Reason != "":
		return "not available, " + t.Reason
	case math.IsInf(t.DF2, 1):
		return fmt.Sprintf("chi-squared(%g) = %s, p %s", t.DF1, Number(t.Statistic), P(t.P))
	}
	return fmt.Sprintf("F(%g, %g) = %s, p %s", t.DF1, t.DF2, Number(t.Statistic), P(t.P))
}

// Set writes the pieces of a confidence set in braces, as in {[-0.2, 1.4]} or {(-Inf, 0.1], [2.3, +Inf)}.
func Set(s iv.Set) string {
	if s.Reason != "" {
		return s.String()
	}
	pieces := make([]string, len(s.Pieces))
	for i, p := range s.Pieces {
		open, end := "[", "]"
		if math.IsInf(p[0], -1) {
			open = "("
		}
		if math.IsInf(p[1], 1) {
			end = ")"
		}
		pieces[i] = fmt.Sprintf("%s%.4g, %.4g%s", open, p[0], p[1], end)
	}
	return "{" + strings.Join(pieces, ", ") + "}"
}

// Count writes a count with commas between thousands.
func Count(n int) string { return grouped(strconv.Itoa(n)) }

// grouped puts commas between the thousands of a whole number.
func grouped(s string) string {
	digits := strings.TrimPrefix(s, "-")
	sign := s[:len(s)-len(digits)]
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return sign + digits
}

// Notes collects the notes of several results: each once, headed by the outcomes that it is about
// unless it is about all.
func Notes(fits []*iv.Result) []string {
	var texts []string
	about := map[string][]string{}
	for _, fit := range fits {
		for _, note := range fit.Notes() {
			if !slices.Contains(texts, note) {
				texts = append(texts, note)
			}
			about[note] = append(about[note], fit.Outcome)
		}
	}
	for i, note := range texts {
		switch outcomes := about[note]; {
		case len(outcomes) == len(fits):
		case len(outcomes) > 4:
			texts[i] = fmt.Sprintf("%s and %d others: %s", strings.Join(outcomes[:3], ", "), len(outcomes)-3, note)
		default:
			texts[i] = strings.Join(outcomes, ", ") + ": " + note
		}
	}
	return texts
}

// AddWarning appends a warning that is not there yet.
func AddWarning(list []fieldexp.Warning, w fieldexp.Warning) []fieldexp.Warning {
	if slices.Contains(list, w) {
		return list
	}
	return append(list, w)
}

// InSentence is a label within a sentence: its first letter is small, unless the first word has other capitals, as
// GenAI does.
func InSentence(label string) string {
	first, size := utf8.DecodeRuneInString(label)
	word, _, _ := strings.Cut(label, " ")
	if len(word) <= size || word[size:] != strings.ToLower(word[size:]) {
		return label
	}
	return string(unicode.ToLower(first)) + label[size:]
}

// SE is a standard error; a dash where there is none.
func SE(c iv.Coefficient) string {
	if c.Reason != "" {
		return "-"
	}
	return Number(c.SE)
}
