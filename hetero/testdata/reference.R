# Writes reference.json: effects by group on ../../testdata/golden/experiment.csv, with every effect
# as a dummy. Groups are teams 1-3, 4-6, 7-9. Run in this directory: Rscript reference.R
suppressMessages({library(AER); library(sandwich); library(jsonlite)})
d <- read.csv("../../testdata/golden/experiment.csv")
d$g <- paste0("G", (d$team - 1) %/% 3 + 1)
d$day <- factor(d$day)
for (k in 1:3) { d[[paste0("z", k)]] <- d$assigned * (d$g == paste0("G", k)); d[[paste0("d", k)]] <- d$share * (d$g == paste0("G", k)) }
common <- "c1 + c2 + g + day"; own <- "c1 + c2 + g:day - 1"
calls <- list(
  "common ITT" = list(lm, paste("~ z1 + z2 + z3 +", common)),
  "group-specific ITT" = list(lm, paste("~ z1 + z2 + z3 +", own)),
  "common LATE" = list(ivreg, paste("~ d1 + d2 + d3 +", common, "| z1 + z2 + z3 +", common)),
  "group-specific LATE" = list(ivreg, paste("~ d1 + d2 + d3 +", own, "| z1 + z2 + z3 +", own)))
out <- list(R = R.version.string, AER = as.character(packageVersion("AER")), sandwich = as.character(packageVersion("sandwich")), fits = list())
for (name in names(calls)) for (y in c("y", "rating")) {
  s <- d[!is.na(d[[y]]), ]
  m <- calls[[name]][[1]](as.formula(paste(y, calls[[name]][[2]])), data = s)
  V <- vcovCL(m, cluster = s$agent, type = "HC1", cadjust = TRUE)
  at <- grep("^[zd][123]$", names(coef(m))); b <- coef(m)[at]; v <- V[at, at]
  R <- rbind(c(-1, 1, 0), c(-1, 0, 1)); G <- length(unique(s$agent))
  F <- drop(t(R %*% b) %*% solve(R %*% v %*% t(R)) %*% (R %*% b)) / 2
  w <- c(-.5, 0, .5)
  out$fits[[length(out$fits) + 1]] <- list(model = name, outcome = y, n = nrow(s), impacts = unname(b), se = unname(sqrt(diag(v))),
    interactions = unname(drop(R %*% b)), interaction_se = unname(sqrt(diag(R %*% v %*% t(R)))),
    equality_F = F, equality_p = pf(F, 2, G - 1, lower.tail = FALSE), trend = sum(w * b), trend_se = sqrt(drop(t(w) %*% v %*% w)))
}
writeLines(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE), "reference.json")
