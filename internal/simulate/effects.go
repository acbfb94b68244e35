package simulate

import "math"

// Places of the outcomes with a planted effect.
const (
	outIdentification = iota
	outDuration
	outRating
	outDissatisfied
	outRetrial3d
	outRetrial10m
	outRetrial7d
	outAgentResponse
	outShiftAway
	outTyping
	outCustomerResponse
	outAgentMessages
	outAgentMessages1
	outAgentMessages2
	outAgentMessages3
	outCustomerMessages
	outCustomerMessages1
	outCustomerMessages2
	outCustomerMessages3
	outPictures
	outAgentDensity
	outAgentClarity
	outAgentDiversity
	outCustomerDensity
	outCustomerClarity
	outCustomerDiversity
	numOutcomes
)

// effects holds the effect of a usage of one on every outcome, for one skill group.
type effects [numOutcomes]float64

// How an agent-day outcome is made from its chats.
const (
	lnMean       = "ln of the agent-day mean"
	dailyMean    = "agent-day mean"
	expectedMean = "expected agent-day mean"
)

// outcome describes an outcome and its published effects.
type outcome struct {
	name    string
	column  int // of chats.csv, from which it is made
	measure string
	pooled  float64 // planted for everybody by Homogeneous
	// byGroup is planted by Published; nil stands for the pooled effect in every group.
	byGroup *[Groups]float64
	source  string
}

// publishedUsage is the usage of the reference study's agents by fifth of their rating before
// the launch: the weights with which effects by group make the pooled effect.
var publishedUsage = [Groups]float64{0.39, 0.25, 0.22, 0.18, 0.18}

// toward moves effects by group by a common amount, so that their mean weighted by usage is the
// pooled effect, and keeps four decimals. The printed effects by group do not average to the
// printed pooled effects.
func toward(pooled float64, byGroup [Groups]float64) *[Groups]float64 {
	mean, weight := 0.0, 0.0
	for g, b := range byGroup {
		mean += publishedUsage[g] * b
		weight += publishedUsage[g]
	}
	shift := pooled - mean/weight
	for g := range byGroup {
		byGroup[g] = math.Round(1e4*(byGroup[g]+shift)) / 1e4
	}
	return &byGroup
}

