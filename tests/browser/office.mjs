// A site of its own for the browser journeys: a small taken-over city, three people, and the program that serves it.
import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const web = createRequire(path.join(root, "web/package.json"));
const { chromium } = web("playwright-core");
const axeSource = web("axe-core").source;
export const program = process.env.YAKUBA_PROGRAM ?? path.join(root, "build/yakuba");
const pictures = process.env.YAKUBA_PICTURES;   // a folder; without it no pictures are taken

const document = (title, body) => `<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="utf-8">
<title>${title}｜八雲野市</title>
<meta name="description" content="${title}のご案内">
<link rel="stylesheet" href="/css/site.css">
</head>
<body>
<header class="top"><p><a href="/index.html">八雲野市</a></p></header>
<main id="main">
${body}
</main>
<footer><address>八雲野市役所 〒000-0000 八雲野市中央1丁目1番地</address></footer>
</body>
</html>
`;

export const kMoveIn = "kurashi/hikkoshi/tennyu.html";
const kPages = {
    "index.html": ["八雲野市公式サイト", "<h1>八雲野市</h1>\n<p>ようこそ。</p>"],
    "kurashi/index.html": ["くらし・手続き", "<h1>くらし・手続き</h1>\n<ul>\n<li><a href=\"hikkoshi/tennyu.html\">転入届の手続き</a></li>\n</ul>"],
    [kMoveIn]: ["転入届の手続き", `<h1>転入届の手続き</h1>
<p>八雲野市に引っ越してきた方は、<strong>新しい住所に住み始めた日から14日以内</strong>に、転入届を出してください。</p>
<h2>持ってくるもの</h2>
<ul>
<li>転出証明書（マイナンバーカードで転出した方は不要）</li>
<li>本人確認書類</li>
</ul>
<h2>受付窓口と時間</h2>
<table>
<caption>受付時間</caption>
<thead><tr><th scope="col">窓口</th><th scope="col">平日</th></tr></thead>
<tbody>
<tr><th scope="row">市民課</th><td>8時30分〜17時</td></tr>
<tr><th scope="row">各支所</th><td>8時30分〜17時</td></tr>
</tbody>
</table>
<p>くわしくは<a href="/kurashi/hikkoshi/tenshutsu.html">転出届の手続き</a>をご覧ください。</p>`],
    "kurashi/hikkoshi/tenshutsu.html": ["転出届の手続き", "<h1>転出届の手続き</h1>\n<p>市外へ引っ越すときは、転出届を出してください。</p>"],
    "kurashi/gomi/index.html": ["ごみの分け方・出し方", "<h1>ごみの分け方・出し方</h1>\n<p>燃えるごみは週2回収集します。</p>"],
    "oshirase/index.html": ["お知らせ", "<h1>お知らせ</h1>\n<p>市からのお知らせです。</p>"],
};
for (let i = 1; i <= 60; i++) kPages[`oshirase/2026-${String(i).padStart(3, "0")}.html`] = [`市民課からのお知らせ 第${i}号`, `<h1>市民課からのお知らせ 第${i}号</h1>\n<p>第${i}号の本文です。</p>`];

// What runs must not outlive this process, however that ends. (Playwright sees to its browsers.)
const running = new Set();
process.on("exit", () => { for (const child of running) child.kill("SIGKILL"); });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));

/// What `promise` gives, or a failure that says what did not come in time.
export function within(seconds, what, promise) {
    let timer;
    const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`${what}: nothing after ${seconds} s`)), seconds * 1000); });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/// Runs the program to its end.
export function runProgram(...args) {
    const done = spawnSync(program, args, { encoding: "utf8", timeout: 300_000, killSignal: "SIGKILL", maxBuffer: 64 << 20 });
    if (done.status !== 0) throw new Error(`yakuba ${args.join(" ")} ended with ${done.status ?? done.error ?? done.signal}: ${done.stderr}`);
    return JSON.parse(done.stdout);
}

export class City {
    constructor() {
        this.folder = mkdtempSync(path.join(tmpdir(), "yakuba-browser-"));
        this.site = path.join(this.folder, "site");
        this.passwords = {};
    }

    run(...args) { return runProgram("--site", this.site, "--json", ...args); }

    make() {
        const source = path.join(this.folder, "old");
        for (const [name, [title, body]] of Object.entries(kPages)) {
            mkdirSync(path.dirname(path.join(source, name)), { recursive: true });
            writeFileSync(path.join(source, name), document(title, body));
        }
        mkdirSync(path.join(source, "css"), { recursive: true });
        writeFileSync(path.join(source, "css/site.css"), "body{font-family:sans-serif;max-width:60rem;margin:auto;line-height:1.8}.top{background:#00548a;padding:1rem}.top a{color:#fff}td,th{border:1px solid #888;padding:.3rem .6rem}table{border-collapse:collapse}img{max-width:100%}");
        this.passwords.admin = this.run("site", "init", this.site, "--name", "八雲野市").administrator.password;
        this.run("site", "takeover", source);
        this.run("department", "add", "--code", "010", "--name", "市民課");
        this.run("section", "assign", "/", "--department", "010");
        for (const [login, name, role] of [["sato", "佐藤 美咲", "author"], ["takahashi", "高橋 直樹", "author"], ["suzuki", "鈴木 健一", "approver"]])
            this.passwords[login] = this.run("people", "add", "--login", login, "--name", name, "--role", role, "--department", "010").password;
        this.run("page", "region", "/", "--under", "--selector", "#main");
        this.run("site", "publish");
    }

