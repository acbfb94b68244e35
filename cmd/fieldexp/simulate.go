package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/internal/folder"
	"github.com/fieldexp/fieldexp/internal/simulate"
)

// simulateCommand writes a simulated study with a study file.
func simulateCommand(stdout, stderr io.Writer) *cobra.Command {
	var cfg simulate.Config
	var out, preset string
	var force bool
	c := &cobra.Command{
		Use:   "simulate --out DIR",
		Short: "Write a simulated study: agents, chats, the truth, and a study file",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if out == "" {
				return errors.New("simulate writes to a directory: name it with --out")
			}
			if cfg.Agents == 0 { // which a Config takes for the size of the reference study
				return errors.New("--agents is 0; ask for at least 10")
			}
			var err error
			if cfg.Preset, err = simulate.ParsePreset(preset); err != nil {
				return err
			}
			if !force {
				if err := checkFree(out); err != nil {
					return err
				}
			}
			studyFile, err := bundledStudyFile()
			if err != nil {
				return err
			}
			bar := newBar(stderr)
			truth, err := simulate.Write(c.Context(), out, cfg, func(done, total int) { bar.show("simulating", int64(done), int64(total)) }, studyFile)
			bar.clear()
			if err != nil {
				return err
			}
			fmt.Fprintf(stdout, "Wrote %s agents and %s chats to %s.\nNow run: fieldexp study %s\n",
				brief.Count(truth.Counts.Agents), brief.Count(truth.Counts.Chats), out, filepath.Join(out, studyName))
			return nil
		},
	}
	c.Flags().IntVar(&cfg.Agents, "agents", 5940, "number of agents; there are about 430 chats to each")
	c.Flags().Uint64Var(&cfg.Seed, "seed", 1, "seed: the same seed gives the same study")
	c.Flags().StringVar(&out, "out", "", "directory to write to")
	c.Flags().BoolVar(&force, "force", false, "replace the files of a study that is there already")
	c.Flags().StringVar(&preset, "preset", "published", "effects to plant: published, homogeneous or no-effect")
	return c
}

// studyName is the name of the study file that simulate writes.
const studyName = "study.toml"

// checkFree refuses a directory that holds a file of the names that are written.
func checkFree(dir string) error {
	for _, name := range []string{studyName, simulate.ChatsFile, simulate.AgentsFile, simulate.TruthFile} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return fmt.Errorf("%s is there already: choose another directory in --out, or give --force to replace it", filepath.Join(dir, name))
		}
	}
	return nil
}

// bundledStudyFile is the bundled study file beside data that are not packed.
func bundledStudyFile() (folder.File, error) {
	text, err := fieldexp.Bundled.ReadFile(bundled)
	return folder.File{Name: studyName, Write: func(w io.Writer) error {
		_, err := io.WriteString(w, strings.ReplaceAll(string(text), ".csv.gz", ".csv"))
		return err
	}}, err
}
