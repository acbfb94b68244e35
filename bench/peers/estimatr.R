# data.table and estimatr on an experiment's file.
source("clock.R")
need("data.table", "estimatr")
setDTthreads(cores)

run(list(
  read = function() d <<- fread(path),
  itt = function() {
    m <- lm_robust(y1 ~ assigned + c1 + c2 + c3 + c4, d, clusters = agent_id, fixed_effects = ~ day + issue_type, se_type = "stata")
    keep("itt y1", coef(m)[["assigned"]], m$std.error[["assigned"]])
  }
))
