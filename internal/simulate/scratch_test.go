package simulate

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"testing"
)

func sortFloats(x []float64) { sort.Float64s(x) }
func TestScratch(t *testing.T) {
	n := 5940
	if e := os.Getenv("N"); e != "" {
		n, _ = strconv.Atoi(e)
	}
	seed := uint64(1)
	if e := os.Getenv("SEED"); e != "" {
		k, _ := strconv.Atoi(e)
		seed = uint64(k)
	}
	s := take(t, Config{Agents: n, Seed: seed})
	pub := map[string][4]float64{
		"identification_time": {35.53, 70.66, .02218}, "duration": {465.62, 447.15, 0}, "rating": {3.49, 1.80, .8484}, "retrial_3d": {.38, .49}, "concurrency": {2.68, 1.07, .000133},
		"agent_response_time": {172.66, 178.13, .000616}, "agent_active_time": {276.64, 296.24, .00064}, "shift_away_time": {189.25, 269.09, .00064}, "typing_time": {105.02, 111.46, .01255},
		"agent_messages": {11.69, 8.26}, "agent_density": {.50, .09, .0024}, "agent_clarity": {15.7, 7.28, .00239}, "agent_diversity": {4.42, 1.26, .00239}, "customer_tenure": {7.48, 3.77},
		"customer_response_time": {261.64, 301.61, .000602}, "customer_messages": {11.27, 10.98}, "customer_pictures": {.89, 1.74, .002165}, "customer_density": {.56, .14, .0057}, "customer_clarity": {8.85, 11.69, .0057}, "customer_diversity": {3.75, 1.24, .0057}}
	for k := range measures {
		m := &s.measures[k]
		p := pub[measures[k].name]
		fmt.Printf("%-24s mean %8.3f (%8.3f) sd %8.3f (%8.3f) miss %.5f (%.5f) pre %.3f dayknown %.4f hourknown %.4f\n", measures[k].name, m.mean(), p[0], m.sd(), p[1], m.missingShare(), p[2], s.pre[k].mean(), float64(s.dayKnown[k])/float64(s.days), float64(s.hourKnown[k])/float64(s.hours))
	}
	f := 5940 / float64(n)
	c := s.truth.Counts
	fmt.Printf("dissat %.3f (.34) sd %.3f; pre dissat %.3f (.35) pre rating %.3f (3.46) post %.3f\n", s.dissat.mean(), s.dissat.sd(), s.preDis.mean(), s.pre[colRating].mean(), s.post.mean())
	fmt.Printf("chats %.0f (2564606) days %.0f (126365) hours %.0f (588066) pre T %.0f C %.0f (717650 717270) post T %.0f (543651) postdays %.0f (29006) employed %d\n", float64(c.Chats)*f, float64(c.AgentDays)*f, float64(c.AgentHours)*f, float64(c.PreChatsTreated)*f, float64(c.PreChatsControl)*f, float64(c.PostChatsTreated)*f, float64(c.PostDaysTreated)*f, s.employed)
	fmt.Printf("rated days .7704 ident days .9957, typing .9942; rated hours .451, ident hours .9848\n")
	u := s.truth.Usage
	fmt.Printf("usage chat %.3f (.215) %.3f (.171) %.3f (.044)\n day %.3f sd %.3f (.287 .363) %.3f %.3f (.219 .339) %.3f %.3f (.070 .198)\n never %.3f (.179) always %.3f (.062) weeks %.3f\n", u.ChatUsed, u.ChatComplete, u.ChatPartial, u.DayUsed, u.DayUsedSD, u.DayComplete, u.DayCompleteSD, u.DayPartial, u.DayPartialSD, u.NeverUsed, u.AlwaysUsed, u.ByWeek)
	fmt.Printf("base (.39 .25 .22 .18 .18) day %.3f chat %.3f; skill day %.3f chat %.3f\n", u.DayByBaseline, u.ChatByBaseline, u.DayBySkill, u.ChatBySkill)
	fmt.Printf("A7 %.3f (2.184, 2.981; 2.881,3.145; 3.271, 3.406; 3.637, 3.666;4.008, 3.846)\n", s.retreat)
	fmt.Printf("A2 %.3f n %d ( -0.018 -.002 -.041 -.067 -.097 .031 .650; 2482)\n", s.usageRegression, int(float64(s.usageAgents)*f))
	fmt.Println("issues", s.issues)
	for _, o := range s.truth.Outcomes {
		fmt.Printf("%-24s %.4f itt %.4f base", o.Name, o.Pooled.LATE, o.Pooled.ITT)
		for _, b := range o.ByBaseline {
			fmt.Printf(" %.3f", b.LATE)
		}
		fmt.Println()
	}
}
