import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eventually, setStage, type Answer, type Stage } from "./support";

let stage: Stage;
before(async () => { stage = await setStage(); });
after(() => stage?.close());

/// A page with `body`, the office's script and the strict policy.
async function show(body: string, path = "/case"): Promise<{ page: Page; problems: string[] }> {
    stage.routes.set(path, () => screen(body));
    return stage.open(path);
}
const screen = (body: string, title = "試験"): Answer => ({ type: "text/html; charset=utf-8", body: `<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>${title}</title><link rel="stylesheet" href="/office.css"><meta name="csrf-token" content="t0ken"><script type="module" src="/office.js"></script></head><body><main class="main">${body}</main><p class="spoken" role="status" id="live-region"></p></body></html>` });
const live = (page: Page): Promise<string | null> => page.locator("#live-region").textContent();
const kForm = `<h1>編集</h1><form id="f" method="post" action="/sent" data-behaviour="autosave unsaved-guard shortcuts" data-autosave-url="/draft"><input type="hidden" name="version" value="1">
    <label for="t">題名</label><input id="t" name="title" value="元"><button type="submit" data-key="ctrl+s">保存</button><p class="save-state" data-save-state></p></form>`;

test("autosave: half a second after the last key, with token and version; the new version goes with the next", async () => {
    const seen: { version: string; fields: Record<string, string>; token: string | undefined }[] = [];
    stage.routes.set("/draft", (request, body) => {
        seen.push({ ...JSON.parse(body.toString()) as { version: string; fields: Record<string, string> }, token: request.headers["x-csrf-token"] as string | undefined });
        return { body: JSON.stringify({ version: String(seen.length + 1) }) };
    });
    const { page, problems } = await show(kForm);
    // At once, in the page: from here, keys come half a second apart where the machine is busy.
    await page.locator("#t").evaluate((field: HTMLInputElement) => { for (const key of "いろは") { field.value += key; field.dispatchEvent(new InputEvent("input", { bubbles: true })); } });
    await page.getByText("保存しました").waitFor();
    assert.equal(seen.length, 1);
    assert.deepEqual(seen[0], { version: "1", fields: { title: "元いろは" }, token: "t0ken" });
    await page.locator("#t").pressSequentially("に");
    await page.waitForFunction(() => (document.querySelector("[name=version]") as HTMLInputElement).value === "3");
    assert.equal(seen[1]?.version, "2");
    assert.deepEqual(problems, []);
    await page.close();
});

test("autosave: goes on after the session has ended, once the same person has signed in elsewhere", async () => {
    let isSignedIn = false, refused = 0;
    const saved: string[] = [];
    stage.routes.set("/draft", (request, body) => {
        if (!isSignedIn) return refused++, { status: 401, body: JSON.stringify({ message: "ログインの有効期限が切れました" }) };
        if (request.headers["x-csrf-token"] !== "n3w") return { status: 403, body: "{}" };
        saved.push((JSON.parse(body.toString()) as { fields: { title: string } }).fields.title);
        return { body: '{"version":"2"}' };
    });
    const as = (person: string, token: string): Answer => { const page = screen(kForm); return { ...page, body: String(page.body).replace('content="t0ken"', `content="${token}"><meta name="person" content="${person}"`) }; };
    stage.routes.set("/case", () => as("sato", "t0ken"));
    const { page } = await stage.open("/case");
    await page.locator("#t").pressSequentially("あ");
    await page.getByText("ログインの有効期限が切れました").first().waitFor();
    isSignedIn = true;
    const comeBack = () => page.evaluate(() => window.dispatchEvent(new Event("focus")));
    stage.routes.set("/case", () => as("suzuki", "n3w"));
    await comeBack();
    await page.getByText("ログインし直してください").first().waitFor();
    assert.deepEqual(saved, [], "not in somebody else's name");
    await page.close();

    isSignedIn = false;
    stage.routes.set("/case", () => as("sato", "t0ken"));
    const again = await stage.open("/case");
    await again.page.locator("#t").pressSequentially("い");
    await again.page.getByText("ログインの有効期限が切れました").first().waitFor();
    assert.equal(await again.page.getByRole("link", { name: "ログイン画面を開く" }).getAttribute("href"), "/login");
    // A second try that ends as the first did is no news to a screen reader.
    await again.page.waitForFunction(() => document.getElementById("live-region")?.textContent?.includes("ログイン"));
    const before = refused;
    const failed = again.page.locator('[data-save-state][data-state="failed"]');
    await failed.waitFor();
    await again.page.evaluate(() => { (document.getElementById("live-region") as HTMLElement).textContent = ""; window.dispatchEvent(new Event("focus")); });
    while (refused === before) await again.page.waitForTimeout(10);
    await failed.waitFor();
    await again.page.waitForTimeout(60);   // announce() speaks 50 ms later
    assert.equal(await live(again.page), "");
    isSignedIn = true;
    stage.routes.set("/case", () => as("sato", "n3w"));
    await again.page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await again.page.getByText("保存しました").waitFor();
    assert.deepEqual(saved, ["い元"]);
    assert.equal(await again.page.locator('meta[name="csrf-token"]').getAttribute("content"), "n3w", "the whole form may be sent too");
    await again.page.close();
});

