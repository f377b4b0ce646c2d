"""The office at 10,000 pages, over HTTP, on both databases: how long its lists take (95th per cent of 100 requests each, one at a
time), the memory of all services at rest, and one changed page live."""
import http.cookiejar
import json
import re
import statistics
import subprocess
import time
import urllib.parse
import urllib.request

from shared import BENCH, ROOT, YAKUBA, judge, resident_mb, run, say, stop, table

PAGES, REQUESTS = 10_000, 100
PASSWORD = "hashi no ue no shiroi neko"
LISTS = {
    "home": "/",
    "pages": "/pages",
    "pages of a section": "/pages?under=s3/t25/",
    "pages, newest change first": "/pages?sort=changed",
    "pages by title": "/pages?sort=title",
    "pages, found by words": "/pages?q=%E7%AC%AC9%E5%8F%B7",  # one page
    "pages, found by a common word": "/pages?q=%E6%89%8B%E7%B6%9A%E3%81%8D",  # all of them
    "pages, by a common word and title": "/pages?sort=title&q=%E6%A1%88%E5%86%85",
    "pages, found by one character": "/pages?q=%E6%A1%88",
    "pages, found by two words": "/pages?q=%E6%A1%88%E5%86%85+p99",
    "pages not public": "/pages?state=never",
    "drafts": "/pages?state=draft",
    "to approve": "/review",
    "receipts": "/receipts",
    "pages for a link": "/pages.json?q=%E6%89%8B%E7%B6%9A",
    "ending a page that few link to": "/pages/{some}/withdraw",
    "ending a page that all link to": "/pages/{first}/withdraw",
}


class Visitor:
    def __init__(self, office):
        self.office = office
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def get(self, path):
        with self.opener.open(self.office + path, timeout=30) as reply:
            return reply.read().decode()

    def post(self, path, page, **fields):
        fields["csrf"] = re.search(r'name="csrf" value="([^"]+)"', page)[1]
        with self.opener.open(self.office + path, urllib.parse.urlencode(fields).encode(), timeout=30) as reply:
            return reply.read().decode()

    def page_id(self, file):
        return re.search(r'href="/pages/(\d+)"', self.get("/pages?q=" + urllib.parse.quote(file)))[1]

    def sign_in(self, login, password):
        page = self.post("/login", self.get("/login"), login=login, password=password, to="/")
        self.post("/login/password", page, password=PASSWORD, password_again=PASSWORD, to="/")


def measure(site):
    run(YAKUBA, "--site", site, "department", "add", "--code", "010", "--name", "市民課")
    run(YAKUBA, "--site", site, "section", "assign", "/", "--department", "010")
    password = json.loads(run(YAKUBA, "--site", site, "--json", "people", "add", "--login", "sato", "--name", "佐藤 美咲", "--role",
                              "author", "approver", "--department", "010"))["password"]
    service = subprocess.Popen([YAKUBA, "--site", site, "--json", "serve", "--office", "127.0.0.1:0", "--preview", "127.0.0.1:0",
                                "--public", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        addresses = json.loads(service.stdout.readline())
        visitor = Visitor(addresses["office"].rstrip("/"))
        visitor.sign_in("sato", password)
        times = {}
        pages = {"first": visitor.page_id("p0.html"), "some": visitor.page_id("p5000.html")}
        for name, path in LISTS.items():
            path = path.format(**pages)
            visitor.get(path)
            times[name] = []
            for _ in range(REQUESTS):
                start = time.monotonic()
                visitor.get(path)
                times[name].append((time.monotonic() - start) * 1e3)
        time.sleep(15)
        return times, resident_mb(service.pid)
    finally:
        stop(service)


def run_all(work, rounds):
    figures, memory, changes = {}, {}, {}
    for engine in ("SQLite", "PostgreSQL"):
        site = work / ("office-" + engine)
        url = [run(ROOT / "tools/test_postgres", "start").strip()] if engine == "PostgreSQL" else []
        say(f"{engine}: a site of {PAGES} pages")
        run(BENCH, "grow", site, PAGES, *url)
        changes[engine] = [json.loads(run(BENCH, "change", site, 40)) for _ in range(rounds)]
        figures[engine], memory[engine] = measure(site)
    engines = list(figures)
    p95 = {engine: {name: statistics.quantiles(times, n=20)[18] for name, times in lists.items()} for engine, lists in figures.items()}
    table(["list at %d pages, ms" % PAGES] + [f"{engine} {what}" for engine in engines for what in ("median", "p95")],
          [[name] + [text for engine in engines for text in ("%.1f" % statistics.median(figures[engine][name]), "%.1f" % p95[engine][name])]
           for name in LISTS])
    table(["at %d pages" % PAGES] + engines,
          [["all services at rest, MB (PSS)"] + ["%.0f" % memory[engine] for engine in engines],
           ["one change live, ms wall"] + ["%.1f" % statistics.median(f["wall_ms"] for f in changes[engine]) for engine in engines],
           ["one change live, ms CPU of the press"] + ["%.1f" % statistics.median(f["cpu_ms"] for f in changes[engine]) for engine in engines]])
    for engine in engines:
        worst = max(p95[engine].values())
        judge(f"office lists, slowest p95, {engine}", "%.0f ms" % worst, "100 ms", worst < 100)
        judge(f"all services at rest, {engine}", "%.0f MB" % memory[engine], "120 MB", memory[engine] < 120)
