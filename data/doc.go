// Package data holds the tables that experiments are analysed from: named, typed columns of equal
// length, read from CSV files as large as a year of chat logs.
//
// # Frames
//
// A Frame has columns of three kinds: Float (NaN is missing), Categorical (codes into a list of
// levels) and Time (nanoseconds since 1970 UTC). Its setters take slices; its accessors return
// them, without copying. Group sees any column as groups.
//
// # Reading and writing
//
// ReadCSV reads a file, plain or packed, and finds out what its columns hold. ScanCSV hands the same
// rows on in small frames, for what can be computed without keeping them. WriteCSV writes what
// ReadCSV reads. FromGota and ToGota exchange frames with the gota package.
//
// # Deriving and joining
//
// Difference, Ratio, Log, Indicator, Product and Sum add columns that are computed from others; a
// Derivation is such a column as a value, which ParseDerivation reads from a line of text. Select,
// Filter, Take, LeftJoin and Append make new frames.
//
// Whatever is wrong with the data is a *fieldexp.Error that says where it is and what to do about it.
package data
