package data

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
)

func TestDerivations(t *testing.T) {
	input := "a,b,c,s,t,u\n" +
		"1,2,0,x,2024-01-23,2024-01-22 23:59:30.5\n" +
		"-3,0,2,y,2024-01-24,2024-01-24\n" +
		"NA,1,1,NA,NA,2024-01-24\n" +
		"0,NA,5,x,2024-01-25,NA\n"
	for _, c := range []struct {
		text, want string
		undefined  int
	}{
		{text: "v = a - b", want: "-1| -3| | |"},
		{text: "v = a + b", want: "3| -3| | |"},
		{text: "v = a + b + c", want: "3| -1| | |"},
		{text: "v = a * b", want: "2| -0| | |"},
		{text: "v = a * b * c", want: "0| -0| | |"},
		{text: "v = a / b", want: "0.5| | | |", undefined: 1},
		{text: "v = b / c", want: "| 0| 1| |", undefined: 1},
		{text: "v = log(a)", want: "0| | | |", undefined: 2},
		{text: "v = log1p(a)", want: "0.6931471805599453| | | 0|", undefined: 1},
		{text: "v = a < 0", want: "0| 1| | 0|"},
		{text: "v = a <= 0", want: "0| 1| | 1|"},
		{text: "v = a > 0", want: "1| 0| | 0|"},
		{text: "v = a >= 0", want: "1| 0| | 1|"},
		{text: "v = a == 0", want: "0| 0| | 1|"},
		{text: "v = a != 0", want: "1| 1| | 0|"},
		{text: `v = s == "x"`, want: "1| 0| | 1|"},
		{text: `v = s != 'x'`, want: "0| 1| | 0|"},
		{text: `v = s == "nobody"`, want: "0| 0| | 0|"},
		{text: `v = t >= "2024-01-24"`, want: "0| 1| | 1|"},
		{text: `v = t == "2024-01-24"`, want: "0| 1| | 0|"},
		{text: `v = u < "2024-01-23 00:00:00"`, want: "1| 0| 0| |"},
		{text: "v = t - u", want: "29.5| 0| | |"},
	} {
		f := frame(t, input)
		d, err := ParseDerivation(c.text)
		if err != nil {
			t.Fatal(err)
		}
		_, undefined, err := d.Values(f)
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		if f.Has("v") {
			t.Errorf("%s: Values added the column", c.text)
		}
		if err := d.Apply(f); err != nil {
			t.Fatal(err)
		}
		v, err := f.Select("v")
		if err != nil {
			t.Fatal(err)
		}
		want := "v (number): " + c.want + "\n"
		if got := show(v); got != want {
			t.Errorf("%s:\n%swant\n%s", c.text, got, want)
		}
		if undefined != c.undefined {
			t.Errorf("%s: %d undefined, want %d", c.text, undefined, c.undefined)
		}
	}
}

// A derivation gives the same values chunk by chunk as on the whole.
func TestDerivationsByChunk(t *testing.T) {
	f := frame(t, "a,s\n1,x\n0,y\nNA,\n4,x\n")
	for _, text := range []string{"v = log(a)", "v = a / a", `v = s == "x"`, "v = a >= 1"} {
		d, err := ParseDerivation(text)
		if err != nil {
			t.Fatal(err)
		}
		whole, undefined, err := d.Values(f)
		if err != nil {
			t.Fatal(err)
		}
		var parts []float64
		for row := range f.Len() {
			values, n, err := d.Values(f.Take([]int{row}))
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, values...)
			undefined -= n
		}
		for i := range whole {
			if math.Float64bits(parts[i]) != math.Float64bits(whole[i]) && whole[i] == whole[i] {
				t.Errorf("%s: row %d is %v by itself, %v in the whole", text, i, parts[i], whole[i])
			}
		}
		if undefined != 0 {
			t.Errorf("%s: the counts differ by %d", text, undefined)
		}
	}
}

