"""Tables of a study, computed a second time from docs/study-file.md alone with numpy: dummies are written out, rows are events.

    python oracle.py            writes day.csv, hour.csv, units.csv and oracle.json beside it

Two worlds with missing outcomes, missing usage, events at midnight, at the launch and a second before it, and on 29 February:
day (a launch at midnight, cells of days, a control that is lagged) and hour (a launch at 11:00, cells of hours).
"""
import csv
import datetime as dt
import json
import math
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


# Worlds

def units(rng, n):
    arm = rng.permutation(np.arange(n) % 2)
    return [{"id": f"u{i:02d}", "arm": int(arm[i]), "age": float(rng.integers(20, 60)), "tenure": float(np.round(rng.gamma(2, 10), 1))} for i in range(n)]


def events(rng, people, launch, days, hours):
    """Events of the last units stop before the launch, those of the first begin since it."""
    rows = []
    for k, u in enumerate(people):
        level = rng.normal()
        for day in days:
            if k == len(people) - 1 and day >= launch or k == 0 and day + DAY <= launch or rng.random() < 0.15:
                continue
            for hour in rng.choice(hours, size=rng.integers(1, 4), replace=True):
                t = day + int(hour) * HOUR + dt.timedelta(minutes=int(rng.integers(60)), seconds=int(rng.integers(60)))
                if rng.random() < 0.06:
                    t = day  # midnight
                rows.append([u, t, level])
        for t in (launch, launch - dt.timedelta(seconds=1)):
            if 0 < k < len(people) - 1 and rng.random() < 0.4:
                rows.append([u, t, level])
    out = []
    for u, t, level in rows:
        since = t >= launch
        used = float(u["arm"] == 1 and since and rng.random() < 0.35 + 0.2 * (level > 0)) if rng.random() > 0.05 else math.nan
        dose = np.round(rng.gamma(2, 1), 2) * used
        y = np.round(10 + level - 0.6 * (0 if math.isnan(used) else used) + rng.normal() + 0.3 * (t.hour > 10), 2)
        z = np.round(math.exp(1 + 0.3 * level + 0.5 * rng.normal()), 3) if rng.random() > 0.04 else 0.0
        out.append({"who": u["id"], "at": t, "y": y if rng.random() > 0.2 else math.nan, "z": z if rng.random() > 0.1 else math.nan,
                    "load": float(rng.integers(1, 6)), "used": used, "dose": dose, "topic": str(rng.choice(["refund", "order", "other"], p=[0.5, 0.3, 0.2]))})
    order = rng.permutation(len(out))
    return [out[i] for i in order]


