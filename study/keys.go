package study

import (
	"reflect"
	"strings"
)

// keysOf lists the keys of the study file by the table that they stand in.
var keysOf = func() map[string][]string {
	keys := make(map[string][]string)
	var visit func(at string, t reflect.Type)
	visit = func(at string, t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			name := f.Tag.Get("toml")
			if name == "" {
				continue
			}
			keys[at] = append(keys[at], name)
			inner := f.Type
			if inner.Kind() == reflect.Slice {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct && inner != reflect.TypeFor[Launch]() {
				visit(strings.TrimPrefix(at+"."+name, "."), inner)
			}
		}
	}
	visit("", reflect.TypeFor[Study]())
	return keys
}()

// keysSet lists the keys of a table or figure that the study file sets.
func keysSet(spec any) []string {
	var set []string
	v := reflect.ValueOf(spec)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("toml"); name != "" && !v.Field(i).IsZero() {
			set = append(set, name)
		}
	}
	return set
}
