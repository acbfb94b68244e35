package study

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/fieldexp/fieldexp"
)

// Load reads and checks a study file. The data files that it names are looked for beside it.
// Errors name the file, the line or the key, and what to write instead.
func Load(file string) (*Study, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, unreadable(file, err)
	}
	return parse(file, string(text), func(name string) (fs.File, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(file), name)
		}
		return os.Open(name)
	})
}

// LoadFS is Load from a file system, such as an embedded one.
func LoadFS(fsys fs.FS, file string) (*Study, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, unreadable(file, err)
	}
	return parse(file, string(text), func(name string) (fs.File, error) {
		return fsys.Open(path.Join(path.Dir(file), name))
	})
}

// unreadable is the error of a study file that cannot be read.
func unreadable(file string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &fieldexp.Error{Op: "study", Problem: fieldexp.BadFile, Source: file, Message: "there is no such study file", Remedy: []fieldexp.Hint{"check the path", "run the command without one for the bundled study"}, Err: err}
	}
	return &fieldexp.Error{Op: "study", Problem: fieldexp.BadFile, Source: file, Message: "the study file cannot be read: " + err.Error(), Err: err}
}

// parse decodes a study file, refuses keys that it does not know, and fills in defaults.
func parse(file, text string, open func(string) (fs.File, error)) (*Study, error) {
	s := &Study{file: file, text: text, openFile: open}
	meta, err := toml.Decode(text, s)
	if err != nil {
		return nil, decodeError(file, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		key := unknown[0]
		return nil, &fieldexp.Error{Op: "study", Problem: fieldexp.BadFile, Source: file, Line: lineOf(text, key),
			Message: fmt.Sprintf("there is no key %q", key.String()), Remedy: []fieldexp.Hint{knownKeys(key)}}
	}
	if bad := s.Launch.bad; bad != nil {
		refusal := *bad
		refusal.Source, refusal.Line = file, lineOf(text, toml.Key{"launch"})
		return nil, &refusal
	}
	return s, s.Check()
}

// decodeError says where TOML could not be read.
func decodeError(file string, err error) error {
	if at := (toml.ParseError{}); errors.As(err, &at) {
		what := at.Message
		if what == "" {
			what = err.Error()
			if cause := errors.Unwrap(at); cause != nil {
				what = cause.Error()
			}
		}
		return &fieldexp.Error{Op: "study", Problem: fieldexp.BadFile, Source: file, Line: at.Position.Line, Message: what, Err: err}
	}
	refusal := &fieldexp.Error{Op: "study", Problem: fieldexp.BadFile, Source: file, Message: strings.TrimPrefix(err.Error(), "toml: "), Err: err}
	if before, ok := strings.CutSuffix(refusal.Message, "incompatible types: TOML value has type string; destination has type slice"); ok {
		refusal.Message = before + "a list is needed"
		refusal.Remedy = []fieldexp.Hint{"put the text in brackets"}
	}
	return refusal
}

// lineOf finds the line of a key: the first assignment to its last part that stands under the
// header of the parts before it, or that follows them on one line. It is 0 when none does.
func lineOf(text string, key toml.Key) int {
	last, parents := key[len(key)-1], strings.Join(key[:len(key)-1], ".")
	header, opened := "", "" // opened is a key that a bracket left open
	for i, line := range strings.Split(text, "\n") {
		code := strings.TrimSpace(line)
		if strings.HasPrefix(code, "[") && opened == "" {
			header = strings.Trim(strings.TrimSpace(strings.SplitN(code, "#", 2)[0]), "[] ")
			if header == key.String() {
				return i + 1
			}
			continue
		}
		if name, _, ok := strings.Cut(code, "="); ok && opened == "" {
			opened = joined(header, strings.TrimSpace(name))
		}
		switch {
		case opened == key.String():
			return i + 1
		case opened == parents && assigns(code, last):
			return i + 1
		}
		if !strings.HasSuffix(code, "[") && !strings.HasSuffix(code, ",") && !strings.HasSuffix(code, "{") {
			opened = ""
		}
	}
	return 0
}

// joined is a key under a header.
func joined(header, name string) string {
	if header == "" {
		return name
	}
	return header + "." + name
}

// assigns reports whether a line of an inline table gives the key a value.
func assigns(line, key string) bool {
	for _, part := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == '{' }) {
		if name, _, ok := strings.Cut(part, "="); ok && strings.TrimSpace(name) == key {
			return true
		}
	}
	return false
}

// knownKeys lists the keys that there are beside a key.
func knownKeys(key toml.Key) fieldexp.Hint {
	keys, ok := keysOf[strings.Join(key[:len(key)-1], ".")]
	if !ok {
		keys = keysOf[""]
	}
	where := "the keys there are "
	if len(key) == 1 || !ok {
		where = "the keys at the top are "
	}
	if best := nearest(key[len(key)-1], keys); best != "" {
		return fieldexp.Hint(fmt.Sprintf("did you mean %q?", best))
	}
	return fieldexp.Hint(where + strings.Join(keys, ", "))
}

// nearest is the one of the names that begins like a name or differs from it by one letter or two.
func nearest(name string, names []string) string {
	i := slices.IndexFunc(names, func(n string) bool {
		return distance(name, n) <= 2 || len(name) > 3 && (strings.HasPrefix(n, name) || strings.HasPrefix(name, n))
	})
	if i < 0 {
		return ""
	}
	return names[i]
}

// distance counts the letters to change, add or drop to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
