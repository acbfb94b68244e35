// Package hetero estimates for whom a treatment works: effects by quantile of a baseline, the
// performance that each unit had before the launch. Effects are those of assignment (ITT) or of
// usage, instrumented by assignment within each group (LATE).
//
// # What is estimated
//
// One model has a regressor for each group: treatment in Q1, treatment in Q2, and so on. Its
// coefficients are the impacts; the base is the first of them, and an interaction is an impact
// minus the base. Each group has its own level, so that an effect is a comparison of treated units
// with controls and never of good units with bad ones. [Estimate] returns for each outcome the
// impacts, a test that they are equal, their trend from the first group to the last, the first stage
// of each group, and the consistency check below. Groups come from panel.Groups.
//
// # The trap
//
// A baseline is measured with noise. Who had bad luck before the launch is found in the lowest
// group, who had good luck in the highest, and luck does not last: after the launch the lowest
// group improves and the highest declines, with treatment or without it. That is regression to
// the mean. It happens to treated and control units of a group alike, and so it does no harm as
// long as treated units are compared with the controls of their own group.
//
// Period effects decide whether they are. When they are [Common] to all groups, the treated units of
// the lowest group are compared with the controls of all groups, most of whom did not improve:
// the group's return to the mean is counted as an effect of treatment, a gain for the weak and a
// loss for the strong, in data in which nobody gained or lost anything. [GroupSpecific] period
// effects compare like with like, and are the default. Common is offered since published tables
// are made so, and in order to show the difference.
//
// The outcome that made the groups suffers most, and others in so far as they go with it. A
// baseline that is measured after the launch is worse than noise: it is an outcome itself, and no
// period effects mend that.
//
// # The consistency check
//
// The pooled effect is an average of the effects by group. With the same controls and absorbed
// effects in both models that is an identity, in every sample and for ITT and LATE alike: the
// weights are each group's part of the first stage (of the residual variation of treatment, for an
// ITT), and [Consistency] has them as Shares. The identity has a use and a limit. It compares the
// group effects with the pooled effect of a table without groups, whose period effects are common
// to all: the difference, with a standard error from the joint covariance of both models, says
// whether the groups' own period effects moved the whole. But it cannot find the trap. With common
// period effects in both models the average agrees to the last digit however the parts are tilted:
// what regression to the mean adds to the low groups it takes from the high ones.
//
// So a model with common period effects is also held against group-specific ones: the contrasts
// of each impact, a joint test that both give the same differences between groups, and the
// contrast of their trends. It warns when the trends are two standard errors apart (code "drift").
// The trend is used since regression to the mean moves groups in proportion to their distance
// from the mean: in simulations without an effect it found the drift more often than the joint
// test, at the same rate of false alarms. The check of the average warns by the same rule (code
// "pooled-differs").
//
// # Other data for the groups than for the effects
//
// [SplitEstimate] makes groups of a random half of each unit's past and lets the other half enter the
// estimation, averaged over many such splits. What it mends: luck that is independent from period to
// period. Groups sorted by luck in one half have none left in the other, and so do not return to the mean
// between the rows that are compared. In worlds without effect, and in the simulated study, common
// period effects then reject equal effects at their level, where with all of the past they reject nearly
// always. What it does not mend: luck that lasts for weeks is in both halves, and groups may
// really move apart over time, as beginners learn faster; then common period effects are as wrong as
// before, and only group-specific ones are right. With these, nothing returns to the mean in the
// comparison and a split is not needed: it costs half of the past, sorts units less well, and makes true
// gradients flatter. So the default remains to keep all of the past and group-specific period effects;
// use a split for tables whose period effects are common, or to show that conclusions do not hang
// on this choice.
//
// Without a past, units may be grouped by an outcome predicted from covariates. The trap there is another:
// a prediction that is fitted to the controls knows their luck. [Predict] leaves each control out of its
// own prediction, and SplitEstimate with Covariates predicts from one half of the controls and estimates
// with the other (Abadie, Chingos and West 2018). Neither concerns groups by a unit's own past: that is
// no fitted value, and leaving the unit out would leave nothing.
//
// # Few clusters, weak first stages, many effects
//
// With Spec.Covariance of the kind iv.CR2, impacts, interactions and trend are tested with Satterthwaite
// degrees of freedom of their own and equality by the approximate Hotelling test (AHT). [Result.Wild]
// tests the same for effects of assignment by the wild cluster bootstrap ([WildAgreement] that effects of
// usage are equal), and [Wild.StepDown] adjusts
// for the number of groups and outcomes by Romano and Wolf's method. [Separate] gives each group a model of its own,
// with an effective F and an Anderson-Rubin set.
package hetero
