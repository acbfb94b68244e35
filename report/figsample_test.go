package report

import (
	"math"
	"math/rand/v2"
	"time"
)

// The figures that the tests draw.

func quintilePlot() CoefficientPlot {
	around := func(name string, half float64, values ...float64) Series {
		s := Series{Name: name, Values: values}
		for i, v := range values {
			h := half * (1 + 0.2*float64(i))
			s.Low, s.High = append(s.Low, v-h), append(s.High, v+h)
		}
		return s
	}
	return CoefficientPlot{
		Title:  "Effect of usage by quintile of baseline rating",
		XLabel: "Quintile of baseline rating", YLabel: "Effect of usage",
		Groups: []string{"Q1", "Q2", "Q3", "Q4", "Q5"},
		Panels: []Panel{
			{Title: "Log identification time", Series: []Series{around("Group-specific day effects", 0.16, -0.168, -0.362, -0.462, -0.378, -0.183), around("Common day effects", 0.17, -0.21, -0.31, -0.40, -0.41, -0.26)}},
			{Title: "Log chat duration", Series: []Series{around("Group-specific day effects", 0.07, -0.148, -0.053, -0.090, 0.013, 0.059), around("Common day effects", 0.07, -0.12, -0.06, -0.05, 0.0, 0.03)}},
			{Title: "Dissatisfaction rate", Series: []Series{around("Group-specific day effects", 0.10, -0.07, -0.05, -0.06, -0.04, -0.03), around("Common day effects", 0.10, -0.567, -0.177, -0.088, 0.037, 0.374)}},
			{Title: "Mean rating", Series: []Series{around("Group-specific day effects", 0.39, 0.25, 0.19, 0.21, 0.12, 0.08), around("Common day effects", 0.39, 2.144, 0.636, 0.321, -0.126, -1.513)}},
			{Title: "Retrial rate", Series: []Series{around("Group-specific day effects", 0.03, 0, -0.003, -0.007, -0.017, 0.041), around("Common day effects", 0.03, 0.003, -0.001, -0.006, -0.011, 0.021)}},
		},
	}
}

func eventStudy() EventStudy {
	p := EventStudy{
		Title: "Log identification time around the launch", XLabel: "Days since launch", YLabel: "Treated minus control",
		Note: "Joint test of the coefficients before launch: F(26, 5939) = 0.91, p = 0.59", References: []int{-1},
	}
	r := rand.New(rand.NewPCG(1, 2))
	var s Series
	for t := -28; t < 28; t++ {
		if t == -1 {
			continue
		}
		effect := 0.0
		if t >= 0 {
			effect = -0.05 - 0.0015*float64(t)
		}
		v := effect + 0.012*r.NormFloat64()
		p.Periods = append(p.Periods, t)
		s.Values, s.Low, s.High = append(s.Values, v), append(s.Low, v-0.026), append(s.High, v+0.026)
	}
	p.Panels = []Panel{{Series: []Series{s}}}
	return p
}

func armsByDay() TimeSeries {
	p := TimeSeries{Title: "Mean rating by arm", YLabel: "Mean rating", Launch: time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC)}
	r := rand.New(rand.NewPCG(3, 4))
	control, treated := Series{Name: "Control"}, Series{Name: "Treated"}
	for d := range 56 {
		p.Dates = append(p.Dates, time.Date(2023, 12, 26+d, 0, 0, 0, 0, time.UTC))
		level := 3.46 + 0.04*math.Sin(float64(d)/7*2*math.Pi)
		gain := 0.0
		if d >= 28 {
			gain = 0.05
		}
		control.Values = append(control.Values, level+0.012*r.NormFloat64())
		treated.Values = append(treated.Values, level+gain+0.012*r.NormFloat64())
	}
	p.Panels = []Panel{{Series: []Series{control, treated}}}
	return p
}

func usageByDay() TimeSeries {
	p := TimeSeries{Title: "Usage by day", YLabel: "Share of chats", Style: Style{Height: 3.2}}
	r := rand.New(rand.NewPCG(5, 6))
	s := Series{Name: "Usage"}
	for d := range 28 {
		p.Dates = append(p.Dates, time.Date(2024, 1, 23+d, 0, 0, 0, 0, time.UTC))
		v := 0.2 + 0.005*float64(d) + 0.006*r.NormFloat64()
		s.Values, s.Low, s.High = append(s.Values, v), append(s.Low, v-0.018), append(s.High, v+0.018)
	}
	p.Panels = []Panel{{Series: []Series{s}}}
	return p
}

func adherenceByDay() TimeSeries {
	p := usageByDay()
	p.Title, p.Stacked = "Complete and partial adherence", true
	complete, partial := Series{Name: "Complete"}, Series{Name: "Partial"}
	for _, v := range p.Panels[0].Series[0].Values {
		complete.Values, partial.Values = append(complete.Values, 0.9*v-0.02), append(partial.Values, 0.1*v+0.02)
	}
	p.Panels = []Panel{{Series: []Series{complete, partial}}}
	return p
}

func ratingsByArm() Distribution {
	r := rand.New(rand.NewPCG(7, 8))
	draw := func(shift float64) []float64 {
		v := make([]float64, 4000)
		for i := range v {
			v[i] = math.Min(5, math.Max(1, math.Round(3.5+shift+1.8*r.NormFloat64())))
		}
		return v
	}
	return Distribution{Title: "Customer ratings by arm", Panels: []DistributionPanel{{XLabel: "Rating", Samples: []Sample{{"Control", draw(0)}, {"Treated", draw(0.2)}}}}}
}

func tenure(kind DistributionKind) Distribution {
	r := rand.New(rand.NewPCG(9, 10))
	draw := func(mean float64) []float64 {
		v := make([]float64, 3000)
		for i := range v {
			v[i] = mean + 54*r.NormFloat64()
		}
		return v
	}
	p := Distribution{Kind: kind, Title: "Tenure of agents", Panels: []DistributionPanel{{XLabel: "Days since the agent began", Samples: []Sample{{"Control", draw(124)}, {"Treated", draw(131)}}}}}
	return p
}

// beforeAfter has four panels.
func beforeAfter() Distribution {
	p := tenure(Density)
	p.Title = "Treated agents before and after"
	for _, name := range []string{"Duration", "Dissatisfied", "Retrial"} {
		panel := p.Panels[0]
		panel.Title = name
		p.Panels = append(p.Panels, panel)
	}
	p.Panels[0].Title = "Identification time"
	return p
}

func figures() map[string]Figure {
	return map[string]Figure{
		"quintiles": quintilePlot(), "event": eventStudy(), "arms": armsByDay(), "usage": usageByDay(), "adherence": adherenceByDay(),
		"ratings": ratingsByArm(), "tenure-histogram": tenure(Histogram), "tenure-density": tenure(Density), "tenure-cdf": tenure(CDF), "before-after": beforeAfter(),
	}
}
