# data.table and fixest on an experiment's file.
source("clock.R")
need("data.table", "fixest")
setDTthreads(cores)
setFixest_nthreads(cores)
setFixest_notes(FALSE)

d <- NULL # ours, before a step assigns it: fixest exports a function d
ys <- paste0("y", 1:10)
left <- function(ys) if (length(ys) > 1) paste0("c(", paste(ys, collapse = ","), ")") else ys
fit <- function(fml, d) feols(as.formula(fml), d, cluster = ~agent_id, lean = TRUE)
model <- function(name, fits, term) {
  if (inherits(fits, "fixest")) fits <- list(fits)
  for (m in fits) keep(paste(name, deparse(m$fml[[2]])), coef(m)[[term]], se(m)[[term]])
}
itt <- function(name, d, ys) {
  model(name, fit(paste(left(ys), "~ assigned + c1 + c2 + c3 + c4 | day + issue_type"), d), "assigned")
}

run(list(
  read = function() d <<- fread(path),
  itt = function() itt("itt", d, "y1"),
  itt10 = function() itt("itt", d, ys),
  late10 = function() model("late", fit(paste(left(ys), "~ c1 + c2 + c3 + c4 | day + issue_type | used ~ assigned"), d), "fit_used"),
  split = function() {
    d[, q := cut(baseline, quantile(baseline, 0:4 / 4), labels = FALSE, include.lowest = TRUE)]
    for (k in 1:4) itt(paste0("itt Q", k), d[q == k], ys)
  }
))
