package simulate

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

var (
	fullSize = flag.Bool("full", false, "calibrate at the reference study's size, and compare the table in docs/simulation.md")
	update   = flag.Bool("update", false, "with -full: rewrite the table in docs/simulation.md")
)

// line is a published number and its simulated counterpart.
type line struct {
	name      string
	published float64
	simulated float64
	within    float64 // what they may differ by at 5,940 agents
	digits    int
}

// section is a part of the calibration table.
type section struct {
	title string
	lines []line
}

// calibration sets a survey beside the reference study. Tolerances hold what chance does at 5,940
// agents (agents differ much in how much they work, so that totals have standard errors of 1.4%,
// and usage ones of 0.007) and what the model leaves: chiefly Table A7, whose printed means of
// agents lie further below its mean of chats than busy agents' better ratings can explain here.
func calibration(s *survey) []section {
	toFull := float64(defaultAgents) / float64(s.truth.Counts.Agents)
	return []section{
		sizes(s, toFull), table1(s), missingShares(s), beforeLaunch(s), issueMix(s), usageTable(s), tableA2(s, toFull), tableA7(s),
	}
}

func sizes(s *survey, toFull float64) section {
	c := s.truth.Counts
	count := func(name string, published float64, n int, within float64) line {
		return line{name, published, toFull * float64(n), within * published, 0}
	}
	share := func(name string, published float64, known [numColumns]int, column, of int, within float64) line {
		return line{name, published, float64(known[column]) / float64(of), within, 3}
	}
	return section{"Sizes", []line{
		count("chats", 2564606, c.Chats, 0.06),
		count("agent-days", 126365, c.AgentDays, 0.05),
		count("agent-hours", 588066, c.AgentHours, 0.05),
		count("chats of treated agents before the launch", 717650, c.PreChatsTreated, 0.09),
		count("chats of control agents before the launch", 717270, c.PreChatsControl, 0.09),
		count("chats of treated agents since", 543651, c.PostChatsTreated, 0.09),
		count("agent-days of treated agents since", 29006, c.PostDaysTreated, 0.06),
		share("agent-days with a rating", 0.770, s.dayKnown, colRating, s.days, 0.02),
		share("agent-hours with a rating", 0.451, s.hourKnown, colRating, s.hours, 0.03),
		share("agent-days with an identification time", 0.9957, s.dayKnown, colIdentification, s.days, 0.004),
		share("agent-hours with an identification time", 0.9848, s.hourKnown, colIdentification, s.hours, 0.009),
		share("agent-days with a typing time", 0.9942, s.dayKnown, colTyping, s.days, 0.004),
	}}
}

func table1(s *survey) section {
	t := section{title: "Table 1: means and standard deviations over chats"}
	add := func(column int, mean, sd, within, withinSD float64, digits int) {
		m := &s.measures[column]
		t.lines = append(t.lines,
			line{measures[column].name + ", mean", mean, m.mean(), within, digits},
			line{measures[column].name + ", SD", sd, m.sd(), withinSD, digits})
	}
	add(colIdentification, 35.53, 70.66, 1.5, 4, 2)
	add(colDuration, 465.62, 447.15, 12, 14, 2)
	add(colRating, 3.49, 1.80, 0.04, 0.02, 2)
	t.lines = append(t.lines,
		line{"dissatisfied, mean", 0.34, s.dissat.mean(), 0.012, 2},
		line{"dissatisfied, SD", 0.47, s.dissat.sd(), 0.01, 2})
	add(colRetrial3d, 0.38, 0.49, 0.008, 0.01, 2)
	add(colConcurrency, 2.68, 1.07, 0.05, 0.04, 2)
	add(colAgentResponse, 172.66, 178.13, 5, 7, 2)
	add(colAgentActive, 276.64, 296.24, 8, 10, 2)
	add(colShiftAway, 189.25, 269.09, 6, 9, 2)
	add(colTyping, 105.02, 111.46, 3, 4, 2)
	add(colAgentMessages, 11.69, 8.26, 0.15, 0.25, 2)
	add(colAgentDensity, 0.50, 0.09, 0.006, 0.006, 2)
	add(colAgentClarity, 15.7, 7.28, 0.2, 0.2, 2)
	add(colAgentDiversity, 4.42, 1.26, 0.03, 0.02, 2)
	add(colCustomerTenure, 7.48, 3.77, 0.03, 0.03, 2)
	add(colCustomerResponse, 261.64, 301.61, 8, 10, 2)
	add(colCustomerMessages, 11.27, 10.98, 0.2, 0.3, 2)
	add(colCustomerPictures, 0.89, 1.74, 0.015, 0.03, 2)
	add(colCustomerDensity, 0.56, 0.14, 0.006, 0.006, 2)
	add(colCustomerClarity, 8.85, 11.69, 0.12, 0.25, 2)
	add(colCustomerDiversity, 3.75, 1.24, 0.02, 0.02, 2)

	male, age, tenure := agentMoments(s)
	t.lines = append(t.lines,
		line{"male, mean (agents)", 0.18, male.mean(), 0.02, 2},
		line{"age, mean (agents)", 31.75, age.mean(), 0.3, 2},
		line{"age, SD (agents)", 6.10, age.sd(), 0.2, 2},
		line{"tenure, mean (agents)", 123.84, tenure.mean(), 2.5, 2},
		line{"tenure, SD (agents)", 53.94, tenure.sd(), 1.8, 2})
	return t
}

