package simulate

import (
	"math"
	"time"
)

// missing marks a value that the logs do not hold.
const missing int32 = math.MinInt32

// Places of the measures in a chat, in the order of the columns of chats.csv.
const (
	colIdentification = iota
	colDuration
	colRating
	colRetrial3d
	colRetrial10m
	colRetrial7d
	colConcurrency
	colAgentResponse
	colAgentActive
	colShiftAway
	colTyping
	colAgentMessages
	colAgentDensity
	colAgentClarity
	colAgentDiversity
	colCustomerTenure
	colCustomerResponse
	colCustomerMessages
	colCustomerPictures
	colCustomerDensity
	colCustomerClarity
	colCustomerDiversity
	colAgentMessages1
	colAgentMessages2
	colAgentMessages3
	colCustomerMessages1
	colCustomerMessages2
	colCustomerMessages3
	colAIComplete
	colAIPartial
	numColumns
)

// measures names the numeric columns of chats.csv and says to how many decimals they are kept.
var measures = [numColumns]struct {
	name     string
	decimals int
}{
	colIdentification:    {"identification_time", 1},
	colDuration:          {"duration", 1},
	colRating:            {"rating", 0},
	colRetrial3d:         {"retrial_3d", 0},
	colRetrial10m:        {"retrial_10m", 0},
	colRetrial7d:         {"retrial_7d", 0},
	colConcurrency:       {"concurrency", 0},
	colAgentResponse:     {"agent_response_time", 1},
	colAgentActive:       {"agent_active_time", 1},
	colShiftAway:         {"shift_away_time", 1},
	colTyping:            {"typing_time", 1},
	colAgentMessages:     {"agent_messages", 0},
	colAgentDensity:      {"agent_density", 3},
	colAgentClarity:      {"agent_clarity", 1},
	colAgentDiversity:    {"agent_diversity", 2},
	colCustomerTenure:    {"customer_tenure", 2},
	colCustomerResponse:  {"customer_response_time", 1},
	colCustomerMessages:  {"customer_messages", 0},
	colCustomerPictures:  {"customer_pictures", 0},
	colCustomerDensity:   {"customer_density", 3},
	colCustomerClarity:   {"customer_clarity", 1},
	colCustomerDiversity: {"customer_diversity", 2},
	colAgentMessages1:    {"agent_messages_1", 0},
	colAgentMessages2:    {"agent_messages_2", 0},
	colAgentMessages3:    {"agent_messages_3", 0},
	colCustomerMessages1: {"customer_messages_1", 0},
	colCustomerMessages2: {"customer_messages_2", 0},
	colCustomerMessages3: {"customer_messages_3", 0},
	colAIComplete:        {"ai_complete", 0},
	colAIPartial:         {"ai_partial", 0},
}

// identity names the columns of chats.csv that come before the measures.
var identity = [...]string{"chat_id", "agent_id", "customer_id", "start", "issue"}

// agentColumns names the columns of agents.csv.
var agentColumns = [...]string{"agent_id", "treat", "male", "age", "tenure"}

// issues and how often each occurs (Table A8 of the reference study, which prints whole
// percentages).
var issues = [...]struct {
	name  string
	share float64
}{{"refund", 0.775}, {"shipping fee", 0.14}, {"exchange", 0.03}, {"reshipment", 0.02}, {"repair", 0.01}, {"others", 0.025}}

// chat is one row of chats.csv. Measures are whole multiples of their last kept decimal, so that
// the file and the frame hold the same numbers.
type chat struct {
	number   int32 // within the agent, from 0
	customer int32
	start    int32 // seconds since the first day began
	issue    int8
	v        [numColumns]int32
}

// maxChatsPerAgent bounds the chats of an agent, so that agent and number make an identifier.
const maxChatsPerAgent = Days * maxChatsPerDay

// chatID is unique in the study and does not depend on other agents.
func chatID(agent int, number int32) int64 {
	return int64(agent+1)*chatIDStride + int64(number)
}

// chatIDStride leaves room for maxChatsPerAgent chats between two agents' identifiers.
const chatIDStride = 10_000

// It does not compile if there is no room.
const _ = uint(chatIDStride - maxChatsPerAgent)

// firstDay is midnight UTC of the first day.
func firstDay() time.Time { return time.Date(2023, 12, 26, 0, 0, 0, 0, time.UTC) }

// fixed rounds x to the decimals that its column keeps.
func fixed(x float64, column int) int32 {
	return int32(math.Round(x * scale[measures[column].decimals]))
}

// scale is the power of ten of a number of decimals.
var scale = [...]float64{1, 10, 100, 1000}