test("autosave: at a conflict it stops, shows where both versions are, and keeps the words for later", async () => {
    let asked = 0;
    stage.routes.set("/draft", () => { asked++; return { status: 409, body: JSON.stringify({ message: "高橋さんが先に保存しました", conflict_url: "/conflict" }) }; });
    const { page } = await show(kForm);
    await page.locator("#t").fill("わたしの言葉");
    await page.getByRole("link", { name: "両方の版を見比べる" }).waitFor();
    assert.match(await page.locator("[data-save-state]").textContent() ?? "", /保存できません。高橋さんが先に保存しました/);
    await page.locator("#t").fill("もっと");
    await page.waitForTimeout(800);
    assert.equal(asked, 1);
    page.on("dialog", dialog => void dialog.accept());
    await page.goto(`${stage.url}/case`);
    await page.getByRole("button", { name: "取り戻す" }).click();
    assert.equal(await page.locator("#t").inputValue(), "わたしの言葉");
    await page.goto(`${stage.url}/case`);
    await page.getByRole("button", { name: "取り戻す" }).waitFor();
    stage.routes.set("/case", () => screen(kForm.replace("元", "わたしの言葉").replace("<form", "<form data-unsaved")));   // as after the screen of the conflict: the form holds these words
    await page.goto(`${stage.url}/case`);
    await page.locator("#t").waitFor();
    assert.equal(await page.getByRole("button", { name: "取り戻す" }).count(), 0, "nothing is lost, nothing is offered");
    stage.routes.set("/case", () => screen(kForm));
    await page.goto(`${stage.url}/case`);
    await page.getByRole("button", { name: "取り戻す" }).waitFor();   // the merge was not saved
    stage.routes.set("/case", () => screen(kForm.replace("元", "わたしの言葉")));   // saved
    await page.goto(`${stage.url}/case`);
    await page.locator("#t").waitFor();
    assert.equal(await page.getByRole("button", { name: "取り戻す" }).count(), 0, "saved, nothing is offered");
    stage.routes.set("/case", () => screen(kForm));
    await page.goto(`${stage.url}/case`);
    assert.equal(await page.getByRole("button", { name: "取り戻す" }).count(), 0, "nor later");
    await page.close();
});

test("autosave: words that the server has sent back unsaved are asked about and kept until they are saved", async () => {
    const sentBack = kForm.replace("元", "停止のあいだの言葉").replace("<form", "<form data-unsaved");
    const { page } = await show(sentBack);
    let asked = 0;
    page.on("dialog", dialog => { asked++; void dialog.accept(); });
    await page.locator("#t").click();   // a browser asks nobody who has touched nothing
    await page.goto(`${stage.url}/harness.html`);
    assert.equal(asked, 1);
    stage.routes.set("/draft", () => ({ body: '{"version":"2"}' }));
    stage.routes.set("/case", () => screen(kForm));
    await page.goto(`${stage.url}/case`);
    await page.getByRole("button", { name: "取り戻す" }).click();
    assert.equal(await page.locator("#t").inputValue(), "停止のあいだの言葉");
    await page.getByText("保存しました").waitFor();
    await page.goto(`${stage.url}/case`);
    await page.locator("#t").waitFor();
    assert.equal(await page.getByRole("button", { name: "取り戻す" }).count(), 0);
    await page.close();
});

