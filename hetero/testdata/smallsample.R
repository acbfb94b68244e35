# Writes smallsample.json: tests of equal effects by group with CR2, Satterthwaite degrees of freedom and
# approximate Hotelling tests (AHT, "HTZ"), on ../../testdata/golden/experiment.csv. Groups are teams
# 1-3, 4-6, 7-9; every effect is a dummy. Run in this directory: Rscript smallsample.R
suppressMessages({library(AER); library(clubSandwich); library(jsonlite)})
d <- read.csv("../../testdata/golden/experiment.csv")
d$g <- paste0("G", (d$team - 1) %/% 3 + 1)
d$day <- factor(d$day)
for (k in 1:3) { d[[paste0("z", k)]] <- d$assigned * (d$g == paste0("G", k)); d[[paste0("d", k)]] <- d$share * (d$g == paste0("G", k)) }
common <- "c1 + g + day"; own <- "c1 + g:day - 1"
calls <- list(
  "common ITT" = list(lm, paste("~ z1 + z2 + z3 +", common)),
  "group-specific ITT" = list(lm, paste("~ z1 + z2 + z3 +", own)),
  "common LATE" = list(ivreg, paste("~ d1 + d2 + d3 +", common, "| z1 + z2 + z3 +", common)),
  "group-specific LATE" = list(ivreg, paste("~ d1 + d2 + d3 +", own, "| z1 + z2 + z3 +", own)))
out <- list(R = R.version.string, AER = as.character(packageVersion("AER")), clubSandwich = as.character(packageVersion("clubSandwich")), fits = list())
for (name in names(calls)) for (y in c("y", "rating")) {
  s <- d[!is.na(d[[y]]), ]
  m <- calls[[name]][[1]](as.formula(paste(y, calls[[name]][[2]])), data = s)
  b <- coef(m); keep <- names(b)[!is.na(b)]; at <- grep("^[zd][123]$", keep)
  V <- vcovCR(m, cluster = s$agent, type = "CR2")
  rows <- function(w) { r <- matrix(0, nrow(w), length(keep)); r[, at] <- w; r }
  each <- coef_test(m, vcov = V, test = "Satterthwaite")[at, ]
  equal <- Wald_test(m, constraints = rows(rbind(c(-1, 1, 0), c(-1, 0, 1))), vcov = V, test = "HTZ")
  single <- function(w) { t <- Wald_test(m, constraints = rows(matrix(w, 1)), vcov = V, test = "HTZ"); list(F = t$Fstat, df = t$df_denom, p = t$p_val) }
  out$fits[[length(out$fits) + 1]] <- list(model = name, outcome = y, n = nrow(s), impacts = each$beta, se = each$SE, df = each$df_Satt, p = each$p_Satt,
    equality = list(F = equal$Fstat, df = equal$df_denom, p = equal$p_val), trend = single(c(-.5, 0, .5)), second = single(c(-1, 1, 0)), third = single(c(-1, 0, 1)))
}
writeLines(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE), "smallsample.json")
