"""polars and pyfixest on a study: from chats to the panel by agent and day to 65 fits.

pyfixest has no 2SLS with several endogenous columns: effects of usage by quintile are 2SLS in numpy
on columns from which pyfixest has removed the effects."""

from clock import keep, need, run

need("polars", "pandas", "pyarrow", "pyfixest")
import numpy
import pyfixest
from pyfixest.core.demean import demean
from studyfits import CONTROLS, YS, Study

s = Study(pyfixest)


def codes(column):
    return numpy.unique(column, return_inverse=True)[1].astype(numpy.uintp)


def groups(name, by_group):
    for y in YS:
        part = s.d[["agent", "since", "q", y, "used", "treated", *CONTROLS]].dropna()
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
        sums = numpy.column_stack([numpy.bincount(effects[0], c, clusters) for c in scores.T])
        k = x.shape[1] + effects[1].max() + 1
        v = clusters / (clusters - 1) * (n - 1) / (n - k) * bread @ (sums.T @ sums) @ bread
        for g in range(5):
            keep(f"{name} Q{g + 1} {y}", b[g], numpy.sqrt(v[g, g]))


run({
    "panel": s.panel,
    "itt": s.itt,
    "late": s.late,
    "hetero_common": lambda: groups("common", False),
    "hetero_group": lambda: groups("group-specific", True),
    "event": s.event,
}, s.warm)
