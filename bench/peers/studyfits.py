"""A study from chats to the panel by agent and day, and its models in the formulas that pyfixest and
fereg share."""

from clock import keep, need, path

need("polars", "pandas", "pyarrow")
import numpy
import pandas
import polars
from polars import col

LOGS = ["identification_time", "duration", "agent_response_time", "typing_time", "customer_response_time", "shift_away_time"]
PLAIN = ["dissatisfied", "rating", "retrial_3d", "agent_messages", "customer_messages", "customer_pictures",
         "agent_density", "agent_clarity", "agent_diversity", "retrial_10m"]
YS = ["ln_" + c for c in LOGS] + PLAIN
LAGGED = ["concurrency", "customer_tenure"]
CONTROLS = ["lag_" + c for c in LAGGED]
LAUNCH = polars.date(2024, 1, 23)


class Study:
    """The panel and its models; module is that of feols."""

    def __init__(self, module):
        self.module = module

    def panel(self):
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
        self.d = d

    def feols(self, y, right, data=None):
        return self.module.feols(f"{y} ~ {right}", self.d if data is None else data, vcov={"CRV1": "agent"},
                                 fixef_rm="none", copy_data=False, store_data=False, lean=True)

    def itt(self):
        for y in YS:
            m = self.feols(y, f"treated + {' + '.join(CONTROLS)} | agent + since")
            keep(f"itt {y}", m.coef()["treated"], m.se()["treated"])

    def late(self):
        for y in YS:
            m = self.feols(y, f"{' + '.join(CONTROLS)} | agent + since | used ~ treated")
            keep(f"late {y}", m.coef()["used"], m.se()["used"])

    def event(self):
        m = self.feols("rating", f"i(since, treat, ref=-1) + {' + '.join(CONTROLS)} | agent + since")
        for name, b, se in zip(m.coef().index, m.coef(), m.se()):
            if "since" in name:
                keep(f"event {''.join(c for c in name if c.isdigit() or c == '-')}", b, se)

    def warm(self, name):
        """Fits what is compiled or loaded at first use: not part of what is measured."""
        rng = numpy.random.default_rng(1)
        few = pandas.DataFrame(rng.normal(size=(200, 4)), columns=["y", "x", "z", "w"])
        few["agent"], few["since"] = numpy.arange(200) % 20, numpy.arange(200) % 7
        if name == "late":
            self.feols("y", "w | agent + since | x ~ z", few)
        elif name != "panel":
            self.feols("y", "x | agent + since", few)
