// Package itt estimates the effects of being assigned: intention-to-treat effects in randomised
// field experiments, whatever the units then did with what they were offered.
package itt
