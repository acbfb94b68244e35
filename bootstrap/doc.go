// Package bootstrap tests hypotheses about linear models by replication: the wild cluster bootstrap
// and its relatives, and randomisation inference. Use it where clusters are few, of unequal size, or
// few of them are treated, and where instruments are weak.
//
// # Wild bootstrap
//
// Wild tests a coefficient, a combination, or several at once, of a least-squares result: weights that
// are random by cluster multiply the residuals. WildAll does so for several hypotheses and outcomes
// with the same draws. AndersonRubin and WRE test the coefficient of an endogenous column; Score
// reweights scores without estimating again; WildCells draws by another grouping than that by which errors
// are clustered (subclusters, and errors clustered in several ways). Pairs resamples whole clusters.
//
// Outcomes are never made and models never estimated again. The estimate of a draw is linear in the
// weights and its variance quadratic, with coefficients that come from the cross-products that a result
// keeps for each cluster (Roodman, MacKinnon, Nielsen and Webb 2019). The cost of a draw is clusters times
// columns, whatever the number of rows, and memory is that of the cross-products.
//
// Absorbed effects that are nested in the clusters cost nothing. Others (days, where clusters are
// agents) must be among the columns: name them in iv.Spec.Exogenous as text, or estimate with a covariance
// that keeps them (iv.CR2, iv.CR3, iv.Jackknife).
//
// # Randomisation inference
//
// Permute draws the assignment again as it was drawn (complete, by unit, within strata, in matched
// pairs, or as the analyst says) and compares the statistics of all outcomes in the same draws. Its
// sums by unit of assignment and by cluster take the place of the rows, so that a draw costs what units and
// clusters cost. Joint tests several outcomes at once.
//
// # Many outcomes
//
// Adjust allows for the number of p-values where nothing else is known. StepDown (Romano and Wolf, Westfall
// and Young) and Simultaneous use draws that hypotheses have in common: those of Permute or WildAll.
//
// # Confidence sets
//
// A set holds the values of a coefficient that the test does not reject. As a function of the value
// under the null the p-value is a step function whose steps are the roots of one polynomial for each
// draw, of degree 2 to 6 with one instrument or none and up to 4L (Anderson-Rubin) or 14 (WRE) with L. So sets
// are computed without a grid: their ends are exact, and they may be of several pieces, empty, or reach to
// infinity.
//
// # Conventions
//
// The p-value is (c+1)/(B+1), with c draws as extreme as the data of B. Where the sign vectors of Rademacher
// weights are no more than the draws asked for, each is used once, and the p-value is c/B. Statistics
// that differ by no more than 1e-9, relative where they are above one, are tied, and ties count as
// extreme: in exact arithmetic each sign vector ties with its mirror image, and the all-plus vector with the
// data, which rounding would decide one way or the other elsewhere. Results carry the counts, the seed, and
// the Monte Carlo standard error of the p-value; their Notes say all this under a table.
//
// Random numbers belong to blocks of 128 draws, each with a stream made of the seed and the
// block's number: the same seed gives the same bits whatever the number of processors.
//
// # Refusals
//
// What cannot be tested is refused with a *fieldexp.Error: fewer than 99
// draws, results without clusters, effects that cross the clusters and are not columns, restrictions
// that repeat each other, terms that the model does not have.
package bootstrap
