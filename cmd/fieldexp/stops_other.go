//go:build !unix && !windows

package main

import "os"

// stops are the signals that ask the program to stop.
var stops = []os.Signal{os.Interrupt}
