// Package itt estimates the effects of being assigned: intention-to-treat effects in randomised
// field experiments, whatever the units then did with what they were offered.
//
// # Effects
//
// Estimate regresses outcomes on assignment, with controls, absorbed effects (strata, units,
// periods), weights and clustered standard errors. Assignment is a column of zeros and ones, or of
// text with several arms, each of which gets its effect against control. With a Time and a Launch
// it is a difference-in-differences: the regressor is assignment from the launch on, and what the
// arms and the periods have in common is held constant by absorbed effects, or by regressors that
// are added and named in the notes.
//
// DifferenceInMeans compares the arms' means with a variance that rests on how assignment was drawn
// alone: unit by unit, by cluster, within blocks, in matched pairs. In blocks it sets the effect on
// all units beside the precision-weighted mean that a regression with block effects estimates, and
// says why the two part. Lin adjusts for controls with slopes of their own in every arm, so that
// what is estimated stays the average effect.
//
// EventStudy lets the effect differ by period around the launch and tests the periods before it.
// Balance compares variables measured before treatment, one by one and jointly.
//
// # Checks
//
// Before anything is estimated, assignment is looked at (CheckAssignment): it must have two arms,
// and be constant within the groups of at least one of the clusterings named, since standard errors
// are right only at the level at which assignment was drawn. A launch outside the data, and effects
// or controls that absorb the treatment, are refused; each refusal is a *fieldexp.Error that names the
// column, the count and the remedy. An effect that was asked for is in the result or there is an
// error.
//
// What is estimated but stands on weak feet carries a warning: few clusters, very unequal ones, or
// few of them treated (see FewEffective).
//
// # Conventions
//
// Standard errors are CR1 with t(G-1) where clusters are named, and HC1 with t(N-K) where none is;
// those of DifferenceInMeans are Neyman's, which are HC2, and CR2 of clusters.
// The estimates and their tests are those of package iv, whose conventions hold here.
package itt
