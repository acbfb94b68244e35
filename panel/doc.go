// Package panel makes the panel that a field experiment is estimated on: from a log of events (a
// chat, a call, a task, each by some unit at some time) to one row per unit and period.
//
// # From events to unit and period
//
// Build aggregates events in memory; an Aggregator does it chunk by chunk, in memory that grows
// with units times periods and not with events. A Spec names the unit, the time, and measures of
// the events: means, shares, sums, standard deviations and counts, each over the events in which
// its own column is not missing. The same pass takes the first value of columns that are fixed
// within a unit, and baselines: measures over a unit's events before the launch.
//
// A Report counts what was read, what was left out and why, whether the panel is balanced, how
// many events its cells have, and for how many units there is no baseline.
//
// # From there to a model's columns
//
// Lag adds the value of the unit's previous period, observed or by the calendar. Groups cuts units
// into quantile groups of a baseline, with the cut points of R's quantile, over all units or over
// those named. Baselines adds pre-launch measures to a frame that is there already. Logarithms and
// other derived columns are methods of data.Frame.
//
// # Sums
//
// All that is kept of the events are counts, sums and sums of squares by cell and by unit. Each sum
// is held in two numbers (the second collects the rounding errors of the first), so that its error
// is that of one rounding; the standard deviation is taken from n times the sum of squares minus
// the square of the sum in the same doubled precision. So results do not depend on the number of
// processors to the last bit, nor on chunks or the order of merging by more than an occasional last
// bit, and two aggregators merge by addition. Sums by cell from another source, such as a warehouse's
// GROUP BY, could be added by the same merge.
package panel
