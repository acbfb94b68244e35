package csvscan

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Form says how the numbers of a column are written, where that is not plainly. Forms may be joined by |.
type Form uint8

const (
	// DecimalComma is 1.234,5: a comma before the decimals; a point, a blank or an apostrophe may part thousands.
	DecimalComma Form = 1 << iota
	// Thousands is 1,234.5 or (1,234.5): a comma, a blank or an apostrophe parts thousands.
	Thousands
	// Percent is 12.5%, which is 0.125.
	Percent
	// Currency is $1,234.50, 1,234.50 EUR or ($5): a sign or three capital letters before or after.
	Currency
	// YesNo is yes and no, true and false, t and f, y and n, on and off, in any case of letters, or 1 and 0.
	YesNo
	// Duration is 01:02:03.5, in seconds, perhaps after "1 day" and a comma or blank.
	Duration
)

// forms of numbers, and what they are called.
var formNames = []string{"decimal-comma", "thousands", "percent", "currency", "yes/no", "duration"}

// FormNames lists the names of the forms, the first of which is that of Form 1.
func FormNames() []string { return append([]string(nil), formNames...) }

// String is the names of the forms.
func (f Form) String() string {
	var names []string
	for i, name := range formNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// ParseForm reads what String writes: names of forms with blanks between.
func ParseForm(text string) (f Form, ok bool) {
	for _, word := range strings.Fields(text) {
		known := false
		for i, name := range formNames {
			if word == name {
				f, known = f|1<<i, true
			}
		}
		if !known {
			return 0, false
		}
	}
	const alone = YesNo | Duration
	return f, f != 0 && (f&alone == 0 || f&(f-1) == 0)
}

// Parse reads a cell that is written in the form, or as a plain number where that cannot be mistaken.
func (f Form) Parse(cell []byte) (v float64, ok bool) {
	text := strings.Map(plain, string(trim(cell)))
	text = strings.TrimSpace(text)
	switch f {
	case YesNo:
		return yesNo(text)
	case Duration:
		return seconds(text)
	}
	negative := false
	if inside, found := strings.CutPrefix(text, "("); found && f&(Thousands|Currency) != 0 {
		if inside, found = strings.CutSuffix(inside, ")"); !found || strings.ContainsAny(inside, "-+()") {
			return 0, false
		}
		text, negative = strings.TrimSpace(inside), true
	}
	text, minus := cutSign(text)
	if f&Currency != 0 {
		text = cutCurrency(text)
		if !minus {
			text, minus = cutSign(text)
		}
	}
	scale := 1.0
	if f&Percent != 0 {
		number, found := strings.CutSuffix(text, "%")
		if !found && strings.Trim(text, "0.,") != "" {
			return 0, false // 12 in such a column may be 12% or 1,200%
		}
		text, scale = strings.TrimSpace(number), 100
	}
	if text = f.ungroup(text); text == "" {
		return 0, false
	}
	v, class := parseNumber([]byte(text))
	if class == notNumber {
		return 0, false
	}
	if negative != minus {
		v = -v
	}
	return v / scale, true
}

// plain replaces the blanks and signs of typesetters by those of a keyboard.
func plain(r rune) rune {
	switch r {
	case '\u00A0', '\u2009', '\u202F':
		return ' '
	case '\u2212':
		return '-'
	case '\u2019':
		return '\''
	}
	return r
}

// cutSign takes the sign from before a number, or a minus from behind it.
func cutSign(text string) (rest string, minus bool) {
	switch {
	case strings.HasPrefix(text, "-"):
		return strings.TrimSpace(text[1:]), true
	case strings.HasPrefix(text, "+"):
		return strings.TrimSpace(text[1:]), false
	case strings.HasSuffix(text, "-"):
		return strings.TrimSpace(text[:len(text)-1]), true
	}
	return text, false
}

// currencies are signs of currencies beside their codes of three capital letters.
var currencies = []string{"R$", "US$", "A$", "C$", "HK$", "NT$", "S$", "$", "€", "£", "¥", "₹", "₩", "₽", "₺", "₪", "₫", "₴", "₦", "₱", "฿", "kr.", "kr", "zł", "Kč", "Ft", "Rs.", "Rs"}

// cutCurrency takes the currency from before or behind a number.
func cutCurrency(text string) string {
	for _, sign := range currencies {
		if rest, found := strings.CutPrefix(text, sign); found {
			return strings.TrimSpace(rest)
		}
		if rest, found := strings.CutSuffix(text, sign); found {
			return strings.TrimSpace(rest)
		}
	}
	capitals := func(s string) bool {
		return len(s) == 3 && strings.IndexFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' }) < 0
	}
	switch n := len(text); {
	case n > 3 && capitals(text[:3]):
		return strings.TrimSpace(text[3:])
	case n > 3 && capitals(text[n-3:]):
		return strings.TrimSpace(text[:n-3])
	}
	return text
}

// ungroup takes away what parts thousands and makes the decimal sign a point; empty where the text is not a number without
// sign. Groups after the first have three digits, and the first does not begin with 0.
func (f Form) ungroup(text string) string {
	part, point := ",", "."
	if f&DecimalComma != 0 {
		part, point = ".", ","
	}
	whole, decimals, has := strings.Cut(text, point)
	if strings.HasPrefix(whole, "-") || strings.HasPrefix(whole, "+") || has && decimals == "" && whole == "" {
		return ""
	}
	for _, sign := range []string{part, " ", "'"} {
		groups := strings.Split(whole, sign)
		if len(groups) == 1 {
			continue
		}
		for i, g := range groups {
			if i == 0 && (len(g) == 0 || len(g) > 3 || g[0] == '0') || i > 0 && len(g) != 3 || strings.Trim(g, "0123456789") != "" {
				return ""
			}
		}
		whole = strings.Join(groups, "")
		break
	}
	if strings.Contains(whole, ".") || strings.ContainsAny(decimals, ".,") {
		return ""
	}
	if has {
		return whole + "." + decimals
	}
	return whole
}

// yesNo reads a word that is true or false.
func yesNo(text string) (float64, bool) {
	if len(text) > 5 {
		return 0, false
	}
	switch strings.ToLower(text) {
	case "yes", "true", "y", "t", "on", "1", "1.0":
		return 1, true
	case "no", "false", "n", "f", "off", "0", "0.0":
		return 0, true
	}
	return 0, false
}

// seconds reads a duration.
func seconds(text string) (float64, bool) {
	text, minus := cutSign(text)
	days := 0.0
	if before, after, found := strings.Cut(text, " day"); found {
		v, class := parseNumber([]byte(strings.TrimSpace(before)))
		if class != number {
			return 0, false
		}
		days = v
		text = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(after, "s"), ","))
		if text == "" {
			text = "0:00:00"
		}
	}
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return 0, false
	}
	total := days * 24
	for i, p := range parts {
		v, class := parseNumber([]byte(p))
		if class != number || p[0] < '0' || p[0] > '9' || i > 0 && v >= 60 || i < 2 && strings.Contains(p, ".") || strings.ContainsAny(p, "eE") {
			return 0, false
		}
		if total += v; i < 2 {
			total *= 60
		}
	}
	if minus {
		total = -total
	}
	return total, true
}

// foreign reports whether a text has a NUL byte, or bytes that are not UTF-8.
func foreign(text []byte) bool { return bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) }
