# Writes reference.json: what R's estimatr makes of trial.csv. Run: Rscript reference.R
suppressMessages({library(estimatr); library(jsonlite)})
options(warn = 2)
d <- read.csv("trial.csv")
for (text in c("block", "grade")) d[[text]] <- factor(d[[text]], unique(d[[text]])) # levels in order of appearance
fits <- list()
lines_of <- function(m) data.frame(term = m$term, estimate = unname(m$coefficients), se = unname(m$std.error),
  df = unname(m$df), p = unname(m$p.value), low = unname(m$conf.low), high = unname(m$conf.high))
means <- function(key, args, outcomes = c("y", "bought", "late")) for (y in outcomes) {
  call <- sprintf("difference_in_means(%s ~ %s)", y, args)
  m <- eval(parse(text = call))
  fits[[paste(key, y)]] <<- list(call = call, design = m$design, n = m$nobs, coef = lines_of(m))
}
means("simple", "z, d")
means("simple alpha", "z, d, alpha = 0.1")
means("simple weighted", "z, d, weights = w")
means("clustered", "zv, d, clusters = village")
means("clustered weighted", "zv, d, clusters = village, weights = w")
means("blocked", "z, d, blocks = block")
means("blocked weighted", "z, d, blocks = block, weights = w")
means("blocked clustered", "zv, d, blocks = block, clusters = village")
means("blocked clustered weighted", "zv, d, blocks = block, clusters = village, weights = w")
means("text", "arm, d[d$arm != 'voice', ], condition1 = 'control', condition2 = 'text'")
means("voice", "arm, d[d$arm != 'text', ], condition1 = 'control', condition2 = 'voice'")
means("pairs", "zp, d, blocks = pair", c("y", "bought"))
means("pairs", "zp, d[!is.na(ave(d$late, d$pair)), ], blocks = pair", "late") # both members are known
means("pairs of clusters", "zs, d, blocks = region, clusters = school")

lin <- function(key, y, z, x, args = "") {
  call <- sprintf("lm_lin(%s ~ %s, ~ %s, d%s)", y, z, x, args)
  m <- eval(parse(text = call))
  fits[[key]] <<- list(call = call, design = "Lin", n = m$nobs, coef = lines_of(m))
}
for (se in c("HC0", "HC1", "HC2", "HC3", "classical")) lin(paste("lin", se), "y", "z", "x1 + x2", sprintf(", se_type = '%s'", se))
lin("lin missing", "late", "z", "x1 + x2", ", se_type = 'HC2'")
lin("lin weighted", "late", "z", "x1 + x2", ", weights = w, se_type = 'HC2'")
lin("lin text control", "y", "z", "x1 + grade", ", se_type = 'HC2'")
lin("lin blocks", "y", "z", "block", ", se_type = 'HC2'")
lin("lin arms", "late", "arm", "x1 + x2", ", se_type = 'HC2'")
for (se in c("CR0", "stata", "CR2")) {
  lin(paste("lin clustered", se), "late", "zv", "x1 + x2", sprintf(", clusters = village, se_type = '%s'", se))
  lin(paste("lin clustered weighted", se), "late", "zv", "x1 + x2", sprintf(", clusters = village, weights = w, se_type = '%s'", se))
}
writeLines(toJSON(list(R = R.version.string, estimatr = as.character(packageVersion("estimatr")), fits = fits), digits = I(15), auto_unbox = TRUE, pretty = TRUE, na = "null"), "reference.json")
