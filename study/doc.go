// Package study runs a whole study from a study file: it reads the data, makes the panels,
// estimates, and lays out the tables and figures that the file asks for.
//
// # The way of a study
//
// [Load] reads and checks a study file. [Run] reads the files of data that it names, the log of
// events in one pass that keeps sums by unit and period and never an event; estimates every model
// that a table or a figure needs, those of one kind together; and returns an [Output], which
// [Output.Save] writes to a directory.
//
// # The study file
//
// A study file is TOML. The shortest ones name the files, the roles of columns, the launch and the
// outcomes, and get the tables that their design allows; docs/study-file.md lists every key. A key
// that is not known is an error with its line.
//
// # Event-level models
//
// A model of events whose regressors are fixed within a unit and period (assignment after the
// launch, effects of unit and period, lagged controls) has the same estimates and clustered
// standard errors as one of the means by unit and period, weighted by the number of events. So
// tables at the level of events need no events either.
package study
