"""DuckDB on an experiment's file."""

from clock import keep, need, path, run

need("duckdb")
import duckdb


def read():
    duckdb.sql(f"CREATE TABLE d AS FROM read_csv('{path}')")


def group():
    cells = duckdb.sql(f"""
        SELECT agent_id, day, count(issue_type) AS issues, avg(COLUMNS(* EXCLUDE (agent_id, day, issue_type)))
        FROM read_csv('{path}') GROUP BY ALL""").fetchnumpy()
    keep("cells", len(cells["y10"]), 1)
    keep("mean of y10", cells["y10"].mean(), 1)


run({"read": read, "group": group})
