// Package coverage measures how often the library's tests reject a true null: a Monte Carlo study of
// standard errors, bootstraps, randomisation inference and Anderson-Rubin tests in designs with few,
// unequal and few treated clusters, weak first stages and effects that vary, and of whether the
// warnings of the estimators tell of the designs in which a test fails.
//
// Every number goes through the public packages, so that the study tests what users run. A replication
// has a random stream of its own, made of the seed, the design and its number, and results are the same
// whatever GOMAXPROCS is. Replications are done in batches that share one drawn assignment:
// the outcomes of a batch are columns of one frame and cost little more than one. Monte Carlo standard
// errors are those of means of batches, and so allow for what the batch has in common.
package coverage
