package itt_test

import (
	"context"
	"fmt"
	"time"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// trial is a small experiment: twelve agents, six offered an assistant, four chats each.
func trial() *data.Frame {
	var agent, offered, seconds, rating []float64
	for a := range 12 {
		for chat := range 4 {
			z := float64(a % 2)
			agent = append(agent, float64(a))
			offered = append(offered, z)
			seconds = append(seconds, 300+float64((a*37+chat*53)%90)-25*z)
			rating = append(rating, float64(1+(a*3+chat*2+int(z))%5))
		}
	}
	var f data.Frame
	for name, values := range map[string][]float64{"agent": agent, "offered": offered, "seconds": seconds, "rating": rating} {
		if err := f.SetFloats(name, values); err != nil {
			panic(err)
		}
	}
	return &f
}

func ExampleEstimate() {
	res, err := itt.Estimate(context.Background(), trial(), itt.Spec{
		Outcomes:   []string{"seconds", "rating"},
		Assignment: "offered",
		Cluster:    []string{"agent"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(res)
	// Output:
	// Intention-to-treat effects of offered
	//            estimate    (s.e.)       95% interval       p   N
	//   seconds    -25.50   (4.355)   [-35.08, -15.92]  <0.001  48
	//    rating   0.04167  (0.2008)  [-0.4003, 0.4836]   0.839  48
	// Assignment: offered, 0 (24 rows), 1 (24 rows).
	// Standard errors: clustered by agent (12), CR1; factor 1.11462 with K = 2; t with 11 degrees of freedom.
	// Warning: 12 clusters of "agent"; CR1 standard errors tend to be too small then: compare with CR2 or CR3 and Satterthwaite degrees of freedom, or with a wild cluster bootstrap
}

// twoPeriods is a panel of eight agents on two days, half of them treated on the second.
func twoPeriods() *data.Frame {
	first := time.Date(2024, 1, 22, 0, 0, 0, 0, time.UTC)
	var agent, offered, minutes []float64
	var day []time.Time
	for a := range 8 {
		for d := range 2 {
			z := float64(a / 4)
			agent = append(agent, float64(a))
			offered = append(offered, z)
			day = append(day, first.AddDate(0, 0, d))
			minutes = append(minutes, 20+float64(3*a)+float64(d*(a%3))-1.5*float64(d)*z)
		}
	}
	var f data.Frame
	for name, values := range map[string][]float64{"agent": agent, "offered": offered, "minutes": minutes} {
		if err := f.SetFloats(name, values); err != nil {
			panic(err)
		}
	}
	if err := f.SetTimes("day", day); err != nil {
		panic(err)
	}
	return &f
}

func ExampleEstimate_differenceInDifferences() {
	res, err := itt.Estimate(context.Background(), twoPeriods(), itt.Spec{
		Outcomes:   []string{"minutes"},
		Assignment: "offered",
		Absorb:     iv.Effects("agent", "day"),
		Cluster:    []string{"agent"},
		Time:       "day",
		Launch:     time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	effect, err := res.Effect("minutes")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %.2f (%.2f), t with %.0f degrees of freedom\n", effect.Name, effect.Estimate, effect.SE, effect.DF)
	// Output:
	// treated: -1.25 (0.63), t with 7 degrees of freedom
}

func ExampleBalance() {
	res, err := itt.Balance(context.Background(), trial(), itt.BalanceSpec{
		Spec:      itt.Spec{Assignment: "offered", Cluster: []string{"agent"}},
		Variables: []string{"seconds", "rating"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range res.Rows {
		c := row.Differences[0]
		fmt.Printf("%s: %.2f and %.2f, difference %.2f (%.2f), p %.3f\n", row.Variable, row.Arms[0].Mean, row.Arms[1].Mean, c.Estimate, c.SE, c.P)
	}
	// Output:
	// seconds: 339.50 and 314.00, difference -25.50 (4.35), p 0.000
	// rating: 2.96 and 3.00, difference 0.04 (0.20), p 0.839
}

func ExampleEventStudy() {
	studies, err := itt.EventStudy(context.Background(), fourDays(), itt.EventSpec{
		Spec: itt.Spec{Outcomes: []string{"minutes"}, Assignment: "offered", Time: "day"},
		Unit: "agent",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	res := studies[0]
	for i, c := range res.Coefficients {
		fmt.Printf("day %+d: %.2f (%.2f)\n", res.Periods[i], c.Estimate, c.SE)
	}
	fmt.Printf("%s: F %.2f, p %.2f\n", res.PreTrend.Null, res.PreTrend.Statistic, res.PreTrend.P)
	// Output:
	// day -2: 0.10 (1.13)
	// day +0: -1.80 (1.19)
	// day +1: -1.90 (1.35)
	// the arms moved alike before the launch: F 0.01, p 0.93
}

// fourDays is a panel of ten agents, whose days count from the launch.
func fourDays() *data.Frame {
	columns := map[string][]float64{}
	for a := range 10 {
		for d := -2; d < 2; d++ {
			z := float64(a % 2)
			minutes := 20 + float64(a) + float64((a/2*7+(d+2)*5)%4) + 0.5*float64((a*a+(d+2)*(a+1))%3)
			if d >= 0 {
				minutes -= 2 * z
			}
			columns["agent"] = append(columns["agent"], float64(a))
			columns["offered"] = append(columns["offered"], z)
			columns["day"] = append(columns["day"], float64(d))
			columns["minutes"] = append(columns["minutes"], minutes)
		}
	}
	var f data.Frame
	for name, values := range columns {
		if err := f.SetFloats(name, values); err != nil {
			panic(err)
		}
	}
	return &f
}

func ExampleCheckAssignment() {
	f := trial()
	arms, err := itt.CheckAssignment(f, "offered", []string{"agent"}, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(arms)
	_, err = itt.CheckAssignment(f, "rating", nil, false)
	fmt.Println(err)
	// Output:
	// [{0 24} {1 24}]
	// itt: assignment "rating" holds 2, 3, 4, 5 beside 0 and 1, in 38 row(s), the first being row 2; code it 1 for assigned and 0 for not, or read it as names of arms by Types["rating"] = "text" and name that of control in ControlArm
}

func ExampleAddTreated() {
	f := twoPeriods()
	if err := itt.AddTreated(f, "treated", "offered", "day", time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC)); err != nil {
		fmt.Println(err)
		return
	}
	treated, err := f.Floats("treated")
	fmt.Println(treated, err)
	// Output:
	// [0 0 0 0 0 0 0 0 0 1 0 1 0 1 0 1] <nil>
}