test("the guard asks before unsaved words are left, and not after they were saved", async () => {
    stage.routes.set("/draft", () => ({ status: 500, body: "{}" }));
    const { page } = await show(kForm);
    let asked = 0;
    page.on("dialog", dialog => { asked++; void dialog.accept(); });
    await page.locator("#t").pressSequentially("あ");
    await page.goto(`${stage.url}/harness.html`);
    assert.equal(asked, 1);
    stage.routes.set("/draft", () => ({ body: '{"version":"2"}' }));
    const fresh = await show(kForm);
    fresh.page.on("dialog", dialog => { asked++; void dialog.accept(); });
    await fresh.page.locator("#t").pressSequentially("い");
    await fresh.page.getByText("保存しました").waitFor();
    await fresh.page.goto(`${stage.url}/harness.html`);
    assert.equal(asked, 1);
    await page.close();
    await fresh.page.close();
});

test("Ctrl+S sends the form, after the save on its way and with its version", async () => {
    let sent = "";
    stage.routes.set("/draft", () => ({ body: '{"version":"7"}' }));
    stage.routes.set("/sent", (_request, body) => { sent = body.toString(); return screen("<h1>済</h1>"); });
    const { page } = await show(kForm);
    await page.locator("#t").pressSequentially("x");
    await page.getByText("保存中").or(page.getByText("保存しました")).first().waitFor();
    await page.keyboard.press("Control+s");
    await page.getByRole("heading", { name: "済" }).waitFor();
    assert.equal(new URLSearchParams(sent).get("version"), "7");
    await page.close();
});

test("confirm: nothing happens until the answer that names the act; Escape is no", async () => {
    let sent = 0;
    stage.routes.set("/withdraw", () => { sent++; return screen("<h1>終了しました</h1>"); });
    const { page } = await show('<form method="post" action="/withdraw"><button class="button button--danger" data-behaviour="confirm" data-confirm="公開を終了しますか" data-confirm-yes="公開を終了する">終了</button></form>');
    await page.getByRole("button", { name: "終了" }).click();
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "やめる");
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    assert.equal(sent, 0);
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "終了", "focus returns");
    await page.getByRole("button", { name: "終了" }).click();
    await page.getByRole("button", { name: "公開を終了する" }).click();
    await page.getByRole("heading", { name: "終了しました" }).waitFor();
    assert.equal(sent, 1);
    await page.close();
});

test("swap: one region is replaced, focus on its heading, title and Back work, later behaviours live", async () => {
    const list = (n: number): Answer => screen(`<section id="list"><h2>${n}ページ目</h2><a href="/list?page=2" data-behaviour="swap" data-swap="list">次へ</a></section><input id="kept">`, `一覧${n}`);
    const seen: (string | undefined)[] = [];
    stage.routes.set("/list", request => { seen.push(request.headers["x-swap"] as string | undefined); return list(request.url?.includes("page=2") ? 2 : 1); });
    const { page } = await stage.open("/list");
    await page.locator("#kept").fill("残る");
    await page.getByRole("link", { name: "次へ" }).click();
    await page.getByRole("heading", { name: "2ページ目" }).waitFor();
    assert.equal(await page.locator("#kept").inputValue(), "残る");
    assert.deepEqual(seen, [undefined, "list"]);
    await eventually(async () => {
        assert.equal(await page.title(), "一覧2");
        assert.equal(await page.evaluate(() => document.activeElement?.textContent), "2ページ目");
    });
    await eventually(async () => assert.equal(await live(page), "2ページ目"));
    await page.goBack();
    await page.getByRole("heading", { name: "1ページ目" }).waitFor();
    await page.getByRole("link", { name: "次へ" }).click();
    await page.getByRole("heading", { name: "2ページ目" }).waitFor();
    await page.close();
});

