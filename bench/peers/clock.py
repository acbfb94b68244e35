"""Steps of a peer, by the clock. A script names its modules and its steps; the command line is
FILE STEP[,STEP...], and what it prints is the JSON that bench reads. Without steps it prints versions."""

import importlib
import importlib.metadata
import json
import platform
import sys
import time
import warnings

warnings.filterwarnings("ignore")
path = sys.argv[1] if len(sys.argv) > 1 else ""
estimates = {}
simulated = {}
versions = {"Python": platform.python_version()}
spent = []


def need(*names):
    """Import modules, or say which one is absent and end."""
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            print(json.dumps({"absent": "Python module " + name}))
            sys.exit()
        versions[name] = importlib.metadata.version(name)


def keep(name, estimate, se):
    estimates[name] = [float(estimate), float(se)]


def step(name, do):
    """Do a step; what is done once to get ready, such as compiling, is the step "warm"."""
    start, used = time.perf_counter(), time.process_time()
    do()
    spent.append({"name": name, "seconds": time.perf_counter() - start, "processor": time.process_time() - used})


def run(does, warm=None):
    steps = sys.argv[2].split(",") if len(sys.argv) > 2 and sys.argv[2] else []
    for name in steps:
        if warm and name != "read":
            step("warm", lambda: warm(name))
        step(name, does[name])
    print(json.dumps({"versions": versions, "steps": spent, "estimates": estimates, "simulated": simulated}))
