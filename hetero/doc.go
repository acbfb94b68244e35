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
package hetero
