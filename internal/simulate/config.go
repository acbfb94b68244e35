package simulate

import (
	"fmt"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp"
)

// Groups is the number of skill groups, fifths of the agents by latent skill, that effects may
// differ by.
const Groups = 5

// The calendar of the study.
const (
	FirstDate  = "2023-12-26" // first day
	LaunchDate = "2024-01-23" // first day with access
	Days       = 56           // days in all
	LaunchDay  = 28           // days before access
)

const (
	defaultAgents = 5940
	minAgents     = 2 * Groups // at least one agent of each arm for each group
	maxAgents     = 999_999    // agent identifiers have six digits
	treatedShare  = 0.4874
)

// Preset says which effects of usage are planted.
type Preset int

const (
	// Published plants effects by skill group, derived from the effects that the reference study
	// printed. Its rating and dissatisfaction effects by group are contaminated by regression to
	// the mean; for these two a modest gradient with the printed pooled effect is planted.
	Published Preset = iota
	// Homogeneous plants the pooled effect for every agent.
	Homogeneous
	// NoEffect plants none. Usage happens all the same.
	NoEffect
)

var presetNames = [...]string{Published: "published", Homogeneous: "homogeneous", NoEffect: "no-effect"}

// String is the name by which ParsePreset knows the preset.
func (p Preset) String() string {
	if p < 0 || int(p) >= len(presetNames) {
		return fmt.Sprintf("Preset(%d)", int(p))
	}
	return presetNames[p]
}

// MarshalText writes the preset's name.
func (p Preset) MarshalText() ([]byte, error) {
	if p < 0 || int(p) >= len(presetNames) {
		return nil, unknownPreset(p.String())
	}
	return []byte(p.String()), nil
}

// UnmarshalText reads the preset's name. The error lists the names there are.
func (p *Preset) UnmarshalText(text []byte) error {
	q, err := ParsePreset(string(text))
	if err == nil {
		*p = q
	}
	return err
}

// ParsePreset finds a preset by its name: published, homogeneous or no-effect. The error lists
// the names there are.
func ParsePreset(name string) (Preset, error) {
	for i, n := range presetNames {
		if n == name {
			return Preset(i), nil
		}
	}
	return 0, unknownPreset(name)
}

func unknownPreset(name string) error {
	return refuse(fmt.Sprintf("there is no preset %q", name), fieldexp.Hint("use one of "+strings.Join(presetNames[:], ", ")))
}

func refuse(message string, remedy fieldexp.Hint) error {
	return &fieldexp.Error{Op: "simulate", Problem: fieldexp.BadSpec, Message: message, Remedy: []fieldexp.Hint{remedy}}
}

// Config says which study to simulate. Its zero value is the reference study at its full size of
// 5,940 agents and about 2.56 million chats, with seed 0.
type Config struct {
	// Agents is the number of agents; 0 means 5,940. There are about 432 chats to an agent.
	Agents int `json:"agents"`
	// Seed chooses the study: the same Config gives the same bits on any number of processors.
	Seed uint64 `json:"seed"`
	// Preset chooses the planted effects.
	Preset Preset `json:"preset"`
}

// withDefaults fills in defaults and refuses what cannot be simulated.
func (c Config) withDefaults() (Config, error) {
	if c.Agents == 0 {
		c.Agents = defaultAgents
	}
	if c.Agents < minAgents {
		return c, refuse(fmt.Sprintf("%d agents cannot fill two arms of %d skill groups", c.Agents, Groups),
			fieldexp.Hint(fmt.Sprintf("ask for at least %d", minAgents)))
	}
	if c.Agents > maxAgents {
		return c, refuse(fmt.Sprintf("%d agents are more than there are identifiers for", c.Agents),
			fieldexp.Hint(fmt.Sprintf("ask for at most %d", maxAgents)))
	}
	if _, err := c.Preset.MarshalText(); err != nil {
		return c, err
	}
	return c, nil
}

// treatedAgents is how many agents are given access.
func (c Config) treatedAgents() int {
	return int(math.Round(treatedShare * float64(c.Agents)))
}
