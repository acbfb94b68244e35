// Package fieldexp is the root of a library for field experiments in which access is assigned and
// usage is chosen: encouragement designs, on panels made of millions of events.
//
// The root holds what all packages share, the Error with which they refuse and their Warning, and the
// bundled study. What one imports are the packages beneath it, each to the
// right of those that it uses:
//
//   - data: a frame of typed columns; CSV files in, derived columns, joins
//   - panel: from events to one row per unit and period; lags, baselines, quantile groups
//   - iv: the linear model, by least squares or with instruments, with absorbed effects and clusters
//   - itt: effects of being assigned
//   - late: effects of using what was assigned
//   - hetero: either of them by group of a baseline
//   - bootstrap: wild bootstrap, randomisation inference, many outcomes
//   - report: tables and figures
//   - study: whole studies from a study file
//
// Results and specs of these packages marshal to JSON: in snake_case keys that stay as they are and that each MarshalJSON
// lists, under the names that results.json of a study has where it has any. What is not a finite number is null, an
// enumeration is its name, a function is left out, and so are draws. Estimates, tests and confidence sets read
// back; results do not, since their other covariances and tests are computed from what the rows left in them.
//
// The command fieldexp (cmd/fieldexp) runs whole studies from a study file, simulates one, and fits
// single models.
package fieldexp

import "embed"

// Bundled holds the simulated study that comes with the module, in the directory testdata/study:
// study.toml, agents.csv.gz, chats.csv.gz and truth.json. The chats are a random sample of those of a
// larger simulation, whose counts are the ones in truth.json.
//
//go:generate go run ./internal/bundle/make testdata/study
//go:embed testdata/study
var Bundled embed.FS
