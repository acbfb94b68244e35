// Package csvscan turns the bytes of a CSV file into typed columns, in parallel and in file order.
//
// The input is cut into blocks of a fixed size at record boundaries (blocks.go). Workers find the
// cells of a block (cells.go) and read them, column by column, straight into float64, nanoseconds
// and codes (parse.go, columns.go, number.go, clock.go, lexicon.go), and the caller receives the
// parsed chunks one after the other in the order of the file (run.go). No cell is held as a string:
// text becomes a code at once.
//
// The rules for quotes, line ends and blank lines are those of encoding/csv, and so are the cells:
// a field may be quoted, a doubled quote stands for one, a quoted field may hold commas and line
// ends, "\r\n" is read as "\n", blank lines are skipped, and every record has as many fields as
// the first.
//
// What is read does not depend on the number of workers: blocks are cut by size alone, and the codes
// of text are given out by a Dictionary in the order of first appearance in the file.
package csvscan
