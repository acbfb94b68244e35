package data

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fieldexp/fieldexp"
)

// ParseDerivation reads the text of a derived column:
//
//	name = a - b            difference (of two times: seconds)
//	name = a + b + c        sum
//	name = a * b * c        product
//	name = a / b            ratio, missing where b is zero
//	name = log(a)           natural logarithm, missing at zero and below
//	name = log1p(a)         logarithm of one plus the value
//	name = a <= 2           indicator: ==, !=, <, <=, >, >= and a number,
//	name = a == "text"      a text, or a time such as "2024-01-23"
//
// A name is made of letters, digits, underscores and points and does not begin with a digit; any
// other name is written between backquotes. Text is written between double quotes, as in Go, or
// between single ones, as it stands. The error is a *fieldexp.Error that names the
// character, counted from 1.
func ParseDerivation(text string) (Derivation, error) {
	p := &derivationParser{text: text}
	d := p.derivation()
	if p.err != nil {
		return Derivation{}, p.err
	}
	return d, nil
}

// derivationParser reads a derivation from left to right. After the first error it reads nothing.
type derivationParser struct {
	text string
	pos  int
	err  *fieldexp.Error
}

// derivation reads: name = expression.
func (p *derivationParser) derivation() Derivation {
	d := Derivation{Name: p.name("the name of the new column")}
	if p.next("==") || !p.take("=") {
		p.fail("there must be = after the name")
	}
	p.expression(&d)
	p.blanks()
	if p.pos < len(p.text) {
		p.fail("nothing more was expected", "name each step and use its name in the next")
	}
	return d
}

// expression reads what comes after the equals sign.
func (p *derivationParser) expression(d *Derivation) {
	first := p.name("a column")
	d.Columns = []string{first}
	for _, c := range []Comparison{LessEqual, GreaterEqual, Equal, NotEqual, Less, Greater} {
		if p.take(c.String()) {
			d.Op, d.Compare = OpIndicator, c
			p.constant(d)
			return
		}
	}
	switch {
	case p.take("("):
		p.call(d, first)
	case p.take("-"):
		d.Op = OpDifference
		d.Columns = append(d.Columns, p.name("a column"))
	case p.take("/"):
		d.Op = OpRatio
		d.Columns = append(d.Columns, p.name("a column"))
	case p.next("+"):
		d.Op = OpSum
		p.list(d, "+")
	case p.next("*"):
		d.Op = OpProduct
		p.list(d, "*")
	case p.take("="):
		p.pos--
		p.fail("equality is written ==")
	default:
		p.fail("there must be one of - + * / == != < <= > >= here", p.backquotes(first))
	}
}

// backquotes proposes to put a name that goes on behind what was read of it between backquotes; empty if it does not.
func (p *derivationParser) backquotes(read string) fieldexp.Hint {
	rest := p.text[p.pos:]
	if plainName(rest) == 0 {
		return ""
	}
	end := strings.IndexAny(rest, "-+*/=!<>()`\"'")
	if end < 0 {
		end = len(rest)
	}
	begin := strings.LastIndex(p.text[:p.pos], read)
	name := strings.TrimSpace(p.text[begin : p.pos+end])
	if name == read || strings.HasSuffix(p.text[:begin], "`") {
		return ""
	}
	return fieldexp.Hint("write the name between backquotes: `" + name + "`")
}

// call reads the rest of a function's call, after its parenthesis.
func (p *derivationParser) call(d *Derivation, function string) {
	d.Op = OpLog
	switch function {
	case "log":
	case "log1p":
		d.Rule = LogPlusOne
	default:
		p.fail("there are two functions, log and log1p")
	}
	d.Columns[0] = p.name("a column")
	if !p.take(")") {
		p.fail("there must be ) here")
	}
}

// list reads operator and column as often as they come.
func (p *derivationParser) list(d *Derivation, operator string) {
	for p.take(operator) {
		d.Columns = append(d.Columns, p.name("a column"))
	}
}

