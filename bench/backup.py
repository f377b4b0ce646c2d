"""Backups of 10,000 pages and 5,000 binary files: backup, reading back and restore by the program, by plain restic on the same site folder
(what it does without a snapshot point, receipts and proofs; its restore also with the proof that it has), and by copying; in turns. Then delivery beside a backup: p99 of page requests."""
import os
import pathlib
import random
import re
import subprocess
import tempfile
import time

from shared import YAKUBA, free_port, judge, measured, median, run, say, table

PAGES, FILES = int(os.environ.get("YAKUBA_BENCH_PAGES", 10_000)), int(os.environ.get("YAKUBA_BENCH_FILES", 5_000))
SECONDS = 10


def write_words(folder):
    some = random.Random(20261122)
    words = ["手続き", "窓口", "申請書", "受付時間", "市民課", "届出", "証明書", "手数料", "必要なもの", "お問い合わせ"]
    for number in range(PAGES):
        file = folder / ("kurashi/%d/p%d.html" % (number // 100, number))
        file.parent.mkdir(parents=True, exist_ok=True)
        text = "。".join("".join(some.choices(words, k=8)) for _ in range(40))
        file.write_text('<!DOCTYPE html>\n<html lang="ja"><head><meta charset="utf-8"><title>%d</title></head><body><h1>%d</h1><p>%s</p></body></html>\n' % (number, number, text))
    for number in range(FILES):
        file = folder / ("files/%d/f%d.pdf" % (number // 100, number))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"%PDF-1.7\n" + some.randbytes(some.randrange(5_000, 75_000)))


def point_at(site, repository):
    settings = site / "yakuba.toml"
    text = re.sub(r"(?m)^repositories = .*\n", "", settings.read_text())
    settings.write_text(re.sub(r"(?m)^\[backup\]$", '[backup]\nrepositories = ["%s"]' % repository, text))


def restic(repository, *words):
    return ["restic", "--repo", repository, "--password-file", repository.with_suffix(".password"), "--no-cache", *words]


def one_round(site, work, turn, rows):
    ours, plain = work / ("ours%d" % turn), work / ("plain%d" % turn)
    point_at(site, ours)
    plain.with_suffix(".password").write_text("a password\n")
    run(*restic(plain, "init"))
    run("restic", "--repo", ours, "--password-file", site / "keys/backup.password", "--no-cache", "init")  # made before, like the other
    for what, program, other, copied in [
        ("backup", [YAKUBA, "--site", site, "backup", "now", "--anyway", "a measurement"], restic(plain, "backup", site),
         ["cp", "-a", site, work / ("copy%d" % turn)]),
        ("reading back", [YAKUBA, "--site", site, "backup", "verify", "--all"], restic(plain, "check", "--read-data"),
         ["diff", "-r", site, work / ("copy%d" % turn)]),
        ("restore", [YAKUBA, "--site", site, "backup", "restore", "--to", work / ("back%d" % turn), "--key", work / "recovery.txt"],
         restic(plain, "restore", "latest", "--target", work / ("plainback%d" % turn)), ["cp", "-a", work / ("copy%d" % turn), work / ("again%d" % turn)]),
    ]:
        commands = [("yakuba", program), ("restic", other), ("copy", copied)]
        if what == "restore":
            commands.insert(2, ("restic --verify", restic(plain, "restore", "latest", "--verify", "--target", work / ("proved%d" % turn))))
        for name, command in commands:
            say("%s by %s" % (what, name))
            rows.setdefault((what, name), []).append(measured(command, accepts=(0, 1) if command[0] == "diff" else (0,)))


def p99(port, lua):
    said = run("wrk", "-t", "1", "-c", "8", "-d", "%ds" % SECONDS, "--latency", "-s", lua, "http://127.0.0.1:%d" % port)
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)\b", said).groups()
    if "Non-2xx" in said: raise SystemExit(said)
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def delivery(site, work, rounds):
    """p99 in ms alone and beside backups, each into a new repository."""
    lua = work / "pages.lua"
    lua.write_text("math.randomseed(1)\nrequest = function()\n  local n = math.random(0, %d)\n  return wrk.format('GET', string.format('/kurashi/%%d/p%%d.html', math.floor(n / 100), n))\nend\n" % (PAGES - 1))
    port = free_port()
    server = subprocess.Popen([YAKUBA, "--site", site, "serve", "--role", "public", "--public", "127.0.0.1:%d" % port], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    alone, beside = [], []
    try:
        time.sleep(2)
        p99(port, lua)  # warm
        for turn in range(rounds):
            alone.append(p99(port, lua))
            point_at(site, work / ("beside%d" % turn))
            backup = subprocess.Popen([YAKUBA, "--site", site, "backup", "now", "--anyway", "a measurement"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            beside.append(p99(port, lua))
            backup.wait()
    finally:
        server.terminate()
        server.wait()
    return sorted(alone)[rounds // 2], sorted(beside)[rounds // 2]


def run_all(work, rounds):
    work = pathlib.Path(tempfile.mkdtemp(dir=work))
    site, words = work / "site", work / "words"
    words.mkdir()
    write_words(words)
    run(YAKUBA, "site", "init", site)
    run(YAKUBA, "--site", site, "site", "takeover", words)
    run(YAKUBA, "--site", site, "site", "publish")
    run(YAKUBA, "--site", site, "backup", "key", "--out", work / "recovery.txt")
    rows = {}
    for turn in range(rounds):
        one_round(site, work, turn, rows)
    shown = []
    for (what, name), figures in rows.items():
        plain = median(rows[what, "restic"], 1)
        shown.append([what, name, "%.1f" % median(figures, 0), "%.1f" % median(figures, 1), "%.2f" % (median(figures, 1) / plain), "%.0f" % median(figures, 2)])
    table(["%d pages, %d files" % (PAGES, FILES), "by", "wall s", "CPU s", "CPU of restic's", "peak MB"], shown)
    for what in ["backup", "reading back", "restore"]:
        ratio = median(rows[what, "yakuba"], 1) / median(rows[what, "restic"], 1)
        judge("%s against plain restic, CPU" % what, "%.2f" % ratio, "1.1", ratio <= 1.1)
    ratio = median(rows["restore", "yakuba"], 1) / median(rows["restore", "restic --verify"], 1)
    judge("restore against restic's with its proof, CPU", "%.2f" % ratio, "1.1", ratio <= 1.1)
    alone, beside = delivery(site, work, rounds)
    table(["delivery, p99", "ms"], [["alone", "%.2f" % alone], ["beside a backup", "%.2f" % beside], ["ratio", "%.2f" % (beside / alone)]])
