"""One changed page live with every list, feed and sitemap that shows it, at 1,000, 10,000 and 100,000 pages, in turns."""
import json
import statistics
import subprocess

from shared import BENCH, judge, say, table


def run_all(work, rounds, sizes=(1_000, 10_000, 100_000)):
    for size in sizes:
        say("growing a site of %d pages" % size)
        subprocess.run([BENCH, "grow", work / ("grown-%d" % size), str(size)], check=True, stdout=subprocess.DEVNULL)
    figures = {size: [] for size in sizes}
    for number in range(rounds):
        for size in sizes:
            said = subprocess.run([BENCH, "change", work / ("grown-%d" % size), "40"], check=True, capture_output=True, text=True)
            figures[size].append(json.loads(said.stdout))
    rows = []
    first = statistics.median(f["cpu_ms"] for f in figures[sizes[0]])
    for size, all_figures in figures.items():
        cpu = statistics.median(f["cpu_ms"] for f in all_figures)
        rows.append(["%d" % size, "%.1f" % statistics.median(f["wall_ms"] for f in all_figures), "%.1f" % cpu,
                     "%.2f" % (cpu / first), "%.1f" % max(f["worst_wall_ms"] for f in all_figures),
                     str(all_figures[0]["files_changed"])])
    table(["pages in the site", "wall ms", "CPU ms", "CPU ratio", "slowest wall ms", "files written"], rows)
    last = statistics.median(f["cpu_ms"] for f in figures[sizes[-1]])
    judge("one change live, CPU at %d pages" % sizes[-1], "%.1f ms" % last, "100 ms", last < 100)
    judge("one change live, %d to %d pages" % (sizes[-1], sizes[0]), "%.2f" % (last / first), "1.5", last / first <= 1.5)