// name reads a plain or backquoted name.
func (p *derivationParser) name(what string) string {
	p.blanks()
	rest := p.text[p.pos:]
	if strings.HasPrefix(rest, "`") {
		if end := strings.IndexByte(rest[1:], '`'); end > 0 {
			p.pos += end + 2
			return rest[1 : end+1]
		}
		p.fail("a name in backquotes must have characters and end in a backquote")
		return ""
	}
	end := plainName(rest)
	if end == 0 {
		p.fail("there must be " + what + " here")
		return ""
	}
	p.pos += end
	return rest[:end]
}

// plainName is the length of the plain name that a text begins with.
func plainName(s string) int {
	for i, c := range s {
		if c == utf8.RuneError || c != '_' && !unicode.IsLetter(c) && (i == 0 || c != '.' && !unicode.IsDigit(c)) {
			return i
		}
	}
	return len(s)
}

// constant reads the number or text that a column is compared with.
func (p *derivationParser) constant(d *Derivation) {
	p.blanks()
	rest := p.text[p.pos:]
	switch {
	case strings.HasPrefix(rest, `"`):
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			p.fail("the text in quotes does not end, or has a backslash that means nothing")
			return
		}
		d.Quoted = true
		d.Text, _ = strconv.Unquote(quoted) // QuotedPrefix has checked it
		p.pos += len(quoted)
	case strings.HasPrefix(rest, "'"):
		end := strings.IndexByte(rest[1:], '\'')
		if end < 0 {
			p.fail("the text in quotes does not end")
			return
		}
		d.Quoted = true
		d.Text = rest[1 : end+1]
		p.pos += end + 2
	default:
		end := strings.IndexFunc(rest, func(c rune) bool { return !strings.ContainsRune("+-.0123456789eE", c) })
		if end < 0 {
			end = len(rest)
		}
		v, err := strconv.ParseFloat(rest[:end], 64)
		if err != nil {
			p.fail("there must be a number, or a text in quotes, to compare with")
			return
		}
		d.Value = v
		p.pos += end
	}
}

// blanks passes over blanks.
func (p *derivationParser) blanks() {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		p.pos++
	}
}

// next reports whether a sign comes next.
func (p *derivationParser) next(sign string) bool {
	p.blanks()
	return p.err == nil && strings.HasPrefix(p.text[p.pos:], sign)
}

// take reads a sign if it comes next.
func (p *derivationParser) take(sign string) bool {
	if !p.next(sign) {
		return false
	}
	p.pos += len(sign)
	return true
}

// fail notes the first problem.
func (p *derivationParser) fail(problem string, remedy ...fieldexp.Hint) {
	if p.err == nil {
		at := utf8.RuneCountInString(p.text[:p.pos]) + 1
		p.err = &fieldexp.Error{Op: "data", Problem: fieldexp.BadSpec,
			Message: fmt.Sprintf("derivation %q, character %d: %s", p.text, at, problem),
			Remedy:  remedy}
	}
}

// String writes the derivation in the form that ParseDerivation reads. LogRefuse, which has no form
// of its own, is written as log.
func (d Derivation) String() string {
	columns := make([]string, len(d.Columns))
	for i, name := range d.Columns {
		columns[i] = writeName(name)
	}
	expression := strings.Join(columns, " "+d.Op.String()+" ")
	switch {
	case d.Op == OpLog && d.Rule == LogPlusOne:
		expression = "log1p(" + strings.Join(columns, ", ") + ")"
	case d.Op == OpLog:
		expression = "log(" + strings.Join(columns, ", ") + ")"
	case d.Op == OpIndicator && d.Quoted:
		expression = strings.Join(columns, ", ") + " " + d.Compare.String() + " " + strconv.Quote(d.Text)
	case d.Op == OpIndicator:
		expression = strings.Join(columns, ", ") + " " + d.Compare.String() + " " + formatFloat(d.Value)
	}
	return writeName(d.Name) + " = " + expression
}

// writeName puts a name between backquotes if it is not a plain one.
func writeName(name string) string {
	if name != "" && plainName(name) == len(name) {
		return name
	}
	return "`" + name + "`"
}
