"""Writes python.json: reference results from Python for experiment.csv. Run: python reference.py"""
import json
import linearmodels
import numpy as np
import pandas as pd
import pyfixest as pf
from linearmodels.iv import IV2SLS, IVLIML

d = pd.read_csv("experiment.csv")
results = {}


def rows(names, est, se, t, p, lo, hi):
    return [dict(term=n, estimate=float(a), std_error=float(b), t=float(c), p=float(e), ci_lo=float(f), ci_hi=float(g))
            for n, a, b, c, e, f, g in zip(names, est, se, t, p, lo, hi)]


def fixest(key, formula, **options):
    """pyfixest with its demeaning run to 1e-13, so that the rows are good to the digits compared."""
    m = pf.feols(formula, d, fixef_rm="none", demeaner=pf.MapDemeaner(fixef_tol=1e-13, fixef_maxiter=100_000), **options)
    table = m.tidy()
    results[key] = dict(
        package="pyfixest", version=pf.__version__, n=int(m._N),
        call=f"feols({formula!r}, {', '.join(f'{k}={v!r}' for k, v in options.items())})",
        coef=rows(table.index, table["Estimate"], table["Std. Error"], table["t value"], table["Pr(>|t|)"],
                  table["2.5%"], table["97.5%"]),
        vcov=m._vcov.tolist())
    if formula.count("~") == 1:
        results[key]["r2"] = float(m._r2)


agent, two = {"CRV1": "agent"}, {"CRV1": "agent+day"}
fixest("feols_effects", "y ~ assigned + c1 + c2 | day + topic", vcov=agent)
fixest("feols_three", "y ~ c1 + c2 | agent + day + topic", vcov=agent)
fixest("feols_nested", "y ~ c1 + c2 | agent + day", vcov=agent)
fixest("feols_interaction", "y ~ c1 + c2 | agent + day^topic", vcov=agent)
fixest("feols_hetero", "y ~ assigned + c1 + c2 | day + topic", vcov="HC1")
fixest("feols_iid", "y ~ assigned + c1 + c2 | day + topic", vcov="iid")
fixest("feols_weighted", "y ~ assigned + c1 + c2 | day + topic", vcov=agent, weights="w")
fixest("feols_frequency", "y ~ assigned + c1 + c2", vcov="HC1", weights="times", weights_type="fweights")
fixest("feols_frequency_clustered", "y ~ assigned + c1 + c2", vcov=agent, weights="times", weights_type="fweights")
fixest("feols_2way", "y ~ assigned + c1 + c2 | topic", vcov=two)
fixest("feols_2way_G_conventional", "y ~ assigned + c1 + c2 | topic", vcov=two, ssc=pf.ssc(G_df="conventional"))
fixest("feols_K_none", "y ~ c1 + c2 | agent + day", vcov=agent, ssc=pf.ssc(k_fixef="none"))
fixest("feols_K_full", "y ~ c1 + c2 | agent + day", vcov=agent, ssc=pf.ssc(k_fixef="full"))
fixest("feols_no_factor", "y ~ c1 + c2 | agent + day", vcov=agent, ssc=pf.ssc(k_adj=False, G_adj=False))
fixest("feols_iv", "y ~ c1 + c2 | day + topic | used ~ assigned", vcov=agent)
fixest("feols_missing", "rating ~ c1 + c2 | agent + day", vcov=agent)


def stages(key, kind, endog, instruments, cov, weights=None, fuller=None, **options):
    """linearmodels; "debiased" is the small-sample factor and the t distribution."""
    exog = pd.DataFrame(dict(c1=d.c1, c2=d.c2, const=1.0))
    extra = {} if fuller is None else dict(fuller=fuller)
    m = kind(d.y, exog, d[endog], d[instruments], weights=None if weights is None else d[weights], **extra)
    r = m.fit(cov_type=cov, **{k: d[v] if k == "clusters" else v for k, v in options.items()})
    ci = r.conf_int()
    results[key] = dict(
        package="linearmodels", version=linearmodels.__version__, n=int(r.nobs), r2=float(r.rsquared),
        call=f"{kind.__name__}({endog}, {instruments}, weights={weights}, {extra}).fit({cov!r}, {options})",
        coef=rows(r.params.index, r.params, r.std_errors, r.tstats, r.pvalues, ci.lower, ci.upper),
        vcov=r.cov.to_numpy().tolist(), **({} if kind is IV2SLS else dict(kappa=float(r.kappa))))


for cov, options in {
    "unadjusted": {}, "robust": {}, "clustered": dict(clusters=["agent"]),
}.items():
    for small in (False, True):
        name = f"{cov}_{'small' if small else 'large'}"
        stages(f"tsls_{name}", IV2SLS, ["share"], ["assigned", "reminded"], cov, debiased=small, **options)
        stages(f"tsls_two_{name}", IV2SLS, ["used", "share"], ["assigned", "reminded"], cov, debiased=small, **options)
        stages(f"liml_{name}", IVLIML, ["share"], ["assigned", "reminded"], cov, debiased=small, **options)
        stages(f"fuller_{name}", IVLIML, ["share"], ["assigned", "reminded"], cov, fuller=1, debiased=small, **options)
        stages(f"fuller4_weighted_{name}", IVLIML, ["share"], ["assigned", "reminded"], cov, weights="w", fuller=4, debiased=small, **options)

with open("python.json", "w") as f:
    json.dump(dict(numpy=np.__version__, pandas=pd.__version__, results=results), f, indent=1)
    f.write("\n")
