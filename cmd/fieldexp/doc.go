// Command fieldexp analyses field experiments in which access is assigned and usage is chosen.
//
// # Usage
//
//	fieldexp study [study.toml] [--out DIR] [--format text|md|latex|html|csv|json]
//	fieldexp simulate --out DIR [--agents N] [--seed S] [--preset published|homogeneous|no-effect] [--force]
//	fieldexp fit --data F --outcome y1,y2 --assign z [flags]
//
// # A study
//
// The study command reads a study file, reads the data that it names, and prints the tables that it
// asks for. With --out it also writes them to a directory, with the figures, a report in one HTML
// file, results.json, which holds every estimate with all its digits, and manifest.json: all of it or, after an
// error or a signal, nothing. A table that cannot be had costs no other: the reason stands in its place, and the
// exit status is 1.
//
// Without a file it runs the study that comes with the program: simulated chats of service agents,
// some of whom were given an AI assistant.
//
//	fieldexp study
//	fieldexp study --out results --format md
//
// A study file is TOML. docs/study-file.md lists its keys; a short one gets the tables that its design allows:
//
//	launch = 2024-01-23
//	derive = ["dissatisfied = rating <= 2", "used = ai_complete + ai_partial"]
//
//	[data]
//	events = "chats.csv"    # one row per chat
//	units = "agents.csv"    # one row per agent
//
//	[roles]
//	unit = "agent_id"
//	assignment = "treat"
//	time = "start"
//	usage = "used"
//
//	[controls]
//	lagged = ["concurrency"]
//
//	[baseline]
//	column = "rating"
//
//	[[outcomes]]
//	column = "identification_time"
//	transform = "log"
//
//	[[outcomes]]
//	column = "dissatisfied"
//
// # A simulation
//
// The simulate command writes agents.csv, chats.csv, truth.json (the effects that were planted) and a
// study.toml that asks for all tables of the reference study.
//
//	fieldexp simulate --agents 100 --seed 7 --out simulated
//	fieldexp study simulated/study.toml
//
// # One model
//
// The fit command estimates one model from a CSV file, whose rows are the observations: it is a study
// of one table over a panel that is ready. Without --usage it is least squares; with it, two-stage least
// squares with assignment as the instrument, beside its first stage, its reduced form, and the
// regression on usage as it was chosen.
//
//	fieldexp fit --data simulated/agents.csv --outcome tenure,age --assign treat
//	fieldexp fit --data simulated/agents.csv --outcome tenure --assign treat --controls age --se classical --format json
//
// Effects are absorbed with --absorb (a caret joins the columns of an interaction), errors are
// clustered with --cluster. With --time and --launch the regressor is assignment from the launch on; the
// launch is a date or, where the column of times holds numbers, that of the first period with treatment. Times are
// those of the clock in each cell, whatever offset is behind it, or those of the zone that --zone names; --layout takes
// layouts other than ISO 8601. Identifiers (--cluster, --absorb, --strata, --pairs) go by the text of their cells.
// With --by, effects are by group: quantile groups of a column of numbers (of its means by unit before
// the launch, where it varies within the first column of --cluster), or the values of a column of
// text. With --splits, groups are made from one part of the data and effects estimated from the other.
//
//	fieldexp fit --data simulated/agents.csv --outcome tenure --assign treat --by age --groups 2
//	fieldexp fit --data simulated/agents.csv --outcome tenure --assign treat --cluster agent_id --by tenure --groups 2 --splits 5 --predict age
//
// Without a model, --design means compares the means of the arms, with the variance that assignment as
// it was drawn gives them (--strata or --pairs, --cluster); --design lin lets controls have slopes of
// their own in each arm.
//
//	fieldexp fit --data simulated/agents.csv --outcome tenure,age --assign treat --design means --strata male --adjust holm
//	fieldexp fit --data simulated/agents.csv --outcome tenure --assign treat --design lin --controls age,male
//
// Standard errors are of the kind that --se names (cr2 has Satterthwaite degrees of freedom), or
// those of another program. Beneath the effects of interest stand, where they are asked for,
// p-values in brackets and confidence sets in braces: of the wild cluster bootstrap (--wild), of
// randomisation inference (--permute, with --strata or --pairs as assignment was drawn), of the
// Anderson-Rubin test (--ar; without being asked for where the first-stage F is below 104.7), and
// p-values that allow for the number of effects (--adjust).
//
//	fieldexp fit --data simulated/agents.csv --outcome tenure,age --assign treat --permute --adjust romano-wolf
//	fieldexp fit --data simulated/agents.csv --outcome tenure,age --assign treat --cluster agent_id --se cr2 --wild --seed 1 --adjust holm
//
// More tables tell what an effect of usage rests on: --weak what the instruments are worth, --compliers
// whose effect it is and, with --profile, who they are. --direct bounds the effect if assignment matters
// by itself, too.
//
//	fieldexp fit --data F --outcome y --assign z --usage u [--weak] [--compliers [--profile x1,x2]] [--direct=-0.1,0.1]
//
// # Exit status
//
// 0 when all went well; 1 when not, with one paragraph on standard error that says what to mend;
// 130 when interrupted.
package main