def write(name, rows):
    def cell(v):
        if isinstance(v, float):
            return "" if math.isnan(v) else repr(float(v))
        return v.strftime("%Y-%m-%d %H:%M:%S") if isinstance(v, dt.datetime) else str(v)
    with open(os.path.join(HERE, name), "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(rows[0].keys())
        for r in rows:
            w.writerow([cell(v) for v in r.values()])


# Estimators

def dummies(*keys):
    """Indicators of the combinations of some keys."""
    seen = {}
    codes = [seen.setdefault(k, len(seen)) for k in zip(*keys)]
    d = np.zeros((len(codes), len(seen)))
    d[np.arange(len(codes)), codes] = 1
    return d


def singletons(effects):
    """Rows that are left when rows alone in a group of an effect are dropped until there are none."""
    keep = np.ones(len(effects[0][0]), bool)
    while True:
        before = keep.sum()
        for keys in effects:
            rows = np.flatnonzero(keep)
            d = dummies(*[[k[i] for i in rows] for k in keys])
            alone = d[:, d.sum(0) == 1].any(1)
            keep[rows[alone]] = False
        if keep.sum() == before:
            return keep


def project(d, m):
    """m less its projection on the columns of d."""
    q, s, _ = np.linalg.svd(d, full_matrices=False)
    q = q[:, s > 1e-9 * s[0]]
    m = m - q @ (q.T @ m)
    return m - q @ (q.T @ m)


def rank(d):
    return np.linalg.matrix_rank(d) if d.size else 0


class Model:
    """A regression, or one by two stages, with effects written out and errors clustered by unit: CR1, of which K counts
    coefficients and effects that are not nested in units, and one for those that are."""

    def __init__(self, y, x, z, effects, unit):
        y, x, z = np.asarray(y, float), np.asarray(x, float), np.asarray(z, float)
        keep = singletons(effects)
        y, x, z = y[keep], x[keep], z[keep]
        unit = [u for u, k in zip(unit, keep) if k]
        parts = [dummies(*[[v for v, k in zip(key, keep) if k] for key in keys]) for keys in effects]
        d, own = np.hstack(parts), dummies(unit)
        self.n, self.k = len(y), x.shape[1] + rank(d) - rank(own) + 1
        yt, xt, zt = project(d, y[:, None])[:, 0], project(d, x), project(d, z)
        fitted = zt @ np.linalg.solve(zt.T @ zt, zt.T @ xt)
        bread = np.linalg.inv(fitted.T @ fitted)
        self.b = bread @ (fitted.T @ yt)
        u = yt - xt @ self.b
        s = own.T @ (fitted * u[:, None])
        g = own.shape[1]
        self.g, factor = g, g / (g - 1) * (self.n - 1) / (self.n - self.k)
        self.v = factor * bread @ (s.T @ s) @ bread

    def of(self, weights):
        c = np.asarray(weights, float)
        return {"estimate": float(c @ self.b), "se": float(math.sqrt(c @ self.v @ c)), "n": int(self.n), "clusters": int(self.g)}


def term(x, j):
    c = np.zeros(x)
    c[j] = 1
    return c


def ols(y, x, cluster=None):
    """Least squares with a constant in the last column; HC1, or CR1 by cluster."""
    y, x = np.asarray(y, float), np.asarray(x, float)
    n, k = x.shape
    bread = np.linalg.inv(x.T @ x)
    b = bread @ x.T @ y
    s = x * (y - x @ b)[:, None]
    factor = n / (n - k)
    if cluster is not None:
        own = dummies(cluster)
        s, g = own.T @ s, own.shape[1]
        factor = g / (g - 1) * (n - 1) / (n - k)
    v = factor * bread @ (s.T @ s) @ bread
    return b, np.sqrt(np.diag(v)), n


def mean(values):
    values = [v for v in values if not math.isnan(v)]
    return sum(values) / len(values) if values else math.nan


def type7(values, p, q):
    """The quantile at p/q."""
    values = sorted(values)
    at = (len(values) - 1) * p
    low, rest = divmod(at, q)
    return values[low] if rest == 0 else values[low] + rest / q * (values[low + 1] - values[low])


# Tables

class World:
    def __init__(self, rows, people, launch, period):
        self.rows, self.people, self.launch = rows, {u["id"]: u for u in people}, launch
        self.length = DAY if period == "day" else HOUR
        start = dt.datetime(2000, 1, 1)
        for r in rows:
            r["cell"] = start + (r["at"] - start) // self.length * self.length
            r["day"] = r["at"].date()
            r["since"] = r["at"] >= launch
        self.cells = {}
        for r in rows:
            self.cells.setdefault((r["who"], r["cell"]), []).append(r)
        self.before = {u: {c: mean([r[c] for r in rows if r["who"] == u and not r["since"]]) for c in ("y", "z", "load", "used")} for u in self.people}
        self.after = {u: {c: mean([r[c] for r in rows if r["who"] == u and r["since"]]) for c in ("y", "z", "load", "used")} for u in self.people}

    def arm(self, who):
        return self.people[who]["arm"]

    def groups(self, column, n):
        """Quantile groups of units by their means before the launch; a value on a cut point is in the group below it."""
        values = {u: self.before[u][column] for u in self.people if not math.isnan(self.before[u][column])}
        cuts = [type7(values.values(), k, n) for k in range(1, n)]
        return {u: sum(v > c for c in cuts) for u, v in values.items()}

    def lags(self, column):
        """A unit's mean over the previous period in which it was observed."""
        lag, last = {}, {}
        for who, cell in sorted(self.cells):
            lag[who, cell] = last.get(who, math.nan)
            last[who] = mean([r[column] for r in self.cells[who, cell]])
        return lag

    def late_events(self, outcome, usage, lagged):
        lag = self.lags(lagged) if lagged else None
        y, d, t, w, who, day = [], [], [], [], [], []
        for r in self.rows:
            v = outcome(r)
            c = lag[r["who"], r["cell"]] if lag else 0.0
            if math.isnan(v) or math.isnan(r[usage]) or math.isnan(c):
                continue
            y.append(v)
            d.append(r[usage])
            t.append(float(self.arm(r["who"]) == 1 and r["cell"] >= self.launch))
            w.append(c)
            who.append(r["who"])
            day.append(r["day"])
        d, t, w = np.array(d)[:, None], np.array(t)[:, None], np.array(w)[:, None]
        if not lag:
            w = w[:, :0]
        x, z, effects = np.hstack([d, w]), np.hstack([t, w]), [(who,), (day,)]
        first, k = term(x.shape[1], 0), Model
        return {"first stage": k(d[:, 0], z, z, effects, who).of(first), "reduced form": k(y, z, z, effects, who).of(first),
                "2sls": k(y, x, z, effects, who).of(first), "as used": k(y, x, x, effects, who).of(first)}

    def hetero(self, outcome, usage, baseline, n, common):
        """Effects by group over cells; with a launch within a day, the step at it is a control."""
        group = self.groups(baseline, n)
        y, d, t, who, day, hour, q, post = [], [], [], [], [], [], [], []
        for (u, cell), rows in sorted(self.cells.items()):
            v, used = mean([r[outcome] for r in rows]), mean([r["used"] for r in rows])
            if u not in group or math.isnan(v) or usage and math.isnan(used):
                continue
            y.append(v)
            d.append(used)
            t.append(float(self.arm(u) == 1 and cell >= self.launch))
            who.append(u)
            day.append(cell.date())
            hour.append(cell.hour)
            q.append(group[u])
            post.append(float(cell >= self.launch))
        own = np.eye(n)[q]
        d, t, post = np.array(d)[:, None], np.array(t)[:, None], np.array(post)[:, None]
        steps = post if common else own * post
        apart = [(who,), (day, q), (hour, q)] if not common else [(who,), (day,), (hour,)]
        z = np.hstack([own * t, steps])
        x = np.hstack([own * d, steps]) if usage else z
        m = Model(y, x, z, apart, who)
        k = x.shape[1]
        middle = (n - 1) / 2
        squares = sum((g - middle) ** 2 for g in range(n))
        trend = np.zeros(k)
        for g in range(n):
            trend[g] = (g - middle) / squares
        out = {f"impact on Q{g + 1}": m.of(term(k, g)) for g in range(n)}
        for g in range(1, n):
            out[f"x Q{g + 1}"] = m.of(term(k, g) - term(k, 0))
        out["trend per group"] = m.of(trend)
        r = np.array([term(k, g) - term(k, g - 1) for g in range(1, n)])
        f = (r @ m.b) @ np.linalg.solve(r @ m.v @ r.T, r @ m.b) / (n - 1)
        out["equality"] = {"statistic": float(f)}
        one = np.hstack([d if usage else t, steps])
        out["average of the groups"] = Model(y, one, np.hstack([t, steps]), apart, who).of(term(one.shape[1], 0))
        one = np.hstack([d if usage else t, post])
        out["pooled effect"] = Model(y, one, np.hstack([t, post]), [(who,), (day,), (hour,)], who).of(term(2, 0))
        return out

    def usage(self, column):
        cells = [mean([r[column] for r in rows]) for (u, cell), rows in self.cells.items() if self.arm(u) == 1 and cell >= self.launch]
        cells = np.array([v for v in cells if not math.isnan(v)])
        known = [r[column] for r in self.rows if self.arm(r["who"]) == 1 and r["cell"] >= self.launch and not math.isnan(r[column])]
        return [len(cells), float(cells.mean()), float(cells.std(ddof=1)), len(known), float(np.mean(known))]

    def mix(self, column, baseline, n):
        group, levels = self.groups(baseline, n), sorted({r[column] for r in self.rows})
        out = {level: [] for level in levels}
        total = []
        for since in (False, True):
            for g in range(n):
                of = [r[column] for r in self.rows if r["since"] == since and group.get(r["who"]) == g]
                total.append(len(of))
                for level in levels:
                    out[level].append(100 * of.count(level) / len(of))
        return {"total": total, **out}

    def prepost(self, column, baseline, n):
        group, out = self.groups(baseline, n), {}
        for g in range(n):
            row = []
            for arm in (1, 0):
                both = [u for u, q in group.items() if q == g and self.arm(u) == arm and not math.isnan(self.before[u][column]) and not math.isnan(self.after[u][column])]
                pre, post = mean([self.before[u][column] for u in both]), mean([self.after[u][column] for u in both])
                row += [pre, post, post - pre, len(both)]
            out[f"Q{g + 1}"] = row
        return out

    def balance(self, column):
        """Units count once each, events before the launch once each with errors clustered by unit."""
        if column in ("age", "tenure"):
            rows = [(u["id"], u[column]) for u in self.people.values()]
        else:
            rows = [(r["who"], r[column]) for r in self.rows if not r["since"] and not math.isnan(r[column])]
        who, x = [w for w, _ in rows], np.array([v for _, v in rows])
        arm = np.array([float(self.arm(w)) for w in who])
        b, se, n = ols(x, np.column_stack([arm, np.ones(len(arm))]), who)
        return {"control": float(x[arm == 0].mean()), "treated": float(x[arm == 1].mean()), "estimate": float(b[0]), "se": float(se[0]), "n": int(n)}

    def predictors(self, steps):
        """Treated units with usage since the launch and all variables; high is above the median of all treated."""
        def value(u, variable):
            kind, _, column = variable.rpartition(" ")
            of = lambda w: self.people[w][column] if column in ("age", "tenure") else self.before[w][column]
            v = of(u)
            if kind == "ln":
                return math.log(v) if v > 0 else math.nan
            if kind == "high":
                treated = [of(w) for w in self.people if self.arm(w) == 1]
                return math.nan if math.isnan(v) else float(v > type7([w for w in treated if not math.isnan(w)], 1, 2))
            return v
        variables = sum(steps, [])
        rows = [(self.after[u]["used"], [value(u, v) for v in variables]) for u in self.people if self.arm(u) == 1]
        rows = [r for r in rows if not math.isnan(r[0]) and not any(map(math.isnan, r[1]))]
        out, k = [], 0
        for step in steps:
            k += len(step)
            x = np.array([r[1][:k] + [1.0] for r in rows])
            b, se, n = ols([r[0] for r in rows], x)
            out.append({"n": int(n), "estimate": b.tolist(), "se": se.tolist()})
        return out


def main():
    rng = np.random.default_rng(20240229)
    people = units(rng, 30)
    write("units.csv", people)
    out = {}

    launch = dt.datetime(2024, 2, 29)
    rows = events(rng, people, launch, [dt.datetime(2024, 2, 22) + i * DAY for i in range(14)], [0, 8, 9, 13, 23])
    write("day.csv", rows)
    w = World(rows, people, launch, "day")
    log = lambda r: math.log(r["z"]) if r["z"] > 0 else math.nan
    out["day"] = {
        "late": {"y": w.late_events(lambda r: r["y"], "used", "load"), "ln_z": w.late_events(log, "used", "load")},
        "late without controls": {"y": w.late_events(lambda r: r["y"], "used", None)},
        "usage": {"used": w.usage("used"), "dose": w.usage("dose")}, "mix": w.mix("topic", "y", 3), "prepost": w.prepost("z", "y", 3),
        "balance": {c: w.balance(c) for c in ("age", "tenure", "y", "z")}, "predictors": w.predictors([["age"], ["ln tenure"], ["high load", "y"]])}
    out["dose"] = {"late": {"y": w.late_events(lambda r: r["y"], "dose", None), "known_z": w.late_events(lambda r: float(not math.isnan(r["z"])), "dose", None)}}

    launch = dt.datetime(2024, 2, 29, 11)
    rows = events(rng, people, launch, [dt.datetime(2024, 2, 26) + i * DAY for i in range(8)], [0, 9, 10, 11, 14])
    write("hour.csv", rows)
    w = World(rows, people, launch, "hour")
    out["hour"] = {
        "itt": {"own": w.hetero("y", False, "y", 2, False), "common": w.hetero("y", False, "y", 2, True)},
        "usage by group": {"own": w.hetero("y", True, "z", 2, False), "common": w.hetero("y", True, "z", 2, True)},
        "usage": {"used": w.usage("used")}, "mix": w.mix("topic", "y", 2), "prepost": w.prepost("y", "y", 2),
        "balance": {c: w.balance(c) for c in ("age", "load", "y")}, "predictors": w.predictors([["high y"], ["ln load"]])}
    with open(os.path.join(HERE, "oracle.json"), "w") as f:
        json.dump(out, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
