"""`yakuba site handover` of sites of 1,000 and 10,000 pages: time and memory, which must grow no faster than the site."""
import statistics

from shared import BENCH, YAKUBA, judge, measured, run, say, table

SIZES = (1_000, 10_000)


def run_all(work, rounds):
    results = {}
    for pages in SIZES:
        site = work / f"handing-{pages}"
        say(f"a site of {pages} pages")
        run(BENCH, "grow", site, pages)
        results[pages] = [measured([YAKUBA, "--site", site, "site", "handover", work / f"handed-{pages}-{turn}"])
                          for turn in range(rounds)]
    middle = {pages: [statistics.median(row[i] for row in rows) for i in range(3)] for pages, rows in results.items()}
    table(["handover, pages", "wall s", "CPU s", "CPU ms a page", "peak MB"],
          [["{:,}".format(pages), "%.2f" % wall, "%.2f" % cpu, "%.3f" % (cpu / pages * 1e3), "%.0f" % memory]
           for pages, (wall, cpu, memory) in middle.items()])
    few, many = (middle[pages] for pages in SIZES)
    growth = (many[1] / SIZES[1]) / (few[1] / SIZES[0])
    judge("handover, CPU a page, 10,000 to 1,000 pages", "%.2f" % growth, "1.2", growth <= 1.2)
    judge("handover, peak memory, 10,000 to 1,000 pages", "%.1f" % (many[2] / few[2]), "2", many[2] <= 2 * few[2])
