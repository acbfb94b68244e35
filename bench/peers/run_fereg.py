"""pandas and fereg on an experiment's file."""

from clock import need, run

need("pandas", "fereg")
import fereg
from formulas import YS, Experiment

e = Experiment(fereg)
run({
    "read": e.read,
    "itt": lambda: e.itt(["y1"]),
    "itt10": lambda: e.itt(YS),
    "late10": e.late10,
    "split": e.split,
}, e.warm)
