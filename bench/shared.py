"""What the benchmarks share: running and measuring programs, tables, the verdict on a figure."""
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = pathlib.Path(os.environ.get("YAKUBA_BENCH_SITES", ROOT / "build/bin/bench_site"))
YAKUBA = pathlib.Path(os.environ.get("YAKUBA_BENCH_PROGRAM", ROOT / "build/yakuba"))

verdicts = []  # (what, figure, goal, is reached), for the table at the end


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, **options).stdout


def measured(command, accepts=(0,)):
    """Wall seconds, CPU seconds of the process tree, peak memory in MB."""
    start = time.monotonic()
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    problem = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in accepts:
        sys.exit("%s failed: %s" % (command, problem.decode()))
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def median(rows, place):
    return statistics.median(row[place] for row in rows)


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def judge(what, figure, goal, is_reached):
    verdicts.append((what, figure, goal, "yes" if is_reached else "no"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tree_of(pid):
    """The process and all below it."""
    found = [pid]
    said = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    for line in said.split():
        found += tree_of(int(line))
    return found


def processor_seconds(pid):
    total = 0
    for one in tree_of(pid):
        try:
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return total / os.sysconf("SC_CLK_TCK")


def resident_mb(pid):
    """Memory that goes when the processes go: shared pages count in part (PSS)."""
    total = 0
    for one in tree_of(pid):
        text = pathlib.Path(f"/proc/{one}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)[1])
    return total / 1024


def wait_until_it_answers(url, process):
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:
                return reply.read()
        except OSError:
            if process.poll() is not None:
                sys.exit(f"the server ended with {process.returncode}")
            time.sleep(0.1)
    sys.exit(f"nothing answers at {url}")


def stop(process):
    process.terminate()
    process.wait(30)
