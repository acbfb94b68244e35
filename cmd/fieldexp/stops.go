//go:build unix || windows

package main

import (
	"os"
	"syscall"
)

// stops are the signals that ask the program to stop.
var stops = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
