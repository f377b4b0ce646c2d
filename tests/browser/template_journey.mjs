// The look of the site, changed by two administrators: header, colours and menu by form, refused where they cannot be read, seen on
// a real page, returned, approved, public, and taken back to an earlier version.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { City, Person, inCity, program } from "./office.mjs";

/// A city whose pages are made from the shipped theme.
class ThemedCity extends City {
    as(login, ...args) {
        const done = spawnSync(program, ["--site", this.site, "--json", ...args, "--as", login],
            { encoding: "utf8", timeout: 120_000, env: { ...process.env, YAKUBA_PASSWORD: this.passwords[login], YAKUBA_NEW_PASSWORD: "hashi no ue no shiroi neko" } });
        if (done.status !== 0) throw new Error(`yakuba ${args.join(" ")} ended with ${done.status}: ${done.stderr}`);
        this.passwords[login] = "hashi no ue no shiroi neko";
    }

    make() {
        const made = this.run("site", "init", this.site, "--name", "八雲野市").administrator;
        this.passwords.kanri = made.password;
        this.first = made.login;
        this.passwords[this.first] = made.password;
        const settings = path.join(this.site, "yakuba.toml");
        writeFileSync(settings, readFileSync(settings, "utf8").replace(/^#? *second_factor_roles *=.*$/m, "second_factor_roles = []"));
        this.run("department", "add", "--code", "010", "--name", "広報課");
        for (const [login, name, role] of [["sato", "佐藤 美咲", "author"], ["suzuki", "鈴木 健一", "approver"], ["ono", "小野 さくら", "site-administrator"]])
            this.passwords[login] = this.run("people", "add", "--login", login, "--name", name, "--role", role, "--department", "010").password;
        for (const [where, type, title] of [["index.html", "home", "八雲野市ホームページ"], ["kurashi/index.html", "section", "くらし"], ["kurashi/gomi.html", "article", "ごみの出し方"]]) {
            const body = path.join(this.folder, "body.html");
            writeFileSync(body, "<h2>ご案内</h2>\n<p>本文です。</p>\n");
            this.as("sato", "page", "save", where, "--department", "010", "--template", type, "--title", title, "--part", `body=${body}`);
            this.as("sato", "page", "submit", where);
            this.as("suzuki", "page", "approve", where);
        }
        this.run("site", "publish");
    }
}

/// The public page once it holds the words; fails after three seconds.
async function whenPublic(city, where, words, isThere = true) {
    let text = "";
    for (const until = Date.now() + 3000; Date.now() < until; await new Promise(resolve => setTimeout(resolve, 50))) {
        text = await (await fetch(city.public + where)).text();
        if (text.includes(words) === isThere) return text;
    }
    throw new Error(`${where} ${isThere ? "does not show" : "still shows"} ${words}`);
}

export default async function journey(t) {
    const city = new ThemedCity();
    await inCity(city, async browser => {
        const kanri = await new Person(city, city.first).sit(browser);
        const ono = await new Person(city, "ono").sit(browser);
        const { page } = kanri;
        const clean = async person => assert.deepEqual(await person.seriousIssues(), []);
        await t.step("two administrators sign in and find the templates", async () => {
            await kanri.signInFirst();
            await ono.signInFirst();
            await (await kanri.menu("管理", "デザインと部品")).click();
            await page.getByRole("heading", { name: "デザインと部品", level: 1 }).waitFor();
            await page.getByRole("link", { name: /^3ページ.*：ヘッダー$/ }).waitFor();
            await clean(kanri);
            await kanri.picture("templates");
        });
        await t.step("the header's text is changed by form, and seen on a real page first", async () => {
            await page.getByRole("link", { name: "ヘッダー", exact: true }).click();
            await page.getByLabel("サイトの名前の表示").fill("八雲野市公式サイト");
            await page.getByLabel("緊急のお知らせの見出し").fill("大雨警報が出ています");
            await page.getByLabel("変更のメモ").fill("大雨に備えて");
            await clean(kanri);
            await kanri.picture("template-form");
            await page.getByRole("button", { name: "保存してプレビュー" }).click();
            const frame = page.frameLocator("iframe");
            await frame.getByText("大雨警報が出ています").waitFor();
            await frame.getByText("八雲野市公式サイト").first().waitFor();
            await clean(kanri);
            await kanri.picture("template-preview");
            assert.ok(!(await (await fetch(city.public + "/")).text()).includes("大雨警報"), "nothing is public yet");
        });
        await t.step("a colour that cannot be read is refused; the chosen one stays in the form", async () => {
            await kanri.goto("/templates");
            await page.getByRole("link", { name: /^デザイン（色/ }).click();
            await page.getByLabel("主な色", { exact: true }).fill("#8fb8c0");
            await page.getByRole("button", { name: "下書きを保存" }).last().click();
            await page.getByRole("alert").getByText("4.5:1").first().waitFor();
            assert.equal(await page.getByLabel("主な色", { exact: true }).inputValue(), "#8fb8c0");
            await clean(kanri);
            await kanri.picture("template-colours");
            await page.getByLabel("主な色", { exact: true }).fill("#6b0f4f");
            await page.getByRole("button", { name: "承認依頼へ進む" }).click();
            await page.getByRole("button", { name: "承認を依頼する" }).click();
            await page.getByText("別のサイト管理者の確認を待っています").waitFor();
        });
        await t.step("the second administrator sees the affected pages and returns it, then approves", async () => {
            await kanri.goto("/templates");
            await page.getByRole("link", { name: "ヘッダー", exact: true }).click();
            await page.getByRole("button", { name: "承認依頼へ進む" }).click();
            await page.getByText("3ページ").first().waitFor();
            await page.getByRole("button", { name: "承認を依頼する" }).click();
            await page.getByText("確認を待っています").first().waitFor();
            await ono.goto("/templates");
            await ono.page.getByRole("region", { name: "承認を待っている変更" }).getByRole("link", { name: "ヘッダー" }).click();
            await ono.page.getByText("3ページ").first().waitFor();
            await ono.page.getByRole("link", { name: "ごみの出し方" }).waitFor();
            await ono.page.locator("ins", { hasText: "大雨警報" }).first().waitFor();
            await clean(ono);
            await ono.picture("template-review");
            await ono.page.getByLabel("コメント").fill("警報の名前は「大雨特別警報」です");
            await ono.page.getByRole("button", { name: "差し戻す" }).click();
            await ono.page.getByText("差戻しました").waitFor();

            await kanri.goto("/templates");
            await page.getByRole("link", { name: "ヘッダー", exact: true }).click();
            await page.getByText("大雨特別警報").waitFor();
            await page.getByLabel("緊急のお知らせの見出し").fill("大雨特別警報が出ています");
            await page.getByRole("button", { name: "承認依頼へ進む" }).click();
            await page.getByRole("button", { name: "承認を依頼する" }).click();
            await page.getByText("確認を待っています").first().waitFor();
            for (const name of ["ヘッダー", /^デザイン（色/]) {
                await ono.goto("/templates");
                await ono.page.getByRole("region", { name: "承認を待っている変更" }).getByRole("link", { name }).click();
                await ono.page.getByRole("button", { name: "承認して公開する" }).click();
                await ono.page.getByRole("dialog").getByRole("button", { name: "承認して公開する" }).click();
                await ono.page.getByText("公開しました").first().waitFor();
            }
            await whenPublic(city, "/kurashi/gomi.html", "大雨特別警報が出ています");
            await whenPublic(city, "/theme/site.css", "--key: #6b0f4f;");
        });
        await t.step("the menu is made and put in order by keyboard", async () => {
            await kanri.goto("/templates");
            await page.getByRole("link", { name: /^分野のメニュー（/ }).click();
            for (const [row, title, url] of [[0, "ごみ", "/kurashi/gomi.html"], [1, "くらし", "/kurashi/"]]) {
                await page.getByRole("button", { name: "リンクを足す" }).focus();
                await page.keyboard.press("Enter");
                await page.locator(`#m-${row}-title:focus`).waitFor();
                await page.keyboard.type(title);
                await page.keyboard.press("Tab");
                await page.keyboard.type(url);
            }
            await page.locator("#up-menu-1").focus();
            await page.keyboard.press("Enter");
            await page.locator("#down-menu-0:focus").waitFor();
            assert.deepEqual(await page.getByLabel(/^文字/).evaluateAll(fields => fields.map(field => field.value)), ["くらし", "ごみ"]);
            await page.getByText("まだ保存していません").waitFor();
            await clean(kanri);
            await kanri.picture("template-menu");
            await page.getByRole("button", { name: "承認依頼へ進む" }).focus();
            await page.keyboard.press("Enter");
            await page.getByRole("button", { name: "承認を依頼する" }).focus();
            await page.keyboard.press("Enter");
            await page.getByText("確認を待っています").first().waitFor();
            await ono.goto("/templates");
            await ono.page.getByRole("region", { name: "承認を待っている変更" }).getByRole("link", { name: /分野のメニュー/ }).click();
            await ono.page.getByRole("button", { name: "承認して公開する" }).click();
            await ono.page.getByRole("dialog").getByRole("button", { name: "承認して公開する" }).click();
            const text = await whenPublic(city, "/kurashi/gomi.html", '<a href="/kurashi/gomi.html">ごみ</a>');
            assert.ok(text.indexOf('">くらし</a>') < text.indexOf('">ごみ</a>'));
        });
        await t.step("the earlier header is used again", async () => {
            await kanri.goto("/templates");
            await page.getByRole("link", { name: "ヘッダー", exact: true }).click();
            await page.getByRole("link", { name: "版", exact: true }).click();
            await clean(kanri);
            await kanri.picture("template-versions");
            await page.getByRole("button", { name: /^この版をもう一度使う.*第1版$/ }).click();
            await page.getByRole("dialog").getByRole("button", { name: "この版を使う" }).click();
            await page.locator("del", { hasText: "大雨" }).first().waitFor();
            await clean(kanri);
            await page.getByRole("link", { name: "編集", exact: true }).click();
            await page.getByRole("button", { name: "承認依頼へ進む" }).click();
            await page.getByRole("button", { name: "承認を依頼する" }).click();
            await ono.goto("/templates");
            await ono.page.getByRole("region", { name: "承認を待っている変更" }).getByRole("link", { name: "ヘッダー" }).click();
            await ono.page.getByRole("button", { name: "承認して公開する" }).click();
            await ono.page.getByRole("dialog").getByRole("button", { name: "承認して公開する" }).click();
            await whenPublic(city, "/", "大雨特別警報", false);
        });
        await t.step("code with line numbers, and categories", async () => {
            await page.goto(page.url().replace(/\/templates.*$/, "/templates"));
            await page.getByRole("link", { name: "フッター", exact: true }).click();
            await page.getByRole("link", { name: "コードで編集" }).click();
            await page.locator(".code__lines").waitFor();
            const code = page.getByLabel("コード", { exact: true });
            await code.fill((await code.inputValue()) + "<p>{{ broken</p>\n");
            await page.getByRole("button", { name: "下書きを保存" }).click();
            await page.getByRole("alert").getByText(/\d+行/).waitFor();
            await clean(kanri);
            await kanri.picture("template-code");
            await kanri.goto("/categories");
            for (const [name, sign] of [["子育て", "kosodate"], ["重要", "important"]]) {
                await page.getByLabel("名前").fill(name);
                await page.getByLabel("記号").fill(sign);
                await page.getByRole("button", { name: "作る", exact: true }).click();
                await page.getByText(`分類「${name}」を作りました`).waitFor();
            }
            await page.getByRole("button", { name: /^上へ.*重要$/ }).click();
            assert.deepEqual(await page.locator("tbody th a").allTextContents(), ["重要", "子育て"]);
            await clean(kanri);
            await kanri.picture("categories");
            await page.getByRole("link", { name: "重要", exact: true }).click();
            await clean(kanri);
        });
        await t.step("without a complaint in the console", () => assert.deepEqual([...kanri.complaints, ...ono.complaints], []));
    }, t);
}
