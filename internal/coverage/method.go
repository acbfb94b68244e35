package coverage

import "fmt"

// Method is a test of the study.
type Method int

const (
	// CR1 is t with G-1 degrees of freedom, of least squares or two-stage least squares.
	CR1 Method = iota
	// CR2 has Satterthwaite degrees of freedom, as does CR3.
	CR2
	// CR3 is the covariance that leaves clusters out.
	CR3
	// Jackknife is t with G-1 degrees of freedom and the jackknife's standard error.
	Jackknife
	// WCR is the restricted wild cluster bootstrap.
	WCR
	// WCU is the unrestricted one.
	WCU
	// Permutation is randomisation inference on t statistics; with usage, on the reduced form.
	Permutation
	// PermutationPlain is randomisation inference on coefficients.
	PermutationPlain
	// TF is t with the critical value that the first-stage F asks for.
	TF
	// AR is the Anderson-Rubin test with CR1.
	AR
	// AR2 is the Anderson-Rubin test with CR2.
	AR2
	// WildAR is its wild cluster bootstrap.
	WildAR
	// WRE is the wild restricted efficient bootstrap of two-stage least squares.
	WRE
)

// String is the method's short name.
func (m Method) String() string {
	names := []string{"CR1", "CR2", "CR3", "jackknife", "WCR", "WCU", "permutation t", "permutation b", "tF", "AR", "AR CR2", "wild AR", "WRE"}
	if m < 0 || int(m) >= len(names) {
		return fmt.Sprintf("Method(%d)", int(m))
	}
	return names[m]
}

// Methods lists the tests of a design in the order of the tables.
func (d Design) Methods() []Method {
	if d.Instrumental() {
		return []Method{CR1, CR2, CR3, TF, WRE, AR, AR2, WildAR, Permutation}
	}
	return []Method{CR1, CR2, CR3, Jackknife, WCR, WCU, Permutation, PermutationPlain}
}
