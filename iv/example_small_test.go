package iv_test

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// Three of eight branches are assigned. CR2 corrects for how few they are, and each coefficient
// has the degrees of freedom that its clusters give it.
func ExampleCovariance() {
	var f data.Frame
	var branch, assigned, sales []float64
	for b := range 8 {
		for week := range 3 + b%3 {
			treated := 0.0
			if b < 3 {
				treated = 1
			}
			branch = append(branch, float64(b))
			assigned = append(assigned, treated)
			sales = append(sales, 10+2*treated+float64((5*b)%7)/2+float64((week*(b+2))%4)/4)
		}
	}
	for name, values := range map[string][]float64{"branch": branch, "assigned": assigned, "sales": sales} {
		if err := f.SetFloats(name, values); err != nil {
			fmt.Println(err)
			return
		}
	}
	results, err := iv.Estimate(context.Background(), &f, iv.Spec{
		Outcomes: []string{"sales"}, Exogenous: []string{"assigned"}, Cluster: []string{"branch"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, kind := range []iv.CovarianceKind{iv.CR1, iv.CR2, iv.CR3} {
		r, err := results[0].With(iv.Covariance{Kind: kind})
		if err != nil {
			fmt.Println(err)
			return
		}
		c, err := r.Coefficient("assigned")
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %.3f (%.3f), %.1f degrees of freedom, p = %.3f\n", kind, c.Estimate, c.SE, c.DF, c.P)
	}
	// Output:
	// CR1: 1.980 (0.810), 7.0 degrees of freedom, p = 0.044
	// CR2: 1.980 (0.868), 4.2 degrees of freedom, p = 0.081
	// CR3: 1.980 (1.015), 3.8 degrees of freedom, p = 0.127
}
