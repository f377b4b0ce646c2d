"""The watching guard at 100,000 files: its processor time and memory while the whole site is published, while nothing happens, and during
10,000 publications of one page each, none of which may be an alarm; how soon 200 tamperings are told and put right, and 50 writes through mappings
that stay open, of which no event tells."""
import json
import mmap
import os
import random
import re
import statistics
import subprocess
import time

from shared import BENCH, YAKUBA, judge, processor_seconds, resident_mb, say, stop, table

PAGES = int(os.environ.get("YAKUBA_BENCH_WATCH_PAGES", 100_000))
PUBLICATIONS = int(os.environ.get("YAKUBA_BENCH_WATCH_PUBLICATIONS", 10_000))
TAMPERINGS = 200
MAPPINGS = 50
IDLE_SECONDS = 130  # two looks by change times are within


def status(site):
    try:
        return json.loads((site / "run/guard/status.json").read_text())
    except (OSError, ValueError):
        return {}


def until(condition, patience=1800):
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("the guard does not come that far")
        time.sleep(0.05)


class Told:
    """The guard's signals, from its log."""

    def __init__(self, path):
        self.file, self.half = open(path), ""

    def next(self):
        lines = (self.half + self.file.read()).split("\n")
        self.half = lines.pop()
        return [json.loads(line) for line in lines if '"the guard tells"' in line]


def start_watch(site, log):
    (site / "run/guard/status.json").unlink(missing_ok=True)
    with open(log, "w") as errors:
        return subprocess.Popen([YAKUBA, "--site", site, "serve", "--role", "watch"], stdout=subprocess.DEVNULL, stderr=errors)


def tamper(site, told, pages):
    seen, repaired = [], []
    for number in range(TAMPERINGS):
        page = pages[number]
        right = page.read_bytes()
        told.next()
        start = time.monotonic()
        page.write_bytes(b"tampered")
        is_seen = False
        while not is_seen or page.read_bytes() != right:
            if not is_seen and any(one["state"] == "raise" for one in told.next()):
                is_seen = True
                seen.append((time.monotonic() - start) * 1000)
            if time.monotonic() - start > 60:
                raise SystemExit("%s is not put right" % page)
            time.sleep(0.0002)
        repaired.append((time.monotonic() - start) * 1000)
        time.sleep(0.01)
    return seen, repaired


def map_and_write(told, pages):
    """Each opened for writing, mapped, and written to through the mapping, which stays."""
    seen, repaired, mappings = [], [], []
    for page in pages:
        right = page.read_bytes()
        told.next()
        with open(page, "r+b") as file:
            mapping = mmap.mmap(file.fileno(), 0)
        mappings.append(mapping)
        start = time.monotonic()
        mapping[0:1] = b"J"
        is_seen = False
        while not is_seen or page.read_bytes() != right:
            if not is_seen and any(one["state"] == "raise" for one in told.next()):
                is_seen = True
                seen.append((time.monotonic() - start) * 1000)
            if time.monotonic() - start > 300:
                raise SystemExit("%s is not put right" % page)
            time.sleep(0.002)
        repaired.append((time.monotonic() - start) * 1000)
        mapping[1:2] = b"J"  # it leads nowhere now
        if page.read_bytes() != right:
            raise SystemExit("%s is written to through its mapping" % page)
    return seen, repaired


def run_all(work, rounds):
    site, log = work / "watched", work / "watch.log"
    started = time.monotonic()
    grow = subprocess.Popen([BENCH, "grow", site, str(PAGES)], stdout=subprocess.DEVNULL)
    until(lambda: (site / "yakuba.toml").exists())
    watch = start_watch(site, log)
    placer = subprocess.Popen([YAKUBA, "--site", site, "serve", "--role", "placer"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        rows = []

        def row(what, seconds, before, note):
            used = processor_seconds(watch.pid) - before
            rows.append([what, "%.0f" % seconds, "%.2f" % used, "%.0f" % resident_mb(watch.pid), note])
            return used

        if grow.wait() != 0:
            raise SystemExit("the site cannot be made")
        until(lambda: status(site).get("last_full") and not status(site)["open_count"])
        row("the whole site published, and hashed once", time.monotonic() - started, 0, "%d alarms" % status(site)["raised"])
        before = processor_seconds(watch.pid)
        time.sleep(IDLE_SECONDS)
        idle = row("nothing happens", IDLE_SECONDS, before, "")
        before, start = processor_seconds(watch.pid), time.monotonic()
        subprocess.run([BENCH, "change", site, str(PUBLICATIONS)], check=True, stdout=subprocess.DEVNULL)
        row("%d publications" % PUBLICATIONS, time.monotonic() - start, before, "%d alarms" % status(site)["raised"])
        time.sleep(2)
        alarms = status(site)["raised"]
        stop(watch)
        toml = site / "yakuba.toml"  # hundreds of tamperings a minute are no flood here
        toml.write_text(re.sub(r"(?m)^\[guard\]$", "[guard]\nflood_per_minute = 100000", toml.read_text()))
        watch, before, start = start_watch(site, log), 0, time.monotonic()
        until(lambda: (status(site).get("last_full") or {}).get("suspects") == 0)
        row("a start, and everything hashed", time.monotonic() - start, before, "")
        pages = [page for page in (site / "public").rglob("*.html")]
        random.Random(1).shuffle(pages)
        before, start = processor_seconds(watch.pid), time.monotonic()
        seen, repaired = tamper(site, Told(log), pages)
        row("%d tamperings" % TAMPERINGS, time.monotonic() - start, before, "")
        mapped = map_and_write(Told(log), pages[TAMPERINGS:TAMPERINGS + MAPPINGS])
        memory = resident_mb(watch.pid)
    finally:
        for process in (watch, placer):
            stop(process)
    count = sum(len(files) for _, _, files in os.walk(site / "public"))
    say("%d files" % count)
    table(["the guard's own process, %d files" % count, "wall s", "CPU s", "resident MB", ""], rows)
    table(["%d tamperings" % TAMPERINGS, "median ms", "worst ms"],
          [[name, "%.1f" % statistics.median(figures), "%.1f" % max(figures)]
           for name, figures in (("told", seen), ("put right", repaired), ("%d mappings that stay open told" % MAPPINGS, mapped[0]),
                                 ("put right", mapped[1]))])
    judge("tampering told, median (worst)", "%.1f ms (%.1f)" % (statistics.median(seen), max(seen)), "200 ms", statistics.median(seen) < 200)
    judge("tampering put right, median (worst)", "%.1f ms (%.1f)" % (statistics.median(repaired), max(repaired)), "1000 ms", statistics.median(repaired) < 1000)
    judge("a mapping that stays open put right, median (worst)", "%.0f ms (%.0f)" % (statistics.median(mapped[1]), max(mapped[1])), "1000 ms",
          max(mapped[1]) < 1000)
    judge("false alarms in %d publications" % PUBLICATIONS, str(alarms), "0", alarms == 0)
    judge("the idle guard's CPU", "%.2f %%" % (100 * idle / IDLE_SECONDS), "2 %", idle < 0.02 * IDLE_SECONDS)
    judge("the guard's memory at %d files" % count, "%.0f MB" % memory, "120 MB", memory < 120)
