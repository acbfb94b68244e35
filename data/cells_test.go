package data

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/fieldexp/fieldexp"
)

// scanFloats scans a file and takes a column of every chunk for numbers.
func scanFloats(input, column string, opt ReadOptions) error {
	return ScanCSVFrom(context.Background(), strings.NewReader(input), "test.csv", opt, func(chunk *Frame) error {
		_, err := chunk.Floats(column)
		return err
	})
}

// TestStrayCells: a column of text of which cells are numbers is refused by line, cell and count where it is taken for
// numbers, whatever the size of the blocks, whether it is read at once or in parts.
func TestStrayCells(t *testing.T) {
	numbers := func(n int) string { return strings.Repeat("1.5,a\n", n) }
	for _, c := range []struct{ name, input, want string }{
		{"one point", numbers(77) + ".,a\n" + numbers(22),
			`test.csv, line 79, column "y": "." is not a number (1 of 100 cells)`},
		{"its remedy", numbers(7) + ".,a\n" + numbers(2),
			`read it as missing by MissingValues = ".", or read the column as text by Types["y"] = "text"`},
		{"the first row", ".,a\n" + numbers(9), `line 2, column "y": "." is not a number (1 of 10 cells)`},
		{"the last row", numbers(9) + "\"N/A\",a\n", `line 11, column "y": "N/A" is not a number (1 of 10 cells)`},
		{"blank lines and lines in quotes", "\n1,\"a\nb\nc\"\n\n\n2,x\n?,a\n3,a\n?,b\n", `line 9, column "y": "?" is not a number (2 of 5 cells)`},
		{"several texts", numbers(5) + "x,a\ny,a\n.,a\n.,a\nz,a\n", `line 7, column "y": "x" (1) is not a number, nor are "y" (1), "." (2) and "z" (1): 5 of 10 cells`},
		{"missing cells do not count", numbers(3) + ",a\nNA,a\nnull,a\n-,a\n", `line 8, column "y": "-" is not a number (1 of 4 cells)`},
		{"a long cell", numbers(3) + strings.Repeat("word ", 100) + ",a\n", `"word word word word word word word word ..." is not a number (1 of 4 cells)`},
		{"bytes for a terminal", numbers(3) + "\x1b[31m,a\n", `"\x1b[31m" is not a number (1 of 4 cells)`},
		{"thousands", numbers(3) + "\"1,200.5\",a\n", `read it by Formats["y"] = "thousands"`},
		{"thousands or decimals", "\"1,200\",a\n\"3,500\",a\n", `read it by Formats["y"] = "thousands" if the comma parts thousands, or read it by Formats["y"] = "decimal-comma" if the comma stands before decimals`},
		{"decimals and a code", "\"1,25\",a\n.,a\n\"3,5\",a\n", `read it by Formats["y"] = "decimal-comma" and MissingValues = "."`},
		{"text", "red,a\nblue,a\n", `column "y" holds text, not numbers, as "red" in line 2; make an indicator from it in Derive`},
	} {
		input := "y,s\n" + c.input
		for _, size := range []int{1, 7, 64, 0} {
			opt := ReadOptions{blockSize: size}
			f, err := ReadCSVFrom(context.Background(), strings.NewReader(input), "test.csv", opt)
			if err != nil {
				t.Fatal(err)
			}
			_, whole := f.Floats("y")
			opt.blockSize = max(size, 1) * 64
			parts := scanFloats(input, "y", opt)
			for how, err := range map[string]error{"at once": whole, "in parts": parts} {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s, blocks of %d, %s:\n%v\nwant\n%s", c.name, size, how, err, c.want)
				}
			}
		}
	}
	if err := scanFloats("y,s\n1,a\n2,.\n", "y", ReadOptions{}); err != nil {
		t.Errorf("nothing is wrong with y: %v", err)
	}
	// What is declared as text is no mistake, and a pipe cannot be read again: no counts, but the line.
	f, err := ReadCSVFrom(context.Background(), strings.NewReader("y\n1\n.\n"), "test.csv", ReadOptions{Types: map[string]Kind{"y": Categorical}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Floats("y")
	wantError(t, err, `data: test.csv: column "y" holds text, not numbers; name its type as number in Types when reading, or make an indicator from it`)
	_, err = ReadCSVFrom(context.Background(), io.MultiReader(strings.NewReader("y\n1\n.\n")), "pipe", ReadOptions{Types: map[string]Kind{"y": Float}})
	wantError(t, err, `data: pipe, line 3, column "y": "." is not a number; read it as missing by MissingValues = ".", or read the column as text by Types["y"] = "text"`)
}

// TestCheckLevels: codes among levels, in frames and in parts.
func TestCheckLevels(t *testing.T) {
	for code, is := range map[string]bool{".": true, ".a": true, ".Z": true, "NULL": true, "N/A": true, "n/a": true, "#N/A": true, "None": true, "nan": true, `\N`: true,
		"-": true, "?": true, "<NA>": true, "NaT": true, "north": false, "A": false, ".5": false, "no": false, "none of these": false, "-1": false, ".ab": false} {
		f := frameOf(t, "s,y\nx,1\n"+code+",2\nx,3\n"+code+",4\nx,5\n", ReadOptions{Types: map[string]Kind{"s": Categorical}})
		err := f.CheckLevels("s")
		if is != (err != nil) {
			t.Errorf("%q: %v", code, err)
		}
		if is {
			want := fmt.Sprintf(`test.csv, line 3, column "s": has %q in 2 of 5 cells, which may be a level or a code for missing`, code)
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v\nwant %s", err, want)
			}
			if err := f.CheckLevels("s", code); err != nil {
				t.Errorf("%q is named: %v", code, err)
			}
		}
		if err := f.CheckLevels("y"); err != nil {
			t.Errorf("a column of numbers has no levels: %v", err)
		}
	}
	for input, bad := range map[string]bool{"0\n1\n.\n1\n": true, "0\n1\nx\n1\n": true, "a\nb\na\nb\n": false, "1\n2\n3\n": false, "a\nb\n1\n": false} {
		if err := frameOf(t, "z\n"+input, ReadOptions{}).CheckNumbers("z"); bad != (err != nil) {
			t.Errorf("%q: %v", input, err)
		}
	}
	f := frameOf(t, "z\n0\n1\n.\n1\n", ReadOptions{})
	if err := f.CheckNumbers("z", "."); err != nil {
		t.Errorf("a level is named: %v", err)
	}
}

