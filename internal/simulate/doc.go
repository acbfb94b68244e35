// Package simulate makes the simulated reference study: a field experiment with the files,
// columns, sizes and layout of the customer-service study that this library grew from, and with
// effects that are known because they were planted.
//
// # The experiment
//
// Agents of a chat service are given access to an AI assistant at random (0.4874 of them, by a
// random permutation) and are free to use it. The calendar has 56 days, 2023-12-26 to
// 2024-02-19; access begins on 2024-01-23. Nobody uses the assistant before that day and control
// agents never do. Usage is chosen: weaker, less busy and newer agents use it more, and everybody
// uses it more on hard days and less on busy ones, so that a regression on usage as it was chosen
// is biased, and assignment is a valid instrument.
//
// # What the effects are
//
// Effects work through the share of an agent's chats of one day in which the assistant was used,
// the usage of that agent-day, and reach every chat of the day. An agent-day outcome moves by
// exactly beta times usage, where beta is the planted effect of the agent's skill group:
//
//   - identification time, duration, agent and customer response time, shift-away time and typing
//     time: every chat is multiplied by exp(beta*usage), so that the logarithm of the daily mean
//     moves by beta*usage, chat noise and all;
//   - lexical measures: beta*usage is added to every chat, and so to the daily mean;
//   - rating, share dissatisfied, retrials, messages and pictures: the distribution from which a
//     chat is drawn is mixed so that its mean, and so the expected daily mean, moves by beta*usage.
//
// Agent active time is what is left of the duration and has no effect of its own. Two runs with the
// same seed and another preset share every random draw: they differ by the effects alone.
//
// # Files
//
// Write makes agents.csv, chats.csv (in order of agent, then time) and truth.json. Missing values
// are empty fields. The result is a function of Config
// alone: every agent has a random stream of its own, derived from the seed and its number.
//
// The model is described, and set beside the published moments, in docs/simulation.md.
package simulate
