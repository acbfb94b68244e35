package simulate

import (
	"math"
	"testing"
)

var presets = []Preset{Published, Homogeneous, NoEffect}

// Planted effects must leave every chat possible: these are the conditions under which the effects
// are exact.
func TestPlantedEffectsFit(t *testing.T) {
	for _, p := range presets {
		for g, e := range p.planted() {
			check := func(ok bool, what string) {
				t.Helper()
				if !ok {
					t.Errorf("%v, group %d: %s", p, g+1, what)
				}
			}
			check(e[outIdentification] <= e[outDuration], "identification may outlast the chat")
			for _, o := range []int{outAgentResponse, outCustomerResponse} {
				share := coverageHigh / (1 + leastShare)
				check(share*math.Exp(math.Max(0, e[o]-e[outDuration])) < 1, outcomes[o].name+" may outlast the chat")
			}
			check(awayMax*math.Exp(math.Max(0, e[outShiftAway]-e[outDuration])) < 1, "time away may outlast the chat")
			higher, fewer := e[outRating], -e[outDissatisfied]
			check(fewer == 0 && higher == 0 || higher >= 2*fewer && higher <= 4*fewer, "no lift of ones has this effect")
			check(fewer < oneShare-tiltMax, "more ones are lifted than there are")
			for _, o := range []int{outAgentMessages1, outAgentMessages2, outAgentMessages3} {
				check(e[o] >= 0 && e[o] <= 1, outcomes[o].name+" cannot be one message more in some chats")
			}
			check(-e[outCustomerMessages2] >= 0 && -e[outCustomerMessages2] <= 1, "more than one customer message is lost")
			check(e[outCustomerMessages1] == 0 && e[outCustomerMessages3] == 0, "customer messages change in a stage without effect")
			sum := e[outAgentMessages1] + e[outAgentMessages2] + e[outAgentMessages3]
			check(math.Abs(sum-e[outAgentMessages]) < 1e-12, "agent messages are not the sum of the stages")
			check(e[outCustomerMessages] == e[outCustomerMessages2], "customer messages are not the sum of the stages")
			check(-e[outPictures] >= 0 && -e[outPictures] < 0.8*picturesShare, "more pictures are taken away than there are")
			for o, share := range map[int]float64{outRetrial10m: retrial10mShare, outRetrial3d: 1, outRetrial7d: 1} {
				check(share*retrialMin+e[o] >= 0 && share*retrialMax+retrial7dMore+e[o] <= 1, outcomes[o].name+" leaves [0, 1]")
			}
			check(e[outRetrial10m] < (1-retrial10mShare)*retrialMin+e[outRetrial3d], "retrials within 10 minutes exceed those within 3 days")
			check(e[outRetrial3d] < retrial7dMore+e[outRetrial7d], "retrials within 3 days exceed those within 7")
			check(lowestCustomerMeasured+e[outCustomerDiversity] > 0 && customerClarityMin+e[outCustomerClarity] > 0 &&
				0.05+e[outCustomerDensity] > 0, "a lexical measure is negative")
			check(0.95+e[outAgentDensity] <= 1, "agent density exceeds 1")
		}
	}
}

func TestPublishedEffectsAverageToPooled(t *testing.T) {
	for o, planted := range outcomes {
		if planted.byGroup == nil {
			continue
		}
		mean, weight := 0.0, 0.0
		for g, b := range planted.byGroup {
			mean += publishedUsage[g] * b
			weight += publishedUsage[g]
		}
		// 0.0005 is half a digit of the print.
		if got := mean / weight; math.Abs(got-planted.pooled) > 0.0005 {
			t.Errorf("%s: groups average to %.4f, pooled is %.4f", outcomes[o].name, got, planted.pooled)
		}
	}
}

