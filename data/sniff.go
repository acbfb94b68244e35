package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/fieldexp/fieldexp"
)

// sniffed is how many bytes of a file tell what it is.
const sniffed = 4096

// foreignFormats are files that are not CSV, by what they begin with.
var foreignFormats = []struct {
	magic, what, remedy string
}{
	{"PAR1", "is a Parquet file", "write it as CSV from the program that made it, as by COPY ... TO 'file.csv' of DuckDB"},
	{"ARROW1", "is an Arrow or Feather file", "write it as CSV from the program that made it"},
	{"<stata_dta>", "is a Stata file", "write it as CSV in Stata by: export delimited using file.csv"},
	{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "is an old Excel file", "save its sheet as CSV UTF-8 in Excel"},
	{"$FL2@(#)", "is an SPSS file", "save it as CSV in SPSS"}, {"$FL3@(#)", "is an SPSS file", "save it as CSV in SPSS"},
	{"SQLite format 3\x00", "is an SQLite database", "write the table as CSV by: sqlite3 -header -csv"},
	{"RDX2\n", "is a file of R", "write it as CSV in R by write.csv"}, {"RDX3\n", "is a file of R", "write it as CSV in R by write.csv"},
	{"X\n\x00\x00\x00", "is a file of R", "write it as CSV in R by write.csv"}, {"\x93NUMPY", "is an array of NumPy", "write it as CSV"},
	{"\x80\x04\x95", "is a pickle of Python", "write it as CSV by to_csv"}, {"\x89HDF\r\n", "is an HDF5 file", "write it as CSV from the program that made it"},
	{"\x28\xB5\x2F\xFD", "is packed by zstd", "unpack it, or pack it by gzip"}, {"BZh", "is packed by bzip2", "unpack it, or pack it by gzip"},
	{"\xFD7zXZ\x00", "is packed by xz", "unpack it, or pack it by gzip"}, {"7z\xBC\xAF\x27\x1C", "is a 7z archive", "unpack it"},
	{"%PDF-", "is a PDF document", "get the data as CSV"}, {"{\\rtf", "is a document in rich text", "save it as plain text"},
	{"\x00\x00\xFE\xFF", "is text in UTF-32", "save it as UTF-8"}, {"\xFF\xFE\x00\x00", "is text in UTF-32", "save it as UTF-8"},
}

// notCSV is the error of an input that is not CSV, told by the bytes that it begins with; nil if it may be.
func notCSV(name string, head []byte) error {
	refuse := func(message string, remedy ...fieldexp.Hint) error {
		return &fieldexp.Error{Op: "data", Problem: fieldexp.BadFile, Source: name, Message: message, Remedy: remedy}
	}
	for _, f := range foreignFormats {
		if bytes.HasPrefix(head, []byte(f.magic)) && (f.magic != "BZh" || len(head) > 4 && head[4] == '1') {
			return refuse(f.what+", not CSV", fieldexp.Hint(f.remedy))
		}
	}
	text := bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF"))
	start := strings.ToLower(string(bytes.TrimLeft(text[:min(len(text), 256)], " \t\r\n")))
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) && (bytes.Contains(head, []byte("xl/")) || bytes.Contains(head, []byte("[Content_Types].xml"))):
		return refuse("is an Excel workbook, not CSV", "save its sheet as CSV UTF-8 in Excel")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return refuse("is a zip archive, not CSV", "unpack it, or pack the CSV file by gzip")
	case isStata(head):
		return refuse("is a Stata file, not CSV", "write it as CSV in Stata by: export delimited using file.csv")
	case utf16Text(head):
		return refuse("is text in UTF-16", "save it as UTF-8, which Excel calls CSV UTF-8", "convert it by: iconv -f UTF-16 -t UTF-8")
	case strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html") || strings.HasPrefix(start, "<head") || strings.HasPrefix(start, "<table"):
		return refuse("is a page of HTML, not CSV", "look at it in a browser: it may ask for a password, or say what went wrong with a download")
	case strings.HasPrefix(start, "<?xml"):
		return refuse("is XML, not CSV", "export the data as CSV")
	case strings.HasPrefix(start, `{"`) || strings.HasPrefix(start, `[{"`) || strings.HasPrefix(start, "{\n") || strings.HasPrefix(start, "[\n"):
		return refuse("is JSON, not CSV", "export the data as CSV")
	case strings.HasPrefix(start, "version https://git-lfs"):
		return refuse("is a pointer of Git LFS in place of the file", "fetch the file by: git lfs pull")
	case bytes.Contains(head, []byte("/annex/objects/")) && len(head) < 1024 && bytes.Count(head, []byte{'\n'}) < 2:
		return refuse("is a pointer of git-annex in place of the file", "fetch the file by: git annex get")
	case bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(bytes.TrimRight(text, "\r"), '\r') >= 0 && bytes.IndexByte(text, '"') < 0:
		return refuse("has lines that end in a carriage return alone, as of old Macs", "save it with ordinary line ends", `convert it by: tr '\r' '\n'`)
	case len(start) > 5 && strings.HasPrefix(start, "sep=") && (start[5] == '\r' || start[5] == '\n'):
		hint := "skip it by " + fieldexp.Setting("SkipLines", "", "1")
		if start[4] != ',' {
			hint += " and " + fieldexp.Setting("Comma", "", commaName(start[4:5]))
		}
		return refuse(fmt.Sprintf("begins with the line %q, which names the separator for Excel", start[:5]), hint)
	}
	return nil
}

// commaName is what a study file calls a separator.
func commaName(c string) string {
	if c == "\t" {
		return "tab"
	}
	return c
}

// isStata reports whether a file is of Stata 4 to 12: a version, the order of bytes, the type 1, and a zero.
func isStata(head []byte) bool {
	return len(head) > 109 && head[0] >= 102 && head[0] <= 115 && (head[1] == 1 || head[1] == 2) && head[2] == 1 && head[3] == 0
}

// utf16Text reports whether a text is UTF-16: by its mark, or by every other byte being zero.
func utf16Text(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xFF\xFE")) || bytes.HasPrefix(head, []byte("\xFE\xFF")) {
		return true
	}
	if len(head) < 8 {
		return false
	}
	head = head[:len(head)&^1]
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		plain := 0
		for i := 0; i < len(head); i += 2 {
			if c := order.Uint16(head[i:]); c > 0 && c < 0x80 {
				plain++
			}
		}
		if plain*2 > len(head)*9/10 {
			return true
		}
	}
	return false
}
