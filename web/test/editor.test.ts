import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { caretAfter, fixture, kTinyPicture, kWeb, paste, saved, setStage, settled, type Stage } from "./support";

let stage: Stage;
before(async () => { stage = await setStage(); });
after(() => stage?.close());

/// The one place where `now` differs from `was`: what was taken out and what was put in. Of the equal ways to say where a tag was
/// put in, the one that begins with the tag.
function difference(was: string, now: string): { out: string; in: string } {
    let head = 0, tail = 0;
    while (head < was.length && head < now.length && was[head] === now[head]) head++;
    while (tail < Math.min(was.length, now.length) - head && was.at(-1 - tail) === now.at(-1 - tail)) tail++;
    const found = { out: was.slice(head, was.length - tail), in: now.slice(head, now.length - tail) };
    while (found.out === "" && found.in.includes("<") && !/^<(?!\/)/.test(found.in) && head > 0 && was[head - 1] === found.in.at(-1)) {
        found.in = was[--head] + found.in.slice(0, -1);
    }
    return found;
}

const closed = (page: Page): Promise<void> => page.locator("dialog").waitFor({ state: "detached" });

for (const name of readdirSync(path.join(kWeb, "test/fixtures")).filter(f => !f.startsWith("paste-"))) {
    test(`${name}: opened and saved unchanged, it is identical`, async () => {
        const region = fixture(name);
        const { page, problems } = await stage.edit(region);
        assert.equal(await saved(page), region);
        assert.deepEqual(problems, []);
        await page.close();
    });
    test(`${name}: typed in and taken back by undo, it is identical`, async () => {
        const region = fixture(name);
        const { page } = await stage.edit(region);
        await page.locator(".editor__text").click();
        await page.keyboard.press("Control+End");
        await page.keyboard.insertText("追記");
        assert.notEqual(await saved(page), region);
        await page.keyboard.press("Control+z");
        assert.equal(await saved(page), region);
        await page.close();
    });
}

test("a changed word changes nothing else, in whatever markup it stands", async () => {
    const region = fixture("legacy.html");
    for (const words of ["重要なお知らせ", "土曜日", "0120-000-000", "大人", "くわしく", "入れ子", "裸の文字", "引用", "注意：", "2行目"]) {
        const { page } = await stage.edit(region);
        await caretAfter(page, words);
        await page.keyboard.insertText("新");
        assert.deepEqual(difference(region, await saved(page)), { out: "", in: "新" }, words);
        await page.close();
    }
});

test("the form, scripts, map and frame of an old page are shown as inert boxes and saved as written", async () => {
    const region = fixture("legacy.html");
    const { page } = await stage.edit(region);
    assert.equal(await page.locator(".editor__text :is(iframe, form, script, object, marquee, input, [onclick], [style])").count(), 0);
    assert.ok(await page.locator(".editor__text .ed-raw", { hasText: "埋め込み（iframe）" }).count() > 0);
    await caretAfter(page, "くわしく");
    await page.keyboard.insertText("新");
    const out = await saved(page);
    for (const part of ['<iframe src="https://maps.example.jp/embed?x=1&y=2"', "<form action=\"/cgi-bin/search\" method=get>", 'document.write("<p>x</p>");', "onclick=\"alert('x')\"", "<marquee>"]) {
        assert.ok(out.includes(part), part);
    }
    await page.close();
});

test("broken nesting near a change never loses words or elements", async () => {
    const region = fixture("broken.html");
    for (const words of ["前の段落", "太字の中の段落", "二つ目", "後ろの段落", "終わり"]) {
        const { page } = await stage.edit(region);
        await caretAfter(page, words);
        await page.keyboard.insertText("新");
        const shape = (html: string): Promise<string> => page.evaluate(source => {
            const body = document.implementation.createHTMLDocument("").body;
            body.innerHTML = source;
            return body.innerHTML.replace(/\s+/g, "");
        }, html);
        assert.equal((await shape(await saved(page))).replace("新", ""), await shape(region), words);
        await page.close();
    }
});

test("a new paragraph stands between its neighbours, which stay as they were", async () => {
    const region = fixture("procedure.html");
    const { page } = await stage.edit(region);
    await caretAfter(page, "持ってくるもの");
    await page.keyboard.press("Enter");
    await page.keyboard.insertText("次の二つです。");
    assert.deepEqual(difference(region, await saved(page)), { out: "", in: "<p>次の二つです。</p>\n" });
    await page.close();
});

