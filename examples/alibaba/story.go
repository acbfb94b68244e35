package main

// A part of the story is a table with what it asks and how it is read. A chapter begins with the
// part that names it.
type part struct {
	id, chapter, lead string
	note              string // to the table, on the numbers in print
}

const opening = `
A generative-AI assistant in after-sales chats
==============================================

Agents in a company's customer service were given, by lot, an assistant that suggests replies. They
could send a suggestion as it was, edit it, or ignore it; the others could not have it at all. Access
was assigned, usage was chosen. So there are two questions: what did access do (intention to treat),
and what did usage do to those who used the assistant because they had access (LATE)?

This page goes through the tables of Ni, Wang, Feng, Lu, Wang and Zhou (arXiv 2603.29888, version 1)
in their order and layout. Where a number of the paper is at hand, it stands under "Paper", beside
ours under "Here".
`

const openingSimulated = `
THE DATA ARE SIMULATED. The company's files are not public. These have the same columns and are made
to look like them, for %d agents where the paper has 5,940, with effects %s.
Numbers are not meant to agree with the paper's to the digit, but in size; the fewer the agents, the
wider the intervals, and the fewer the stars. Nothing here is evidence on the assistant.
`

const openingReal = `
The data are those in %s. No truth.json stands beside them, so they are not taken for a simulation.
`

const (
	theData     = "The data"
	theAccess   = "What did access do?"
	theUsage    = "What did usage do?"
	theQuintile = "For whom? Effects by quintile"
	theChecks   = "Appendix: can it be believed?"
	theRest     = "Appendix: more outcomes, quintiles, and hours"
)

const (
	noStars        = "Stars of the paper's coefficients are not at hand"
	noStarsNoSE    = "Standard errors and stars of the paper's coefficients are not at hand"
	notSignificant = noStarsNoSE + "; n.s.: not significant there"
)

