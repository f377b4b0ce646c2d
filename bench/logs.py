"""Logs handed over: 30 days of an access log with a million lines each. First the watch takes the rotated files in and seals and packs
the days, then `logs export` hands the month over as it is, cut at both ends, and masked; `logs search` reads a whole day."""
import datetime
import json
import multiprocessing
import os
import random
import subprocess
import time

from shared import YAKUBA, judge, measured, run, say, table

DAYS, LINES = int(os.environ.get("YAKUBA_BENCH_LOG_DAYS", 30)), int(os.environ.get("YAKUBA_BENCH_LOG_LINES", 1_000_000))


def one_day():
    """A day's lines, with @ for the date; visits as a town sees them, from many addresses."""
    some = random.Random(20261122)
    addresses = ["203.0.%d.%d" % (some.randrange(256), some.randrange(256)) for _ in range(20_000)]
    paths = ["/kurashi/gomi/%d.html" % number for number in range(4000)] + ["/shared/%d.css" % number for number in range(40)]
    agents = ["Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36" % (system, number)
              for system in ("Windows NT 10.0; Win64; x64", "X11; Linux x86_64", "iPhone; CPU iPhone OS 17_0 like Mac OS X") for number in range(110, 130)]
    lines = []
    for number in range(LINES):
        second = number * 86_400 // LINES
        query = "?q=%d" % some.randrange(10_000) if number % 20 == 0 else ""
        lines.append('%s - - [@:%02d:%02d:%02d +0900] "GET %s%s HTTP/1.1" %d %d "-" "%s" 0.%03d\n' % (
            some.choice(addresses), second // 3600, second // 60 % 60, second % 60, some.choice(paths), query,
            200 if number % 30 else 404, some.randrange(500, 60_000), some.choice(agents), some.randrange(20)))
    return "".join(lines).encode()


def write_days(folder, today):
    lines = one_day()
    for back in range(2, DAYS + 2):
        day = today - datetime.timedelta(days=back)
        file = folder / ("access.log.%d" % back)
        file.write_bytes(lines.replace(b"[@", b"[" + day.strftime("%d/%b/%Y").encode()))
        os.utime(file, (time.mktime(day.timetuple()) + 86_400,) * 2)


def take_in(site, work):
    """Seconds until all days are sealed and packed, and the peak memory of the watch in MB."""
    with open(work / "watch.log", "w") as log:
        start = time.monotonic()
        watch = subprocess.Popen([YAKUBA, "serve", "--site", site, "--role", "watch"], stdout=subprocess.DEVNULL, stderr=log)
        try:
            while True:
                time.sleep(2)
                days = json.loads(run(YAKUBA, "logs", "list", "--site", site, "--kind", "access", "--json"))["days"] if (site / "logs/archive/access").exists() else []
                if sum(day["state"] == "packed" for day in days) >= DAYS: break
                if time.monotonic() - start > 1800: raise SystemExit("the days are not sealed after half an hour: see %s" % log.name)
            seconds = time.monotonic() - start
            with open("/proc/%d/status" % watch.pid) as status:
                peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
        finally:
            watch.terminate()
            watch.wait()
    return seconds, peak


def run_all(work, rounds):
    site = work / "logs"
    run(YAKUBA, "site", "init", site)
    (site / "logs").mkdir(exist_ok=True)
    today = datetime.date.today()
    # Apart, so that its memory is not taken for that of the programs started later.
    maker = multiprocessing.Process(target=write_days, args=(site / "logs", today))
    maker.start()
    maker.join()
    total = sum(file.stat().st_size for file in (site / "logs").iterdir())
    say("taking in %d MB" % (total >> 20))
    seconds, peak = take_in(site, work)
    first, last = today - datetime.timedelta(days=DAYS + 1), today - datetime.timedelta(days=1)
    table(["taking in", "lines", "MB", "wall s", "MB/s", "peak MB"], [["collected, sealed, packed", "%d" % (DAYS * LINES), "%d" % (total >> 20), "%.0f" % seconds, "%.0f" % (total / seconds / 2**20), "%.0f" % peak]])
    middle = first + datetime.timedelta(days=DAYS // 2)
    rows = []
    for what, start, end, more in [("the month", first, last, []), ("the same, cut by an hour at both ends", "%s 01:00" % first, "%s 23:00" % (last - datetime.timedelta(days=1)), []),
                                   ("one day", middle, middle + datetime.timedelta(days=1), []), ("one day, masked", middle, middle + datetime.timedelta(days=1), ["--mask"]),
                                   ("the month, masked", first, last, ["--mask"])]:
        out = work / "out.zip"
        wall, cpu, memory = measured([YAKUBA, "logs", "export", "--site", site, "--from", start, "--to", end, "--kind", "access", "--out", out, *more])
        rows.append([what, "%.1f" % wall, "%.1f" % cpu, "%.0f" % memory, "%d" % (out.stat().st_size >> 20)])
        if what == "the month":
            judge("a month of %d lines handed over" % (DAYS * LINES), "%.1f s" % wall, "10 s", wall < 10)
        if len(more) == 0:
            wall, _, _ = measured(["python3", "-c", "import sys; sys.path.insert(0, sys.argv[1]); import verify_logs; sys.exit(len(verify_logs.verify(sys.argv[2])))", "tools", out]) if what == "one day" else (0, 0, 0)
            if wall: say("the verifier takes %.1f s for one day" % wall)
        out.unlink()
    table(["export", "wall s", "CPU s", "peak MB", "archive MB"], rows)
    wall, cpu, memory = measured([YAKUBA, "logs", "search", "--site", site, "--from", middle, "--to", middle + datetime.timedelta(days=1), "--kind", "access", "--text", "not in any line"])
    table(["search", "wall s", "CPU s", "peak MB"], [["a day, every line read", "%.1f" % wall, "%.1f" % cpu, "%.0f" % memory]])