    async serve() {
        this.service = spawn(program, ["--site", this.site, "--json", "serve", "--office", "127.0.0.1:0", "--preview", "127.0.0.1:0", "--public", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "pipe"] });
        running.add(this.service);
        this.ended = new Promise(resolve => this.service.on("exit", resolve));
        this.ended.then(() => running.delete(this.service));
        this.log = "";
        this.service.stderr.on("data", chunk => { this.log += chunk; });
        let said = "";
        await within(60, "the addresses of `yakuba serve`", new Promise((resolve, fail) => {
            this.service.stdout.on("data", chunk => { said += chunk; if (said.includes("\n")) resolve(); });
            this.ended.then(code => fail(new Error(`yakuba serve ended with ${code}: ${this.log.slice(-2000)}`)));
        }));
        const addresses = JSON.parse(said);
        this.office = addresses.office.replace(/\/$/, "");
        this.public = addresses.public.replace(/\/$/, "");
    }

    async end() {
        if (this.service && running.has(this.service)) {
            this.service.kill("SIGTERM");
            await within(60, "the end of `yakuba serve` after SIGTERM", this.ended).finally(() => this.service.kill("SIGKILL"));
        }
        rmSync(this.folder, { recursive: true, force: true });
    }
}

/// The invented city that `site init --demo` makes, with its people.
export class DemoCity extends City {
    make() {
        for (const { login, password } of runProgram("--json", "site", "init", "--demo", this.site).people) this.passwords[login] = password;
    }
}

async function openBrowser() {
    return chromium.launch({
        executablePath: process.env.YAKUBA_CHROMIUM ?? "/usr/bin/chromium", headless: true, timeout: 120_000,   // beside a build it starts slowly
        args: ["--no-sandbox", "--disable-gpu", "--disable-gpu-compositing", "--disable-software-rasterizer", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
}

/// Makes and serves the city, and opens a browser to visit it with, for as long as `work` takes. What the city complained of last is printed
/// when a step of `t` broke.
export async function inCity(city, work, t) {
    let browser;
    try {
        await city.make();
        await city.serve();
        browser = await openBrowser();
        await work(browser);
    } finally {
        await browser?.close();
        if (t?.broken) console.log((city.log ?? "").split("\n").filter(line => /"level":"(error|warning)"/.test(line)).slice(-10).join("\n"));
        await city.end();
    }
}

export const kDesk = { width: 1366, height: 768 };
export const kPhone = { width: 390, height: 844 };

/// A person at a browser of their own. Whatever the page complains of in its console is kept.
export class Person {
    constructor(city, login) {
        this.city = city;
        this.login = login;
        this.password = "hashi no ue no shiroi neko";
        this.complaints = [];
    }

    async sit(browser) {
        this.context = await browser.newContext({ viewport: kDesk, locale: "ja-JP", timezoneId: "Asia/Tokyo" });
        this.page = await this.context.newPage();
        this.page.setDefaultTimeout(15_000);
        this.page.on("console", message => { if (message.type() === "error" && !/status of 4(09|22|29|01|03|04)/.test(message.text())) this.complaints.push(message.text()); });
        this.page.on("pageerror", error => this.complaints.push(String(error)));
        return this;
    }

    async goto(where) { await this.page.goto(this.city.office + where); }

    /// The first sign-in, with the password that the command line printed and a new one.
    async signInFirst() {
        const { page } = this;
        await this.goto("/login");
        await page.getByLabel("ログイン名").fill(this.login);
        await page.getByLabel("パスワード").fill(this.city.passwords[this.login]);
        await page.getByRole("button", { name: "ログイン" }).click();
        await page.getByLabel("新しいパスワード").fill(this.password);
        await page.getByLabel("もう一度").fill(this.password);
        await page.getByRole("button", { name: "変更してログイン" }).click();
        await page.getByRole("heading", { name: "ホーム", level: 1 }).waitFor();
    }

    /// An entry of the menu, whose group is folded for whoever may use much.
    async menu(group, entry) {
        const fold = this.page.locator("details.nav__fold", { has: this.page.locator("summary", { hasText: group }) });
        if (await fold.count() && !(await fold.getAttribute("open") !== null)) await fold.locator("summary").press("Enter");
        return this.page.getByRole("navigation", { name: "主なメニュー" }).getByRole("link", { name: entry, exact: true });
    }

    /// Clicks into a block of the editor and goes to the end of its line, at a person's pace: the editor learns of the new place of
    /// the caret by an event that comes after the click.
    async caretAtEnd(block) {
        await block.click();
        await this.page.waitForFunction(element => element.contains(getSelection().anchorNode), await block.elementHandle());
        await this.page.waitForTimeout(100);
        await this.page.keyboard.press("End");
    }

    /// What axe-core finds serious on the screen that is open; frames of other origins are not its business.
    async seriousIssues() {
        await this.page.evaluate(axeSource);
        const found = await this.page.evaluate(() => window.axe.run(document, { iframes: false, resultTypes: ["violations"] }));
        return found.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => `${v.id}: ${v.nodes.map(n => n.target.join(" ")).slice(0, 3).join(" | ")}`);
    }

    /// Pictures at a desk and on a phone, where they are wanted.
    async picture(name) {
        if (!pictures) return;
        mkdirSync(pictures, { recursive: true });
        for (const [kind, size] of [["desk", kDesk], ["phone", kPhone]]) {
            await this.page.setViewportSize(size);
            await this.page.screenshot({ path: path.join(pictures, `${name}-${kind}.png`), fullPage: kind === "phone" });
        }
        await this.page.setViewportSize(kDesk);
    }
}
