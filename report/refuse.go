package report

import (
	"strings"

	"github.com/fieldexp/fieldexp"
)

// refuse is the error of a table, figure or format that cannot be made; subject says which, and may be empty.
func refuse(subject, message string, remedy ...fieldexp.Hint) error {
	if subject != "" {
		message = subject + ": " + message
	}
	return &fieldexp.Error{Op: "report", Problem: fieldexp.BadSpec, Message: message, Remedy: remedy}
}

// unwritten is the error of a writer or file; doing says what was written to it.
func unwritten(doing string, err error, remedy ...fieldexp.Hint) error {
	return &fieldexp.Error{Op: "report", Problem: fieldexp.BadFile, Message: doing + ": " + err.Error(), Remedy: remedy, Err: err}
}

// oneOf is the hint to use one of several names.
func oneOf(names []string) fieldexp.Hint {
	return fieldexp.Hint("use one of " + strings.Join(names, ", "))
}
