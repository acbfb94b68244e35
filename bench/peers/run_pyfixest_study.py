"""polars and pyfixest on a study: from chats to the panel by agent and day to 65 fits.

pyfixest has no 2SLS with several endogenous columns: effects of usage by quintile are 2SLS in numpy
on columns from which pyfixest has removed the effects."""

from clock import keep, need, path, run

need("polars", "pandas", "pyarrow", "pyfixest")
import numpy
import pandas
import polars
import pyfixest
from polars import col
from pyfixest.core.demean import demean

LOGS = ["identification_time", "duration", "agent_response_time", "typing_time", "customer_response_time", "shift_away_time"]
PLAIN = ["dissatisfied", "rating", "retrial_3d", "agent_messages", "customer_messages", "customer_pictures",
         "agent_density", "agent_clarity", "agent_diversity", "retrial_10m"]
YS = ["ln_" + c for c in LOGS] + PLAIN
LAGGED = ["concurrency", "customer_tenure"]
CONTROLS = ["lag_" + c for c in LAGGED]
LAUNCH = polars.date(2024, 1, 23)


def panel():
    global d
    chats = polars.scan_csv(f"{path}/chats.csv", try_parse_dates=True).with_columns(
        day=col("start").dt.date(), used=col("ai_complete") + col("ai_partial"),
        dissatisfied=(col("rating") <= 2).cast(polars.Float64))
    means = [col(c).mean() for c in LOGS + PLAIN + LAGGED + ["used"]]
    cells = chats.group_by("agent_id", "day").agg(means)
    before = chats.filter(col("day") < LAUNCH).group_by("agent_id").agg(baseline=col("rating").mean())
    cells, before = polars.collect_all([cells, before], engine="streaming")
    before = before.drop_nulls("baseline").to_pandas()
    cuts = numpy.quantile(before["baseline"], numpy.linspace(0, 1, 6))
    before["q"] = pandas.cut(before["baseline"], cuts, labels=False, include_lowest=True) + 1
    agents = polars.read_csv(f"{path}/agents.csv").select("agent_id", "treat")
    d = (cells.join(agents, on="agent_id").sort("agent_id", "day").with_columns(
        [col(c).shift().over("agent_id").alias("lag_" + c) for c in LAGGED]
        + [col(c).log().alias("ln_" + c) for c in LOGS]
        + [(col("treat") * (col("day") >= LAUNCH)).cast(polars.Float64).alias("treated"),
           (col("day") - LAUNCH).dt.total_days().alias("since")]).to_pandas())
    d = d.merge(before[["agent_id", "q"]], on="agent_id", how="left")
    d["agent"] = d["agent_id"].astype("category").cat.codes


def feols(y, right, data=None):
    return pyfixest.feols(f"{y} ~ {right}", d if data is None else data, vcov={"CRV1": "agent"},
                          fixef_rm="none", copy_data=False, store_data=False, lean=True)


def itt():
    for y in YS:
        m = feols(y, f"treated + {' + '.join(CONTROLS)} | agent + since")
        keep(f"itt {y}", m.coef()["treated"], m.se()["treated"])


def late():
    for y in YS:
        m = feols(y, f"{' + '.join(CONTROLS)} | agent + since | used ~ treated")
        keep(f"late {y}", m.coef()["used"], m.se()["used"])


def event():
    m = feols("rating", f"i(since, treat, ref=-1) + {' + '.join(CONTROLS)} | agent + since")
    for name, b, se in zip(m.coef().index, m.coef(), m.se()):
        if "since" in name:
            keep(f"event {''.join(c for c in name if c.isdigit() or c == '-')}", b, se)


def codes(column):
    return numpy.unique(column, return_inverse=True)[1].astype(numpy.uintp)


def groups(name, by_group):
    for y in YS:
        part = d[["agent", "since", "q", y, "used", "treated", *CONTROLS]].dropna()
        q, n = part["q"].to_numpy(int), len(part)
        effects = [codes(part["agent"]), codes(part["since"] * 8 + q if by_group else part["since"])]
        inside = q[:, None] == numpy.arange(1, 6)
        columns = numpy.column_stack([part[y], inside * part["used"].to_numpy()[:, None],
                                      inside * part["treated"].to_numpy()[:, None], part[CONTROLS]])
        columns, converged = demean(columns, numpy.column_stack(effects), numpy.ones(n), 1e-8)
        assert converged
        outcome, controls = columns[:, 0], columns[:, 11:]
        x = numpy.hstack([columns[:, 1:6], controls])
        z = numpy.hstack([columns[:, 6:11], controls])
        fitted = z @ numpy.linalg.solve(z.T @ z, z.T @ x)
        bread = numpy.linalg.inv(fitted.T @ fitted)
        b = bread @ (fitted.T @ outcome)
        scores = fitted * (outcome - x @ b)[:, None]
        clusters = effects[0].max() + 1
        sums = numpy.column_stack([numpy.bincount(effects[0], s, clusters) for s in scores.T])
        k = x.shape[1] + effects[1].max() + 1
        v = clusters / (clusters - 1) * (n - 1) / (n - k) * bread @ (sums.T @ sums) @ bread
        for g in range(5):
            keep(f"{name} Q{g + 1} {y}", b[g], numpy.sqrt(v[g, g]))


def warm(name):
    """What is compiled or loaded at first use: not part of what is measured."""
    rng = numpy.random.default_rng(1)
    few = pandas.DataFrame(rng.normal(size=(200, 4)), columns=["y", "x", "z", "w"])
    few["agent"], few["since"] = numpy.arange(200) % 20, numpy.arange(200) % 7
    if name == "late":
        feols("y", "w | agent + since | x ~ z", few)
    elif name != "panel":
        feols("y", "x | agent + since", few)


run({
    "panel": panel,
    "itt": itt,
    "late": late,
    "hetero_common": lambda: groups("common", False),
    "hetero_group": lambda: groups("group-specific", True),
    "event": event,
}, warm)
