package simulate

import (
	"math"
	"math/rand/v2"

	"github.com/fieldexp/fieldexp/internal/random"
)

// Shape of the chats, set so that means and deviations match Table 1 of the reference study.
const (
	// ln agent and customer response times share a factor; duration is their sum over coverage.
	agentResponseMean    = 4.793
	customerResponseMean = 5.148
	commonTimeSD         = 0.635
	agentTimeSD          = 0.525
	customerTimeSD       = 0.629
	coverageLow          = 0.885
	coverageHigh         = 0.985
	timeByBurden         = 0.05 // per chat in hand above the mean
	concurrencyMean      = 2.68

	// Either response time is at least this share of the other, so that both fit into the duration
	// after every planted effect.
	leastShare = 0.1
	// The share of the duration spent elsewhere stays between awayMin, so that its logarithm can be
	// taken, and awayMax, so that it fits into the duration after every planted effect.
	awayMin    = 0.02
	awayMax    = 0.78
	awayBase   = -0.17
	awayByTime = 0.40
	awaySD     = 2.5

	typingBase      = -0.88
	typingByTime    = 0.982
	typingSD        = 0.17
	concurrencySD   = 0.91
	concurrencyBase = 2.49 // ordinary chats in hand; their mean is higher, as there is always one

	identificationMean = 2.53
	identificationSD   = 1.45

	retrial10mShare        = 0.2
	retrialMin, retrialMax = 0.1, 0.7 // of the probability within 3 days, before the effect
	retrial7dMore          = 0.06

	picturesShare = 0.350 // of chats have pictures
	picturesMore  = 1.66  // mean number after the first
	customersPer  = 300   // customers for each agent
)

// Share of chats without a value, beyond what whole days lose.
const (
	noIdentification   = 0.0135
	noConcurrency      = 0.000133
	noAgentResponse    = 0.000616
	noActive           = 0.00064
	noTyping           = 0.0050
	noAgentText        = 0.00239
	noCustomerResponse = 0.000602
	noPictures         = 0.002165
	noCustomerText     = 0.0057

	// On some agent-days a log is lost for nearly all chats.
	lostShare          = 0.95
	lostIdentification = 0.0092
	lostTyping         = 0.0078
)

// day makes the chats of one agent-day.
type day struct {
	r       *rand.Rand
	cond    conditions
	agent   *agent
	today   *today
	effect  effects // of the day's usage: planted effect times usage
	lift    lift
	factors struct{ identification, duration, agentResponse, customerResponse, away, typing float64 }
	lost    struct{ identification, typing bool }
	pool    int32 // customers
}

// prepare draws what the chats of the day share and works out the effects of its usage.
func (m *day) prepare(planted *effects, usage float64) {
	for o, b := range planted {
		m.effect[o] = b * usage
	}
	m.cond.tilt = clamp(m.cond.tilt, tiltMin, tiltMax)
	m.lift = liftBy(m.cond.tilt, m.effect[outRating], -m.effect[outDissatisfied])
	f := &m.factors
	f.identification = math.Exp(m.effect[outIdentification])
	f.duration = math.Exp(m.effect[outDuration])
	f.agentResponse = math.Exp(m.effect[outAgentResponse])
	f.customerResponse = math.Exp(m.effect[outCustomerResponse])
	f.away = math.Exp(m.effect[outShiftAway])
	f.typing = math.Exp(m.effect[outTyping])
	m.lost.identification = m.r.Float64() < lostIdentification
	m.lost.typing = m.r.Float64() < lostTyping
}

// fill completes a chat whose number and start are known, and how the assistant was used in it.
func (m *day) fill(c *chat, use uptake) {
	r := m.r
	c.customer = 1 + r.Int32N(m.pool)
	c.issue = issueAt(r.Float64())
	v := &c.v
	v[colCustomerTenure] = fixed(customerTenure(c.customer), colCustomerTenure)
	hands := math.Max(1, math.Round(concurrencyBase+m.cond.burden+concurrencySD*r.NormFloat64()))
	v[colConcurrency] = int32(hands)
	m.times(v, hands-concurrencyMean)
	m.quality(v)
	m.messages(v)
	m.words(v)
	v[colAIComplete], v[colAIPartial] = 0, 0
	switch use {
	case complete:
		v[colAIComplete] = 1
	case partial:
		v[colAIPartial] = 1
	}
	m.lose(v)
}