test("swap: an answer without the region falls back to a full load", async () => {
    stage.routes.set("/start", () => screen('<section id="list"><h2>一覧</h2><a href="/other" data-behaviour="swap" data-swap="list">別</a></section>'));
    stage.routes.set("/other", () => screen("<h1>ログインし直してください</h1>"));
    const { page } = await stage.open("/start");
    await page.getByRole("link", { name: "別" }).click();
    await page.getByRole("heading", { name: "ログインし直してください" }).waitFor();
    assert.ok(page.url().endsWith("/other"));
    await page.close();
});

test("filter: the list follows the typing, focus and caret stay, no answer overtakes a later one", async () => {
    const asked: string[] = [];
    stage.routes.set("/pages", request => {
        const q = new URL(request.url ?? "/", "http://x").searchParams.get("q") ?? "";
        asked.push(q);
        return screen(`<form method="get" action="/pages" data-behaviour="filter" data-swap="list"><label for="q">題名</label><input id="q" name="q" value=""><button>さがす</button></form><section id="list" data-announce="${q.length}件"><h2>「${q}」</h2></section>`);
    });
    const { page } = await stage.open("/pages");
    await page.locator("#q").focus();
    // At once, in the page: from here, keys come further apart than the filter waits where the machine is busy.
    await page.locator("#q").evaluate((field: HTMLInputElement) => { for (const key of "転入届") { field.value += key; field.dispatchEvent(new InputEvent("input", { bubbles: true })); } });
    await page.getByRole("heading", { name: "「転入届」" }).waitFor();
    assert.deepEqual(asked, ["", "転入届"]);
    assert.equal(await page.evaluate(() => document.activeElement?.id), "q");
    assert.ok(page.url().includes(`q=${encodeURIComponent("転入届")}`));
    await page.close();
});

test("live-wait: waits, then says that the page is live", async () => {
    let asked = 0;
    stage.routes.set("/receipt", () => ({ body: JSON.stringify(++asked < 3 ? { state: "waiting" } : { state: "placed", message: "公開されました（0.6秒）。", html_url: "/kurashi/" }) }));
    const { page } = await show('<div class="notice" data-behaviour="live-wait" data-receipt-url="/receipt" data-refresh="rest"><p data-words>公開しています…</p></div><p id="rest">まだ</p>');
    stage.routes.set("/case", () => screen('<p id="rest">/kurashi/index.html</p>'));
    await page.getByText("公開されました（0.6秒）。").first().waitFor();
    assert.equal(asked, 3);
    assert.equal(await page.getByRole("link", { name: "公開ページを見る" }).getAttribute("href"), "/kurashi/");
    await eventually(async () => {
        assert.equal(await live(page), "公開されました（0.6秒）。");
        assert.equal(await page.locator("#rest").textContent(), "/kurashi/index.html", "what changed stands there without a reload");
    });
    await page.close();
});

test("presence: names the others, warns of a newer version, and leaves by beacon", async () => {
    let newer: unknown = null;
    const said: string[] = [];
    stage.routes.set("/presence", (request, body) => { said.push(`${request.headers["content-type"]?.split(";")[0]} ${body.toString()}`); return { body: JSON.stringify({ words: "高橋さんが編集中（10:42から）", newer }) }; });
    const { page } = await show('<div data-behaviour="presence" data-presence-url="/presence"></div>');
    await page.getByText("高橋さんが編集中（10:42から）").first().waitFor();
    newer = { name: "高橋", url: "/newer" };
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.getByRole("link", { name: "新しい版を見る" }).waitFor();
    await page.goto(`${stage.url}/harness.html`);
    await eventually(() => assert.ok(said.some(line => line.includes("leaving=1") && line.includes("csrf=t0ken")), said.join("\n")));
    await page.close();
});

