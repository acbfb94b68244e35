// Command bench measures this library against the programs that its users would otherwise write, and
// makes the tables of docs/performance.md.
//
//	go run ./bench compare            # files, ours, theirs, alternating; about two hours in all
//	go run ./bench compare read-1m itt10-1m
//	go run ./bench limits             # what the machine can do at most
//	go run ./bench table > table.md
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
// Estimates of both sides are recorded too: the table gives their largest difference, and whether
// ours are the same to the last bit on one processor and on all.
package main
