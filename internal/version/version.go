// Package version tells which version of the module a program is built from.
package version

import "runtime/debug"

// module is the path of this module.
const module = "github.com/fieldexp/fieldexp"

// String is the version: that of a release, the commit of a build from a repository, or devel.
func String() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return of(info)
}

// of is the version that build information tells of.
func of(info *debug.BuildInfo) string {
	if info.Main.Path != module {
		for _, d := range info.Deps {
			if d.Path == module && d.Replace == nil {
				return d.Version
			}
		}
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changed"
		}
	}
	if revision == "" {
		return "devel"
	}
	return "devel " + revision[:min(12, len(revision))] + changed
}
