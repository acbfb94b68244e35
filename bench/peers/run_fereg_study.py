"""polars and fereg on a study: from chats to the panel by agent and day to 65 fits."""

from clock import keep, need, run

need("polars", "pandas", "pyarrow", "fereg")
import fereg
from studyfits import CONTROLS, YS, Study

s = Study(fereg)


def groups(name, days):
    used, treated = [[f"{c}{q}" for q in range(1, 6)] for c in ("used", "treated")]
    grouped = s.d.dropna(subset="q")
    inside = {f"{c}{q}": grouped[c] * (grouped["q"] == q) for c in ("used", "treated") for q in range(1, 6)}
    grouped = grouped.assign(**inside, group=grouped["q"].astype(int))
    for y in YS:
        m = s.feols(y, f"{' + '.join(CONTROLS)} | agent + {days} | {' + '.join(used)} ~ {' + '.join(treated)}", grouped)
        for q, c in enumerate(used, 1):
            keep(f"{name} Q{q} {y}", m.coef()[c], m.se()[c])


run({
    "panel": s.panel,
    "itt": s.itt,
    "late": s.late,
    "hetero_common": lambda: groups("common", "since"),
    "hetero_group": lambda: groups("group-specific", "since^group"),
    "event": s.event,
}, s.warm)
