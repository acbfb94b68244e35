# Writes trial.csv: a small experiment that was assigned in several ways at once. Run: Rscript simulate.R
set.seed(20240123)
block_sizes <- c(north = 24, south = 16, east = 30, west = 10) # rows; shares assigned differ between blocks
share <- c(north = 0.5, south = 0.25, east = 0.7, west = 0.4)
d <- do.call(rbind, lapply(names(block_sizes), function(b) {
  n <- block_sizes[[b]]
  z <- sample(rep(1:0, c(round(n * share[[b]]), n - round(n * share[[b]]))))
  data.frame(block = b, z = z)
}))
n <- nrow(d)
d$arm <- NA
for (b in names(block_sizes)) { i <- which(d$block == b); d$arm[i] <- sample(rep(c("control", "text", "voice"), length.out = length(i))) }
# Villages of 2 to 6 rows within blocks, half of them assigned; schools are matched pairs of unequal sizes.
d$village <- NA; d$zv <- NA; last <- 0
for (b in names(block_sizes)) {
  i <- which(d$block == b); k <- max(4, length(i) %/% 4)
  at <- c(seq_len(k), seq_len(k), sample(k, length(i) - 2 * k, TRUE))
  treated <- sample(rep(0:1, length.out = k))
  d$village[i] <- last + at; d$zv[i] <- treated[at]; last <- last + k
}
d$pair <- rep(seq_len(n / 2), each = 2)
d$zp <- as.vector(replicate(n / 2, sample(0:1)))
d$region <- (seq_len(n) - 1) %/% 10 + 1                     # eight pairs of schools
d$school <- 2 * d$region - ifelse((seq_len(n) - 1) %% 10 < 2 + d$region %% 4, 1, 0)
odd <- sample(0:1, 8, TRUE)
d$zs <- (d$school + odd[d$region]) %% 2
d$w <- round(0.5 + rexp(n), 3)
d$times <- sample(0:3, n, TRUE)
d$x1 <- round(rnorm(n), 4); d$x2 <- round(runif(n, 0, 10), 3)
d$grade <- sample(c("a", "b", "c"), n, TRUE)
effect <- c(north = 1, south = 4, east = 0, west = -2)[d$block]
village <- rnorm(max(d$village))
d$y <- round(10 + effect * (d$z + d$zv + d$zp + d$zs) / 2 + d$x1 + 0.2 * d$x2 * d$z + village[d$village] + rnorm(n), 4)
d$bought <- as.integer(d$y + rnorm(n) > 11)
d$late <- d$y; d$late[sample(n, 9)] <- NA
write.csv(d, "trial.csv", row.names = FALSE, quote = FALSE)