// The lift of ratings has the effects asked for, integrated over all draws.
func TestLiftIsExact(t *testing.T) {
	for _, c := range []struct{ tilt, higher, fewer float64 }{
		{0, 0.184, 0.054}, {tiltMax, 0.2704, 0.0791}, {tiltMin, 0.05, 0.015},
		{0.1, 0.1, 0.05}, {0.1, 0.2, 0.05}, {-0.2, 0.15, 0.05}, {0.05, 0, 0},
	} {
		l := liftBy(c.tilt, c.higher, c.fewer)
		const n = 1000 // midpoints in each direction
		one := oneShare - c.tilt
		gain, better := 0.0, 0.0
		for i := range n {
			v := (float64(i) + 0.5) / n * math.Max(l.chance, 1e-300) // within the chance, where a one is lifted
			for j := range n {
				w := (float64(j) + 0.5) / n
				r := l.apply(1, v, w)
				gain += float64(r-1) / (n * n)
				better += float64(below(2.5, float64(r))) / (n * n)
			}
		}
		// The midpoints resolve a probability to 1/n of the gain.
		if got := one * l.chance * gain; math.Abs(got-c.higher) > c.higher*2/n {
			t.Errorf("%+v: the mean rises by %.5f", c, got)
		}
		if got := one * l.chance * better; math.Abs(got-c.fewer) > 1e-12 {
			t.Errorf("%+v: the share dissatisfied falls by %.5f", c, got)
		}
		for rating := int32(2); rating <= 5; rating++ {
			if got := l.apply(rating, 0, 0); got != rating {
				t.Errorf("%+v: a rating of %d becomes %d", c, rating, got)
			}
		}
		if got := l.apply(1, math.Max(l.chance, 0), 0); got != 1 {
			t.Errorf("%+v: a one is lifted past its chance", c)
		}
	}
}

// Two runs with the same seed differ by the effects alone: agent-day means move by beta*usage, for
// times and lexical measures exactly (to the rounding of the files) on every agent-day, for drawn
// measures on average.
func TestEffectsAreExactlyLinearInUsage(t *testing.T) {
	if testing.Short() {
		t.Skip("what is simulated, not how: the tests of writing run its goroutines")
	}
	const agents, seed = 250, 11
	w, with := agentDays(t, Config{Agents: agents, Seed: seed, Preset: Published})
	_, without := agentDays(t, Config{Agents: agents, Seed: seed, Preset: NoEffect})
	if len(with) != len(without) {
		t.Fatalf("%d agent-days with effects, %d without", len(with), len(without))
	}
	tested := 0
	for o, out := range outcomes {
		half := 0.5 / scale[measures[out.column].decimals]
		drift, spread := 0.0, 0.0
		for i := range with {
			a, b := &with[i], &without[i]
			if a.agent.index != b.agent.index || a.day != b.day || a.usage != b.usage {
				t.Fatal("usage depends on the preset")
			}
			y1, n1 := a.mean(out.column)
			y0, n0 := b.mean(out.column)
			if o == outDissatisfied {
				y1, y0 = dissatisfied(a), dissatisfied(b)
			}
			if n1 != n0 {
				t.Fatalf("%s: missing values depend on the preset", out.name)
			}
			if n1 == 0 {
				continue
			}
			effect := w.planted[a.agent.group][o] * a.usage
			if a.usage == 0 && y1 != y0 {
				t.Fatalf("%s: agent-day without usage has an effect", out.name)
			}
			switch out.measure {
			case lnMean:
				rounding := 1.01 * (half/y1 + half/y0)
				if d := math.Log(y1/y0) - effect; math.Abs(d) > rounding {
					t.Fatalf("%s: ln of the mean moves by %.6f, want %.6f", out.name, math.Log(y1/y0), effect)
				}
			case dailyMean:
				if d := y1 - y0 - effect; math.Abs(d) > 2*half+1e-9 {
					t.Fatalf("%s: mean moves by %.6f, want %.6f", out.name, y1-y0, effect)
				}
			default:
				d := float64(n1) * (y1 - y0 - effect)
				drift += d
				spread += d * d
			}
			if a.usage > 0 {
				tested++
			}
		}
		// drift is a sum of independent terms with mean zero.
		if math.Abs(drift) > 4*math.Sqrt(spread) {
			t.Errorf("%s: effects part from the planted ones by %.1f standard errors", out.name, drift/math.Sqrt(spread))
		}
		if out.measure == expectedMean && w.planted[0][o] != 0 && spread == 0 {
			t.Errorf("%s: no effect at all", out.name)
		}
	}
	if tested < 10_000 {
		t.Errorf("only %d comparisons had usage", tested)
	}
}

// dissatisfied is the share of ratings of 1 or 2.
func dissatisfied(d *agentDay) float64 {
	bad, n := 0, 0
	for i := range d.chats {
		if v := d.chats[i].v[colRating]; v != missing {
			n++
			bad += int(below(float64(v), 2.5))
		}
	}
	return float64(bad) / float64(n)
}
