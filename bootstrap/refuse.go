package bootstrap

import "github.com/fieldexp/fieldexp"

// noResult refuses to draw for a model that was not estimated.
func noResult() error {
	return bad(fieldexp.BadSpec, "no result to draw for", "estimate the model first, and look at its error")
}

// bad refuses a bootstrap that cannot be run.
func bad(problem fieldexp.Problem, message string, remedy ...fieldexp.Hint) error {
	return &fieldexp.Error{Op: "bootstrap", Problem: problem, Message: message, Remedy: remedy}
}
