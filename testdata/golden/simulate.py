"""Writes experiment.csv: a small encouragement design for the golden tests of package iv.

1,500 rows of 60 agents over 14 days and 6 topics; assignment by agent, usage one-sided and
chosen; unequal agents; an outcome with missing rows. Run: python simulate.py
"""
import numpy as np
import pandas as pd

r = np.random.default_rng(20240123)
agents, rows = 60, 1500
ability, keenness = r.normal(size=agents), r.uniform(size=agents)
assigned = np.zeros(agents, int)
assigned[r.permutation(agents)[: agents // 2]] = 1
size = r.gamma(2.5, 1.0, agents)
a = r.choice(agents, rows, p=size / size.sum())
day, topic = r.integers(1, 15, rows), r.integers(0, 6, rows)
c1, c2 = r.normal(size=rows), r.exponential(size=rows)
taste = r.normal(size=rows)
used = ((assigned[a] == 1) & (ability[a] + 0.4 * c1 + taste + r.normal(size=rows) > -0.5)).astype(int)
share = used * (0.1 + 0.7 * keenness[a] + 0.2 * r.uniform(size=rows))
noise = taste + r.normal(size=rows) * (0.6 + 0.3 * c2)
y = 1.5 + 0.5 * used + 0.3 * c1 - 0.2 * c2 + 0.7 * ability[a] + 0.05 * day * (topic % 3) + noise
rating = np.clip(np.round(3 + 0.4 * y + r.normal(size=rows)), 1, 5)
rating[r.uniform(size=rows) < 0.3] = np.nan
pd.DataFrame(dict(
    agent=a + 1, day=day, topic=[f"t{k}" for k in topic], team=a % 9 + 1, assigned=assigned[a],
    reminded=np.round(keenness[a] * assigned[a], 3), used=used, share=np.round(share, 4),
    c1=np.round(c1, 4), c2=np.round(c2, 4), w=np.round(0.3 + r.exponential(size=rows), 3),
    times=r.integers(1, 4, rows), y=np.round(y, 4), rating=rating,
)).to_csv("experiment.csv", index=False, na_rep="")
