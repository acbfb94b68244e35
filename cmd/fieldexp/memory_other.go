//go:build !unix

package main

// peakMemory is not known on this system.
func peakMemory() string { return "" }
