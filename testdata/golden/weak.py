"""Writes weak.json: tests of instruments on experiment.csv by linearmodels, ivmodels, statsmodels, and by
formulas written out here on the rows. Run: python weak.py"""
import json
from importlib.metadata import version

import linearmodels
import numpy as np
import pandas as pd
import scipy
import statsmodels
import statsmodels.api as sm
from ivmodels.tests import (anderson_rubin_test, conditional_likelihood_ratio_test, inverse_anderson_rubin_test,
                            inverse_conditional_likelihood_ratio_test, inverse_lagrange_multiplier_test, lagrange_multiplier_test)
from linearmodels.iv import IV2SLS, IVGMM, IVLIML
from scipy import linalg
from scipy.stats import f as fdist

d = pd.read_csv("experiment.csv")
n = len(d)
y, agent = d.y.to_numpy(), pd.factorize(d.agent)[0]
groups = agent.max() + 1
W = np.column_stack([d.c1, d.c2, np.ones(n)])
d["third"] = d.assigned * d.c2
# Columns that have next to nothing to do with usage.
d["wave"], d["tide"], d["swell"] = np.cos(d.agent * d.day), np.sin(2 * d.agent + d.day), np.cos(3 * d.day + d.team)
MODELS = {  # endogenous columns, instruments
    "just": (["used"], ["assigned"]), "over": (["share"], ["assigned", "reminded"]),
    "three": (["used"], ["assigned", "reminded", "third"]), "two": (["used", "share"], ["assigned", "reminded", "third"]),
    "weak": (["used"], ["wave", "tide", "swell"]), "weak_just": (["used"], ["tide"]),
}
results = {}


def net(a, w=W):
    return a - w @ np.linalg.lstsq(w, a, rcond=None)[0]


def sums(scores, kind):
    """Scores by cluster, or by row."""
    if kind == "robust":
        return scores
    out = np.zeros((groups, scores.shape[1]))
    np.add.at(out, agent, scores)
    return out


def factor(kind, k):
    """N/(N-K), or G/(G-1) (N-1)/(N-K)."""
    return n / (n - k) if kind != "clustered" else groups / (groups - 1) * (n - 1) / (n - k)


def put(model, kind, **values):
    results.setdefault(f"{model}_{kind}", {}).update({k: (float(v) if np.ndim(v) == 0 else np.asarray(v).tolist()) for k, v in values.items()})


def reduced(D, Z, kind):
    """Coefficients of y and D on Z net of W, one column below the other, and their joint covariance with
    its factor; also that of D alone under the hypothesis that Z moves nothing, without."""
    z, yd = net(Z), net(np.column_stack([y, D]))
    zz = np.linalg.inv(z.T @ z)
    coef = zz @ z.T @ yd
    u, k = yd - z @ coef, Z.shape[1] + W.shape[1]
    if kind == "classical":
        v = np.kron(u.T @ u / (n - k), zz)
        null = np.kron(yd[:, 1:].T @ yd[:, 1:] / n, zz)
        return z, coef, v, null
    influence = lambda e: sums(np.hstack([(z * e[:, [j]]) @ zz for j in range(e.shape[1])]), kind)
    a, b = influence(u), influence(yd[:, 1:])
    return z, coef, a.T @ a * factor(kind, k), b.T @ b


def rank(coef, z, dd, v):
    """Kleibergen and Paap's statistic for rank p-1, from the rows' cross-products."""
    l, p = coef.shape
    F, G = linalg.cholesky(z.T @ z, lower=True), linalg.cholesky(dd.T @ dd, lower=True)
    theta = F.T @ coef @ np.linalg.inv(G.T)
    to = np.kron(np.linalg.inv(G), F.T)
    u, s, vt = np.linalg.svd(theta, full_matrices=True)
    pick = np.kron(vt[p - 1:, :], u[:, p - 1:].T)
    lam = pick @ theta.T.reshape(-1)
    return lam @ np.linalg.solve(pick @ to @ v @ to.T @ pick.T, lam)


