// A city moves its site: the plan, every page compared with the old server in the background, what differs decided, the readiness list
// ticked, the application made, the switch recorded and watched. By keyboard; every screen is looked at by axe-core, at a desk and on a phone.
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import { codeOf, tabTo } from "./administration_journey.mjs";
import { City, Person, inCity } from "./office.mjs";

/// The old server: what the new one has, one page with other words and one that the new one lacks.
async function oldServer(city) {
    const server = createServer(async (asked, answer) => {
        const page = asked.url === "/old/gomi.html" ? "/kurashi/gomi/" : asked.url;
        const there = await fetch(city.public + page);
        let body = Buffer.from(await there.arrayBuffer());
        if (asked.url === "/oshirase/") body = Buffer.from(body.toString().replace("市からのお知らせです。", "市役所からのお知らせです。"));
        answer.writeHead(there.status, { "Content-Type": there.headers.get("content-type") ?? "text/plain" });
        answer.end(body);
    });
    await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
    return server;
}

/// A name server that says of every name that it is at 192.0.2.10, until `address` is changed.
async function nameServer() {
    const server = { socket: createSocket("udp4"), address: "192.0.2.10" };
    server.socket.on("message", (query, from) => {
        const end = query.indexOf(0, 12) + 5;
        const isAddress = query.readUInt16BE(end - 4) === 1;
        const reply = Buffer.concat([query.subarray(0, end), isAddress ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...server.address.split(".").map(Number)]) : Buffer.alloc(0)]);
        reply.writeUInt16BE(0x8580, 2);
        reply.writeUInt16BE(isAddress ? 1 : 0, 6);
        reply.writeUInt32BE(0, 8);
        server.socket.send(reply, from.port, from.address);
    });
    await new Promise(resolve => server.socket.bind(0, "127.0.0.1", resolve));
    return server;
}

export default async function journey(t) {
    const city = new City();
    let old, names;
    try {
        await inCity(city, async browser => {
            old = await oldServer(city);
            names = await nameServer();
            await move(t, city, await new Person(city, "admin").sit(browser), `http://127.0.0.1:${old.address().port}`, names);
        }, t);
    } finally {
        old?.close();
        names?.socket.close();
    }
}

