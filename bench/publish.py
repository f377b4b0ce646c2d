"""A cold build of 10,000 pages by Hugo and by `yakuba site publish`, the same text and a theme of equal work, in turns. Hugo also
without Markdown (HTML bodies), since an office saves HTML."""
import os
import shutil
import statistics
import subprocess
import sys
import time

from shared import BENCH, ROOT, YAKUBA, judge, measured, median, say, table


def count(folder):
    files = [f for f in folder.rglob("*") if f.is_file()]
    return len(files), sum(f.stat().st_size for f in files) / 1e6


def run_all(work, rounds, pages=10_000):
    say("making %d pages" % pages)
    for form in ("html", "markdown"):
        subprocess.run([sys.executable, ROOT / "bench/corpus.py", work / form, "--pages", str(pages), "--form", form],
                       check=True, stdout=subprocess.DEVNULL)
    subprocess.run([BENCH, "make", work / "site", work / "html", ROOT / "bench/theme"], check=True, stdout=subprocess.DEVNULL)
    contenders = {"Hugo": [], "Hugo, HTML bodies": [], "Yakuba": []}
    places = {}
    for number in range(rounds):
        for name, form in (("Hugo", "markdown"), ("Hugo, HTML bodies", "html")):
            place = places[name, number] = work / ("hugo-%s-%d" % (form, number))
            shutil.copytree(ROOT / "bench/hugo", place)
            os.symlink(work / form, place / "content")
        places["Yakuba", number] = work / ("site-%d" % number)
        shutil.copytree(work / "site", places["Yakuba", number])
    os.sync()
    time.sleep(10)
    for number in range(rounds):
        for name, figures in contenders.items():
            say("round %d: %s" % (number + 1, name))
            place = places[name, number]
            command = [YAKUBA, "--site", place, "site", "publish"] if name == "Yakuba" else ["hugo", "--quiet", "-s", place]
            figures.append(measured(command))
            os.sync()
    rows = []
    base = statistics.median(f[1] for f in contenders["Hugo"])
    for name, figures in contenders.items():
        wall, cpu, memory = (statistics.median(f[i] for f in figures) for i in range(3))
        files, size = count(places[name, 0] / "public")
        rows.append([name, "%.1f" % wall, "%.1f" % cpu, "%.1f..%.1f" % (min(f[1] for f in figures), max(f[1] for f in figures)),
                     "1/%.1f" % (base / cpu), "%.0f" % memory, str(files), "%.0f" % size])
    wall, cpu, memory = (statistics.median(f[i] for f in contenders["Yakuba"]) for i in range(3))
    judge("cold build, CPU", "1/%.1f of Hugo" % (base / cpu), "1/5", cpu * 5 <= base)
    judge("cold build, memory", "1/%.0f of Hugo" % (median(contenders["Hugo"], 2) / memory), "1/10",
          memory * 10 <= median(contenders["Hugo"], 2))
    table(["cold build of %d pages" % pages, "wall s", "CPU s", "CPU range", "to Hugo", "peak MB", "files", "MB"], rows)
