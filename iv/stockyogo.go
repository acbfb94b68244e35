package iv

// stockYogo lists the critical values of Stock and Yogo (2005) for an estimator with p endogenous
// columns and l instruments; none where their tables have none, as for Fuller's estimator here.
func stockYogo(estimator Estimator, p, l int) []Critical {
	var list []Critical
	add := func(criterion string, tolerated, values [4]float64) {
		for i, v := range values {
			if v > 0 {
				list = append(list, Critical{criterion, tolerated[i], v})
			}
		}
	}
	bias, size := [4]float64{0.05, 0.10, 0.20, 0.30}, [4]float64{0.10, 0.15, 0.20, 0.25}
	switch {
	case l > len(biasOfTwoStage):
	case estimator == TwoStage:
		if p <= len(biasOfTwoStage[0]) {
			add("2SLS bias", bias, biasOfTwoStage[l-1][p-1])
		}
		if p <= len(sizeOfTwoStage[0]) {
			add("2SLS size", size, sizeOfTwoStage[l-1][p-1])
		}
	case estimator == LIML && p <= len(sizeOfLIML[0]):
		add("LIML size", size, sizeOfLIML[l-1][p-1])
	}
	return list
}
