//go:build unix

package main

import (
	"fmt"
	"runtime"
	"syscall"
)

// peakMemory says how much memory the process had at most.
func peakMemory() string {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return ""
	}
	bytes := int64(u.Maxrss) * 1024
	if runtime.GOOS == "darwin" {
		bytes = int64(u.Maxrss) // there it is in bytes
	}
	return fmt.Sprintf(", at most %d MB of memory", bytes>>20)
}
