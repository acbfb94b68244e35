package simulate

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
)

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  Config
		says string
	}{
		{"negative agents", Config{Agents: -1}, "at least 10"},
		{"too few agents", Config{Agents: 9}, "at least 10"},
		{"too many agents", Config{Agents: 1_000_000}, "at most 999999"},
		{"unknown preset", Config{Preset: 7}, "published, homogeneous, no-effect"},
		{"negative preset", Config{Preset: -1}, "published, homogeneous, no-effect"},
	} {
		_, err := Write(context.Background(), t.TempDir(), c.cfg, nil)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error is %v, want one that says %q", c.name, err, c.says)
		}
	}
}

func TestConfigSizes(t *testing.T) {
	for agents, treated := range map[int]int{0: 2895, 10: 5, 100: 49, 5940: 2895} {
		cfg, err := Config{Agents: agents}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		var groups [Groups]int
		for _, a := range newWorld(cfg).agents {
			n += indicator(a.treated)
			groups[a.group]++
		}
		if n != treated {
			t.Errorf("%d agents: %d are treated, want %d", cfg.Agents, n, treated)
		}
		for g := range groups {
			if groups[g] != cfg.Agents/Groups {
				t.Errorf("%d agents: skill groups hold %v", cfg.Agents, groups)
				break
			}
		}
	}
}

func TestPresetText(t *testing.T) {
	for _, p := range []Preset{Published, Homogeneous, NoEffect} {
		got, err := ParsePreset(p.String())
		if err != nil || got != p {
			t.Errorf("ParsePreset(%q) = %v, %v", p.String(), got, err)
		}
	}
	if _, err := ParsePreset("Published"); err == nil || !strings.Contains(err.Error(), "published, homogeneous, no-effect") {
		t.Errorf("unknown preset: error is %v", err)
	}
	want := Config{Agents: 12, Seed: 1<<63 + 5, Preset: NoEffect}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Config
	if err := json.Unmarshal(text, &got); err != nil || got != want {
		t.Errorf("%s reads back as %+v, %v", text, got, err)
	}
	if err := json.Unmarshal([]byte(`{"preset":"none"}`), &got); err == nil {
		t.Error("an unknown preset is read without an error")
	}
	if got := Preset(9).String(); got != "Preset(9)" {
		t.Errorf("String of an unknown preset is %q", got)
	}
}