// outcomes lists every outcome with its planted effects and where they come from. Table numbers
// are the reference study's. Where it printed only an intention-to-treat effect, the effect of
// usage is that divided by the first stage, 0.254.
var outcomes = [numOutcomes]outcome{
	outIdentification: {"identification_time", colIdentification, lnMean, -0.323,
		toward(-0.323, [Groups]float64{-0.168, -0.362, -0.462, -0.378, -0.183}),
		"Table 4; by group Table 8, moved to the pooled effect"},
	outDuration: {"duration", colDuration, lnMean, -0.042,
		toward(-0.042, [Groups]float64{-0.148, -0.053, -0.090, 0.013, 0.059}),
		"Table 4; by group Table 8, moved to the pooled effect"},
	outRating: {"rating", colRating, expectedMean, 0.184,
		toward(0.184, [Groups]float64{0.27, 0.21, 0.17, 0.11, 0.05}),
		"Table 4; by group a modest gradient of our own, because Table 8's is contaminated by regression to the mean"},
	outDissatisfied: {"dissatisfied", colRating, expectedMean, -0.054,
		toward(-0.054, [Groups]float64{-0.079, -0.062, -0.050, -0.032, -0.015}),
		"Table 4; by group a modest gradient of our own, because Table 8's is contaminated by regression to the mean"},
	outRetrial3d: {"retrial_3d", colRetrial3d, expectedMean, 0.000, retrialByGroup(1),
		"Table 4; by group Table 8, moved to the pooled effect"},
	outRetrial10m: {"retrial_10m", colRetrial10m, expectedMean, 0.000, retrialByGroup(retrial10mShare),
		"ours: a fifth of the 3-day effect, as a fifth of the retrials come within 10 minutes"},
	outRetrial7d: {"retrial_7d", colRetrial7d, expectedMean, 0.000, retrialByGroup(1),
		"ours: the 3-day effect"},
	outAgentResponse: {"agent_response_time", colAgentResponse, lnMean, -0.068,
		toward(-0.068, [Groups]float64{-0.144, -0.071, -0.153, 0.068, 0.068}),
		"Table 5; by group Table 10, whose insignificant groups 4 and 5 are set to agree with the pooled effect"},
	outShiftAway: {"shift_away_time", colShiftAway, lnMean, -0.149,
		&[Groups]float64{-0.312, -0.147, -0.154, -0.205, 0.263},
		"Table 11 by group; pooled is their mean weighted by usage"},
	outTyping: {"typing_time", colTyping, lnMean, 0.020, nil,
		"Table A5 over the first stage (insignificant)"},
	outCustomerResponse: {"customer_response_time", colCustomerResponse, lnMean, -0.012,
		toward(-0.012, [Groups]float64{-0.097, 0.048, -0.067, 0.048, 0.096}),
		"Table A5 over the first stage; by group Table 10, whose insignificant groups 2 and 4 are set to agree with it"},
	outAgentMessages: {"agent_messages", colAgentMessages, expectedMean, 1.213, nil,
		"Table 5"},
	outAgentMessages1: {"agent_messages_1", colAgentMessages1, expectedMean, 0.500, nil,
		"ours: Table 5 split over the stages"},
	outAgentMessages2: {"agent_messages_2", colAgentMessages2, expectedMean, 0.600, nil,
		"ours: Table 5 split over the stages"},
	outAgentMessages3: {"agent_messages_3", colAgentMessages3, expectedMean, 0.113, nil,
		"ours: Table 5 split over the stages"},
	outCustomerMessages: {"customer_messages", colCustomerMessages, expectedMean, -0.307, nil,
		"Table A5 over the first stage (insignificant)"},
	outCustomerMessages1: {"customer_messages_1", colCustomerMessages1, expectedMean, 0, nil,
		"ours: the whole effect falls in the second stage"},
	outCustomerMessages2: {"customer_messages_2", colCustomerMessages2, expectedMean, -0.307, nil,
		"ours: the whole effect falls in the second stage"},
	outCustomerMessages3: {"customer_messages_3", colCustomerMessages3, expectedMean, 0, nil,
		"ours: the whole effect falls in the second stage"},
	outPictures: {"customer_pictures", colCustomerPictures, expectedMean, -0.102, nil,
		"Table 5"},
	outAgentDensity: {"agent_density", colAgentDensity, dailyMean, 0.035,
		toward(0.035, [Groups]float64{0.036, 0.033, 0.036, 0.036, 0.033}),
		"Table A6 over the first stage; by group Table 9, moved to it"},
	outAgentClarity: {"agent_clarity", colAgentClarity, dailyMean, 2.949,
		toward(2.949, [Groups]float64{2.901, 2.992, 2.540, 3.184, 3.212}),
		"Table A6 over the first stage; by group Table 9, moved to it"},
	outAgentDiversity: {"agent_diversity", colAgentDiversity, dailyMean, 0.681,
		toward(0.681, [Groups]float64{0.621, 0.715, 0.727, 0.694, 0.584}),
		"Table A6 over the first stage; by group Table 9, moved to it"},
	outCustomerDensity: {"customer_density", colCustomerDensity, dailyMean, -0.016,
		toward(-0.016, [Groups]float64{-0.011, -0.013, -0.019, -0.021, -0.023}),
		"Table A6 over the first stage; by group Table 9, moved to it"},
	outCustomerClarity: {"customer_clarity", colCustomerClarity, dailyMean, -0.835,
		toward(-0.835, [Groups]float64{-0.636, -0.977, -0.894, -1.125, -0.136}),
		"Table A6 over the first stage; by group Table 9, moved to it"},
	outCustomerDiversity: {"customer_diversity", colCustomerDiversity, dailyMean, -0.106,
		toward(-0.106, [Groups]float64{-0.165, -0.155, -0.122, -0.059, -0.063}),
		"Table A6 over the first stage; by group Table 9, moved to it"},
}

// retrialByGroup is the effect on retrials within 3 days by group, times a share.
func retrialByGroup(share float64) *[Groups]float64 {
	byGroup := toward(0, [Groups]float64{-0.000, -0.003, -0.007, -0.017, 0.041})
	for g := range byGroup {
		byGroup[g] *= share
	}
	return byGroup
}

// planted returns the effects of a preset for every skill group.
func (p Preset) planted() [Groups]effects {
	var planted [Groups]effects
	if p == NoEffect {
		return planted
	}
	for o := range outcomes {
		for g := range planted {
			planted[g][o] = outcomes[o].pooled
			if p == Published && outcomes[o].byGroup != nil {
				planted[g][o] = outcomes[o].byGroup[g]
			}
		}
	}
	return planted
}