async function move(t, city, admin, old, names) {
    const { page } = admin;
    const button = name => page.getByRole("button", { name, exact: true });
    const press = async locator => { await tabTo(admin, locator); await page.keyboard.press("Enter"); };
    const type = async (label, words) => { await tabTo(admin, page.getByLabel(label)); await page.keyboard.type(words); };
    const at = name => page.getByRole("heading", { name, level: 1, exact: true }).waitFor();
    const looked = async name => {
        assert.deepEqual(await admin.seriousIssues(), [], name);
        await admin.picture(name);
        await page.setViewportSize({ width: 390, height: 844 });
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} runs out at the side of a phone`);
        await page.setViewportSize({ width: 1366, height: 768 });
    };
    const ask = async (name, said) => { await press(button(name)); await page.getByText(said).waitFor(); };
    /// The board, opened again until it says so: what takes long is done in the background.
    const board = async words => {
        for (let i = 0; i < 60; i++) {
            await admin.goto("/cutover");
            await at("切替");
            if ((await page.locator("main").innerText()).includes(words)) return;
            await page.waitForTimeout(500);
        }
        throw new Error(`the board never says ${words}: ${await page.locator("main").innerText()}`);
    };

    await t.step("the administrator signs in", async () => {
        await admin.goto("/login");
        await page.getByLabel("ログイン名").fill("admin");
        await page.getByLabel("パスワード").fill(city.passwords.admin);
        await button("ログイン").click();
        await page.getByLabel("確認コード").fill(codeOf(await page.locator("dl.facts code").first().innerText()));
        await button("登録する").click();
        await page.getByRole("heading", { name: "予備コード" }).waitFor();
        await page.locator("main a.button--primary, main .login__card a.button").first().click();
        await page.getByLabel("新しいパスワード").fill(admin.password);
        await page.getByLabel("もう一度").fill(admin.password);
        await button("変更してログイン").click();
        await at("ホーム");
    });
    await t.step("a plan is made", async () => {
        await admin.goto("/cutover");
        await at("切替");
        await looked("cutover-empty");
        await press(page.getByRole("link", { name: "計画を作る" }));
        await at("切替の計画");
        await type("サイトの名前", "www.city.example");
        await type("旧サーバのアドレス", old);
        await type("新サーバのアドレス", city.public);
        await type("切替後のIPアドレス", "192.0.2.20");
        await type("旧サーバのページの一覧", "/\n/kurashi/\n/oshirase/\n/old/gomi.html\n" + Array.from({ length: 20 }, (_, i) => `/oshirase/2026-${String(i + 1).padStart(3, "0")}.html`).join("\n"));
        await type("レコードを尋ねるネームサーバ", `127.0.0.1:${names.socket.address().port}`);
        await type("切替後に見守るネームサーバ", `127.0.0.1:${names.socket.address().port}`);
        await type("ドメインの管理者", "○○県 情報システム課");
        await type("連絡先", "電話 0123-45-6789");
        await looked("cutover-plan");
        await press(button("計画を保存する"));
        await at("切替");
        await page.getByText("計画（第1版）").waitFor();
    });
    await t.step("all pages are compared in the background", async () => {
        await ask("すべてのページを照合する", "照合を受け付けました。");
        await board("最後の照合は");
        assert.match(await page.locator("main").innerText(), /24件のうち24件/);
        await looked("cutover-board");
        await press(page.getByRole("link", { name: "/oshirase/", exact: true }));
        await at("新旧の違い");
        await page.getByText("市役所からのお知らせです。").waitFor();
        await looked("cutover-difference");
        await type("差し支えない理由", "新しい文章に改めた");
        await press(button("差し支えないことを記録する"));
        await at("新旧の照合の結果");
        await press(page.getByRole("link", { name: "/old/gomi.html" }));
        await at("新旧の違い");
        await looked("cutover-redirect");
        await page.getByLabel("転送先").fill("/kurashi/gomi/");
        await press(button("転送を引き継ぐ"));
        await at("新旧の照合の結果");
        await looked("cutover-results");
    });
    await t.step("the redirect is published, and nothing is open any more", async () => {
        for (let i = 0; i < 100 && (await fetch(city.public + "/old/gomi.html", { redirect: "manual" })).status !== 301; i++) await page.waitForTimeout(200);
        await admin.goto("/cutover");
        await ask("残っている違いだけ、もう一度照合する", "照合を受け付けました。");
        await board("同じ23件、差し支えない違い1件");
    });
    await t.step("what has to be ready is looked at and ticked, and the application made", async () => {
        await ask("いまの状態を調べる", "いまの状態を調べています。");
        await board("TTLは60秒です。");
        await tabTo(admin, page.getByLabel("備考").first());
        await page.keyboard.type("文面を確かめた");
        await press(page.getByRole("button", { name: /^止めるときのお知らせ.*確認した$/ }));
        await page.getByText("確認を記録しました。").waitFor();
        await ask("DNS切替申請書を作る", "DNS切替申請書を作りました。");
        await press(page.getByRole("link", { name: "DNS切替申請書" }));
        await at("DNS切替申請書");
        assert.match(await page.locator(".paper").innerText(), /192\.0\.2\.10.*192\.0\.2\.20/);
        await looked("cutover-paper");
    });
    await t.step("the switch is recorded, and watched until the new address is everywhere", async () => {
        await admin.goto("/cutover");
        names.address = "192.0.2.20";
        await ask("切り替えたことを記録する", "切り替えたことを記録しました。");
        await board("1／1が新しいアドレス（100%）");
        await looked("cutover-watch");
        await ask("切替を完了にする", "切替の完了を記録しました。");
        assert.deepEqual(admin.complaints, []);
    });
}
