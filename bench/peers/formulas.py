"""The models of an experiment's file in the formulas that pyfixest and fereg share."""

from clock import keep, need, path

need("pandas")
import pandas

YS = [f"y{j}" for j in range(1, 11)]
CONTROLS = "c1 + c2 + c3 + c4"
LEAN = {"copy_data": False, "store_data": False, "lean": True}


class Experiment:
    """The file and its models; module is that of feols."""

    def __init__(self, module):
        self.module = module

    def feols(self, formula, data, **options):
        return self.module.feols(formula, data, vcov={"CRV1": "agent_id"}, **options)

    def fits(self, formula, data):
        result = self.feols(formula, data, **LEAN)
        return result.to_list() if hasattr(result, "to_list") else [result]

    def read(self):
        self.d = pandas.read_csv(path)

    def itt(self, ys, name="itt", data=None):
        right = f"assigned + {CONTROLS} | day + issue_type"
        for m in self.fits(f"{' + '.join(ys)} ~ {right}", self.d if data is None else data):
            keep(f"{name} {m._depvar}", m.coef()["assigned"], m.se()["assigned"])

    def late10(self):
        for m in self.fits(f"{' + '.join(YS)} ~ {CONTROLS} | day + issue_type | used ~ assigned", self.d):
            keep(f"late {m._depvar}", m.coef()["used"], m.se()["used"])

    def split(self):
        quartile = pandas.qcut(self.d["baseline"], 4, labels=False) + 1
        for q in range(1, 5):
            self.itt(YS, f"itt Q{q}", self.d[quartile == q])

    def few(self):
        """Some rows, to fit first what is compiled or loaded at first use."""
        few = self.d.head(5000)
        return few.assign(assigned=few["assigned"].astype(float))

    def warm(self, name):
        few = self.few()
        self.fits(f"y1 ~ assigned + {CONTROLS} | day + issue_type", few)
        if name == "late10":
            self.fits(f"y1 ~ {CONTROLS} | day + issue_type | used ~ assigned", few)