test("lists: a new item, and a list made from paragraphs, come out as clean HTML", async () => {
    const region = fixture("procedure.html");
    const { page } = await stage.edit(region);
    await caretAfter(page, "本人確認書類");
    await page.keyboard.press("Enter");
    await page.keyboard.insertText("印鑑");
    const inserted = difference(region, await saved(page));
    assert.equal(inserted.out, "");
    assert.equal(inserted.in.replace(/\s+/g, ""), "<li>印鑑</li>");
    await page.close();

    const plain = await stage.edit("<p>一</p>\n<p>二</p>\n");
    await plain.page.locator(".editor__text").click();
    await plain.page.keyboard.press("Control+a");
    await plain.page.getByRole("button", { name: "箇条書き" }).click();
    assert.equal((await saved(plain.page)).replace(/\s+/g, ""), "<ul><li>一</li><li>二</li></ul>");
    await plain.page.getByRole("button", { name: "番号付き" }).click();
    assert.equal((await saved(plain.page)).replace(/\s+/g, ""), "<ol><li>一</li><li>二</li></ol>");
    await plain.page.getByRole("button", { name: "番号付き" }).click();
    assert.equal((await saved(plain.page)).replace(/\s+/g, ""), "<p>一</p><p>二</p>");
    await plain.page.close();
});

test("splitting a block with an id leaves the id on one of the two", async () => {
    const { page } = await stage.edit('<p id="a" class="note">前後</p>\n');
    await caretAfter(page, "前");
    await page.keyboard.press("Enter");
    assert.equal(await saved(page), '<p id="a" class="note">前</p>\n<p class="note">後</p>\n');
    await page.close();
});

test("by keyboard alone: to the toolbar, along it, a heading, bold, and back", async () => {
    const { page } = await stage.edit("<p>見出しになる</p>\n<p>太くなる</p>\n");
    await caretAfter(page, "見出しになる");
    await page.keyboard.press("Alt+F10");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "段落");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "見出し2");
    assert.equal(await page.locator(".editor__tool[tabindex='0']").count(), 1, "one tab stop");
    await page.keyboard.press("Enter");
    for (const key of ["ArrowDown", "Home", "Shift+End", "Control+b"]) {
        await page.keyboard.press(key);
        await settled(page);
    }
    assert.equal(await saved(page), "<h2>見出しになる</h2>\n<p><strong>太くなる</strong></p>\n");
    await page.keyboard.press("Alt+F10");
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "段落", "the arrows go round");
    await page.keyboard.press("Escape");
    assert.ok(await page.evaluate(() => document.activeElement?.classList.contains("editor__text")));
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "送る", "Tab leaves the text");
    await page.close();
});

test("an IME's words arrive once: in a paragraph, in a cell, and with Enter while composing", async () => {
    const region = fixture("procedure.html");
    const { page } = await stage.edit(region);
    const devtools = await page.context().newCDPSession(page);
    const compose = async (): Promise<void> => {
        for (const text of ["k", "か", "かい", "かいg", "かいぎ", "会議"]) {
            await devtools.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
            await page.waitForTimeout(10);
        }
    };
    await caretAfter(page, "持ってくるもの");
    await compose();
    await devtools.send("Input.insertText", { text: "会議" });
    await caretAfter(page, "8時30分から");
    await compose();
    await page.evaluate(() => document.querySelector(".editor__text")?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true })));
    await devtools.send("Input.insertText", { text: "会議" });
    await settled(page);
    const out = await saved(page);
    assert.ok(out.includes("<h2>持ってくるもの会議</h2>"), out);
    assert.ok(out.includes("<td>8時30分から会議</td>"), out);
    assert.equal(out.replaceAll("会議", ""), region);
    await page.close();
});