func agentMoments(s *survey) (male, age, tenure moments) {
	for i := range s.world.agents {
		a := &s.world.agents[i]
		male.add(float64(indicator(a.male)))
		age.add(float64(a.age))
		tenure.add(float64(a.tenure))
	}
	return male, age, tenure
}

func missingShares(s *survey) section {
	t := section{title: "Missing values, per cent of chats"}
	for _, p := range []struct {
		column    int
		published float64
		within    float64
	}{
		{colIdentification, 2.2177, 0.15}, {colRating, 84.840, 0.15}, {colConcurrency, 0.0133, 0.005},
		{colAgentResponse, 0.0616, 0.01}, {colAgentActive, 0.0640, 0.01}, {colShiftAway, 0.0640, 0.01},
		{colTyping, 1.2551, 0.15}, {colAgentDensity, 0.2395, 0.02}, {colAgentClarity, 0.2394, 0.02},
		{colAgentDiversity, 0.2394, 0.02}, {colCustomerResponse, 0.0602, 0.01}, {colCustomerPictures, 0.2165, 0.02},
		{colCustomerDensity, 0.57, 0.03}, {colCustomerClarity, 0.57, 0.03}, {colCustomerDiversity, 0.57, 0.03},
		{colDuration, 0, 0}, {colRetrial3d, 0, 0}, {colAgentMessages, 0, 0}, {colCustomerMessages, 0, 0}, {colCustomerTenure, 0, 0},
	} {
		t.lines = append(t.lines, line{measures[p.column].name, p.published, 100 * s.measures[p.column].missingShare(), p.within, 3})
	}
	return t
}

func beforeLaunch(s *survey) section {
	return section{"Chats before the launch", []line{
		{"rating", 3.46, s.pre[colRating].mean(), 0.04, 2},
		{"dissatisfied", 0.35, s.preDis.mean(), 0.012, 2},
		{"retrial_3d", 0.39, s.pre[colRetrial3d].mean(), 0.008, 2},
		{"customer_pictures", 0.93, s.pre[colCustomerPictures].mean(), 0.015, 2},
	}}
}

func issueMix(s *survey) section {
	t := section{title: "Table A8: issues, per cent of chats"}
	for i, published := range []float64{77, 14, 3, 2, 1, 2} {
		share := 100 * float64(s.issues[i]) / float64(s.truth.Counts.Chats)
		t.lines = append(t.lines, line{issues[i].name, published, share, 0.7, 1})
	}
	return t
}

func usageTable(s *survey) section {
	u := s.truth.Usage
	t := section{"Usage of treated agents since the launch", []line{
		{"share of chats", 0.215, u.ChatUsed, 0.025, 3},
		{"complete", 0.171, u.ChatComplete, 0.025, 3},
		{"partial", 0.044, u.ChatPartial, 0.014, 3},
		{"mean over agent-days", 0.287, u.DayUsed, 0.025, 3},
		{"SD over agent-days", 0.363, u.DayUsedSD, 0.015, 3},
		{"complete, mean over agent-days", 0.219, u.DayComplete, 0.025, 3},
		{"complete, SD over agent-days", 0.339, u.DayCompleteSD, 0.025, 3},
		{"partial, mean over agent-days", 0.070, u.DayPartial, 0.014, 3},
		{"partial, SD over agent-days", 0.198, u.DayPartialSD, 0.025, 3},
		{"agents who never used it", 0.179, u.NeverUsed, 0.03, 3},
		{"agents who used it in every chat", 0.062, u.AlwaysUsed, 0.018, 3},
	}}
	for g, published := range publishedUsage {
		t.lines = append(t.lines, line{fmt.Sprintf("Q%d of the rating before, share of chats", g+1), published, u.ChatByBaseline[g], 0.1, 3})
	}
	return t
}

