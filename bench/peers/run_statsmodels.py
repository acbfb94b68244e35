"""pandas and statsmodels on an experiment's file."""

from clock import keep, need, path, run

need("pandas", "statsmodels")
import pandas
import statsmodels.formula.api as smf


def read():
    global d
    d = pandas.read_csv(path)


def itt():
    model = smf.ols("y1 ~ assigned + c1 + c2 + c3 + c4 + C(day) + C(issue_type)", d)
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": d["agent_id"]})
    keep("itt y1", fit.params["assigned"], fit.bse["assigned"])


run({"read": read, "itt": itt})
