package csvscan

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// plainNumber reports whether a text is a number by the rules of parseNumber, in the words of
// strconv: no hexadecimal, no underscores, no NaN.
func plainNumber(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrSyntax {
		return 0, false
	}
	return v, v == v && !strings.ContainsAny(s, "xX_")
}

// checkNumber compares what the column reader and parseNumber make of a text with strconv.
func checkNumber(t *testing.T, s string) {
	t.Helper()
	want, ok := plainNumber(s)
	got, class := parseNumber([]byte(s))
	if (class != notNumber) != ok || ok && math.Float64bits(got) != math.Float64bits(want) {
		t.Fatalf("parseNumber(%q) = %v, class %d; strconv gives %v, %v", s, got, class, want, ok)
	}
	if s == "" || strings.ContainsAny(s, "\",\n\r") {
		return
	}
	data := []byte(s + ",1\n")
	limit := len(data)
	p := newBenchParser(2)
	data = pad(data)
	if bad := p.find(data, limit, 1); bad != nil {
		t.Fatal(bad)
	}
	floats := make([]float64, 1)
	if p.numbers(floats, 0, data, 0, 1) == 1 && (!ok || math.Float64bits(floats[0]) != math.Float64bits(want)) {
		t.Fatalf("numbers read %q as %v; strconv gives %v, %v", s, floats[0], want, ok)
	}
}

var numberSeeds = []string{
	"0", "-0", "+1", "1.", ".5", "-.5", ".", "-", "+", "", "1e5", "1E-5", "1e", "1e+", "1.5e3x", "--1", "1-", "1.2.3",
	"12345678", "123456789", "-12345678", "1234567.8", "12345678.9", "99999999", "0.1", "0.3", "-297.1", "007",
	"9007199254740992", "9007199254740993", "-9007199254740993", "18446744073709551615", "18446744073709551616",
	"123456789012345678901234567890", "0.62735029208216908", "1.7976931348623157e308", "1e309", "-1e309", "5e-324", "1e-400",
	"4.9406564584124654e-324", "2.2250738585072011e-308", "1e22", "1e23", "9007199254740992e22", "9007199254740993e-22",
	"0000000000000000000000000000001", "0.0000000000000000000000000000001", "inf", "+Inf", "-INFINITY", "infinit", "in", "nan",
	"0x10", "1_000", "1e99999999999999999999", "1e-99999999999999999999", " 1", "1 ", "1:", "1/", "0:00", "/0", "1;2", "\x00", "1\x00",
	"12a45678", "1234567\xff", "\xb0", "1\xb01",
}

func TestNumbersMatchStrconv(t *testing.T) {
	for _, s := range numberSeeds {
		checkNumber(t, s)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		v := math.Float64frombits(r.Uint64())
		if v != v || math.IsInf(v, 0) {
			continue
		}
		short := math.Trunc(r.NormFloat64()*1e6) / math.Pow(10, float64(r.IntN(8)))
		checkNumber(t, strconv.FormatFloat(v, 'g', -1, 64))
		checkNumber(t, strconv.FormatFloat(short, 'f', -1, 64))
		checkNumber(t, strconv.FormatFloat(short, 'e', r.IntN(20), 64))
		checkNumber(t, strconv.FormatFloat(short, 'f', r.IntN(20), 64))
	}
}

func TestWideIntegers(t *testing.T) {
	for s, want := range map[string]numberClass{
		"9007199254740992": number, "9007199254740993": wideInteger, "-9007199254740993": wideInteger,
		"123456789012345678901234567890": wideInteger, "9007199254740993.0": number, "1e30": number, "400023497": number,
	} {
		if _, class := parseNumber([]byte(s)); class != want {
			t.Errorf("class of %s is %d, want %d", s, class, want)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range numberSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkNumber(t, s) })
}
