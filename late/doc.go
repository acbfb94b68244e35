// Package late estimates the effects of using what was assigned, where using is a choice: local
// average treatment effects in encouragement designs, with assignment as the instrument of usage.
//
// # Effects
//
// A [Spec] is that of package itt and the column of usage: 0 or 1, a share of occasions, or a dose.
// [Estimate] returns for each outcome the effect of usage on compliers by two-stage least squares
// and beside it what it rests on: the first stage (what assignment did to usage), the reduced form
// (the intention-to-treat effect) and the as-used regression, which takes usage as if it had been
// assigned and is there to be distrusted. [Shares] tell how usage was taken up: compliers,
// never-takers and always-takers, whether anybody used without being assigned, and how many units
// never did. [AsUsedAmongAssigned] is what a study of users and non-users alone would have found.
//
// With one instrument the effect is the reduced form over the first stage, to the last digits.
//
// # Whose effect, and how robust
//
// [Account] estimates shares of compliers, always-takers and never-takers, the mean outcomes of compliers
// without and with usage, and the effect in percent of the former with an Anderson-Rubin set.
// [DescribeCompliers] tells who they are by what was known before. [ResponseWeights] says which levels of
// usage an effect per unit averages. [NeverTakerContrast] and [ZeroFirstStage] look for effects of assignment
// where there should be none, and [Result.Violate] and [Result.LocalToZero] say what is left when
// there are some. Tests and sets that hold for weak instruments are those of the fits
// (iv.Result.AndersonRubinSet and its kin).
//
// # Checks
//
// Assignment is checked as in package itt. Usage must be known in both arms (a missing value where
// usage was impossible is to be set to 0), vary, and be moved by assignment; an [Error] names the
// column, the count and the remedy. A first-stage F below [WeakF] is a warning, and the notes say
// when it is below [TrustedF], from which on a t-test has its level with certainty.
//
// # Conventions
//
// Standard errors are CR1 where clusters are named and HC1 where none is; Stata's ivregress without
// small is iv.Covariance{Kind: iv.HC0, DF: iv.DFNormal}. First stage, reduced form and as-used
// regression have the same kind of covariance over the same rows, and the first-stage F has it too.
package late
