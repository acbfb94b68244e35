package fieldexp

import (
	"encoding/csv"
	"strconv"
	"strings"
)

// Setting writes a setting with its values for a hint, to be pasted: {Missing="."}, or {Formats["price"]="currency"} where
// it is of a column.
func Setting(name, column string, values ...string) Hint {
	var b strings.Builder
	b.WriteString("{" + name)
	if column != "" {
		b.WriteString("[" + strconv.Quote(column) + "]")
	}
	for i, value := range values {
		b.WriteByte("=,"[min(i, 1)])
		b.WriteString(strconv.Quote(value))
	}
	return Hint(b.String() + "}")
}

// assignment writes a setting with values in the words of Go.
func assignment(name, column string, values []string) string {
	if column != "" {
		name += "[" + strconv.Quote(column) + "]"
	}
	return name + " = " + quotedList(values)
}

// paste fills a pattern of Words.
func paste(pattern, column string, values []string) string {
	return strings.NewReplacer("%q", quotedList(values), "%k", tomlKey(column), "%v", strings.Join(values, ","), "%s", shellWord(column, values)).Replace(pattern)
}

// quotedList quotes texts as TOML does.
func quotedList(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = tomlQuote(value)
	}
	return strings.Join(quoted, ", ")
}

// tomlQuote quotes a text as TOML does. What is not UTF-8 cannot be written there.
func tomlQuote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ' || r == 0x7F:
			b.WriteString(`\u00`)
			b.WriteByte("0123456789ABCDEF"[r>>4])
			b.WriteByte("0123456789ABCDEF"[r&15])
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// tomlKey writes a column as a key of TOML.
func tomlKey(column string) string {
	if column != "" && strings.Trim(column, letters+"_-") == "" {
		return column
	}
	return tomlQuote(column)
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// shellWord writes column=values, or the values, as one word for a shell and a list for a flag.
func shellWord(column string, values []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.Write(values); err != nil {
		return ""
	}
	w.Flush()
	word := strings.TrimSuffix(b.String(), "\n")
	if column != "" {
		word = column + "=" + word
	}
	if strings.Trim(word, letters+"_-+=.,:/@%") == "" && word != "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
