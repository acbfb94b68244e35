"""polars on an experiment's file."""

from clock import keep, need, path, run

need("polars")
import polars


def read():
    global d
    d = polars.read_csv(path)


def group():
    numbers = polars.all().exclude("agent_id", "day", "issue_type").mean()
    issues = polars.col("issue_type").count()
    cells = polars.scan_csv(path).group_by("agent_id", "day").agg(issues, numbers).collect(engine="streaming")
    keep("cells", len(cells), 1)
    keep("mean of y10", cells["y10"].mean(), 1)


run({"read": read, "group": group})
