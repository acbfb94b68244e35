package version

import (
	"runtime/debug"
	"testing"
)

func TestOf(t *testing.T) {
	main := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Path: module, Version: version}, Settings: settings}
	}
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef"}
	for want, info := range map[string]*debug.BuildInfo{
		"v1.2.3":                     main("v1.2.3"),
		"devel":                      main("(devel)"),
		"devel 0123456789ab":         main("(devel)", commit),
		"devel 0123456789ab+changed": main("", commit, debug.BuildSetting{Key: "vcs.modified", Value: "true"}),
		"v0.9.0":                     {Main: debug.Module{Path: "example.com/other"}, Deps: []*debug.Module{{Path: module, Version: "v0.9.0"}}},
	} {
		if got := of(info); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if String() == "" {
		t.Error("no version")
	}
}
