# data.table and fixest on a study: from chats to the panel by agent and day to 65 fits.
source("clock.R")
need("data.table", "fixest")
setDTthreads(cores)
setFixest_nthreads(cores)
setFixest_notes(FALSE)

d <- grouped <- NULL # ours, before a step assigns them: fixest exports a function d
launch <- as.IDate("2024-01-23")
logs <- c("identification_time", "duration", "agent_response_time", "typing_time", "customer_response_time", "shift_away_time")
plain <- c("dissatisfied", "rating", "retrial_3d", "agent_messages", "customer_messages", "customer_pictures",
           "agent_density", "agent_clarity", "agent_diversity", "retrial_10m")
ys <- c(paste0("ln_", logs), plain)
controls <- "lag_concurrency + lag_customer_tenure"

panel <- function() {
  chats <- fread(file.path(path, "chats.csv"))
  chats[, `:=`(day = as.IDate(start), used = ai_complete + ai_partial, dissatisfied = as.numeric(rating <= 2))]
  columns <- c(logs, plain, "concurrency", "customer_tenure", "used")
  d <- chats[, lapply(.SD, mean, na.rm = TRUE), by = .(agent_id, day), .SDcols = columns]
  d <- merge(d, fread(file.path(path, "agents.csv")), by = "agent_id")
  setorder(d, agent_id, day)
  d[, `:=`(lag_concurrency = shift(concurrency), lag_customer_tenure = shift(customer_tenure)), by = agent_id]
  base <- chats[day < launch, .(baseline = mean(rating, na.rm = TRUE)), by = agent_id][!is.na(baseline)]
  base[, q := cut(baseline, quantile(baseline, 0:5 / 5), labels = FALSE, include.lowest = TRUE)]
  d <- merge(d, base, by = "agent_id", all.x = TRUE)
  d[, treated := treat * (day >= launch)]
  for (v in logs) d[, paste0("ln_", v) := log(get(v))]
  d
}
fit <- function(y, right, data) feols(as.formula(paste(y, "~", right)), data, cluster = ~agent_id, fixef.rm = "none", lean = TRUE)
groups <- function(name, effects) for (y in ys) {
  m <- fit(y, paste(controls, "|", effects, "| i(q, used) ~ i(q, treated)"), grouped)
  for (k in 1:5) keep(paste0(name, " Q", k, " ", y), coef(m)[[paste0("fit_q::", k, ":used")]], se(m)[[paste0("fit_q::", k, ":used")]])
}

run(list(
  panel = function() d <<- panel(),
  itt = function() for (y in ys) {
    m <- fit(y, paste("treated +", controls, "| agent_id + day"), d)
    keep(paste("itt", y), coef(m)[["treated"]], se(m)[["treated"]])
  },
  late = function() for (y in ys) {
    m <- fit(y, paste(controls, "| agent_id + day | used ~ treated"), d)
    keep(paste("late", y), coef(m)[["fit_used"]], se(m)[["fit_used"]])
  },
  hetero_common = function() {
    grouped <<- d[!is.na(q)]
    groups("common", "agent_id + day")
  },
  hetero_group = function() groups("group-specific", "agent_id + day^q"),
  event = function() {
    d[, since := as.integer(day - launch)]
    m <- fit("rating", paste("i(since, treat, ref = -1) +", controls, "| agent_id + day"), d)
    for (name in grep("^since::", names(coef(m)), value = TRUE))
      keep(paste("event", sub("^since::(-?[0-9]+):treat$", "\\1", name)), coef(m)[[name]], se(m)[[name]])
  }
))
