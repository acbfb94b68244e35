"""pandas and pyfixest on an experiment's file."""

from clock import keep, need, run, simulated

need("pandas", "pyfixest")
import numpy
import pyfixest
from formulas import CONTROLS, YS, Experiment

e = Experiment(pyfixest)


def model():
    global fit
    need("wildboottest")
    fit = e.feols(f"y1 ~ assigned + {CONTROLS} + C(day) + C(issue_type)", e.d)
    keep("model y1", fit.coef()["assigned"], fit.se()["assigned"])


def wild():
    test = fit.wildboottest(param="assigned", reps=9999, seed=1)
    keep("wild statistic y1", test["t value"], 1)
    simulated["wild p y1"] = float(test["Pr(>|t|)"])


def permute(kind, name):
    need("numba")
    data = e.d.assign(assigned=e.d["assigned"].astype(float))
    fit = e.feols(f"y1 ~ assigned + {CONTROLS} | day+issue_type", data)  # ritest takes no blanks here
    test = fit.ritest(resampvar="assigned", cluster="agent_id", reps=10000, type=kind, rng=numpy.random.default_rng(1))
    simulated[f"{name} p y1"] = float(test["Pr(>|t|)"])


def warm(name):
    e.warm(name)
    if name == "permute":
        e.feols("y1 ~ assigned | day", e.few()).ritest(resampvar="assigned", cluster="agent_id", reps=100, rng=numpy.random.default_rng(1))


run({
    "read": e.read,
    "itt": lambda: e.itt(["y1"]),
    "itt10": lambda: e.itt(YS),
    "late10": e.late10,
    "split": e.split,
    "model": model,
    "wild": wild,
    "permute": lambda: permute("randomization-c", "permute"),
    "permute_t": lambda: permute("randomization-t", "permute t"),
}, warm)
