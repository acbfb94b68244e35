"""pandas on an experiment's file."""

from clock import need, path, run

need("pandas")
import pandas


def read():
    global d
    d = pandas.read_csv(path)


run({"read": read})
