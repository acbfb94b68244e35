package report

import (
	"math"
	"strconv"
	"strings"
)

const (
	// DefaultDigits is the number of decimals that a table prints where none is asked for.
	DefaultDigits = 3
	// NoDecimals asks for whole numbers, where 0 asks for the default.
	NoDecimals = -1
	// MostDigits is how many decimals a table prints at most: more than a number has.
	MostDigits = 17
)

// SmallNumbers says how a table prints a number that is not zero but would round to 0.000.
type SmallNumbers int

const (
	// SmallAsZero prints it as 0.000, as journals do.
	SmallAsZero SmallNumbers = iota
	// SmallDigits prints as many decimals as show two digits of it.
	SmallDigits
	// SmallScientific prints it as a power of ten.
	SmallScientific
)

const (
	// Beyond these a fixed number of decimals hides more than it shows.
	scientificFrom   = 1e9
	mostSmallDigits  = 8
	scientificDigits = 2
)

// Decimal prints x with a fixed number of decimals (0 means three, NoDecimals none). A number that
// rounds to zero has no sign, numbers of a thousand million or more are printed as powers of ten,
// and a NaN is an em-dash. The minus sign is ASCII.
func Decimal(x float64, digits int) string {
	return decimal(x, decimals(digits), SmallAsZero)
}

// Thousands prints a count with a comma between thousands.
func Thousands(n int) string { return groupThousands(strconv.Itoa(n)) }

// decimals turns the digits of an option into a number of decimals.
func decimals(digits int) int {
	switch {
	case digits == 0:
		return DefaultDigits
	case digits < 0:
		return 0
	}
	return digits
}

// decimal prints x with the given number of decimals.
func decimal(x float64, digits int, small SmallNumbers) string {
	switch {
	case math.IsNaN(x):
		return dash
	case math.IsInf(x, 1):
		return infinity
	case math.IsInf(x, -1):
		return "-" + infinity
	case math.Abs(x) >= scientificFrom:
		return strconv.FormatFloat(x, 'e', digits, 64)
	}
	if vanishes(x, digits) {
		if small == SmallDigits {
			digits = digitsToShow(x)
		}
		if small == SmallScientific || digits > mostSmallDigits {
			return strconv.FormatFloat(x, 'e', scientificDigits, 64)
		}
	}
	s := strconv.FormatFloat(x, 'f', digits, 64)
	if strings.HasPrefix(s, "-") && strings.Trim(s, "-0.") == "" {
		return s[1:]
	}
	return s
}

// vanishes reports whether x is not zero but prints as zero.
func vanishes(x float64, digits int) bool {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return false
	}
	return strings.Trim(strconv.FormatFloat(x, 'f', digits, 64), "-0.") == ""
}

// digitsToShow is the number of decimals that show two significant digits of x.
func digitsToShow(x float64) int {
	return 1 - int(math.Floor(math.Log10(math.Abs(x))))
}

// commonDigits is the number of decimals for numbers that are read together, such as an estimate
// and its standard error, so that both keep the same last place.
func commonDigits(digits int, small SmallNumbers, numbers ...float64) int {
	if small != SmallDigits {
		return digits
	}
	common := digits
	for _, x := range numbers {
		if vanishes(x, digits) {
			common = max(common, digitsToShow(x))
		}
	}
	if common > mostSmallDigits {
		return digits
	}
	return common
}

// count prints a whole number with commas; a frequency-weighted count may exceed an int.
func count(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return decimal(x, 0, SmallAsZero)
	}
	return groupThousands(strconv.FormatFloat(math.Round(x), 'f', 0, 64))
}

// probability prints a p-value, and a bound where it would print as zero.
func probability(p float64, digits int) (bound bool, s string) {
	if p > 0 && vanishes(p, digits) {
		return true, strconv.FormatFloat(math.Pow10(-digits), 'f', digits, 64)
	}
	return false, decimal(p, digits, SmallAsZero)
}

// groupThousands puts a comma between the thousands of a whole number.
func groupThousands(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Stars counts the stars of a p-value: three below .01, two below .05, one below .10, none above
// or where p is NaN.
func Stars(p float64) int {
	switch {
	case p < 0.01:
		return 3
	case p < 0.05:
		return 2
	case p < 0.10:
		return 1
	}
	return 0
}