func TestColumnMethods(t *testing.T) {
	f := frame(t, "a,b,s,t\n6,1,x,2024-01-23\n1,0,y,2024-01-24\n")
	if err := f.Difference("d", "a", "b"); err != nil {
		t.Fatal(err)
	}
	if err := f.Sum("sum", "a", "b", "d"); err != nil {
		t.Fatal(err)
	}
	if err := f.Product("product", "a", "b"); err != nil {
		t.Fatal(err)
	}
	if n, err := f.Ratio("ratio", "a", "b"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := f.Log("log", "b", LogMissing); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := f.Log("log1p", "b", LogPlusOne); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	if err := f.Indicator("low", "a", LessEqual, 2); err != nil {
		t.Fatal(err)
	}
	if err := f.IndicatorText("x", "s", Equal, "x"); err != nil {
		t.Fatal(err)
	}
	if err := f.IndicatorText("post", "t", GreaterEqual, "2024-01-24"); err != nil {
		t.Fatal(err)
	}
	want := "a (number): 6| 1|\nb (number): 1| 0|\ns (text): x| y|\nt (time): 2024-01-23| 2024-01-24|\n" +
		"d (number): 5| 1|\nsum (number): 12| 2|\nproduct (number): 6| 0|\nratio (number): 6| |\n" +
		"log (number): 0| |\nlog1p (number): 0.6931471805599453| 0|\nlow (number): 0| 1|\nx (number): 1| 0|\npost (number): 0| 1|\n"
	if got := show(f); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestDerivationsRefuse(t *testing.T) {
	input := "a,b,s,t\n1,2,x,2024-01-23\n0,1,y,2024-01-24\n"
	for text, want := range map[string]string{
		"a = a - b":         `data: column "a" is there already; give the derived column another name`,
		"v = a - d":         `data: column "d" is not there; did you mean "a"?`,
		"v = a + s":         `data: test.csv: column "s" holds text, not numbers, as "x" in line 2; make an indicator from it in Derive`,
		"v = t - a":         `data: column "t" holds times, not numbers; name its type as number in Types when reading, or make an indicator from it`,
		"v = log(t)":        `data: column "t" holds times, not numbers; name its type as number in Types when reading, or make an indicator from it`,
		`v = a == "1"`:      `data: column "a" holds numbers; compare it with a number, not with the text "1"`,
		"v = s == 1":        `data: column "s" holds text; compare it by == or != with a text in quotes`,
		`v = s < "x"`:       `data: column "s" holds text; compare it by == or != with a text in quotes`,
		"v = t > 5":         `data: column "t" holds times; compare it with a time in quotes, like "2006-01-02"`,
		`v = t > "January"`: `data: column "t" holds times, and "January" is not a time; write it as 2006-01-02 or 2006-01-02 15:04:05`,
		"v = nothing > 5":   `data: column "nothing" is not there; name one of a, b, s, t`,
	} {
		d, err := ParseDerivation(text)
		if err != nil {
			t.Fatal(err)
		}
		f := frame(t, input)
		wantError(t, d.Apply(f), want)
		if len(f.Names()) != 4 {
			t.Errorf("%s: the frame has %q", text, f.Names())
		}
	}
	f := frame(t, input)
	for want, d := range map[string]Derivation{
		`data: column "v" - takes 2 columns, not 1`:                                   {Name: "v", Columns: []string{"a"}},
		`data: column "v" - takes 2 columns, not 3`:                                   {Name: "v", Columns: []string{"a", "b", "a"}},
		`data: column "v" log takes 1 column, not 0`:                                  {Name: "v", Op: OpLog},
		`data: column "v" + takes 1 column, not 0`:                                    {Name: "v", Op: OpSum},
		`data: column "v" Operation(9) is not an operation`:                           {Name: "v", Op: 9},
		`data: column "v" compares with a missing value; compare with a number`:       {Name: "v", Op: OpIndicator, Columns: []string{"a"}, Value: math.NaN()},
		`data: a column has no name; give it one`:                                     {Columns: []string{"a", "b"}},
		`data: row 2, column "a": 0 has no logarithm; make it missing, or take log1p`: {Name: "v", Op: OpLog, Columns: []string{"a"}, Rule: LogRefuse},
	} {
		wantError(t, d.Apply(f), want)
	}
}

func TestParseDerivation(t *testing.T) {
	for text, want := range map[string]Derivation{
		"dissat = rating <= 2":  {Name: "dissat", Op: OpIndicator, Columns: []string{"rating"}, Compare: LessEqual, Value: 2},
		"x=a-b":                 {Name: "x", Op: OpDifference, Columns: []string{"a", "b"}},
		"x\t=  a+b +c":          {Name: "x", Op: OpSum, Columns: []string{"a", "b", "c"}},
		"x = a*b":               {Name: "x", Op: OpProduct, Columns: []string{"a", "b"}},
		"x = a / b ":            {Name: "x", Op: OpRatio, Columns: []string{"a", "b"}},
		"x = log( a )":          {Name: "x", Op: OpLog, Columns: []string{"a"}},
		"x = log1p(a)":          {Name: "x", Op: OpLog, Columns: []string{"a"}, Rule: LogPlusOne},
		"x = log - b":           {Name: "x", Op: OpDifference, Columns: []string{"log", "b"}},
		"x = a >= -1.5e3":       {Name: "x", Op: OpIndicator, Columns: []string{"a"}, Compare: GreaterEqual, Value: -1500},
		`x = a == "say \"hi\""`: {Name: "x", Op: OpIndicator, Columns: []string{"a"}, Compare: Equal, Quoted: true, Text: `say "hi"`},
		`x = a != 'it is "so"'`: {Name: "x", Op: OpIndicator, Columns: []string{"a"}, Compare: NotEqual, Quoted: true, Text: `it is "so"`},
		`x = a == ""`:           {Name: "x", Op: OpIndicator, Columns: []string{"a"}, Compare: Equal, Quoted: true},
		"`my x` = `a b` / _c.1": {Name: "my x", Op: OpRatio, Columns: []string{"a b", "_c.1"}},
		"评分低 = 评分 < 3":          {Name: "评分低", Op: OpIndicator, Columns: []string{"评分"}, Compare: Less, Value: 3},
	} {
		got, err := ParseDerivation(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %+v, want %+v", text, got, want)
		}
		if again, err := ParseDerivation(got.String()); err != nil || !reflect.DeepEqual(again, want) {
			t.Errorf("%s is written as %s, which is read as %+v, error %v", text, got, again, err)
		}
	}
}

func TestParseDerivationRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":               `data: derivation "", character 1: there must be the name of the new column here`,
		"x":              `data: derivation "x", character 2: there must be = after the name`,
		"x == 3":         `data: derivation "x == 3", character 3: there must be = after the name`,
		"x = ":           `data: derivation "x = ", character 5: there must be a column here`,
		"x = a":          `data: derivation "x = a", character 6: there must be one of - + * / == != < <= > >= here`,
		"x = a ^ b":      `data: derivation "x = a ^ b", character 7: there must be one of - + * / == != < <= > >= here`,
		"x = 评 ^ b":      `data: derivation "x = 评 ^ b", character 7: there must be one of - + * / == != < <= > >= here`,
		"x = a = 3":      `data: derivation "x = a = 3", character 7: equality is written ==`,
		"x = 3 - a":      `data: derivation "x = 3 - a", character 5: there must be a column here`,
		"x = a - 3":      `data: derivation "x = a - 3", character 9: there must be a column here`,
		"x = a - b - c":  `data: derivation "x = a - b - c", character 11: nothing more was expected; name each step and use its name in the next`,
		"x = a + b * c":  `data: derivation "x = a + b * c", character 11: nothing more was expected; name each step and use its name in the next`,
		"x = a < b":      `data: derivation "x = a < b", character 9: there must be a number, or a text in quotes, to compare with`,
		"x = a < 1.2.3":  `data: derivation "x = a < 1.2.3", character 9: there must be a number, or a text in quotes, to compare with`,
		"x = a < 1e999":  `data: derivation "x = a < 1e999", character 9: there must be a number, or a text in quotes, to compare with`,
		`x = a == "b`:    `data: derivation "x = a == \"b", character 10: the text in quotes does not end, or has a backslash that means nothing`,
		`x = a == 'b`:    `data: derivation "x = a == 'b", character 10: the text in quotes does not end`,
		"x = sqrt(a)":    `data: derivation "x = sqrt(a)", character 10: there are two functions, log and log1p`,
		"x = log(a":      `data: derivation "x = log(a", character 10: there must be ) here`,
		"x = log(a) + b": `data: derivation "x = log(a) + b", character 12: nothing more was expected; name each step and use its name in the next`,
		"`x = a - b":     "data: derivation \"`x = a - b\", character 1: a name in backquotes must have characters and end in a backquote",
		"`` = a - b":     "data: derivation \"`` = a - b\", character 1: a name in backquotes must have characters and end in a backquote",
		"x = a -\xff":    `data: derivation "x = a -\xff", character 8: there must be a column here`,
		"x = a + b +":    `data: derivation "x = a + b +", character 12: there must be a column here`,
	} {
		_, err := ParseDerivation(text)
		if err == nil || err.Error() != want {
			t.Errorf("%q: error\n%v\nwant\n%s", text, err, want)
		}
		if bad := (*fieldexp.Error)(nil); !errors.As(err, &bad) {
			t.Errorf("%q: error is a %T", text, err)
		}
	}
}

