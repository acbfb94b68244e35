"""pandas and pyfixest on an experiment's file."""

from clock import keep, need, path, run, simulated

need("pandas", "pyfixest")
import numpy
import pandas
import pyfixest

YS = [f"y{j}" for j in range(1, 11)]
CONTROLS = "c1 + c2 + c3 + c4"
LEAN = {"copy_data": False, "store_data": False, "lean": True}


def read():
    global d
    d = pandas.read_csv(path)


def feols(formula, data, **options):
    return pyfixest.feols(formula, data, vcov={"CRV1": "agent_id"}, **options)


def fits(result):
    return result.to_list() if hasattr(result, "to_list") else [result]


def itt(name, data, ys):
    right = f"assigned + {CONTROLS} | day + issue_type"
    for m in fits(feols(f"{' + '.join(ys)} ~ {right}", data, **LEAN)):
        keep(f"{name} {m._depvar}", m.coef()["assigned"], m.se()["assigned"])


def late10():
    right = f"{CONTROLS} | day + issue_type | used ~ assigned"
    for m in fits(feols(f"{' + '.join(YS)} ~ {right}", d, **LEAN)):
        keep(f"late {m._depvar}", m.coef()["used"], m.se()["used"])


def split():
    quartile = pandas.qcut(d["baseline"], 4, labels=False) + 1
    for q in range(1, 5):
        itt(f"itt Q{q}", d[quartile == q], YS)


def model():
    global fit
    need("wildboottest")
    fit = feols(f"y1 ~ assigned + {CONTROLS} + C(day) + C(issue_type)", d)
    keep("model y1", fit.coef()["assigned"], fit.se()["assigned"])


def wild():
    test = fit.wildboottest(param="assigned", reps=9999, seed=1)
    keep("wild statistic y1", test["t value"], 1)
    simulated["wild p y1"] = float(test["Pr(>|t|)"])


def permute(kind, name):
    need("numba")
    data = d.assign(assigned=d["assigned"].astype(float))
    fit = feols(f"y1 ~ assigned + {CONTROLS} | day+issue_type", data)  # ritest takes no blanks here
    test = fit.ritest(resampvar="assigned", cluster="agent_id", reps=10000, type=kind, rng=numpy.random.default_rng(1))
    simulated[f"{name} p y1"] = float(test["Pr(>|t|)"])


def warm(name):
    """What is compiled or loaded at first use: not part of what is measured."""
    few = d.head(5000)
    few = few.assign(assigned=few["assigned"].astype(float))
    feols(f"y1 ~ assigned + {CONTROLS} | day + issue_type", few, **LEAN)
    if name == "late10":
        feols(f"y1 ~ {CONTROLS} | day + issue_type | used ~ assigned", few, **LEAN)
    if name == "permute":
        feols("y1 ~ assigned | day", few).ritest(resampvar="assigned", cluster="agent_id", reps=100, rng=numpy.random.default_rng(1))


run({
    "read": read,
    "itt": lambda: itt("itt", d, ["y1"]),
    "itt10": lambda: itt("itt", d, YS),
    "late10": late10,
    "split": split,
    "model": model,
    "wild": wild,
    "permute": lambda: permute("randomization-c", "permute"),
    "permute_t": lambda: permute("randomization-t", "permute t"),
}, warm)