func frameOf(t *testing.T, input string, opt ReadOptions) *Frame {
	t.Helper()
	f, err := ReadCSVFrom(context.Background(), strings.NewReader(input), "test.csv", opt)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFormats: numbers that are not plain, and texts that are none in the format.
func TestFormats(t *testing.T) {
	for _, c := range []struct {
		format, text string
		want         float64
	}{
		{"decimal-comma", "1.234,5", 1234.5}, {"decimal-comma", "-0,312", -0.312}, {"decimal-comma", "12", 12}, {"decimal-comma", "1 234 567,25", 1234567.25},
		{"decimal-comma", "1'234,5", 1234.5}, {"decimal-comma", "1,5e3", 1500}, {"decimal-comma", ",5", 0.5},
		{"thousands", "1,234.5", 1234.5}, {"thousands", "996.88", 996.88}, {"thousands", "(1,234.5)", -1234.5}, {"thousands", "-12,345,678", -12345678}, {"thousands", "1\u202f234.5", 1234.5},
		{"thousands", "\u22121,000", -1000}, {"thousands", "5-", -5},
		{"percent", "12.5%", 0.125}, {"percent", "-31.2 %", -0.312}, {"percent", "0", 0}, {"percent", "1,200%", 12},
		{"currency", "$1,234.50", 1234.5}, {"currency", "-$5", -5}, {"currency", "$-5", -5}, {"currency", "($5.25)", -5.25}, {"currency", "1,234.50 EUR", 1234.5}, {"currency", "\u00a399", 99},
		{"currency", "USD 12", 12}, {"currency", "R$ 3.50", 3.5}, {"decimal-comma currency", "1.234,50 \u20ac", 1234.5}, {"decimal-comma percent", "12,5 %", 0.125},
		{"yes/no", "TRUE", 1}, {"yes/no", "no", 0}, {"yes/no", "t", 1}, {"yes/no", "N", 0}, {"yes/no", "1", 1}, {"yes/no", "Off", 0},
		{"duration", "00:01:30", 90}, {"duration", "1:00:00.5", 3600.5}, {"duration", "1 day, 00:00:01", 86401}, {"duration", "2 days 01:00:00", 176400}, {"duration", "-00:00:05", -5},
	} {
		f, err := ParseFormat(c.format)
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := f.Parse(c.text); !ok || math.Abs(v-c.want) > 1e-12*math.Abs(c.want) {
			t.Errorf("%s %q is %v, %v, want %v", c.format, c.text, v, ok, c.want)
		}
	}
	for _, c := range [][2]string{{"decimal-comma", "0.18"}, {"decimal-comma", "1,2,3"}, {"decimal-comma", "1.23,4"}, {"thousands", "1,00"}, {"thousands", "0,312"}, {"thousands", "1.234,5"},
		{"thousands", "(-5)"}, {"thousands", ""}, {"thousands", "abc"}, {"thousands", "-"}, {"percent", "12.5"}, {"percent", "%"}, {"percent", "5%%"}, {"currency", "$"}, {"currency", "abc"}, {"currency", "12 euro"},
		{"yes/no", "maybe"}, {"yes/no", "2"}, {"yes/no", ""}, {"duration", "90"}, {"duration", "1:30"}, {"duration", "00:61:00"}, {"duration", "a:b:c"}, {"duration", "1:1e1:00"}} {
		f, _ := ParseFormat(c[0])
		if v, ok := f.Parse(c[1]); ok {
			t.Errorf("%s %q is read as %v", c[0], c[1], v)
		}
	}
	for _, text := range []string{"", "decimal", "yes/no percent", "duration thousands", "percents"} {
		if f, err := ParseFormat(text); err == nil {
			t.Errorf("%q is read as %v", text, f)
		}
	}
	f := frameOf(t, "p,x\n12.5%,1\n\"\",2\n.,3\n-99%,4\n0,5\n-999,6\n", ReadOptions{Formats: map[string]Format{"p": Percent}, MissingValues: []string{".", "-999"}})
	p, err := f.Floats("p")
	if err != nil || fmt.Sprint(p) != "[0.125 NaN NaN -0.99 0 NaN]" {
		t.Errorf("%v, %v", p, err)
	}
	_, err = ReadCSVFrom(context.Background(), strings.NewReader("p\n1%\n2\n3%\n"), "test.csv", ReadOptions{Formats: map[string]Format{"p": Percent}})
	if err == nil || !strings.Contains(err.Error(), `line 3, column "p": "2" is not a number of the format percent (1 of 3 cells)`) {
		t.Error(err)
	}
}

// TestMissingNumbers: markers that are numbers match numbers however they are written, and text as it stands.
func TestMissingNumbers(t *testing.T) {
	var report ReadReport
	opt := ReadOptions{MissingValues: []string{"-1", "999", ".", "77"}, Report: &report, Types: map[string]Kind{"s": Categorical}}
	for _, size := range []int{1, 0} {
		opt.blockSize = size
		f := frameOf(t, "x,s\n-1,a\n-1.0,-1\n-1e0,-1.0\n+999,b\n0999.00,c\n.,.\n-10,d\n99.9,e\n-1.5,f\n", opt)
		x, err := f.Floats("x")
		if err != nil || fmt.Sprint(x) != "[NaN NaN NaN NaN NaN NaN -10 99.9 -1.5]" {
			t.Errorf("%v, %v", x, err)
		}
		codes, levels, _ := f.Codes("s")
		if codes[1] >= 0 || codes[5] >= 0 || levels[codes[2]] != "-1.0" {
			t.Errorf("%v %q", codes, levels)
		}
	}
	if unmatched := report.Unmatched(); len(unmatched) != 1 || unmatched[0] != "77" {
		t.Errorf("unmatched %q", unmatched)
	}
	f := frameOf(t, "x,y\n,1\nNA,NA\n1,.\n", ReadOptions{MissingOnly: []string{"NA", "."}, Types: map[string]Kind{"x": Categorical}})
	if codes, levels, _ := f.Codes("x"); levels[codes[0]] != "" || codes[1] >= 0 {
		t.Errorf("the empty cell is a level now: %v %q", codes, levels)
	}
}

// TestNotCSV: files that are not CSV are named, alone and packed by gzip; files that only begin alike are read.
func TestNotCSV(t *testing.T) {
	wide := func(text string, big bool) string {
		var b []byte
		for _, c := range utf16.Encode([]rune(text)) {
			if big {
				b = append(b, byte(c>>8), byte(c))
			} else {
				b = append(b, byte(c), byte(c>>8))
			}
		}
		return string(b)
	}
	for _, c := range [][2]string{
		{wide("\uFEFFy,z\n1,0\n", false), "UTF-16"}, {wide("\uFEFFy,z\n1,0\n", true), "UTF-16"}, {wide("y,z\n1,0\n2,1\n", false), "UTF-16"}, {wide("y,z\n1,0\n2,1\n", true), "UTF-16"},
		{"\xFF\xFE\x00\x00y\x00\x00\x00", "UTF-32"}, {"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", "Excel workbook"}, {"PK\x03\x04\x14\x00data.csv", "zip archive"},
		{"PAR1\x15\x04\x15", "Parquet"}, {"ARROW1\x00\x00", "Arrow"}, {"<stata_dta><header><release>118", "Stata"}, {"\x72\x02\x01\x00" + strings.Repeat("\x00", 120), "Stata"},
		{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old Excel"}, {"$FL2@(#) SPSS", "SPSS"}, {"RDX3\nX\n", "file of R"}, {"X\n\x00\x00\x00\x03", "file of R"},
		{"<!DOCTYPE html>\n<html>", "HTML"}, {"\n  <html lang=en>", "HTML"}, {"<table><tr>", "HTML"}, {"<?xml version='1.0'?>", "XML"}, {`[{"y": 1}]`, "JSON"}, {"{\"y\": [1]}", "JSON"},
		{"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n", "Git LFS"}, {"../.git/annex/objects/xx/yy", "git-annex"},
		{"y,z\r1,0\r2,1\r", "carriage return"}, {"sep=;\ny;z\n1;0\n", `SkipLines = "1" and Comma = ";"`}, {"sep=,\r\ny,z\r\n", `SkipLines = "1"`}, {"\xEF\xBB\xBFsep=\t\ny\tz\n", `Comma = "tab"`},
		{"\x28\xB5\x2F\xFD\x04", "zstd"}, {"SQLite format 3\x00", "SQLite"},
	} {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		io.WriteString(w, c[0])
		w.Close()
		for _, input := range []string{c[0], packed.String()} {
			_, err := ReadCSVFrom(context.Background(), strings.NewReader(input), "test.csv", ReadOptions{})
			var refusal *fieldexp.Error
			if !errors.As(err, &refusal) || refusal.Problem != fieldexp.BadFile || len(refusal.Remedy) == 0 || !strings.Contains(err.Error(), c[1]) {
				t.Errorf("%.20q: %v, want %s", c[0], err, c[1])
			}
			if err := ScanCSVFrom(context.Background(), strings.NewReader(input), "test.csv", ReadOptions{}, func(*Frame) error { return nil }); err == nil {
				t.Errorf("%.20q is scanned", c[0])
			}
		}
	}
	for _, input := range []string{"PAR,z\n1,0\n", "BZhang,z\n1,0\n", "sep=,z\n1,0\n", "sepal,petal\n1,2\n", "version,z\n1,0\n", "PK,id\n1,2\n", "html,z\n1,0\n", "X\n1\n2\n", "\"a\rb\",z\n1,0\n", "é,ü\n1,2\n"} {
		if _, err := ReadCSVFrom(context.Background(), strings.NewReader(input), "test.csv", ReadOptions{}); err != nil {
			t.Errorf("%q: %v", input, err)
		}
	}
}

// TestLinesBeforeHeader: a title is told from a header, and skipped.
func TestLinesBeforeHeader(t *testing.T) {
	const rows = "y,z\n1,0\n2,1\n"
	for title, skip := range map[string]int{"A title\n": 1, "A title\n\n": 2, "A title,\n": 1, "\nA title\n": 2, "\"A title\"\n": 1} {
		for _, size := range []int{1, 0} {
			_, err := ReadCSVFrom(context.Background(), strings.NewReader(title+rows), "test.csv", ReadOptions{Columns: []string{"y", "z"}, blockSize: size})
			if want := fmt.Sprintf("SkipLines = %q", fmt.Sprint(skip)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "A title") {
				t.Errorf("%q: %v, want %s", title, err, want)
			}
			f, err := ReadCSVFrom(context.Background(), strings.NewReader(title+rows), "test.csv", ReadOptions{SkipLines: skip, blockSize: size})
			if err != nil || f.Len() != 2 || strings.Join(f.Names(), " ") != "y z" {
				t.Errorf("%q: %v", title, err)
			}
			_, err = ReadCSVFrom(context.Background(), strings.NewReader(title+"y,z\n1,0\n2\n"), "test.csv", ReadOptions{SkipLines: skip, blockSize: size})
			if want := fmt.Sprintf("line %d", skip+3); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, want %s", title, err, want)
			}
		}
	}
	for _, skip := range []int{-1, 1001} {
		if _, err := ReadCSVFrom(context.Background(), strings.NewReader(rows), "test.csv", ReadOptions{SkipLines: skip}); err == nil {
			t.Errorf("%d lines are skipped", skip)
		}
	}
}

// TestForeignBytes: NUL and what is not UTF-8 are named by line, in columns that are read.
func TestForeignBytes(t *testing.T) {
	for input, want := range map[string]string{
		"s\na\nb\n1\x00\n": `line 4, column "s": "1\x00" holds a NUL byte`, "s\na\n\xff\xfe\nx\n": `line 3, column "s": "\xff\xfe" is not UTF-8`, "s,caf\xe9\n1,2\n": `line 1: "caf\xe9" is not UTF-8`,
		"s\n\"a\nb\"\n\"Malm\xf6\"\n": `line 4, column "s": "Malm\xf6" is not UTF-8`, "s\n1\n2\n3\x00\n": `line 4, column "s": "3\x00" holds a NUL byte`,
		"s\n" + strings.Repeat("same\n", 5000) + "z\x00\n": `line 5002, column "s"`,
	} {
		for _, size := range []int{1, 100, 0} {
			_, err := ReadCSVFrom(context.Background(), strings.NewReader(input), "test.csv", ReadOptions{blockSize: size})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%.30q: %v, want %s", input, err, want)
			}
		}
	}
	if f := frameOf(t, "s,x\n\xff,1\nb,2\n", ReadOptions{Columns: []string{"x"}}); f.Len() != 2 {
		t.Error("a column that is not read matters")
	}
	frameOf(t, "s\nMalmö\n東京\n\U0001F600\n", ReadOptions{})
}

// TestSentinelWatch: codes are found in columns of many shapes, in the fewest cells; in 2,000 clean columns, hardly any is.
func TestSentinelWatch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	poisson := func(mean float64) float64 {
		k, p := 0, math.Exp(-mean)
		for u := r.Float64(); u > p && k < 1000; k++ {
			u -= p
			p *= mean / float64(k+1)
		}
		return float64(k)
	}
	shapes := map[string]func() float64{
		"normal": r.NormFloat64, "wide normal": func() float64 { return 200 * r.NormFloat64() }, "hundredths": func() float64 { return math.Round(100*(3+r.NormFloat64())) / 100 },
		"whole normal": func() float64 { return math.Round(10 + 3*r.NormFloat64()) }, "seconds": func() float64 { return math.Round(math.Exp(5 + r.NormFloat64())) },
		"lognormal": func() float64 { return math.Exp(3 + 1.2*r.NormFloat64()) }, "counts": func() float64 { return poisson(2) }, "large counts": func() float64 { return poisson(60) },
		"binary": func() float64 { return float64(r.IntN(2)) }, "rating": func() float64 { return float64(1 + r.IntN(5)) }, "age": func() float64 { return float64(18 + r.IntN(80)) },
		"share": r.Float64, "score": func() float64 { return float64(r.IntN(101)) }, "wage": func() float64 { return math.Round(math.Exp(7+.6*r.NormFloat64())/10) * 10 },
		"difference": func() float64 { return poisson(3) - poisson(3) }, "heavy counts": func() float64 { return math.Floor(math.Exp(math.Abs(1.5 * r.NormFloat64()))) },
		"percent": func() float64 { return math.Round(100 * r.Float64()) },
	}
	alarms, columns := 0, 0
	for name, draw := range shapes {
		of := 0
		for k := range 120 {
			values := make([]float64, []int{20, 60, 250, 1000, 4000}[k%5])
			for i := range values {
				values[i] = draw()
			}
			w := SentinelWatch{Column: "y"}
			w.Add(values)
			if found := w.Found(); len(found) > 0 {
				of++
				t.Logf("%s of %d: %v, otherwise %g to %g", name, len(values), found, w.low, w.high)
			}
			columns++
		}
		alarms += of
	}
	if 200*alarms > columns {
		t.Errorf("%d false alarms in %d columns", alarms, columns)
	}
	for _, c := range []struct {
		shape string
		code  float64
	}{{"rating", 99}, {"rating", -1}, {"rating", -9}, {"binary", -1}, {"binary", 9999}, {"binary", 77}, {"age", 999}, {"age", -8}, {"share", 88}, {"hundredths", -99}, {"counts", 999}, {"normal", -999}, {"normal", 98},
		{"seconds", -1}, {"score", 998}, {"score", -7}, {"lognormal", -9999}, {"wage", -1}} {
		values := make([]float64, 300)
		for i := range values {
			values[i] = shapes[c.shape]()
		}
		values[17], values[200], values[201] = c.code, c.code, math.NaN()
		w := SentinelWatch{Column: "y"}
		w.Add(values[:100])
		w.Add(values[100:])
		if found := w.Found(); len(found) != 1 || found[0] != c.code || w.count(int(c.code)) != 2 {
			t.Errorf("%s with %g: found %v, otherwise %g to %g", c.shape, c.code, found, w.low, w.high)
		}
		values[17] = 1
		alone := SentinelWatch{Column: "y"}
		if alone.Add(values); len(alone.Found()) > 0 {
			t.Errorf("%s with one %g: found %v", c.shape, c.code, alone.Found())
		}
	}
	both := SentinelWatch{Column: "y"}
	both.Add([]float64{1, 2, 3, 4, 5, 1, 2, 99, 99, 98, 98, -9, -9, 999, 999})
	if found := fmt.Sprint(both.Found()); found != "[-9 98 99 999]" {
		t.Errorf("found %s", found)
	}
	w, ok := both.Warning()
	if want := `column "y" has -9 in 2, 98 in 2, 99 in 2, 999 in 2 of 15 rows, and values from 1 to 5 otherwise: if this is a code for missing, read it as missing by MissingValues = "-9", "98", "99", "999"`; !ok || w.String() != want {
		t.Errorf("%v, %v", w, ok)
	}
}
