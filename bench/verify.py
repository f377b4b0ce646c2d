"""`guard verify` against `aide --check` and `sha256sum --check`: SHA-256 (and owner, mode and size, but for the last) of 15,001 files, in turns. The site is taken over from a folder
of 10,001 pages of 20 to 40 KB and 5,000 files of about 100 KB, so both read the same bytes. Then the same with
100,000 files of 2 to 8 KB."""
import os
import random
import subprocess

from shared import YAKUBA, judge, measured, median, run, table

PAGES, FILES, MANY = 10_001, 5_000, 100_000
RULES = """database_in=file:{work}/aide.db
database_out=file:{work}/aide.db.new
report_url=stdout
Tree=p+u+g+s+c+m+i+n+sha256
{root} Tree
"""


def make_tree(folder):
    bytes_of = random.Random(20261122)
    for number in range(PAGES):
        at = folder / ("s%02d" % (number % 64)) / ("p%05d.html" % number)
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(b"<!doctype html><html lang=ja><meta charset=utf-8><title>p</title><p>" + bytes_of.randbytes(bytes_of.randint(10_000, 20_000)).hex().encode())
    for number in range(FILES):
        at = folder / "files" / ("%02d" % (number % 64)) / ("f%05d.pdf" % number)
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(b"%PDF-1.7" + bytes_of.randbytes(bytes_of.randint(80_000, 120_000)))


def make_many(folder):
    bytes_of = random.Random(1)
    for number in range(MANY):
        at = folder / ("s%03d" % (number % 256)) / ("f%06d.txt" % number)
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(bytes_of.randbytes(bytes_of.randint(2_000, 8_000)))


def compare(work, site, rounds):
    (work / "aide.conf").write_text(RULES.format(work=work, root=site / "public"))
    aide = ["aide", "--config=%s/aide.conf" % work]
    run(*aide, "--init")
    (work / "aide.db.new").rename(work / "aide.db")
    with open(work / "sums", "wb") as sums:
        subprocess.run(["find", site / "public", "-type", "f", "-exec", "sha256sum", "{}", "+"], stdout=sums, check=True)
    contenders = {"aide --check": [*aide, "--check"], "sha256sum --check": ["sha256sum", "--check", "--quiet", work / "sums"],
                  "guard verify": [YAKUBA, "--site", site, "guard", "verify"]}
    results = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, command in contenders.items():
            results[name].append(measured(command))
    count = sum(len(files) for _, _, files in os.walk(site / "public"))
    base = median(results["aide --check"], 1)
    rows = []
    for name, figures in results.items():
        wall, cpu, memory = (median(figures, place) for place in range(3))
        rows.append([name, "%.2f" % wall, "%.2f" % cpu, "%.2f..%.2f" % (min(f[1] for f in figures), max(f[1] for f in figures)),
                     "1/%.1f" % (base / cpu), "%.0f" % memory])
    table(["checking %d files" % count, "wall s", "CPU s", "CPU range", "to AIDE", "peak MB"], rows)
    ours = median(results["guard verify"], 1)
    judge("verifying %d files, CPU" % count, "1/%.1f of AIDE" % (base / ours), "1/5", ours * 5 <= base)


def run_all(work, rounds):
    source, site = work / "tree", work / "verified"
    make_tree(source)
    run(YAKUBA, "site", "init", site)
    run(YAKUBA, "--site", site, "site", "takeover", source)
    run(YAKUBA, "--site", site, "site", "publish")
    compare(work, site, max(rounds, 5))
    source, site = work / "tree-many", work / "many"
    make_many(source)
    run(YAKUBA, "site", "init", site)
    run(YAKUBA, "--site", site, "site", "takeover", source)
    run(YAKUBA, "--site", site, "site", "publish")
    compare(work, site, max(rounds, 3))