test("upload: progress, a refusal in words that keeps the form, then on", async () => {
    let accept = false;
    stage.routes.set("/up", () => accept ? { body: '{"location":"/done"}' } : { status: 413, body: '{"message":"20MBより大きいファイルは送れません。"}' });
    stage.routes.set("/done", () => screen("<h1>届きました</h1>"));
    const { page } = await show('<form method="post" action="/up" enctype="multipart/form-data" data-behaviour="upload"><label for="file">ファイル</label><input id="file" type="file" name="file"><button>送信</button></form>');
    await page.locator("#file").setInputFiles({ name: "a.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(50_000) });
    await page.getByRole("button", { name: "送信" }).click();
    await page.getByText("20MBより大きいファイルは送れません。").first().waitFor();
    accept = true;
    await page.getByRole("button", { name: "送信" }).click();
    await page.getByRole("heading", { name: "届きました" }).waitFor();
    await page.close();
});

test("the folded navigation opens and closes on a phone, by keyboard too; the user menu closes by Escape", async () => {
    const { page } = await stage.open("/gallery/home.html");
    await page.setViewportSize({ width: 390, height: 844 });
    const navigation = page.getByRole("navigation", { name: "主なメニュー" });
    assert.ok(!await navigation.isVisible());
    await page.getByRole("button", { name: "メニュー", exact: true }).press("Enter");
    assert.ok(await navigation.isVisible());
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "ホーム");
    await page.keyboard.press("Escape");
    assert.ok(!await navigation.isVisible());
    await page.locator("details.menu summary").click();
    assert.ok(await page.getByRole("button", { name: "ログアウト" }).isVisible());
    await page.keyboard.press("Escape");
    assert.ok(!await page.getByRole("button", { name: "ログアウト" }).isVisible());
    await page.close();
});

test("the preview is laid out at the chosen width and shown smaller where the screen is narrower", async () => {
    const { page, problems } = await stage.open("/gallery/approve.html");
    const width = (): Promise<number> => page.locator(".preview__frame").evaluate(frame => (frame as HTMLIFrameElement).contentWindow?.innerWidth ?? 0);
    for (const [name, pixels] of [["スマートフォン", 375], ["タブレット", 768], ["パソコン", 1280]] as const) {
        await page.getByText(name, { exact: true }).click();
        await eventually(async () => assert.ok(Math.abs(await width() - pixels) <= 2, `${name}: ${await width()}`));
        assert.ok(await page.locator(".preview__stage").evaluate(stage => stage.scrollWidth <= stage.clientWidth + 1), name);
    }
    assert.deepEqual(problems, []);
    await page.close();
});

test("a form whose work takes long says so after a second, and is sent once", async () => {
    let sent = 0;
    stage.routes.set("/work", () => { sent++; return screen("<h1>済み</h1>"); });
    // Into a frame, so that the page stays, as it does while an answer is waited for.
    const { page } = await show('<form method="post" action="/work" target="out" data-behaviour="long-work"><button type="submit">決める</button></form><iframe name="out" title="答え"></iframe>');
    const said = page.locator("form .notice"), button = page.getByRole("button", { name: "決める" });
    const isSaidAtOnce = await button.evaluate((pressed: HTMLElement) => { pressed.click(); const notice = document.querySelector<HTMLElement>("form .notice"); return notice !== null && notice.checkVisibility(); });
    assert.ok(!isSaidAtOnce);
    await said.filter({ hasText: /このままお待ちください（\d+秒）/ }).waitFor();
    const seconds = async (): Promise<number> => Number(/（(\d+)秒）/.exec(await said.textContent() ?? "")?.[1]);
    const first = await seconds();
    assert.match(await live(page) ?? "", /処理しています/);
    await button.click();
    await eventually(async () => assert.ok(await seconds() > first, "it counts on"));
    assert.equal(sent, 1);
    await page.close();
});

test("the counter says how many characters are too many", async () => {
    const { page } = await show('<label for="s">概要</label><textarea id="s" data-behaviour="count" data-count-limit="5"></textarea>');
    await page.locator("#s").fill("一二三四五六七");
    assert.equal(await page.locator("#s-count").textContent(), "7文字（2文字多すぎます）");
    assert.equal(await page.locator("#s").getAttribute("aria-describedby"), "s-count");
    await page.close();
});

test("a behaviour that does not exist is named in the console", async () => {
    const { page, problems } = await show('<p data-behaviour="autosafe">x</p>');
    await eventually(() => assert.ok(problems.length > 0));
    assert.deepEqual(problems, ['data-behaviour="autosafe": there is no such behaviour']);
    await page.close();
});
