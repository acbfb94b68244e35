// Package late estimates the effects of using what was assigned.
package late