for name, (endog, instruments) in MODELS.items():
    D, Z = d[endog].to_numpy(float), d[instruments].to_numpy(float)
    l, p, k = Z.shape[1], D.shape[1], Z.shape[1] + W.shape[1]
    exog = pd.DataFrame(W, columns=["c1", "c2", "const"])
    fit = IV2SLS(d.y, exog, d[endog], d[instruments]).fit(cov_type="unadjusted")
    put(name, "classical", wu=[fit.wu_hausman().stat, fit.wu_hausman().pval], durbin=[fit.durbin().stat, fit.durbin().pval])
    roots = linalg.eigh(D.T @ net(Z) @ np.linalg.solve(net(Z).T @ net(Z), net(Z).T @ D), net(D, np.column_stack([Z, W])).T @ D / (n - k), eigvals_only=True)
    put(name, "classical", cragg_donald=roots[0] / l)
    if l > p:
        put(name, "classical", sargan=[fit.sargan.stat, fit.sargan.pval])
        put(name, "robust", j=[fit.wooldridge_overid.stat, fit.wooldridge_overid.pval])
        liml = IVLIML(d.y, exog, d[endog], d[instruments]).fit(cov_type="unadjusted")
        put(name, "classical", liml_sargan=n * (1 - 1 / liml.kappa))
    for kind, options in {"robust": {}, "clustered": dict(clusters=agent)}.items():
        # Two-step GMM: weights from two-stage residuals. linearmodels takes means of moments.
        gmm = IVGMM(d.y, exog, d[endog], d[instruments], weight_type=kind, **options).fit(iter_limit=2, cov_type=kind, **options)
        if l > p:
            put(name, kind, gmm_j=[gmm.j_stat.stat, gmm.j_stat.pval])
        # Difference in J: moments of all columns weighted at the as-used residuals.
        all_, x = np.column_stack([Z, D, W]), np.column_stack([D, W])
        u = net(y[:, None], x)
        S = sums(all_ * u, kind)
        S = S.T @ S

        def least(cols):
            A = all_[:, cols]
            w = np.linalg.inv(S[np.ix_(cols, cols)])
            b = np.linalg.solve(x.T @ A @ w @ A.T @ x, x.T @ A @ w @ A.T @ y)
            g = A.T @ (y - x @ b)
            return g @ w @ g

        everything = list(range(all_.shape[1]))
        only = [i for i in everything if not l <= i < l + p]
        put(name, kind, difference_in_j=least(everything) - least(only))
        # Wu-Hausman: add first-stage residuals.
        v = net(D, np.column_stack([Z, W]))
        X = np.column_stack([D, W, v])
        B = np.linalg.inv(X.T @ X)
        b = B @ X.T @ y
        s = sums(X * (y - X @ b)[:, None], kind) @ B
        V = s.T @ s * factor(kind, X.shape[1])
        rho = b[-p:]
        stat = rho @ np.linalg.solve(V[-p:, -p:], rho) / p
        put(name, kind, wu=[stat, fdist.sf(stat, p, groups - 1 if kind == "clustered" else n - X.shape[1])])
    for kind in ("classical", "robust", "clustered"):
        z, coef, V, null = reduced(D, Z, kind)
        pi, Vpi = coef[:, 1:], V[l:, l:]
        put(name, kind, kleibergen_paap=rank(pi, z, net(D), Vpi) / l, under=rank(pi, z, net(D), null))
        if p == 1:
            put(name, kind, effective_f=(pi.T @ z.T @ z @ pi).item() / np.trace(Vpi @ z.T @ z))
        for b in ([0.0] * p, [0.37] * p, [2.5] * p):
            h = np.r_[1, -np.array(b)]
            H = np.kron(h, np.eye(l))
            g, Vg = coef @ h, H @ V @ H.T
            ar = g @ np.linalg.solve(Vg, g)
            C = V[l:] @ H.T  # covariance of first stages with g
            Dp = (pi.T.reshape(-1) - C @ np.linalg.solve(Vg, g)).reshape(p, l).T
            score = Dp.T @ np.linalg.solve(Vg, g)
            lm = score @ np.linalg.solve(Dp.T @ np.linalg.solve(Vg, Dp), score)
            values = dict(b=b, ar=ar / l, lm=lm / p)
            if p == 1:
                SD = Vpi - C @ np.linalg.solve(Vg, C.T)
                r = Dp[:, 0] @ np.linalg.solve(SD, Dp[:, 0])
                values |= dict(clr=(ar - r + np.sqrt((ar + r) ** 2 - 4 * (ar - lm) * r)) / 2, strength=r)
            results[f"{name}_{kind}"].setdefault("at", []).append({k: (list(map(float, v)) if isinstance(v, list) else float(v)) for k, v in values.items()})
    # ivmodels: classical tests by another route; their p-values are asymptotic.
    common = dict(Z=Z, X=D, y=y, C=W[:, :2], fit_intercept=True)
    for b in ([0.0] * p, [0.37] * p):
        values = dict(b=b, ar=list(map(float, anderson_rubin_test(beta=np.array(b), critical_values="f", **common))),
                      lm=list(map(float, lagrange_multiplier_test(beta=np.array(b), **common))))
        if p == 1:
            values["clr"] = list(map(float, conditional_likelihood_ratio_test(
                beta=np.array(b), critical_values="moreira2003conditional", tol=1e-10, **common)))
        results[f"{name}_classical"].setdefault("ivmodels", []).append(values)
    if p == 1:
        sets = dict(ar_set=inverse_anderson_rubin_test(alpha=0.05, critical_values="f", **common))
        if l > 1:  # by search, and so to fewer digits; the LM set is searched for outwards from LIML alone
            sets["clr_set"] = inverse_conditional_likelihood_ratio_test(alpha=0.05, tol=1e-9, **common)
            sets["lm_set"] = inverse_lagrange_multiplier_test(alpha=0.05, tol=1e-9, max_value=1e8, max_eval=10000, **common)
        for key, q in sets.items():
            pieces = [] if str(q) == "∅" else [v.strip("[] ").split(", ") for v in str(q).split(" U ")]
            results[f"{name}_classical"][key] = [[v.replace("inf", "Inf") for v in piece] for piece in pieces]

with open("weak.json", "w") as file:
    json.dump(dict(numpy=np.__version__, scipy=scipy.__version__, linearmodels=linearmodels.__version__, ivmodels=version("ivmodels"),
                   statsmodels=statsmodels.__version__, results=results), file, indent=1)
    file.write("\n")