test("a link: chosen words, a page found by its title, no address of a script", async () => {
    stage.routes.set("/pages.json", request => ({ body: JSON.stringify({ pages: request.url?.includes(encodeURIComponent("転出")) ? [{ title: "転出届の手続き", url: "/kurashi/tenshutsu.html" }] : [] }) }));
    const { page } = await stage.edit("<p>くわしくは転出届</p>\n");
    await caretAfter(page, "くわしくは転出届");
    for (let i = 0; i < 3; i++) { await page.keyboard.press("Shift+ArrowLeft"); await settled(page); }
    await page.keyboard.press("Control+k");
    await page.getByLabel("リンク先（URL）").fill("javascript:alert(1)");
    await page.getByRole("button", { name: "リンクを付ける" }).click();
    assert.ok(await page.getByText("このリンク先は使えません", { exact: false }).isVisible());
    await page.getByLabel("サイト内のページを探す").fill("転出");
    await page.getByRole("button", { name: /転出届の手続き/ }).click();
    await page.getByRole("button", { name: "リンクを付ける" }).click();
    await closed(page);
    assert.equal(await saved(page), '<p>くわしくは<a href="/kurashi/tenshutsu.html">転出届</a></p>\n');
    await caretAfter(page, "転出");
    await page.keyboard.press("Control+k");
    assert.equal(await page.getByLabel("リンク先（URL）").inputValue(), "/kurashi/tenshutsu.html");
    await page.getByRole("button", { name: "リンクを外す" }).click();
    await closed(page);
    assert.equal(await saved(page), "<p>くわしくは転出届</p>\n");
    await page.close();
});

test("an existing link keeps its other attributes when its address changes", async () => {
    const { page } = await stage.edit('<p>→<a class="pdf" href="a.pdf" target="_blank">申請書</a>です</p>\n');
    await caretAfter(page, "申請");
    await page.keyboard.press("Control+k");
    await page.getByLabel("リンク先（URL）").fill("b.pdf");
    await page.getByRole("button", { name: "変更する" }).click();
    await closed(page);
    assert.equal(await saved(page), '<p>→<a class="pdf" href="b.pdf" target="_blank">申請書</a>です</p>\n');
    await page.close();
});

test("an image: uploaded, refused without a description, put in with one; changed later", async () => {
    stage.routes.set("/images.json", () => ({ body: JSON.stringify({ images: [{ url: "/p/hall.png", name: "hall.png", alt: "市役所" }] }) }));
    stage.routes.set("/upload.json", (_request, body) => ({ body: JSON.stringify(body.includes("map.png") ? { url: "/p/map.png", name: "map.png" } : { message: "?" }) }));
    stage.routes.set("/p/map.png", () => ({ type: "image/png", body: kTinyPicture }));
    stage.routes.set("/p/hall.png", () => ({ type: "image/png", body: kTinyPicture }));
    const { page, problems } = await stage.edit("<p>地図</p>\n");
    await caretAfter(page, "地図");
    await page.getByRole("button", { name: "画像", exact: true }).click();
    await page.getByLabel("新しい画像をアップロード").setInputFiles({ name: "map.png", mimeType: "image/png", buffer: kTinyPicture });
    await page.getByText("選んだ画像：map.png").waitFor();
    await page.getByRole("button", { name: "画像を入れる" }).click();
    assert.ok(await page.getByText("画像の説明を入れるか", { exact: false }).isVisible());
    await page.getByLabel("画像の説明（代替テキスト）").fill("駅から市役所までの地図");
    await page.getByRole("button", { name: "画像を入れる" }).click();
    await closed(page);
    assert.equal(await saved(page), '<p>地図<img src="/p/map.png" alt="駅から市役所までの地図"></p>\n');
    await page.locator(".editor__text img[data-x]").dblclick();
    await page.getByRole("button", { name: "hall.png" }).click();
    await page.getByLabel("飾りの画像", { exact: false }).check();
    await page.getByRole("button", { name: "変更する" }).click();
    await closed(page);
    assert.equal(await saved(page), '<p>地図<img src="/p/hall.png" alt=""></p>\n');
    assert.deepEqual(problems, []);
    await page.close();
});

test("a table: made with caption and headers, grown by a row and a column, with scope on each header", async () => {
    const { page } = await stage.edit("<p>料金</p>\n");
    await caretAfter(page, "料金");
    await page.getByRole("button", { name: "表", exact: true }).click();
    await page.getByLabel("表の題名").fill("手数料");
    await page.getByLabel("行の数").fill("2");
    await page.getByLabel("列の数").fill("2");
    await page.getByLabel("1列目を見出しにする").check();
    await page.getByRole("button", { name: "表を入れる" }).click();
    await closed(page);
    for (const words of ["区分", "金額", "大人", "500円"]) {
        await page.keyboard.insertText(words);
        await page.keyboard.press("Tab");
    }
    await caretAfter(page, "大人");
    await page.getByRole("button", { name: "下に行を追加" }).click();
    await page.getByRole("button", { name: "右に列を追加" }).click();
    const out = (await saved(page)).replace(/\s*\n\s*/g, "");
    assert.equal(out, '<p>料金</p><table><caption>手数料</caption><thead><tr><th scope="col">区分</th><th scope="col"></th><th scope="col">金額</th></tr></thead>'
        + '<tbody><tr><th scope="row">大人</th><td></td><td>500円</td></tr><tr><th scope="row"></th><td></td><td></td></tr></tbody></table>');
    await page.getByRole("button", { name: "表を削除" }).click();
    assert.equal((await saved(page)).trim(), "<p>料金</p>");
    await page.close();
});

