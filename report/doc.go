// Package report prints what the other packages estimate: tables as a journal sets them, figures,
// and pages that hold both.
//
// # Tables
//
// A [Table] is data: columns, sections of rows, cells that are estimates, numbers, counts, text or
// marks, and notes. [Table.Render] writes it as aligned text, Markdown, LaTeX, HTML, CSV or JSON, and
// [RenderAll] writes several as one document. [Regression] builds the usual table of models side by
// side from results of package iv; [Summary] and [Balance] build those of variables and of arms, [Means] that
// of differences in means, [WeakInstruments], [Compliers], [ComplierProfile] and [ResponseWeights] those on
// what an effect of usage rests on, [SeparateGroups] and [SplitGroups] those of effects by group.
// Anything else is a Table written out by hand.
//
// The conventions are these.
//
//   - Three decimals unless the table or the cell asks for others. A number that rounds to zero has
//     no sign. [SmallNumbers] says what becomes of one that is not zero but would print as 0.000.
//   - Standard errors are in parentheses beneath estimates, p-values of other tests in brackets,
//     confidence sets in braces. Stars are * p<.10, ** p<.05, *** p<.01, and the notes say so.
//   - A number that is not available is a dash, and the notes say why. NaN is never printed.
//   - R-squared is printed for OLS only.
//   - Formats for reading (text, Markdown, LaTeX, HTML) round and have a real minus sign. Formats for
//     programs (CSV, JSON) have all digits, an ASCII minus, and nothing or null for what is not a
//     number.
//   - Labels are the user's, in any script: each format escapes them, and text is aligned by the
//     width that characters take on a terminal.
//   - A cell may carry the one that a publication prints ([Cell.Beside]); its column is then printed
//     as two.
//
// # Figures
//
// [CoefficientPlot], [EventStudy], [TimeSeries] and [Distribution] take plain slices and are saved
// as SVG, PNG or PDF, according to the name of the file. Their colours are told apart with any kind
// of colour vision, and shapes and dashes tell series apart without colour. The same figure gives
// the same bytes each time. A [Page] puts tables and figures into one HTML file.
package report
