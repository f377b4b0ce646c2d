"""Static delivery against nginx: the same tree, the same core, in turns. nginx runs with sendfile, an open-file cache and no log, with
as many workers as we have threads. Both servers are pinned to the same core, the load generator (wrk) to the others. Printed are the
medians, the ratio, the slowest per cent, and the processor time that a request cost, which is the steadiest figure on a shared machine."""
import contextlib
import os
import random
import re
import statistics
import subprocess
import tempfile

from shared import YAKUBA, free_port, judge, processor_seconds, run, stop, table, wait_until_it_answers

PAGES, BYTES, CONNECTIONS, SECONDS, THREADS = 1_000, 20_000, 50, 3, 1
ACCESS_LOG = os.environ.get("YAKUBA_BENCH_ACCESS_LOG") == "1"  # ours alone; nginx writes none
NGINX = """
worker_processes {threads}; daemon off; pid {folder}/nginx.pid; error_log stderr crit;{user}
events {{ worker_connections 8192; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; include /etc/nginx/mime.types;
  open_file_cache max=10000 inactive=60s; open_file_cache_valid 30s;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port} reuseport; root {root}; }}
}}
"""
WRK = """
local i = 0
function request() i = (i * 7919 + 13) %% %d; return wrk.format("GET", "/p" .. i .. ".html") end
"""


def milliseconds(text):
    number, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def load(port, pid, pin):
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(WRK % PAGES)
        lua.flush()
        before = processor_seconds(pid)
        said = run(*pin, "wrk", "-t", "1", "-c", CONNECTIONS, "-d", SECONDS, "--latency", "-s", lua.name, f"http://127.0.0.1:{port}")
        spent = processor_seconds(pid) - before
    errors = re.search(r"Socket errors.*|Non-2xx.*", said)
    if errors:
        raise SystemExit(errors[0])
    requests = int(re.search(r"(\d+) requests in", said)[1])
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), milliseconds(re.search(r"(?m)^\s+99%\s+(\S+)", said)[1]),
            spent / requests * 1e6)


@contextlib.contextmanager
def both_servers(work):
    """{name: (port, process)} of nginx and of us, serving the same folder with as many threads each, pinned to the same core; and the words
    that pin a command to the others."""
    source, site = work / "served", work / "serving"
    source.mkdir()
    for i in range(PAGES):
        (source / f"p{i}.html").write_bytes((b"<!doctype html><title>%d</title><p>" % i + b"0123456789abcdef" * (BYTES // 16))[:BYTES])
    run(YAKUBA, "site", "init", site)
    run(YAKUBA, "--site", site, "site", "takeover", source)
    run(YAKUBA, "--site", site, "site", "publish")
    settings = site / "yakuba.toml"
    text, count = re.subn(r"(?ms)^(\[public\].*?)^#? ?threads = \d+", rf"\g<1>threads = {THREADS}\n" + ("" if ACCESS_LOG else "access_log = ''"), settings.read_text(), count=1)
    assert count == 1, "the settings file has no public.threads"
    settings.write_text(text)
    cores = os.cpu_count()
    pin, pin_load = (["taskset", "-c", f"0-{THREADS - 1}"], ["taskset", "-c", f"{THREADS}-{cores - 1}"]) if cores > THREADS else ([], [])
    servers = {}
    try:
        for name in ("nginx", "Yakuba"):
            port = free_port()
            if name == "nginx":
                user = " user root;" if os.geteuid() == 0 else ""
                (work / "nginx.conf").write_text(NGINX.format(threads=THREADS, folder=work, port=port, root=site / "public", user=user))
                command = ["nginx", "-p", work, "-c", work / "nginx.conf"]
            else:
                command = [YAKUBA, "--site", site, "serve", "--role", "public", "--public", f"127.0.0.1:{port}"]
            process = subprocess.Popen([str(word) for word in pin + command], stdout=subprocess.DEVNULL)
            servers[name] = (port, process)
            body = wait_until_it_answers(f"http://127.0.0.1:{port}/p0.html", process)
            assert body == (source / "p0.html").read_bytes(), f"{name} serves something else"
        yield servers, pin_load
    finally:
        for _, process in servers.values():
            stop(process)


def run_all(work, rounds):
    with both_servers(work) as (servers, pin_load):
        results = {name: [] for name in servers}
        for _ in range(max(rounds, 7)):
            for name in random.sample(list(servers), len(servers)):
                port, process = servers[name]
                results[name].append(load(port, process.pid, pin_load))
    middle = {name: [statistics.median(row[i] for row in rows) for i in range(3)] for name, rows in results.items()}
    base = middle["nginx"]
    slowest = {name: [row[1] for row in rows] for name, rows in results.items()}
    table(["pages of 20 KB, keep-alive, one core", "requests/s", "to nginx", "p99 ms", "p99 range", "p99 to nginx", "CPU us a request",
           "requests per CPU s to nginx"],
          [[name, "%.0f" % rate, "%.2f" % (rate / base[0]), "%.2f" % p99, "%.2f..%.2f" % (min(slowest[name]), max(slowest[name])),
            "%.2f" % (p99 / base[1]), "%.1f" % cpu, "%.2f" % (base[2] / cpu)] for name, (rate, p99, cpu) in middle.items()])
    ours = middle["Yakuba"]
    judge("serving, requests per CPU second", "%.2f of nginx" % (base[2] / ours[2]), "1.0", ours[2] <= base[2])
    judge("serving, p99", "%.2f of nginx" % (ours[1] / base[1]), "1.0", ours[1] <= base[1])
