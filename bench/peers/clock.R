# Steps of a peer, by the clock. A script names its packages and its steps; the command line is
# FILE STEP[,STEP...], and what it prints is the JSON that bench reads. Without steps it prints versions.
args <- commandArgs(TRUE)
path <- args[1]
cores <- parallel::detectCores()

if (!requireNamespace("jsonlite", quietly = TRUE)) {
  cat('{"absent": "R package jsonlite"}\n')
  quit()
}
need <- function(...) {
  for (name in c(...)) if (!requireNamespace(name, quietly = TRUE)) {
    cat(jsonlite::toJSON(list(absent = paste("R package", name)), auto_unbox = TRUE), "\n")
    quit()
  }
  versions <<- as.list(setNames(sapply(c(...), function(p) as.character(packageVersion(p))), c(...)))
  versions$R <<- paste(R.version$major, R.version$minor, sep = ".")
  for (name in c(...)) suppressMessages(library(name, character.only = TRUE))
}

estimates <- setNames(list(), character(0))
keep <- function(name, estimate, se) estimates[[name]] <<- c(unname(estimate), unname(se))

run <- function(does) {
  steps <- list()
  if (length(args) > 1 && nzchar(args[2])) for (name in strsplit(args[2], ",")[[1]]) {
    used <- system.time(does[[name]]())
    steps[[length(steps) + 1]] <- list(name = name, seconds = used[["elapsed"]], processor = used[["user.self"]] + used[["sys.self"]])
  }
  cat(jsonlite::toJSON(list(versions = versions, steps = steps, estimates = estimates), digits = I(17), auto_unbox = TRUE), "\n")
}
