package fieldexp_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// notGo are words with a capital inside, or exported names, that readers know without Go.
var notGo = []string{"LaTeX", "TrueType", "OpenType"}

var (
	setting   = regexp.MustCompile(`\{([A-Z][A-Za-z0-9.]*)\}`)
	camelCase = regexp.MustCompile(`\b[A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*\b`)
	qualified = regexp.MustCompile(`\b[A-Za-z][A-Za-z0-9]*\.[A-Z][A-Za-z0-9]*\b`)
	capital   = regexp.MustCompile(`\b[A-Z][a-z]+\b`)
	verb      = regexp.MustCompile(`%[-+# 0]*[0-9.]*[a-zA-Z]`)
)

// TestWording reads all refusals and warnings in the source of the module: hints speak of settings that
// there are, and messages, and hints outside their braces, name nothing of Go.
func TestWording(t *testing.T) {
	m := readModule(t)
	messages, hints := 0, 0
	for _, p := range m.packages {
		p.texts(func(at token.Pos, text string, hint bool) {
			where := m.files.Position(at)
			where.Column = 0
			if hint {
				hints++
				for _, match := range setting.FindAllStringSubmatch(text, -1) {
					for _, name := range strings.Split(match[1], ".") {
						if !m.exported[name] {
							t.Errorf("%v: hint %q speaks of %s, which is no name of the module", where, text, name)
						}
					}
				}
				text = setting.ReplaceAllString(text, "it")
			} else {
				messages++
			}
			if name := m.goName(text); name != "" {
				t.Errorf("%v: %q names %s of Go", where, text, name)
			}
		})
	}
	t.Logf("%d texts of messages and %d of hints", messages, hints)
	if messages < 400 || hints < 400 {
		t.Errorf("%d texts of messages and %d of hints were found: the search has lost its way", messages, hints)
	}
}

// goName is the first name of Go in a text, if there is one.
func (m *module) goName(text string) string {
	text = verb.ReplaceAllString(text, "x")
	for _, name := range notGo {
		text = strings.ReplaceAll(text, name, strings.ToLower(name))
	}
	if name := camelCase.FindString(text); name != "" {
		return name
	}
	if name := qualified.FindString(text); name != "" {
		return name
	}
	for _, at := range capital.FindAllStringIndex(text, -1) {
		begins := at[0] == 0 || strings.HasSuffix(text[:at[0]], ". ")
		if name := text[at[0]:at[1]]; m.fields[name] && !begins {
			return name
		}
	}
	return ""
}

// module is the source of the module without its tests.
type module struct {
	files    *token.FileSet
	packages []*source
	exported map[string]bool // names of constants, variables, types, functions, methods and fields
	fields   map[string]bool // those of fields
}

// readModule parses the module.
func readModule(t *testing.T) *module {
	m := &module{files: token.NewFileSet(), exported: map[string]bool{}, fields: map[string]bool{}}
	byFolder := map[string]*source{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != "." && (name == "testdata" || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(m.files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder := filepath.Dir(path)
		if byFolder[folder] == nil {
			byFolder[folder] = &source{helpers: map[string]helper{}}
		}
		byFolder[folder].files = append(byFolder[folder].files, file)
		m.addNames(file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range slices.Sorted(maps.Keys(byFolder)) {
		p := byFolder[folder]
		for _, file := range p.files {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok {
					p.addHelper(f.Name.Name, f.Type)
				}
			}
		}
		m.packages = append(m.packages, p)
	}
	// What all packages use to word errors of columns.
	for _, p := range m.packages {
		maps.Copy(p.helpers, byFolder[filepath.Join("internal", "refuse")].exportedHelpers())
	}
	return m
}

// addNames notes the exported names of a file.
func (m *module) addNames(file *ast.File) {
	add := func(names map[string]bool, list ...*ast.Ident) {
		for _, id := range list {
			if id.IsExported() {
				names[id.Name] = true
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			add(m.exported, n.Name)
			return false // what is declared in functions cannot be set
		case *ast.TypeSpec:
			add(m.exported, n.Name)
		case *ast.ValueSpec:
			add(m.exported, n.Names...)
		case *ast.StructType:
			for _, f := range n.Fields.List {
				add(m.exported, f.Names...)
				add(m.fields, f.Names...)
			}
		}
		return true
	})
}

// source is a package, with the functions by which it makes errors and warnings.
type source struct {
	files   []*ast.File
	helpers map[string]helper
}

// helper says which arguments of a function are hints, and which texts of a message.
type helper struct {
	hint, message []bool
	variadic      bool
}

// messageNames are what helpers call the parameters that make up a message.
var messageNames = []string{"message", "predicate", "format", "problem", "why"}

// addHelper notes a function that takes hints.
func (p *source) addHelper(name string, f *ast.FuncType) {
	var h helper
	takes := false
	for _, field := range f.Params.List {
		kind := field.Type
		if more, ok := kind.(*ast.Ellipsis); ok {
			kind, h.variadic = more.Elt, true
		}
		for _, id := range field.Names {
			hint := isHint(kind)
			takes = takes || hint
			h.hint = append(h.hint, hint)
			h.message = append(h.message, slices.Contains(messageNames, id.Name) && isNamed(kind, "string"))
		}
	}
	if takes {
		p.helpers[name] = h
	}
}

func (p *source) exportedHelpers() map[string]helper {
	list := map[string]helper{}
	for name, h := range p.helpers {
		if ast.IsExported(name) {
			list["refuse."+name], list["words."+name] = h, h
		}
	}
	return list
}

func isNamed(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// isHint reports whether an expression is the type Hint, here or in the root package.
func isHint(e ast.Expr) bool {
	if at, ok := e.(*ast.SelectorExpr); ok {
		return isNamed(at.X, "fieldexp") && at.Sel.Name == "Hint"
	}
	return isNamed(e, "Hint")
}

// texts calls found with every literal that is part of a message or hint.
func (p *source) texts(found func(at token.Pos, text string, hint bool)) {
	for _, file := range p.files {
		for _, d := range file.Decls {
			v := &visit{found: found, helpers: maps.Clone(p.helpers), seen: map[token.Pos]bool{}, values: map[string][]ast.Expr{}}
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				v.readLocals(f.Body)
			}
			ast.Inspect(d, v.node)
		}
	}
}

// visit reads one declaration.
type visit struct {
	found   func(at token.Pos, text string, hint bool)
	helpers map[string]helper
	values  map[string][]ast.Expr // what local variables are set to
	seen    map[token.Pos]bool
}

// readLocals notes closures that take hints, and the values of variables.
func (v *visit) readLocals(body ast.Node) {
	local := &source{helpers: v.helpers}
	ast.Inspect(body, func(n ast.Node) bool {
		if set, ok := n.(*ast.AssignStmt); ok {
			for i, to := range set.Lhs {
				if id, ok := to.(*ast.Ident); ok && len(set.Lhs) == len(set.Rhs) {
					v.values[id.Name] = append(v.values[id.Name], set.Rhs[i])
					if f, ok := set.Rhs[i].(*ast.FuncLit); ok {
						delete(v.helpers, id.Name)
						local.addHelper(id.Name, f.Type)
					}
				}
			}
		}
		return true
	})
}

func (v *visit) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.KeyValueExpr: // of a literal of Error or Warning
		switch {
		case isNamed(n.Key, "Message"):
			v.expression(n.Value, false)
		case isNamed(n.Key, "Remedy"):
			v.expression(n.Value, true)
		}
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if at, ok := to.(*ast.SelectorExpr); ok && len(n.Lhs) == len(n.Rhs) && (at.Sel.Name == "Message" || at.Sel.Name == "Remedy") {
				v.expression(n.Rhs[i], at.Sel.Name == "Remedy")
			}
		}
	case *ast.ValueSpec:
		if n.Type != nil && isHint(n.Type) {
			for _, value := range n.Values {
				v.expression(value, true)
			}
		}
	case *ast.CompositeLit:
		if list, ok := n.Type.(*ast.ArrayType); ok && isHint(list.Elt) {
			for _, e := range n.Elts {
				v.expression(e, true)
			}
		}
	case *ast.CallExpr:
		v.call(n)
	}
	return true
}

