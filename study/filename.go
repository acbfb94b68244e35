package study

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/fieldexp/fieldexp/report"
)

// fileNames are the names of the files of tables and figures, without their ends, by ID.
type fileNames struct{ tables, figures map[string]string }

// fileNames names a file for each table and figure. No two share one, even where capital and small letters, or an accent
// and its letter written as one sign or two, are the same to the file system.
func (s *Study) fileNames() fileNames {
	var figures []string
	for _, f := range s.Figures {
		figures = append(figures, f.Number)
	}
	return fileNames{tables: namesOf("table", s.tableIDs()), figures: namesOf("figure", figures)}
}

func (n fileNames) table(id string, f report.Format) string {
	return "tables/" + n.tables[id] + f.Ext()
}

func (n fileNames) figure(id string, f report.ImageFormat) string {
	return "figures/" + n.figures[id] + "." + f.String()
}

// tableIDs are the IDs of the tables that the study may have.
func (s *Study) tableIDs() []string {
	var ids []string
	for _, t := range s.Tables {
		if ids = append(ids, t.Number); t.TimeEffects == "both" {
			ids = append(ids, t.Number+common)
		}
	}
	return ids
}

// common ends the ID of the second layout of a hetero table.
const common = "-common"

// namesOf names a file for each number, as in table-A3. Numbers whose names would be one are told apart by a count.
func namesOf(kind string, numbers []string) map[string]string {
	names, taken := make(map[string]string), make(map[string]bool)
	for _, number := range numbers {
		name := kind
		if number != "" {
			name += "-" + plainName(number)
		}
		unique := name
		for n := 2; taken[folded(unique)]; n++ {
			unique = fmt.Sprintf("%s-%d", name, n)
		}
		taken[folded(unique)] = true
		names[number] = unique
	}
	return names
}

// folded is a name as a file system may take it that does not tell letters apart by case or composition.
func folded(name string) string { return norm.NFC.String(cases.Fold().String(norm.NFC.String(name))) }

// longestName is how many bytes of a number are kept in the name of a file, of which there may be 255.
const longestName = 120

// plainName is a number with a dash for all but letters and digits of any script, their accents, dots and low lines.
func plainName(number string) string {
	name := strings.Map(func(c rune) rune {
		if unicode.In(c, unicode.Letter, unicode.Number, unicode.Mark) || c == '.' || c == '_' {
			return c
		}
		return '-'
	}, strings.ToValidUTF8(norm.NFC.String(number), "-"))
	for len(name) > longestName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}
