#!/usr/bin/env python3
"""Takeover against copying: `yakuba site takeover` and `cp -r` of the same tree, in turns.

  bench/takeover.py [--source FOLDER] [--rounds N] [--work FOLDER]

The source is LibreOffice's Japanese help (packages libreoffice-help-ja and libreoffice-help-common: 2,561 pages) unless named. Both
write to the same disk and end with it synced; the folders stay until the end, since deleting slows ext4 down. Needs ./dev build.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

YAKUBA = pathlib.Path(os.environ.get("YAKUBA", pathlib.Path(__file__).resolve().parent.parent / "build/yakuba"))


def measured(command):
    """Wall seconds, CPU seconds, peak memory in MB, standard output; the disk is synced at the end, within the wall time."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([str(word) for word in command], stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit("%s failed" % command)
        os.sync()
        out.seek(0)
        return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, default="/usr/share/libreoffice/help")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=pathlib.Path)
    chosen = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(dir=chosen.work))
    results = {"cp -r": [], "takeover": []}
    counts = {}
    for turn in range(chosen.rounds):
        results["cp -r"].append(measured(["cp", "-rL", chosen.source, work / f"copy{turn}"]))
        site = work / f"site{turn}"
        measured([YAKUBA, "site", "init", site])
        results["takeover"].append(measured([YAKUBA, "--site", site, "site", "takeover", chosen.source, "--json"]))
        counts = json.loads(results["takeover"][-1][3])
        if turn == 0:
            measured([YAKUBA, "--site", site, "site", "publish"])
            different = subprocess.run(["diff", "-r", chosen.source, site / "public"], capture_output=True, text=True).stdout
            print("diff -r of source and published tree: %s" % (different.strip() or "empty"))
    print("%d files, %d pages, %.0f MB, %d skipped, %d rounds" %
          (counts["files"], counts["pages"], counts["bytes"] / 1e6, len(counts["skipped"]), chosen.rounds))
    medians = {name: [statistics.median(run[i] for run in runs) for i in range(3)] for name, runs in results.items()}
    print("| | wall s | CPU s | CPU range | CPU ratio | wall ratio | peak MB |\n| --- | --- | --- | --- | --- | --- | --- |")
    for name, runs in results.items():
        wall, cpu, memory = medians[name]
        print("| %s | %.2f | %.2f | %.2f..%.2f | %.1f | %.1f | %.0f |" %
              (name, wall, cpu, min(run[1] for run in runs), max(run[1] for run in runs), cpu / medians["cp -r"][1],
               wall / medians["cp -r"][0], memory))
    shutil.rmtree(work)


main()
