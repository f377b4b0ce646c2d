#!/usr/bin/env python3
"""Static delivery against nginx: the same tree, the same cores, in turns.

  serve.py [-n ROUNDS] [-d SECONDS] [-c CONNECTIONS] [-t THREADS] [--size BYTES] [--pages N] PROGRAM...

PROGRAM is the command that serves the folder {root} on 127.0.0.1:{port} with {threads} I/O threads, for example
  build/yakuba serve --role public --public 127.0.0.1:{port} ...
nginx runs with sendfile, an open-file cache and no log, with as many workers as threads. Both servers are pinned to the same
cores when there are enough of them (the load generator gets the others). Each round measures both, in shuffled order; printed are the
medians, the ratio, the slowest per cent, and the processor time a request cost, which is the steadiest figure on a
shared machine. Needs nginx and wrk.
"""
import argparse
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

NGINX = """
worker_processes {threads}; daemon off; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; include /etc/nginx/mime.types;
  open_file_cache max=10000 inactive=60s; open_file_cache_valid 30s;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port} reuseport; root {root}; }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tree_of(pid):
    """The process and all below it."""
    found = [pid]
    for line in subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split():
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


def wait_until_it_answers(url, process):
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:
                return reply.read()
        except OSError:
            if process.poll() is not None:
                sys.exit(f"the server ended with {process.returncode}")
            time.sleep(0.1)
    sys.exit(f"nothing answers at {url}")


def milliseconds(text):
    number, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def measure(port, pages, given, pid):
    script = f"""
local i = 0
function request() i = (i * 7919 + 13) % {pages}; return wrk.format("GET", "/p" .. i .. ".html") end
"""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script)
        lua.flush()
        before = processor_seconds(pid)
        said = subprocess.run(["wrk", "-t", "1", "-c", str(given.c), "-d", str(given.d), "--latency", "-s", lua.name,
                               f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
        spent = processor_seconds(pid) - before
    requests = int(re.search(r"(\d+) requests in", said)[1])
    errors = re.search(r"Socket errors.*|Non-2xx.*", said)
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), "p99": milliseconds(re.search(r"99%\s+(\S+)", said)[1]),
            "cpu": spent / requests * 1e6, "errors": errors[0] if errors else ""}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=5)
    parser.add_argument("-d", type=int, default=3)
    parser.add_argument("-c", type=int, default=50)
    parser.add_argument("-t", type=int, default=1)
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("program", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if not given.program:
        parser.error("name the program that serves")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="serve-bench-"))
    folder.chmod(0o755)
    root = folder / "public"
    root.mkdir()
    for i in range(given.pages):
        (root / f"p{i}.html").write_bytes((b"<!doctype html><title>%d</title><p>" % i + b"0123456789abcdef" * (given.size // 16))[:given.size])
    cores = os.cpu_count()
    pin = ["taskset", "-c", f"0-{given.t - 1}"] if cores > given.t else []
    if pin:
        os.sched_setaffinity(0, set(range(given.t, cores)))
    servers = {}
    try:
        for name in ("nginx", "ours"):
            port = free_port()
            if name == "nginx":
                conf = folder / "nginx.conf"
                user = "user root;\n" if os.geteuid() == 0 else ""
                conf.write_text(user + NGINX.format(threads=given.t, folder=folder, port=port, root=root))
                command = ["nginx", "-p", str(folder), "-c", str(conf)]
            else:
                command = [part.format(root=root, port=port, threads=given.t) for part in given.program]
            process = subprocess.Popen(pin + command)
            servers[name] = (port, process)
            body = wait_until_it_answers(f"http://127.0.0.1:{port}/p0.html", process)
            assert body == (root / "p0.html").read_bytes(), f"{name} serves something else"
        results = {name: [] for name in servers}
        for _ in range(given.n):
            for name in random.sample(list(servers), len(servers)):
                port, process = servers[name]
                results[name].append(measure(port, given.pages, given, process.pid))
        base = statistics.median(r["rate"] for r in results["nginx"])
        for name, rows in results.items():
            middle = {key: statistics.median(r[key] for r in rows) for key in ("rate", "p99", "cpu")}
            print(f"{name:6} {middle['rate']:9.0f} requests/s  x{middle['rate'] / base:.2f}  p99 {middle['p99']:6.2f} ms  "
                  f"{middle['cpu']:5.1f} us of processor a request  {' '.join(sorted({r['errors'] for r in rows}))}")
    finally:
        for _, process in servers.values():
            process.send_signal(signal.SIGTERM)
        for _, process in servers.values():
            process.wait(20)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
