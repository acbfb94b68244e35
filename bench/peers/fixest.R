# data.table and fixest on an experiment's file.
source("clock.R")
need("data.table", "fixest")
setDTthreads(cores)
setFixest_nthreads(cores)
setFixest_notes(FALSE)

ys <- paste0("y", 1:10)
model <- function(name, fits, term) {
  if (inherits(fits, "fixest")) fits <- list(fits)
  for (m in fits) keep(paste(name, deparse(m$fml[[2]])), coef(m)[[term]], se(m)[[term]])
}
itt <- function(name, d, ys) {
  fml <- as.formula(paste0("c(", paste(ys, collapse = ","), ") ~ assigned + c1 + c2 + c3 + c4 | day + issue_type"))
  model(name, feols(fml, d, cluster = ~agent_id), "assigned")
}

run(list(
  read = function() d <<- fread(path),
  itt = function() itt("itt", d, "y1"),
  itt10 = function() itt("itt", d, ys),
  late10 = function() {
    fml <- as.formula(paste0("c(", paste(ys, collapse = ","), ") ~ c1 + c2 + c3 + c4 | day + issue_type | used ~ assigned"))
    model("late", feols(fml, d, cluster = ~agent_id), "fit_used")
  },
  split = function() {
    d[, q := cut(baseline, quantile(baseline, 0:4 / 4), labels = FALSE, include.lowest = TRUE)]
    for (k in 1:4) itt(paste0("itt Q", k), d[q == k], ys)
  }
))
