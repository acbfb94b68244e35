package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// export writes the two files of a service's export, in the form of cases/newcomer/gen.py: names with blanks, dates that begin
// with the day, arms by name with a third one, a rating that is mostly blank and sometimes N/A, agents who join late.
func export(t *testing.T, dir string) {
	t.Helper()
	draw := rand.New(rand.NewPCG(7, 7))
	sites := []string{"Leeds", "Porto", "Cebu", "Kraków", "Cork"}
	groups := strings.Split(strings.Repeat("treatment ", 20)+strings.Repeat("control ", 20)+strings.TrimSpace(strings.Repeat("holdout ", 8)), " ")
	type agent struct {
		id, arm         string
		site            int
		skill, inclined float64
		from            int
	}
	var agents []agent
	var units, events strings.Builder
	units.WriteString("Agent ID,Site,Team,Experiment Group,Hire Date,FTE,Prior QA score\n")
	first := time.Date(2025, 3, 3, 8, 0, 0, 0, time.UTC)
	for site, name := range sites {
		draw.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
		for i, arm := range groups {
			a := agent{id: fmt.Sprintf("A%04d", len(agents)+1), arm: arm, site: site, skill: draw.NormFloat64(), inclined: draw.Float64()}
			if draw.Float64() < 0.12 {
				a.from = 5 + draw.IntN(40)
			}
			score := ""
			if draw.Float64() > 0.1 {
				score = fmt.Sprintf("%.1f", 70+8*a.skill+5*draw.NormFloat64())
			}
			fmt.Fprintf(&units, "%s,%s,%s-%d,%s,%s,1,%s\n", a.id, name, name[:2], 1+i%4, arm, first.AddDate(0, 0, a.from-300).Format("02/01/2006"), score)
			agents = append(agents, a)
		}
	}
	events.WriteString("chat_ref,Agent ID,started,queue,handle_secs,CSAT,resolved,n_open,suggestions_shown,suggestions_sent,channel\n")
	n := 0
	for day := range 70 {
		if day%7 == 6 { // closed on Sundays
			continue
		}
		for _, a := range agents {
			if day < a.from || draw.Float64() < 0.3 {
				continue
			}
			for range 1 + draw.IntN(2) {
				n++
				shown, sent := 0, 0
				if a.arm == "treatment" && day >= 42 {
					shown = draw.IntN(6)
					for range shown {
						if a.inclined > 0.2 && draw.Float64() < a.inclined {
							sent++
						}
					}
				}
				rating := ""
				if draw.Float64() < 0.6 {
					rating = fmt.Sprint(int(min(5, max(1, 3.9+0.35*a.skill+0.05*float64(sent)+0.9*draw.NormFloat64()+0.5))))
					if draw.Float64() < 0.03 {
						rating = "N/A"
					}
				}
				at := first.AddDate(0, 0, day).Add(time.Duration(draw.IntN(9*3600)) * time.Second)
				secs := int(400 * (1.2 - 0.05*float64(sent) + 0.3*draw.Float64()))
				fmt.Fprintf(&events, "C%07d,%s,%s,billing,%d,%s,%s,%d,%d,%d,web\n", n, a.id, at.Format("02/01/2006 15:04"), secs, rating, []string{"yes", "no"}[draw.IntN(2)],
					1+draw.IntN(3), shown, sent)
			}
		}
	}
	write(t, filepath.Join(dir, "agents.csv"), units.String())
	write(t, filepath.Join(dir, "chats.csv"), events.String())
}

// shortest is the shortest study file of docs/study-file.md.
func shortest(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "study-file.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text2, _ := strings.Cut(string(text), "```toml\n")
	file, _, ok := strings.Cut(text2, "```")
	if !ok {
		t.Fatal("docs/study-file.md does not begin with a study file")
	}
	return file
}

// TestJourney: from the files of an export and the shortest study file with nothing but names changed, tables in at most
// three runs, each of which has only the lines more that the run before it proposed.
func TestJourney(t *testing.T) {
	dir := t.TempDir()
	export(t, dir)
	text := strings.NewReplacer(`"agent_id"`, `"Agent ID"`, `"treat"`, `"Experiment Group"`, `"start"`, `"started"`, "2024-01-23", "2025-04-14", `"concurrency"`, `"n_open"`,
		"rating <=", "CSAT <=", `"rating"`, `"CSAT"`, "ai_complete + ai_partial", "suggestions_shown + suggestions_sent", `"identification_time"`, `"handle_secs"`).Replace(shortest(t))
	proposal := regexp.MustCompile(`([a-z_]+ = (?:\[[^\]]*\]|"[^"]*"|\{[^}]*\})) under \[([a-z.]+)\]`)
	derivation := regexp.MustCompile(`keep two arms in derive, as in \[(.*?)\], which .* and name (\w+) in assignment`)
	file := filepath.Join(dir, "study.toml")
	for run := 1; ; run++ {
		write(t, file, text)
		status, stdout, stderr := command("study", file, "--out", filepath.Join(dir, "out"))
		t.Logf("run %d: status %d\n%s", run, status, stderr)
		if status == 0 {
			if tables := strings.Count("\n"+stdout, "\nTable "); tables < 7 {
				t.Errorf("%d tables", tables)
			}
			return
		}
		if run == 3 {
			t.Fatalf("no tables in three runs: %s", stderr)
		}
		line, arms := proposal.FindStringSubmatch(stderr), derivation.FindStringSubmatch(stderr)
		switch {
		case line != nil:
			text = strings.Replace(text, "["+line[2]+"]\n", "["+line[2]+"]\n"+line[1]+"\n", 1)
		case arms != nil: // the usual tables are there by now; those that compare two arms are missing
			if tables := strings.Count("\n"+stdout, "\nTable ") - strings.Count(stdout, "\nNot available"); tables < 5 {
				t.Errorf("run %d has %d tables", run, tables)
			}
			text = strings.Replace(text, "derive = [", "derive = ["+arms[1]+", ", 1)
			text = strings.Replace(text, `assignment = "Experiment Group"`, `assignment = "`+arms[2]+`"`, 1)
		default:
			t.Fatalf("run %d proposes nothing to add: %s", run, stderr)
		}
	}
}

// TestClustersAboveAssignment is cases/edges/18-clusters-above-assignment: individuals drawn within sites, refused until it is
// said that they were.
func TestClustersAboveAssignment(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,site,z,y\n")
	for i := range 80 {
		fmt.Fprintf(&b, "%d,s%02d,%d,%d.%d\n", i, i/4, i%2, i*i%7, i%10)
	}
	file := filepath.Join(t.TempDir(), "ind.csv")
	write(t, file, b.String())
	args := []string{"fit", "--data", file, "--outcome", "y", "--assign", "z", "--cluster", "site"}
	refused(t, []string{`"z" varies within 20 of the 20 clusters of "site"`, "set --mixed-clusters"}, args...)
	if e, _ := fitEffect(t, append(args[1:], "--mixed-clusters")...); e.rows != 80 || !(e.se > 0) {
		t.Errorf("drawn within sites: %+v", e)
	}
}