// What is read can be written and read again.
func FuzzParseDerivation(f *testing.F) {
	for _, text := range []string{
		"dissat = rating <= 2", "x = a + b + c", "x = log1p(a)", `x = a == "t\n"`, "x = a != 'b'", "`a b` = `c\"` / d", "x = a - b",
		"x = a * 3", "x = a < -1e-3", "x = a == \"\\xff\"", "评 = 分 > 1.", "x = a < .", "x = log(log)", "x=a==''",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDerivation(text)
		if err != nil {
			bad, at := (*fieldexp.Error)(nil), 0
			if errors.As(err, &bad) {
				fmt.Sscanf(strings.TrimPrefix(bad.Message, fmt.Sprintf("derivation %q, character ", text)), "%d", &at)
			}
			if at < 1 || at > len(text)+1 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if d.Name == "" || len(d.Columns) == 0 {
			t.Fatalf("%q is read as %+v", text, d)
		}
		again, err := ParseDerivation(d.String())
		if err != nil || !reflect.DeepEqual(again, d) {
			t.Fatalf("%q is read as %+v, written as %q, and read again as %+v, error %v", text, d, d, again, err)
		}
	})
}

func TestNamesOfRules(t *testing.T) {
	for want, s := range map[string]interface{ String() string }{
		"number": Float, "text": Categorical, "time": Time, "Kind(9)": Kind(9),
		"+": OpSum, "indicator": OpIndicator, "Operation(-1)": Operation(-1),
		">=": GreaterEqual, "Comparison(6)": Comparison(6),
		"log of one plus the value": LogPlusOne, "log, missing at zero and below": LogMissing,
		"log, refused at zero and below": LogRefuse, "LogRule(3)": LogRule(3),
	} {
		if got := s.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
}