func tableA2(s *survey, toFull float64) section {
	t := section{title: "Table A2: what predicts an agent's usage"}
	for i, p := range []struct {
		name      string
		published float64
		within    float64
	}{
		{"male", -0.018, 0.07}, {"age", -0.002, 0.005}, {"ln tenure", -0.041, 0.05}, {"high rating before", -0.067, 0.075},
		{"high concurrency before", -0.097, 0.065}, {"high duration before", 0.031, 0.055}, {"constant", 0.650, 0.3},
	} {
		t.lines = append(t.lines, line{p.name, p.published, s.usageRegression[i], p.within, 3})
	}
	t.lines = append(t.lines, line{"agents", 2482, toFull * float64(s.usageAgents), 90, 0})
	return t
}

func tableA7(s *survey) section {
	t := section{title: "Table A7: mean rating of treated agents by fifth of the rating before"}
	for g, p := range [Groups][2]float64{{2.184, 2.981}, {2.881, 3.145}, {3.271, 3.406}, {3.637, 3.666}, {4.008, 3.846}} {
		t.lines = append(t.lines,
			line{fmt.Sprintf("Q%d, before", g+1), p[0], s.retreat[g][0], 0.23, 2},
			line{fmt.Sprintf("Q%d, since", g+1), p[1], s.retreat[g][1], 0.24, 2})
	}
	return t
}

// TestCalibration compares 800 agents with the reference study, or 5,940 with the flag -full.
// Chance is sqrt(5940/800) = 2.7 times as large at 800.
func TestCalibration(t *testing.T) {
	if testing.Short() {
		t.Skip("what is simulated, not how: the tests of writing run its goroutines")
	}
	cfg, slack := Config{Agents: 800, Seed: 1}, math.Sqrt(5940.0/800)
	if *fullSize {
		cfg, slack = Config{Seed: 1}, 1
	}
	s := take(t, cfg)
	table := calibration(s)
	for _, part := range table {
		for _, l := range part.lines {
			if !(math.Abs(l.simulated-l.published) <= slack*l.within) {
				t.Errorf("%s: %s is %.4g, published %.4g, tolerance %.2g", part.title, l.name, l.simulated, l.published, slack*l.within)
			}
		}
	}
	u := s.truth.Usage
	last := len(u.CompleteByWeek) - 1
	if rise := u.CompleteByWeek[last] - u.CompleteByWeek[0]; rise < 0.02 {
		t.Errorf("complete adherence rises by %.3f over the weeks, less than 0.02", rise)
	}
	if rise := u.PartialByWeek[last] - u.PartialByWeek[0]; math.Abs(rise) > 0.02 {
		t.Errorf("partial adherence changes by %.3f over the weeks, more than 0.02", rise)
	}
	if u.DayUsed <= u.ChatUsed {
		t.Errorf("usage is %.3f of agent-days and %.3f of chats: it should be lower on busy days", u.DayUsed, u.ChatUsed)
	}
	if *fullSize {
		compareDocs(t, markdown(table))
	}
}

// markdown lays the calibration out as a table.
func markdown(table []section) string {
	var b strings.Builder
	for _, part := range table {
		fmt.Fprintf(&b, "\n**%s**\n\n| | published | simulated |\n|---|---:|---:|\n", part.title)
		for _, l := range part.lines {
			fmt.Fprintf(&b, "| %s | %s | %.*f |\n", l.name, published(l), l.digits, l.simulated)
		}
	}
	return b.String()
}

// published prints a published number with the digits it was given with, at most.
func published(l line) string { return fmt.Sprintf("%.*f", l.digits, l.published) }

const (
	docsPath  = "../../docs/simulation.md"
	docsBegin = "<!-- calibration: go test ./internal/simulate -run Calibration -full -update -->\n"
	docsEnd   = "<!-- end of calibration -->\n"
)

// compareDocs checks, or with -update rewrites, the table in the documentation.
func compareDocs(t *testing.T, table string) {
	t.Helper()
	text, err := os.ReadFile(docsPath)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), docsBegin)
	old, after, ok2 := strings.Cut(rest, docsEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has lost the marks of the calibration table", docsPath)
	}
	if *update {
		if err := os.WriteFile(docsPath, []byte(before+docsBegin+table+"\n"+docsEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != table+"\n" {
		t.Errorf("the calibration table in %s is out of date; run with -full -update", docsPath)
	}
}
