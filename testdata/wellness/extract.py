"""Cut the columns that examples/wellness needs out of the study's public-use files.

usage: extract.py DIR   (DIR holds claims.csv, firm_admin.csv, marathon.csv, online_surveys.csv
and published.csv; see README.md for where they come from)
"""
import csv
import gzip
import io
import pathlib
import shutil
import sys

source, here = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
published = list(csv.DictReader(open(source / "published.csv")))
wanted = {name for row in published for name in (row["outcome"], row["weights"]) if name}
wanted |= {"treat", "hra_c_yr1"}
for file in ("claims", "firm_admin", "marathon", "online_surveys"):
    rows = csv.reader(open(source / f"{file}.csv"))
    header = next(rows)
    keep = [i for i, name in enumerate(header) if name in wanted]
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow([header[i] for i in keep])
    out.writerows([row[i] for i in keep] for row in rows)
    with open(here / f"{file}.csv.gz", "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
        z.write(text.getvalue().encode())
shutil.copyfile(source / "published.csv", here / "published.csv")
