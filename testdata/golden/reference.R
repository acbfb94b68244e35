# Writes r.json: reference results from R for experiment.csv. Run: Rscript reference.R
suppressMessages({library(estimatr); library(sandwich); library(AER); library(clubSandwich); library(lmtest); library(jsonlite)})
d <- read.csv("experiment.csv")
results <- list()
version <- function(p) as.character(packageVersion(p))

lines_of <- function(terms, est, se, t, p, lo, hi, dof)
  data.frame(term = terms, estimate = est, std_error = se, t = t, p = p, ci_lo = lo, ci_hi = hi, dof = dof)

# estimatr: one row per term and the fields that summary prints.
est <- function(key, call) {
  m <- eval(parse(text = call))
  out <- list(package = "estimatr", version = version("estimatr"), call = call, n = m$nobs)
  if (!is.null(m$nclusters) && !is.na(m$nclusters[1])) out$nclusters <- m$nclusters
  if (!is.null(m$r.squared)) { out$r2 <- m$r.squared; out$adj_r2 <- m$adj.r.squared }
  f <- m$fstatistic
  if (!is.null(f) && !isTRUE(m$fes)) out$fstat <- list(value = f[[1]], numdf = f[[2]], dendf = f[[3]])
  out$coef <- lines_of(m$term, m$coefficients, m$std.error, m$statistic, m$p.value, m$conf.low, m$conf.high, m$df)
  v <- m$vcov
  if (!is.null(v)) out$vcov <- unname(v)
  results[[key]] <<- out
}

# A model of lm or ivreg with a covariance from sandwich or clubSandwich and its degrees of freedom.
with_vcov <- function(key, package, model, vcov, dof, terms = names(coef(m))) {
  m <- eval(parse(text = model)); v <- eval(parse(text = vcov))[terms, terms]; b <- coef(m)[terms]; se <- sqrt(diag(v))
  t <- b / se; p <- 2 * pt(-abs(t), dof); q <- qt(.975, dof)
  results[[key]] <<- list(package = package, version = version(package), call = paste(model, "|", vcov), n = nobs(m),
    coef = lines_of(names(b), b, se, t, p, b - q * se, b + q * se, dof), vcov = unname(v))
}

f <- "y ~ assigned + c1 + c2"
for (se in c("CR0", "stata")) {
  est(paste0("ols_", se), sprintf("lm_robust(%s, d, clusters = agent, se_type = '%s')", f, se))
  est(paste0("ols_weighted_", se), sprintf("lm_robust(%s, d, weights = w, clusters = agent, se_type = '%s')", f, se))
  est(paste0("ols_effects_", se), sprintf("lm_robust(y ~ c1 + c2, d, fixed_effects = ~ day + topic, clusters = agent, se_type = '%s')", se))
  est(paste0("ols_nested_", se), sprintf("lm_robust(y ~ c1 + c2, d, fixed_effects = ~ agent + day, clusters = agent, se_type = '%s')", se))
  est(paste0("ols_missing_", se), sprintf("lm_robust(rating ~ assigned + c1 + c2, d, clusters = agent, se_type = '%s')", se))
  est(paste0("iv_just_", se), sprintf("iv_robust(y ~ used + c1 + c2 | assigned + c1 + c2, d, clusters = agent, se_type = '%s')", se))
  est(paste0("iv_over_", se), sprintf("iv_robust(y ~ share + c1 + c2 | assigned + reminded + c1 + c2, d, clusters = agent, se_type = '%s')", se))
  est(paste0("iv_two_", se), sprintf("iv_robust(y ~ used + share + c1 + c2 | assigned + reminded + c1 + c2, d, clusters = agent, se_type = '%s')", se))
  est(paste0("iv_weighted_", se), sprintf("iv_robust(y ~ share + c1 + c2 | assigned + reminded + c1 + c2, d, weights = w, clusters = agent, se_type = '%s')", se))
}
for (se in c("classical", "HC0", "HC1")) {
  est(paste0("ols_", se), sprintf("lm_robust(%s, d, se_type = '%s')", f, se))
  est(paste0("ols_weighted_", se), sprintf("lm_robust(%s, d, weights = w, se_type = '%s')", f, se))
  est(paste0("ols_noconstant_", se), sprintf("lm_robust(y ~ 0 + assigned + c1 + c2, d, se_type = '%s')", se))
  est(paste0("iv_just_", se), sprintf("iv_robust(y ~ used + c1 + c2 | assigned + c1 + c2, d, se_type = '%s')", se))
  est(paste0("iv_effects_", se), sprintf("iv_robust(y ~ used + c1 + c2 | assigned + c1 + c2, d, fixed_effects = ~ day + topic, se_type = '%s')", se))
}

ols <- "lm(y ~ assigned + c1 + c2, d)"
iv <- "ivreg(y ~ share + c1 + c2 | assigned + reminded + c1 + c2, data = d)"
effects <- "lm(y ~ c1 + c2 + factor(agent) + factor(day), d)"
with_vcov("sandwich_2way_HC0", "sandwich", ols, "vcovCL(m, cluster = ~ agent + day, type = 'HC0')", 13)
with_vcov("sandwich_2way_HC1", "sandwich", ols, "vcovCL(m, cluster = ~ agent + day, type = 'HC1')", 13)
with_vcov("sandwich_3way_HC1", "sandwich", ols, "vcovCL(m, cluster = ~ agent + day + topic, type = 'HC1')", 5)
with_vcov("sandwich_iv_HC1", "sandwich", iv, "vcovCL(m, cluster = ~ agent, type = 'HC1')", 59)
with_vcov("sandwich_iv_2way_HC1", "sandwich", iv, "vcovCL(m, cluster = ~ agent + day, type = 'HC1')", 13)
with_vcov("clubSandwich_CR1", "clubSandwich", ols, "as.matrix(vcovCR(m, cluster = d$agent, type = 'CR1'))", 59)
with_vcov("clubSandwich_CR1S", "clubSandwich", effects, "as.matrix(vcovCR(m, cluster = d$agent, type = 'CR1S'))", 59, c("c1", "c2"))

# Joint tests: lmtest refers F to N - K degrees of freedom.
joint <- function(key, vcov) {
  big <- lm(y ~ assigned + c1 + c2, d); small <- lm(y ~ assigned, d); m <- big; v <- eval(parse(text = vcov))
  w <- waldtest(small, big, vcov = v); x <- waldtest(small, big, vcov = v, test = "Chisq")
  results[[key]] <<- list(package = "lmtest", version = version("lmtest"), call = paste("waldtest of c1, c2 |", vcov),
    wald = list(F = w$F[2], df1 = w$Df[2], df2 = w$Res.Df[2], p = w$`Pr(>F)`[2], chi2 = x$Chisq[2], p_chi2 = x$`Pr(>Chisq)`[2]))
}
joint("wald_HC1", "vcovHC(m, type = 'HC1')")
joint("wald_CR1", "vcovCL(m, cluster = ~ agent, type = 'HC1')")

write_json(list(R = R.version.string, results = results), "r.json", digits = NA, auto_unbox = TRUE, na = "null", pretty = 1)
