package simulate

import "math"

// Messages: ln of the number beyond the first of each side, and how they fall into the three
// stages (identification and proposal; resolution; confirmation).
const (
	agentMessagesMean    = 2.135
	customerMessagesMean = 1.795
	messagesCommonSD     = 0.50
	agentMessagesSD      = 0.43
	customerMessagesSD   = 0.79

	firstStageLow, firstStageSpread = 0.25, 0.20
	lastStageLow, lastStageSpread   = 0.08, 0.14
)

// Lexical measures.
const (
	agentDensityMean = 0.4985
	agentDensitySD   = 0.087
	agentClarityMin  = 3.0
	agentClarityMean = 2.388 // of the logarithm
	agentClaritySD   = 0.525

	agentDiversityMean     = 4.40
	agentDiversitySD       = 1.07
	customerDensityMean    = 0.561
	customerDensitySD      = 0.140
	customerClarityMin     = 1.5
	customerClarityMean    = 1.38 // of the logarithm
	customerClaritySD      = 1.118
	customerDiversityMean  = 3.76
	customerDiversitySD    = 1.06
	diversityByMessages    = 0.65 // longer chats use more words
	lowestAgentDiversity   = 0.2
	lowestCustomerMeasured = 0.3
)

// messages draws message counts by stage, pictures, and diversity, which grows with messages.
// The customer always writes in the first stage and, but for the effect, in the second.
func (m *day) messages(v *[numColumns]int32) {
	r := m.r
	talk := r.NormFloat64()
	long := messagesCommonSD*talk + 0.3*m.cond.pace
	agent := math.Exp(agentMessagesMean + long + m.agent.wordiness + agentMessagesSD*r.NormFloat64())
	customer := math.Exp(customerMessagesMean + long + customerMessagesSD*r.NormFloat64())
	first, last := firstStageLow+firstStageSpread*r.Float64(), lastStageLow+lastStageSpread*r.Float64()

	e := &m.effect
	v[colAgentMessages1] = 1 + wholes(r, agent*first) + chance(r, e[outAgentMessages1])
	v[colAgentMessages2] = wholes(r, agent*(1-first-last)) + chance(r, e[outAgentMessages2])
	v[colAgentMessages3] = wholes(r, agent*last) + chance(r, e[outAgentMessages3])
	v[colAgentMessages] = v[colAgentMessages1] + v[colAgentMessages2] + v[colAgentMessages3]
	v[colCustomerMessages1] = 1 + wholes(r, customer*first)
	v[colCustomerMessages2] = 1 + wholes(r, customer*(1-first-last)) - chance(r, -e[outCustomerMessages2])
	v[colCustomerMessages3] = wholes(r, customer*last)
	v[colCustomerMessages] = v[colCustomerMessages1] + v[colCustomerMessages2] + v[colCustomerMessages3]

	v[colCustomerPictures] = m.pictures()

	diversity := agentDiversityMean + diversityByMessages*talk + 0.1*m.agent.style + agentDiversitySD*r.NormFloat64()
	v[colAgentDiversity] = fixed(math.Max(lowestAgentDiversity, diversity)+e[outAgentDiversity], colAgentDiversity)
	diversity = customerDiversityMean + diversityByMessages*talk + customerDiversitySD*r.NormFloat64()
	v[colCustomerDiversity] = fixed(math.Max(lowestCustomerMeasured, diversity)+e[outCustomerDiversity], colCustomerDiversity)
}

// pictures draws the number of pictures: none in most chats, else one and a geometric number
// more. The effect takes one away from some of the chats that have any.
func (m *day) pictures() int32 {
	r := m.r
	share := picturesShare * m.today.pictures
	any, more, taken := r.Float64() < share, r.ExpFloat64(), r.Float64()
	if !any {
		return 0
	}
	pictures := 1 + int32(more/math.Log1p(1/picturesMore))
	if taken < -m.effect[outPictures]/share {
		pictures--
	}
	return pictures
}

// words draws lexical density and clarity.
func (m *day) words(v *[numColumns]int32) {
	r, e := m.r, &m.effect
	density := clamp(agentDensityMean+0.02*m.agent.style+agentDensitySD*r.NormFloat64(), 0.05, 0.95)
	v[colAgentDensity] = fixed(density+e[outAgentDensity], colAgentDensity)
	clarity := agentClarityMin + math.Exp(agentClarityMean+0.1*m.agent.style+agentClaritySD*r.NormFloat64())
	v[colAgentClarity] = fixed(clarity+e[outAgentClarity], colAgentClarity)
	density = clamp(customerDensityMean+customerDensitySD*r.NormFloat64(), 0.05, 1)
	v[colCustomerDensity] = fixed(density+e[outCustomerDensity], colCustomerDensity)
	clarity = customerClarityMin + math.Exp(customerClarityMean+customerClaritySD*r.NormFloat64())
	v[colCustomerClarity] = fixed(clarity+e[outCustomerClarity], colCustomerClarity)
}
