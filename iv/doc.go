// Package iv estimates linear models: ordinary least squares, two-stage least squares, LIML and
// Fuller's estimator, with absorbed effects, weights, and standard errors that are classical,
// robust, or clustered in one or several ways.
//
// It is the engine beneath packages itt, late and hetero, whose vocabulary is that of the field
// experiment; use it directly for models that they do not name.
//
// # The way of a model
//
// A [Spec] names the columns of a frame and [Estimate] returns one [Result] for each outcome.
// Rows with a missing value in the outcome's own model are dropped and counted. Effects are
// absorbed exactly: the largest is eliminated by demeaning and the others by one solution of
// their dense normal equations; only effects with thousands of levels beside the largest are
// absorbed by iteration, and the result says so. What is left are cross-products and, by
// cluster, scores, from which all covariances and tests are computed.
//
// # Conventions
//
// Standard errors are CR1 where the model is clustered and HC1 where it is not. CR1 multiplies
// the sandwich by G/(G-1) (N-1)/(N-K), where K counts coefficients, absorbed effects that are
// not nested in a cluster, and one more where some are. Statistics refer to t and F with G-1
// degrees of freedom, or N-K without clusters. Several clusterings add up by inclusion-exclusion
// (Cameron, Gelbach and Miller 2011) with the factor of the smallest G. [Covariance] offers the
// conventions of other programs, and every result's [Result.Notes] say which was used.
//
// # Few or unequal clusters
//
// CR1 is too small where clusters are few, unequal, or few of them are assigned. CR2 corrects each
// cluster's residuals for its leverage so that the covariance is unbiased where errors have equal
// variances, and gives every coefficient and contrast its own (Satterthwaite) degrees of freedom
// (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018); joint tests are approximate Hotelling
// tests. CR3 and the jackknife are more conservative. They are those of the regression with all
// indicators written out: effects nested in the clusters are partialled out, the others become
// columns on the clusters that they touch, without ever forming a matrix of the size of a cluster.
// [Result.Influence] and [Result.EffectiveClusters] tell what each cluster contributes.
// [Result.With] changes a result's covariance, and a [Preset] is another program's convention.
//
// # Instruments
//
// A result with endogenous columns keeps its reduced form and first stages with their joint
// covariance, from which instruments are tested under any convention but HC2 and HC3: how strong they are
// ([Result.CraggDonald], [Result.KleibergenPaap], [Result.EffectiveF], [Result.UnderIdentification]),
// whether they agree ([Result.Overidentification]) and are needed ([Result.WuHausman],
// [Result.DifferenceInJ]), and what the effect is whatever their strength. With one instrument that is
// [Result.AndersonRubinSet] or, as an interval around the estimate, [Result.TF]. With more instruments than
// endogenous columns [Result.ConditionalLRSet] is the set to report; the Anderson-Rubin set is then empty
// where the instruments disagree, and [Result.KleibergenLMSet] may have pieces far from any estimate.
// [Result.AndersonRubin], [Result.KleibergenLM] and [Result.ConditionalLR] are the tests that the sets invert.
// A statistic that cannot be computed carries the reason.
//
// # Refusals
//
// What cannot be estimated is refused with a [fieldexp.Error] that names the column, the count and
// a remedy: one cluster, usage without variation, instruments that the controls span, fewer
// instruments than endogenous columns, columns so nearly collinear that digits would be lost.
package iv
