package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// regressTask is a call of the command fieldexp on which commits are compared. It has only flags that the earlier
// commit has too.
type regressTask struct {
	name  string
	data  string // the dataset
	words string // flags of fit on a file, or of study on a study
	long  bool   // takes minutes or gigabytes, and is run only when asked for
}

// regressTasks are those of the table of ratios as the command does them, and kinds of work that are slow
// for another reason than the number of rows: corrections for leverage, draws, many levels, many outcomes.
func regressTasks() []regressTask {
	const (
		controls   = " --controls c1,c2,c3,c4"
		experiment = " --assign assigned" + controls + " --absorb day,issue_type --cluster agent_id"
		quartiles  = " --assign assigned" + controls + " --absorb issue_type --period day --cluster agent_id --by baseline --groups 4"
		assigned   = " --assign assigned --controls c1 --cluster id"
		absorbed   = assigned + " --absorb month,issue"
		usage      = " --usage used"
		stepdown   = " --by baseline --groups 5 --period month --wild --adjust romano-wolf --draws 999"
	)
	y := func(n int) string { return "--outcome " + strings.Join(outcomes(n), ",") }
	twoEffects := y(1) + " --assign assigned --time date --launch " + launchDate(workersLaunch) +
		" --controls c1 --absorb worker,firm --cluster worker"
	return []regressTask{
		{name: "itt", data: "e1m", words: y(1) + experiment},
		{name: "itt10", data: "e1m", words: y(10) + experiment},
		{name: "late10", data: "e1m", words: y(10) + experiment + usage},
		{name: "quartiles-itt10", data: "e1m", words: y(10) + quartiles},
		{name: "quartiles-late10", data: "e1m", words: y(10) + quartiles + usage},
		{name: "study", data: "study"},
		{name: "study-files", data: "study", words: "--out results"},

		{name: "two-ways", data: "e1m",
			words: y(1) + " --assign assigned" + controls + " --absorb issue_type --cluster agent_id,day"},
		{name: "means-clusters", data: "e1m", words: y(10) + " --assign assigned --design means --cluster agent_id"},
		{name: "means-blocks", data: "e1m", words: y(10) + " --assign assigned --design means --strata issue_type"},
		{name: "lin", data: "e1m", words: y(10) + " --assign assigned --design lin --cluster agent_id" + controls},
		{name: "compliers", data: "e1m", words: y(1) + experiment + usage + " --compliers --profile baseline,tenure"},
		{name: "splits", data: "e100k",
			words: y(1) + " --assign assigned --controls c1,c2 --absorb issue_type --period day --cluster agent_id" +
				" --by baseline --predict tenure --splits 20"},
		{name: "days-late", data: "days",
			words: y(1) + usage + " --assign assigned --time date --launch " + launchDate(daysLaunch) +
				" --controls c1 --absorb agent --cluster agent --by baseline --groups 10"},
		{name: "outcomes100-itt", data: "events-wide", words: y(100) + absorbed},
		{name: "outcomes100-late", data: "events-wide", words: y(100) + absorbed + usage},
		{name: "clusters250k-ar", data: "events-pairs", words: y(1) + absorbed + usage + " --weights wt --ar --weak"},
		{name: "clusters250k-liml", data: "events-pairs", words: y(1) + absorbed + usage + " --weights wt --estimator liml"},

		{name: "hc2", data: "e1m",
			words: y(4) + " --assign assigned" + controls + " --absorb day,issue_type --se hc2"},
		{name: "hc3-late", data: "events-pairs",
			words: y(1) + usage + " --assign assigned --controls c1,c2 --absorb month,issue --weights wt --se hc3"},
		{name: "cr2", data: "events", words: y(1) + absorbed + " --se cr2"},
		{name: "cr3", data: "events", words: y(1) + absorbed + " --se cr3"},
		{name: "cr2-plain", data: "events", words: y(1) + assigned + " --se cr2"},
		{name: "cr2-late", data: "events-few", words: y(1) + absorbed + usage + " --se cr2"},
		{name: "cr2-alone", data: "events-alone", words: y(1) + " --assign assigned --cluster id --se cr2"},

		{name: "wild10", data: "e100k", words: y(10) + experiment + " --wild"},
		{name: "wild-clusters", data: "events", words: y(1) + absorbed + " --wild --draws 999"},
		{name: "wild-effects", data: "events-few", words: y(1) + assigned + " --absorb day,issue --wild --draws 999"},
		{name: "wre-ar", data: "events-few", words: y(1) + absorbed + usage + " --wild --ar --weak --draws 999"},
		{name: "stepdown", data: "events-few", words: y(5) + assigned + stepdown},
		{name: "stepdown-large", data: "events-large", long: true, words: y(20) + absorbed + stepdown},
		{name: "permute", data: "e1m", words: y(1) + experiment + " --permute --draws 999"},
		{name: "permute-alone", data: "events-alone", words: y(1) + " --assign assigned --permute --strata issue --draws 99"},
		{name: "permute-stepdown", data: "events-few", words: y(5) + assigned + " --permute --adjust westfall-young --draws 9999"},

		{name: "workers-anywhere", data: "workers-anywhere", words: twoEffects},
		{name: "workers-nearby", data: "workers-nearby", words: twoEffects},
		{name: "workers-next", data: "workers-next", words: twoEffects},
		{name: "line-1000", data: "line-1000", words: twoEffects},
		{name: "line-5000", data: "line-5000", words: twoEffects},
		{name: "line-50000", data: "line-50000", long: true, words: twoEffects},
	}
}

// regressTasksMatching are the tasks whose names match, the long ones among them only when asked for.
func regressTasksMatching(pattern string, long bool) ([]regressTask, error) {
	match, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("--tasks: %w", err)
	}
	var list []regressTask
	left := ""
	for _, t := range regressTasks() {
		switch {
		case !match.MatchString(t.name):
		case t.long && !long:
			left += " " + t.name
		default:
			list = append(list, t)
		}
	}
	switch {
	case len(list) == 0 && left != "":
		return nil, fmt.Errorf("these tasks take minutes or gigabytes:%s; ask for them with --long", left)
	case len(list) == 0:
		return nil, fmt.Errorf("no task matches %q; see bench list", pattern)
	}
	return list, nil
}

// arguments are those of the command on a dataset, which runs in a directory that has the study.
func (t *regressTask) arguments(d dataset, s *settings) []string {
	words := strings.Fields(t.words)
	if d.agents > 0 {
		return append([]string{"study", filepath.Join(d.name, studyFile)}, words...)
	}
	return append([]string{"fit", "--data", d.path(s)}, words...)
}
