// Package leverage has what covariances that correct for leverage need of clustered rows: by
// cluster, the cross-products of the regressors on the columns that the cluster touches, and from
// them the maps that turn a cluster's scores into its adjusted influence on the estimates.
//
// With F the regressors (those fitted by the first stage in an instrumented model), M = (F'F)^-1 and
// H = F M F', the bias-reduced covariances multiply a cluster's residuals by A_g = p(I - H_gg), a power of
// the cluster's block of the residual maker: the inverse root for CR2 (Bell and McCaffrey 2002;
// Pustejovsky and Tipton 2018), the inverse for CR3. No block of the size of the cluster is formed.
// With M = LL' on the columns that the cluster touches, the cluster's small matrix L'S_gL, where
// S_g = F_g'F_g, has the non-zero eigenvalues of H_gg, and
//
//	M F_g'A_g u_g = L p(I - L'S_gL) L'F_g'u_g.
//
// Absorbed effects that are nested in the clusters are partialled out of the regressors, which does
// not change the answer. The others are columns of F, but only on the support of each cluster: a
// worker seen on 21 of 56 days has a block of 21 days.
package leverage
