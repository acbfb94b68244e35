package bootstrap

import "github.com/fieldexp/fieldexp"

// bad refuses a bootstrap that cannot be run.
func bad(problem fieldexp.Problem, message string, remedy ...fieldexp.Hint) error {
	return &fieldexp.Error{Op: "bootstrap", Problem: problem, Message: message, Remedy: remedy}
}