// story goes through the tables in the paper's order. What it says holds of any data: what is found
// in them the tables say.
var story = []part{
	{"1", theData, `Who is in the data, and what are their chats like? Agents count once in the first rows, chats in the
others; customers rated about one chat in seven, which is why ratings have fewer observations.`, ""},
	{"2", "", `How much was the assistant used? "Complete" suggestions were sent unchanged, "partial" ones edited.
The mean over agent-days is above that over chats if agents use it more on days with few chats.
(In print 17.9% of the treated never used it and 6.2% always did; ours are in the notes of Table 4.)`, ""},
	{quintileUsage, "", `Who used it? Agents are cut into quintiles by their customers' ratings before the launch, Q1 the
lowest. Controls show that uptake is one-sided: nobody without access used the assistant.`, ""},
	{"3", theAccess, `Every agent-day with access against those without, given the agent and the day: differences in
differences. Times are in logs, so that -0.082 in the paper is 8% less time. This is the effect of
being offered the assistant, whether or not it was used: the one that rests on the lottery alone.`, ""},
	{"4A", theUsage, `Access moves usage (the first stage), and usage, moved so, moves the outcome (the second). The second
row is the effect in Table 3 divided by the first row: that of a day on which every chat had the
assistant. A first-stage F far above 10 says that the lottery is a strong instrument.`, ""},
	{"4B", "", `The same for quality. The first stage differs by column, since fewer agent-days have a rating.`, ""},
	{"5", "", `Where does the time go? The delay before replies, the messages, and what the customer does.`, notSignificant},
	{"6", "", `Do words change? Density is the share of content words, clarity the characters of a message,
diversity the entropy of the words.`, ""},
	{"7", "", `Who does the talking? Agent messages for each customer message, in the chat and in its stages:
identifying the issue, resolving it, and confirming.`, ""},
	{"8", theQuintile, `Does the assistant help the less able more? The first row is the effect in Q1, the next ones what the
other quintiles add, and "Impact on Qk agents" the sums. Each quintile has its own day effects here:
its treated agents are compared with its own controls. This is the layout to read. The last rows ask
whether the five effects are equal, and whether they add up to the pooled one.`, ""},
	{"8-common", "", `The paper printed another layout, with day effects that all quintiles share. It is here because its
numbers are the published ones. For ratings and dissatisfaction it is a trap, shown after the table.`, ""},
	{"9", "", `Words by quintile. Quintiles were not cut by words, so that the two layouts should tell one story.`, ""},
	{"9-common", "", `In the layout of the paper:`, ""},
	{"10", "", `The process by quintile.`, ""},
	{"10-common", "", `In the layout of the paper, whose text gives a few of its numbers:`, notSignificant},
	{"11", "", `Do agents turn to something else meanwhile (time shifted away from the chat), and do customers come
back, in three days or within ten minutes?`, ""},
	{"11-common", "", `In the layout of the paper:`, noStarsNoSE},
	{"A1", theChecks, `Was the lottery fair? Arms should differ before the launch by chance alone: about one row in ten has
a p below 0.10, and the joint test at the foot takes them together.`, ""},
	{"A2", "", `Who chooses to use it? Only treated agents, and no lottery: these are associations, not effects. They
are why users must not be compared with non-users.`, noStars},
	{"A3", "", `A placebo: treated agents who never used the assistant cannot have been changed by it, unless access
works some other way than usage. Who never uses is chosen, so that this is a check, not a proof. In
simulated data effects work through usage alone: whatever stands here is chance.`, ""},
	{"A4", "", `Ratings are known only where customers left one. If access changed who rates, effects on ratings
would be in doubt; so does it?`, ""},
	{"A5", theRest, `Table 5 as the effect of access: smaller by the first stage, and with the same stars or nearly.`, ""},
	{"A6", "", `Table 6 as the effect of access.`, ""},
	{"A7", "", `Ratings before and after, by quintile. The lowest rise and the highest fall in both arms: the paper
has the treated alone, and what the controls do is the part of it that no assistant made.`, ""},
	{"A8", "", `Do quintiles have other chats? They should not: chats are handed out as they come. The paper's shares
are about the same in all columns and stand beside the total.`, ""},
	{"A9", "", `Table 4 with an observation for each agent and hour, and effects of the hour as well. Agents with
many busy hours weigh more than in Table 4.`, ""},
	{"A10", "", `Table 8 by the hour: first the layout to read.`, ""},
	{"A10-common", "", `And the paper's layout by the hour, with the trap of Table 8:`, ""},
}

const trapLead = `
The trap. Quintiles were cut by a noisy rating. Some agents are in Q1 because they were unlucky before
the launch, and their ratings recover with or without an assistant; those in Q5 were lucky. Here the
controls of Q1, who had no assistant, moved by %s, those of Q5 by %s. Day effects that all
quintiles share cannot take that up, so Treat x Qk does, and it is divided by usage on top. Effects on
ratings, with standard errors, from Q1 to Q5:

  common day effects   %s to %s
  own day effects      %s to %s

`

const trapSigns = `
Two signs give it away. The test that quintiles share their day effects, for ratings: p %s (the
last row of the table before). And effects should add up to the pooled one: in print, the five effects
on ratings times usage make %+.3f on average, but access did %+.3f in Table 3; on dissatisfaction
%+.3f, but %+.3f. For identification time, which did not define the quintiles, they agree: %+.3f
and %+.3f. Regression to the mean looks just like that.
`

const summaryLead = `

How did it come out?
====================

`

const summaryPrint = `
%d published coefficients stand beside a computed one; %d of them lie inside our 95%% interval.
%d other published numbers (means, counts, shares, words) stand beside ours, too.
`

const summaryPreset = `Those on ratings and dissatisfaction by quintile (8, A10) need not lie inside: the effects planted
there differ less by quintile than the published ones, which the trap under Table 8 has spread.
`

const summaryTruth = `
Of the effects of usage by agent-day that were planted, %d of %d lie inside the 95%% interval of the
models that pool agents or give each quintile its own day effects, %d of %d of those with common ones.
`

const summarySample = `The files hold %s of the %s chats that were simulated: effects by agent-day stay what they were,
but usage is measured with more noise, and quintiles are not quite those of the truth.
`