// call reads the arguments of a helper, and of a conversion to Hint.
func (v *visit) call(n *ast.CallExpr) {
	if isHint(n.Fun) {
		v.expression(n.Args[0], true)
		return
	}
	name := ""
	switch f := n.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
		if x, ok := f.X.(*ast.Ident); ok && v.helpers[x.Name+"."+name].hint != nil {
			name = x.Name + "." + name
		}
	}
	h, ok := v.helpers[name]
	if !ok {
		return
	}
	for i, arg := range n.Args {
		if h.variadic {
			i = min(i, len(h.hint)-1)
		}
		if i < len(h.hint) && (h.hint[i] || h.message[i]) {
			v.expression(arg, h.hint[i])
		}
	}
}

// expression reports the literals of a text, and those that its variables are set to.
func (v *visit) expression(e ast.Expr, hint bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if n.Kind == token.STRING && !v.seen[n.Pos()] {
				v.seen[n.Pos()] = true
				text, _ := strconv.Unquote(n.Value)
				v.found(n.Pos(), text, hint)
			}
		case *ast.Ident:
			values := v.values[n.Name]
			delete(v.values, n.Name) // each is read once
			for _, value := range values {
				if _, isFunc := value.(*ast.FuncLit); !isFunc {
					v.expression(value, hint)
				}
			}
		case *ast.IndexExpr:
			return false // an index is no text
		case *ast.CallExpr: // of Setting, the first argument of which is a setting
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Setting" {
				if name, ok := n.Args[0].(*ast.BasicLit); ok {
					v.found(n.Pos(), "{"+strings.Trim(name.Value, `"`)+"}", true)
				}
				return false
			}
		}
		return true
	})
}

// The test of the source finds what it looks for.
func TestWordingFinds(t *testing.T) {
	const code = `package p
func f() error {
	bad := func(message string, remedy ...fieldexp.Hint) error { return nil }
	text := "a text of Spec.Cluster"
	if true {
		return bad("an OwnUnits without Own", "set {Cluster}", "take fewerDraws")
	}
	e := &fieldexp.Error{Message: fmt.Sprintf("%d: "+text, 1), Remedy: []fieldexp.Hint{"use {CR1}"}}
	e.Message = "the Level is 2"
	return e
}
const many fieldexp.Hint = "ask for more {Splits}"
`
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", code, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	m := &module{fields: map[string]bool{"Level": true}}
	var list []string
	(&source{files: []*ast.File{file}, helpers: map[string]helper{}}).texts(func(_ token.Pos, text string, hint bool) {
		list = append(list, fmt.Sprintf("%v %s <%s>", hint, text, m.goName(setting.ReplaceAllString(text, "it"))))
	})
	slices.Sort(list)
	want := []string{"false %d:  <>", "false a text of Spec.Cluster <Spec.Cluster>", "false an OwnUnits without Own <OwnUnits>", "false the Level is 2 <Level>",
		"true ask for more {Splits} <>", "true set {Cluster} <>", "true take fewerDraws <fewerDraws>", "true use {CR1} <>"}
	if !slices.Equal(list, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(list, "\n"), strings.Join(want, "\n"))
	}
}
