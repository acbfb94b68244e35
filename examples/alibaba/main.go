// Command alibaba lays out the tables of a field experiment in a company's customer service (Ni,
// Wang, Feng, Lu, Wang and Zhou, arXiv 2603.29888): human agents were given a generative-AI
// assistant by lot, and used it or not as they liked. It computes Tables 1 to 11 and A1 to A10 and
// puts each number beside the one that the paper prints, where one is at hand.
//
//	go run ./examples/alibaba [--data DIR] [--out DIR]
//
// The company's files are not public. By default the numbers come from the simulated study that is
// bundled with the module, which has the same files, columns and layout and effects planted from
// the published ones, but 300 agents in place of 5,940. DIR is any directory with a study.toml: one
// that "fieldexp simulate --agents 5940 --out DIR" wrote, or that of someone who has the files.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fieldexp/fieldexp/report"
	"github.com/fieldexp/fieldexp/study"
)

func main() {
	dir := flag.String("data", "testdata/study", "directory with study.toml and the files that it names")
	out := flag.String("out", "", "directory to write tables, figures (SVG and PNG) and a report to")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dir, *out); err != nil {
		fmt.Fprintln(os.Stderr, "alibaba:", err)
		os.Exit(1)
	}
}

// run estimates the study in dir, tells its story table by table, and sums up how the numbers stand
// beside those in print and those that were planted. It writes to out if that is not empty.
func run(ctx context.Context, w io.Writer, dir, out string) error {
	b, err := open(ctx, dir)
	if err != nil {
		return err
	}
	if err := b.tell(w); err != nil {
		return err
	}
	if err := b.sumUp(w); err != nil {
		return err
	}
	if out == "" {
		return nil
	}
	if err := b.Save(ctx, out, report.Text); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nWrote %d tables and %d figures to %s; open %s.\n", len(b.Tables), len(b.Figures), out, filepath.Join(out, "report.html"))
	return nil
}

// open estimates the study in dir and puts the published numbers beside its own.
func open(ctx context.Context, dir string) (*book, error) {
	published, err := readPublished()
	if err != nil {
		return nil, err
	}
	s, err := load(dir)
	if err != nil {
		return nil, err
	}
	truth, err := readTruth(filepath.Join(dir, "truth.json"))
	if err != nil {
		return nil, err
	}
	result, err := study.Run(ctx, s, study.Options{})
	if err != nil {
		return nil, err
	}
	if len(result.Refused) > 0 {
		return nil, fmt.Errorf("the book needs all of its tables: %v", result.Refused[0])
	}
	b := &book{Output: result, published: published, truth: truth, dir: dir}
	b.prepare()
	return b, nil
}

// load reads a study file and asks for what the paper has beyond it: usage by quintile, and for
// tables by quintile the layout that the paper printed beside the one that holds.
func load(dir string) (*study.Study, error) {
	s, err := study.Load(filepath.Join(dir, "study.toml"))
	if err != nil {
		return nil, fmt.Errorf("%w (--data names a directory with a study.toml, such as testdata/study or one that fieldexp simulate writes)", err)
	}
	for i := range s.Tables {
		if t := &s.Tables[i]; t.Kind == "hetero" && s.Roles.Time != "" {
			t.TimeEffects = "both"
		}
	}
	if s.Roles.Usage != "" && s.Baseline.Column != "" && !s.Launch.IsZero() {
		s.Tables = append(s.Tables, study.TableSpec{Number: quintileUsage, Kind: "prepost", Title: "Usage by quintile of rating before the launch",
			Column: s.Roles.Usage, Period: s.Period})
	}
	return s, nil
}

// quintileUsage is the number of the table that load adds.
const quintileUsage = "2-quintile"
