# data.table on an experiment's file or a study's chats.
source("clock.R")
need("data.table")
setDTthreads(cores)

run(list(
  read = function() d <<- fread(if (dir.exists(path)) file.path(path, "chats.csv") else path)
))
