package coverage

// inShort is what an analyst takes from the tables.
const inShort = `## In short

- From about 30 clusters of like size on, with a good part of them treated, CR1 is right. With fewer, with
  unequal ones, or with few treated it rejects too often, and it is warned of.
- CR2 and CR3 with Satterthwaite degrees of freedom hold their level for the effect of assignment wherever two
  clusters or more are treated. CR3 does so even if one cluster has half of the rows; CR2 does not. With two or three treated clusters both
  are so cautious that they have little power.
- The wild bootstrap that imposes the null is right with as few as six clusters if they are of like size and half are
  treated. It is not a remedy for few treated clusters, nor for a dominant one.
- With one treated cluster nothing but randomisation inference is of use, and that for the null that assignment
  changes nothing for anybody (the wild bootstrap hardly ever rejects). If the average effect is the question and
  effects vary, use t statistics, and have five units or more in each arm.
- With a weak first stage test by Anderson-Rubin, which is then as good as the covariance or the bootstrap that
  it is built on, or by WRE. The warning of a weak first stage goes by the F that is seen. Where the population
  F is 5 it catches four results in five, and those that it misses are the misleading ones: a strong first stage
  by chance goes with an estimate that is off by chance. Do not choose the t-test because the F came out above 10.
  Where F is seen between 10 and 104.7 late does not warn, but notes the critical value of tF at that F and the
  interval it makes, which has its level with clusters enough.
- What no warning tells: where clusters that assignment moves more also gain more, strongly, and 20 clusters are
  all there are, every test of the reduced form rejects somewhat too often, because its errors are skewed. That is
  so however strong the first stage, and 20 clusters are too few to see it in the data.
`

// stands says what a method is, where it comes from, and what to make of its rates: the part of the
// report that no count can write.
func (m Method) stands() (what, reading string) {
	switch m {
	case CR1:
		return "t with G-1 degrees of freedom and the usual clustered standard error",
			"It goes by residuals, which are too small where a cluster pulls the fit toward itself. That is the case where clusters are few, where some are much larger than others, and worst where few are treated: the number that counts is that of effective clusters, not of clusters. Of two-stage least squares it also takes the estimate for normal, which it is not when the first stage is weak: with strongly endogenous usage it then rejects too often, and where effects vary it may hardly reject at all."
	case CR2:
		return "the bias-reduced standard error with Satterthwaite degrees of freedom",
			"It mends what CR1 gets wrong where at least two clusters are treated and one does not have a large share of the rows; its degrees of freedom are those of errors that are alike, and fall short where effects vary and few clusters are treated. With few degrees of freedom it rejects too rarely. A single treated cluster determines the effect alone, and no covariance can tell its error. It does nothing about weak instruments."
	case CR3:
		return "the standard error that leaves clusters out, with Satterthwaite degrees of freedom",
			"It errs on the side of caution: it is the safest of the standard errors, at the price of power, and still fails with a single treated cluster. It does nothing about weak instruments."
	case Jackknife:
		return "the jackknife's standard error with G-1 degrees of freedom",
			"About the standard error of CR3 with the degrees of freedom of CR1: better than CR1, and not enough where few clusters are treated, since these, not all clusters, determine the degrees of freedom."
	case WCR:
		return "the restricted wild cluster bootstrap, Rademacher weights, t with CR1",
			"Imposing the null makes it reliable where clusters are few and of moderately unequal sizes. With one or two treated clusters it hardly ever rejects (MacKinnon and Webb 2017): safe, and without power. Where effects vary and few clusters are treated, or where one cluster dominates, it can still reject too often."
	case WCU:
		return "the same without imposing the null",
			"It inherits the small residuals of treated clusters, and rejects as CR1 does where few are treated. There is no reason to prefer it."
	case Permutation:
		return "randomisation inference on t statistics",
			"Exact for the sharp null that assignment changes nothing for any cluster, however few or unequal they are: its rate there is 5% but for chance, less where assignments are few, and zero where there are too few assignments for a p-value of 5%. The designs with varying effects are outside that null: their average is zero and their effects are not. Comparing t statistics makes up for that in balanced designs of enough clusters; with few treated clusters nothing does, and the test rejects an average of zero too often because effects differ."
	case PermutationPlain:
		return "randomisation inference on coefficients",
			"As exact for the sharp null as the other. Where effects vary it does not hold its level for the average effect even in large experiments, unless half of the clusters are treated: prefer t statistics."
	case TF:
		return "the t of two-stage least squares against the critical value that the first-stage F asks for",
			"It holds its level where the first stage is weak, and is cautious there. It is built on CR1 and the normal distribution, and takes over what is wrong with these where clusters are few or few are treated."
	case AR:
		return "the Anderson-Rubin test: t of the reduced form with CR1",
			"The strength of the first stage does not enter. What is left is the reliability of CR1: it is the intention-to-treat test, and fails where that one fails, with few, unequal or few treated clusters."
	case AR2:
		return "the Anderson-Rubin test with CR2: t of the reduced form with CR2 and Satterthwaite degrees of freedom",
			"It holds its level where the first stage is weak and clusters are few, with the limits of CR2 where few are treated."
	case WildAR:
		return "the restricted wild cluster bootstrap of the Anderson-Rubin test",
			"It holds its level whatever the first stage, and shares the limits of the restricted wild bootstrap where few clusters are treated and effects vary."
	case WRE:
		return "the wild restricted efficient bootstrap of two-stage least squares",
			"Far better than t where the first stage is weak, though not made for an instrument that says nothing; like every wild bootstrap it leans on there being several treated clusters."
	}
	return "", ""
}