test("in an existing table only the touched row changes; a new column drops the old column widths", async () => {
    const region = fixture("procedure.html");
    const { page } = await stage.edit(region);
    await caretAfter(page, "9時から");
    await page.getByRole("button", { name: "上に行を追加" }).click();
    const grown = await saved(page);
    assert.ok(grown.includes('<tr><th scope="row"></th><td></td></tr>\n'), grown);
    assert.equal(grown.replace('<tr><th scope="row"></th><td></td></tr>\n', ""), region);
    await page.close();

    const legacy = fixture("legacy.html");
    const old = await stage.edit(legacy);
    await caretAfter(old.page, "大人");
    await old.page.getByRole("button", { name: "右に列を追加" }).click();
    const out = await saved(old.page);
    assert.ok(!out.includes("<colgroup>"));
    assert.ok(out.includes("<!-- 見出し -->") && out.includes('<tr bgcolor="#eeeeee">'), out);
    await old.page.close();
});

test("the header row button makes a thead, and takes it away again", async () => {
    const { page } = await stage.edit("<table>\n<tr><td>区分</td><td>金額</td></tr>\n<tr><td>大人</td><td>500円</td></tr>\n</table>\n");
    await caretAfter(page, "大人");
    await page.getByRole("button", { name: "見出し行" }).click();
    assert.equal((await saved(page)).replace(/\s+/g, ""), '<table><thead><tr><thscope="col">区分</th><thscope="col">金額</th></tr></thead><tr><td>大人</td><td>500円</td></tr></table>');
    await page.getByRole("button", { name: "見出し行" }).click();
    assert.ok(!(await saved(page)).includes("<th"));
    await page.close();
});

test("from Word: structure and real lists, no Office markup, no scripts, no pictures", async () => {
    const { page } = await stage.edit("<p>前</p>\n");
    await caretAfter(page, "前");
    await page.keyboard.press("Enter");
    await paste(page, fixture("paste-word.html"));
    const out = await saved(page);
    assert.doesNotMatch(out, /mso|Mso|style=|class=|<o:|<span|javascript|<img|onclick|&nbsp;/);
    assert.equal(out.replace(/\s*\n\s*/g, ""), "<p>前</p><h2>窓口のご案内</h2><p><strong>休日</strong>も開いています。</p><ul><li>本人確認書類<ul><li>運転免許証</li></ul></li><li>印鑑</li></ul>"
        + '<ol><li>受付</li><li>審査</li></ol><p>危険と<a href="https://www.example.jp/">安全</a></p>');
    await page.close();
});

test("from Excel: the table with its spans; plain text: one paragraph a line", async () => {
    const { page } = await stage.edit("<p>表</p>\n");
    await caretAfter(page, "表");
    await page.keyboard.press("Enter");
    await paste(page, fixture("paste-excel.html"));
    assert.equal((await saved(page)).replace(/\s*\n\s*/g, ""), '<p>表</p><table><tbody><tr><td>区分</td><td>金額</td></tr><tr><td>大人</td><td>500</td></tr><tr><td colspan="2">こどもは 無料</td></tr></tbody></table>');
    await page.close();

    const plain = await stage.edit("<p>前</p>\n");
    await caretAfter(plain.page, "前");
    await plain.page.keyboard.press("Enter");
    await paste(plain.page, "", "一行目\n二行目 <b>文字</b>");
    assert.equal(await saved(plain.page), "<p>前</p>\n<p>一行目</p>\n<p>二行目 &lt;b&gt;文字&lt;/b&gt;</p>\n");
    await plain.page.close();
});

