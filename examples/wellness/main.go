// Command wellness reproduces Tables 3 and 4 of the Illinois workplace wellness study (Jones,
// Molitor and Reif, Quarterly Journal of Economics 2019) from its public data: what the offer of
// a wellness programme did, what taking part did, and what a study without controls would have
// claimed that it did.
//
//	go run ./examples/wellness [--data DIR]
//
// DIR holds claims.csv, firm_admin.csv, marathon.csv and online_surveys.csv, plain or gzipped, and
// published.csv with the numbers of the paper. It exits with status 1 if a number that the paper
// prints does not come out.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	dir := flag.String("data", "testdata/wellness", "directory of the study's files")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "wellness:", err)
		os.Exit(1)
	}
}

// run estimates the study, prints its tables, and says how many published cells came out.
func run(ctx context.Context, w io.Writer, dir string) error {
	published, err := readPublished(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprint(w, opening)
	study, err := estimate(ctx, dir)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		lead  string
		print func(io.Writer, *estimates, *publication) error
	}{{ittLead, printTable3}, {lateLead, printTable4}} {
		fmt.Fprint(w, part.lead)
		if err := part.print(w, study, published); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, closing, study.firstStage.Estimate, study.shares.NeverTakers)
	return published.summary(w)
}

const opening = `
The Illinois workplace wellness study
=====================================

In 2016 a university offered a wellness programme to 3,300 of its 4,834 consenting employees, chosen
by lot. Those who were offered it could ignore it; those who were not could not join. Access was
assigned and usage was chosen.
`

const ittLead = `
What did the offer do? The difference in means between those offered the programme and those not,
for each outcome in the first year and in the longer run.

`

const lateLead = `
What did taking part do? The offer instruments completion of the health assessment that opens the
programme. Beside it stands what one would have found without controls, by comparing participants
with non-participants among those offered.

`

const closing = `
The offer moved completion by %.3f: that share of employees are compliers, and %.3f never take part.
Read Table 4 across. Participants spend less on health care, leave the firm less often, run more
marathons and visit the gym more often than non-participants, with two or three stars. But those who
choose to take part differ from those who do not. With the lottery as the instrument, the effect of
taking part is indistinguishable from zero for all of these outcomes; only what employees think of
the management's priorities, and health screening, moved.

`
