//go:build !linux && !darwin

package folder

import "errors"

// exchange would exchange the names of two files at once.
func exchange(string, string) error { return errors.ErrUnsupported }