// times draws the times, in seconds. Neither identification nor either response time is longer
// than the chat; active and shift-away time add up to it.
func (m *day) times(v *[numColumns]int32, burden float64) {
	r := m.r
	common := r.NormFloat64()
	pace := m.cond.pace + timeByBurden*burden + commonTimeSD*common
	agentTime := math.Exp(agentResponseMean + pace + agentTimeSD*r.NormFloat64())
	customerTime := math.Exp(customerResponseMean + pace + customerTimeSD*r.NormFloat64())
	agentTime, customerTime = math.Max(agentTime, leastShare*customerTime), math.Max(customerTime, leastShare*agentTime)
	duration := (agentTime + customerTime) / (coverageLow + (coverageHigh-coverageLow)*r.Float64())
	away := duration * (awayMin + (awayMax-awayMin)*logistic(awayBase+awayByTime*common+awaySD*r.NormFloat64()))
	typing := math.Exp(typingBase + typingByTime*math.Log(duration-away) + typingSD*r.NormFloat64())

	identification := 1 + math.Exp(identificationMean+m.cond.delay+0.4*common+identificationSD*r.NormFloat64())
	spread := 0.3 + 0.6*r.Float64()
	if identification > 0.9*duration {
		identification = spread * duration
	}

	f := &m.factors
	v[colDuration] = fixed(duration*f.duration, colDuration)
	v[colIdentification] = fixed(identification*f.identification, colIdentification)
	v[colAgentResponse] = fixed(agentTime*f.agentResponse, colAgentResponse)
	v[colCustomerResponse] = fixed(customerTime*f.customerResponse, colCustomerResponse)
	v[colShiftAway] = fixed(away*f.away, colShiftAway)
	v[colAgentActive] = v[colDuration] - v[colShiftAway]
	v[colTyping] = fixed(typing*f.typing, colTyping)
}

// quality draws the rating and the retrials. A retrial within 10 minutes is one within 3 days,
// which is one within 7.
func (m *day) quality(v *[numColumns]int32) {
	r := m.r
	rated := r.Float64() < ratedShare
	v[colRating] = rate(r, m.cond.tilt, m.lift)
	if !rated {
		v[colRating] = missing
	}
	u, p := r.Float64(), m.cond.retrial
	v[colRetrial10m] = below(u, retrial10mShare*p+m.effect[outRetrial10m])
	v[colRetrial3d] = below(u, p+m.effect[outRetrial3d])
	v[colRetrial7d] = below(u, p+retrial7dMore+m.effect[outRetrial7d])
}

// lose drops what the logs do not hold.
func (m *day) lose(v *[numColumns]int32) {
	r := m.r
	drop := func(share float64, columns ...int) {
		if r.Float64() < share {
			for _, c := range columns {
				v[c] = missing
			}
		}
	}
	identification, typing := noIdentification, noTyping
	if m.lost.identification {
		identification = lostShare
	}
	if m.lost.typing {
		typing = lostShare
	}
	drop(identification, colIdentification)
	drop(noConcurrency, colConcurrency)
	drop(noAgentResponse, colAgentResponse)
	drop(noActive, colAgentActive, colShiftAway)
	drop(typing, colTyping)
	drop(noAgentText, colAgentDensity, colAgentClarity, colAgentDiversity)
	drop(noCustomerResponse, colCustomerResponse)
	drop(noPictures, colCustomerPictures)
	drop(noCustomerText, colCustomerDensity, colCustomerClarity, colCustomerDiversity)
}

// below is 1 where u < p.
func below(u, p float64) int32 {
	if u < p {
		return 1
	}
	return 0
}

// issueAt is the issue at a uniform draw.
func issueAt(u float64) int8 {
	for i := range issues {
		if u -= issues[i].share; u < 0 {
			return int8(i)
		}
	}
	return int8(len(issues) - 1)
}

// customerTenure is a customer's years on the platform, the same in all of the customer's chats:
// nearly normal, as the sum of four uniform numbers cut from a hash.
func customerTenure(customer int32) float64 {
	h := random.Mix(uint64(customer))
	sum := 0.0
	for range 4 {
		sum += float64(h&0xffff) / 0x10000
		h >>= 16
	}
	return math.Max(0.05, 7.45+3.84*(sum-2)*math.Sqrt(3))
}