test("a paste that is too much for one page is left out whole and told, and the words that stood there stay", async () => {
    const region = "<p>前</p>\n";
    const { page, problems } = await stage.edit(region);
    const told = page.locator(".editor__said");
    for (const [html, plain] of [
        ["<p>八雲野市の手続きのご案内です。</p>\n".repeat(100_000), ""],
        [`<p>${"あ".repeat(200_001)}</p>`, ""],
        ["", "八雲野市の手続きのご案内です。\n".repeat(20_000)],
    ] as const) {
        await page.locator(".editor__text").click();
        await page.keyboard.press("Control+a");
        await paste(page, html, plain);
        await told.filter({ hasText: "およそ200,000文字まで" }).waitFor();
        assert.equal(await saved(page), region);
    }
    await caretAfter(page, "前");
    await page.keyboard.press("Enter");
    await paste(page, "<p>後</p>");
    assert.equal(await told.isVisible(), false);
    assert.match(await saved(page), /<p>前<\/p>\s*<p>後<\/p>/);
    assert.deepEqual(problems, []);
    await page.close();
});

test("what a paste leaves out is told on the screen; a dropped picture asks for its description, another file is refused", async () => {
    const { page } = await stage.edit("<p>前</p>\n");
    const told = page.locator(".editor__said");
    await caretAfter(page, "前");
    await paste(page, '<p>図<img src="file:///c:/a.png"></p>');
    await told.filter({ hasText: "画像1件は貼り付けませんでした" }).waitFor();
    const drop = (name: string, type: string): Promise<boolean> => page.evaluate(([fileName, fileType]) => {
        const place = document.querySelector(".editor__text p") as Element;
        const box = place.getBoundingClientRect();
        const data = new DataTransfer();
        data.items.add(new File(["x"], fileName, { type: fileType }));
        return place.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true, clientX: box.left + 4, clientY: box.top + 4 }));
    }, [name, type] as const);
    assert.equal(await drop("表.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), false, "the browser would leave the page for the file");
    await told.filter({ hasText: "画像だけです" }).waitFor();
    assert.equal(await drop("図.png", "image/png"), false);
    await page.locator("dialog[open]").waitFor();
    await page.close();
});

test("a page on the web cannot smuggle a box of raw HTML through the clipboard", async () => {
    const { page } = await stage.edit("<p>前</p>\n");
    await caretAfter(page, "前");
    await paste(page, `<div data-pm-slice="0 0 []" data-yakuba="1-2-3-4" class="ed-raw" data-raw="&lt;script&gt;alert(1)&lt;/script&gt;">x</div><p data-x='[["onclick","alert(1)"]]'>y</p>`);
    const out = await saved(page);
    assert.doesNotMatch(out, /script|onclick/);
    assert.ok(out.includes("x") && out.includes("y"));
    await page.close();
});

test("cut and paste inside the editor keeps boxes and attributes", async () => {
    const region = '<p class="lead">一</p>\n<iframe src="/map.html" title="地図"></iframe>\n<p>二</p>\n';
    const { page } = await stage.edit(region);
    await page.locator(".editor__text").click();
    await page.keyboard.press("Control+a");
    const copied = await page.evaluate(() => {
        const data = new DataTransfer();
        document.querySelector(".editor__text")?.dispatchEvent(new ClipboardEvent("cut", { clipboardData: data, bubbles: true, cancelable: true }));
        return data.getData("text/html");
    });
    assert.ok(copied.includes("data-yakuba"));
    await paste(page, copied);
    const out = await saved(page);
    assert.ok(out.includes('<p class="lead">一</p>') && out.includes('<iframe src="/map.html" title="地図"></iframe>'), out);
    await page.close();
});

test("a raw box is edited as source only by those who may", async () => {
    const region = '<p>地図</p>\n<iframe src="/a.html" title="地図"></iframe>\n';
    const without = await stage.edit(region);
    await without.page.locator(".ed-raw").dblclick();
    assert.equal(await without.page.locator("dialog").count(), 0);
    await without.page.close();
    const { page } = await stage.edit(region, "data-source-right");
    await page.locator(".ed-raw").dblclick();
    await page.getByLabel("この部品のHTML").fill('<iframe src="/b.html" title="地図"></iframe>');
    await page.getByRole("button", { name: "反映する" }).click();
    await closed(page);
    assert.equal(await saved(page), region.replace("/a.html", "/b.html"));
    await page.close();
});

test("without script the textarea holds the source itself", async () => {
    stage.routes.set("/plain", () => ({ type: "text/html", body: "" }));
    await (await stage.edit(fixture("legacy.html"))).page.close();
    const context = await stage.browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${stage.url}/edit`);
    assert.equal(await page.locator("#body").inputValue(), fixture("legacy.html"));
    assert.ok(await page.locator("[data-editor-note]").isVisible());
    await context.close();
});
