"""Delivery while somebody misbehaves, against nginx: an ordinary visitor opens a new connection for each page and waits for it, first alone,
then beside 900 clients that send their requests a byte at a time, then beside 400 connections that ask as fast as they are answered."""
import contextlib
import http.client
import socket
import statistics
import subprocess
import tempfile
import threading
import time

from serve import PAGES, WRK, both_servers
from shared import judge, processor_seconds, table

SLOW, FLOOD, SECONDS = 900, 400, 5


def visit(port):
    """Milliseconds of each page, and how many did not come."""
    times, failed, end = [], 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        start = time.monotonic()
        try:
            server = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            server.request("GET", f"/p{len(times) * 7919 % PAGES}.html")
            answer = server.getresponse()
            answer.read()
            server.close()
            failed += answer.status != 200
        except OSError:
            failed += 1
        times.append((time.monotonic() - start) * 1e3)
        time.sleep(0.01)
    return times, failed


@contextlib.contextmanager
def slow_clients(port, _):
    """What a server cuts off comes again."""
    is_over, cut = threading.Event(), [0]

    def crawl():
        words = b"GET /p1.html HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"a" * 4000
        clients = []
        while not is_over.wait(0.5):
            while len(clients) < SLOW:
                client = socket.socket()
                client.settimeout(2)
                try:
                    client.connect(("127.0.0.1", port))
                    clients.append([client, 0])
                except OSError:
                    break
            for client in list(clients):
                try:
                    client[0].send(words[client[1]:client[1] + 1])
                    client[1] += 1
                except OSError:
                    clients.remove(client)
                    cut[0] += 1
        for client, _ in clients:
            client.close()

    thread = threading.Thread(target=crawl)
    thread.start()
    try:
        time.sleep(2)
        yield
    finally:
        is_over.set()
        thread.join()


@contextlib.contextmanager
def flood(port, pin):
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(WRK % PAGES)
        lua.flush()
        load = subprocess.Popen([*pin, "wrk", "-t", "1", "-c", str(FLOOD), "-d", str(SECONDS + 4), "-s", lua.name, f"http://127.0.0.1:{port}"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(2)
            yield
        finally:
            load.wait()


@contextlib.contextmanager
def nobody(_, __):
    yield


def memory_mb(process):
    with open(f"/proc/{process.pid}/smaps_rollup") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("Pss:"))


def run_all(work, rounds):
    rows, worst = [], {}
    with both_servers(work) as (servers, pin):
        for what, crowd in (("nobody else", nobody), (f"{SLOW} slow clients", slow_clients), (f"a flood on {FLOOD} connections", flood)):
            for name, (port, process) in servers.items():
                times, failed = [], 0
                before = processor_seconds(process.pid)
                for _ in range(rounds):
                    with crowd(port, pin):
                        more, missing = visit(port)
                        times += more
                        failed += missing
                        memory = memory_mb(process)
                spent = (processor_seconds(process.pid) - before) / rounds
                worst[(what, name)] = (failed, len(times))
                rows.append([what, name, str(len(times)), str(failed), "%.1f" % statistics.median(times), "%.1f" % statistics.quantiles(times, n=100)[98],
                             "%.2f" % spent, "%.0f" % memory])
    table(["beside", "server", "pages", "failed", "median ms", "p99 ms", "CPU s a round", "MB"], rows)
    failed = sum(missing for (_, name), (missing, _) in worst.items() if name == "Yakuba")
    judge("pages that an ordinary visitor did not get beside a flood or slow clients", str(failed), "0", failed == 0)
