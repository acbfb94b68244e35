// Command bench measures this library against the programs that its users would otherwise write, and
// makes the tables of docs/performance.md.
//
//	go run ./bench compare            # files, ours, theirs, alternating; about two hours in all
//	go run ./bench compare read-1m itt10-1m
//	go run ./bench limits             # what the machine can do at most
//	go run ./bench table > table.md
//	go run ./bench regress COMMIT     # an earlier commit against the sources as they are
//
// compare makes the files that are missing (generate makes them beforehand), runs each task in a
// process of its own, ours on all processors and on one and each peer in turn, and appends a
// line of JSON for each run to records.jsonl in the directory of the files. ours and peers run one
// side alone. table takes medians of what is recorded. list names the tasks.
//
// A process times its own steps (reading, fitting), so that starting R or Python is not counted
// against them; its peak memory is what the operating system reports when it has ended. Peers are
// the scripts in peers/, for R (data.table, fixest, estimatr, jsonlite) and Python (pandas, polars,
// duckdb, fereg, pyfixest, wildboottest, statsmodels). What is not installed is left out, and the
// table says so. --rscript and --python, or the environment's RSCRIPT and PYTHON, say which to run.
//
// Estimates of both sides are recorded too: the table gives their largest difference, how many were compared, and whether
// ours are the same to the last bit on one processor and on all. Where one side lacks an estimate of the other's, the
// table says so, and compare and table end with status 1.
//
// regress builds the command fieldexp of a commit and of the working tree, and runs both in turn over tasks of its own,
// which are calls of fit and study with flags that both have: the library may change between the two. It prints
// processor time and peak memory of both, the median of their ratios within pairs of runs with its interval, whether
// both print the same, and a verdict: slower above 1.03 and larger above 1.05 if the interval excludes 1, and
// with a question mark if not. What is slower or larger after --runs pairs is run twice as often again before it is
// judged. It ends with status 1 if a task is slower, larger or fails. --tasks takes a regular expression of names, and
// --long adds the tasks that take minutes or gigabytes.
package main
