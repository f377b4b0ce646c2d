// The frames of a taken-over city: the region is pointed at by a click, all pages get a page type by two administrators and go back byte
// for byte, and a shared footer is changed and taken back.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { City, Person, inCity, kMoveIn } from "./office.mjs";

/// A city of one layout, two administrators, no region yet.
class FramedCity extends City {
    make() {
        super.make();
        const settings = path.join(this.site, "yakuba.toml");
        writeFileSync(settings, readFileSync(settings, "utf8").replace(/^#? *second_factor_roles *=.*$/m, "second_factor_roles = []"));
        this.passwords.ono = this.run("people", "add", "--login", "ono", "--name", "小野 さくら", "--role", "site-administrator", "--department", "010").password;
    }
}

const get = async (city, where) => (await fetch(`${city.public}/${where}`)).text();

/// The public page once `holds` is true of it; fails after five seconds.
async function whenPublic(city, where, holds) {
    let text = "";
    for (const until = Date.now() + 5000; Date.now() < until; await new Promise(resolve => setTimeout(resolve, 50))) {
        text = await get(city, where);
        if (holds(text)) return text;
    }
    throw new Error(`${where} has not become what it should be:\n${text}`);
}

export default async function journey(t) {
    const city = new FramedCity();
    await inCity(city, async browser => {
        const kanri = await new Person(city, "admin").sit(browser);
        const ono = await new Person(city, "ono").sit(browser);
        const { page } = kanri;
        const clean = async person => assert.deepEqual(await person.seriousIssues(), []);
        const before = await get(city, kMoveIn), notice = await get(city, "oshirase/2026-007.html");
        await t.step("two administrators sign in; the group's region is chosen by a click in the page", async () => {
            await kanri.signInFirst();
            await ono.signInFirst();
            await kanri.goto("/frames");
            await page.locator("tbody a").first().click();
            await page.getByText("下のページの中を押すと").waitFor();
            await page.frameLocator("iframe").locator("footer").click({ position: { x: 2, y: 2 } });
            await page.waitForURL(/selector=footer/);
            await page.frameLocator("iframe").locator("footer[data-yakuba-region]").waitFor();
            await page.frameLocator("iframe").locator("main p").first().click();
            await page.waitForURL(/selector=.*main/);
            await clean(kanri);
            await kanri.picture("frame-region");
            await page.getByRole("button", { name: "この範囲に決める" }).click();
            await page.getByText("編集できるようにしました").waitFor();
        });
        await t.step("a page type is chosen, looked at on real pages, and asked for with a reason", async () => {
            await page.getByRole("link", { name: "ページの型を変える" }).click();
            await page.getByLabel("新しいページの型").selectOption("article");
            await page.getByRole("button", { name: "この型で見る" }).click();
            await page.getByText("に変わります").first().waitFor();
            await page.getByRole("link", { name: /^転入届の手続き/ }).click();
            await page.frameLocator("iframe").getByText("14日以内").first().waitFor();
            await clean(kanri);
            await kanri.picture("frame-type");
            await page.getByLabel("変える理由").fill("スマートフォンでも読めるようにするため");
            await page.getByRole("button", { name: "承認を依頼する" }).click();
            await page.getByText("承認を依頼しました").waitFor();
            await page.getByText("自分では承認できません").waitFor();
            await clean(kanri);
            assert.equal(await get(city, kMoveIn), before, "asking changes nothing");
        });
        await t.step("the second administrator finds it on the first screen, returns it, and approves the next one", async () => {
            await ono.goto("/");
            await clean(ono);
            await ono.picture("home-designs");
            await ono.page.getByRole("region", { name: "承認するデザインの変更" }).getByRole("link", { name: /^確認する/ }).click();
            await ono.page.frameLocator("iframe").getByRole("heading", { level: 1 }).waitFor();
            await clean(ono);
            await ono.picture("frame-type-review");
            await ono.page.getByRole("button", { name: "差し戻す" }).click();
            await ono.page.getByRole("alert").getByText("理由").waitFor();
            await ono.page.getByLabel("差し戻す理由").fill("見出しを確かめてから");
            await ono.page.getByRole("button", { name: "差し戻す" }).click();
            await ono.page.getByText("見出しを確かめてから").waitFor();

            await page.reload();
            await page.getByRole("link", { name: "もう一度依頼する" }).click();
            await page.getByLabel("変える理由").fill("見出しを確かめました");
            await page.getByRole("button", { name: "承認を依頼する" }).click();
            await ono.goto("/");
            await ono.page.getByRole("region", { name: "承認するデザインの変更" }).getByRole("link", { name: /^確認する/ }).click();
            await ono.page.getByRole("button", { name: "承認して公開する" }).click();
            await ono.page.getByRole("dialog").getByRole("button", { name: "承認して公開する" }).click();
            await ono.page.getByText("公開しました").first().waitFor();
            const now = await whenPublic(city, kMoveIn, text => text !== before);
            assert.ok(now.includes("14日以内") && now.includes("/theme/site.css") && !now.includes("/css/site.css"));
            assert.notEqual(await get(city, "oshirase/2026-007.html"), notice, "all pages in one release");
        });
        await t.step("one button brings every page back byte for byte", async () => {
            await kanri.goto("/frames");
            await page.locator("tbody a").first().click();
            await page.getByRole("link", { name: "ページの型を変える" }).click();
            await page.getByRole("row", { name: /公開済み/ }).getByRole("link").click();
            await page.getByLabel("取り消す理由").fill("読みにくいと連絡があったため");
            await clean(kanri);
            await kanri.picture("frame-type-live");
            await page.getByRole("button", { name: "元に戻す" }).click();
            await page.getByRole("dialog").getByRole("button", { name: "元に戻す" }).click();
            await page.getByText("公開しました").first().waitFor();
            await whenPublic(city, kMoveIn, text => text === before);
            assert.equal(await get(city, "oshirase/2026-007.html"), notice);
        });
        await t.step("a shared footer is changed on all pages, and taken back", async () => {
            await kanri.goto("/frames");
            await page.locator("tbody a").first().click();
            await page.getByRole("button", { name: /^まとめて編集する.*footer$/ }).click();
            await page.getByText("まとめて編集できるようにしました").waitFor();
            await page.getByRole("link", { name: /ページをまとめて編集.*footer$/ }).click();
            await page.getByRole("link", { name: "コードで編集" }).click();
            const code = page.getByLabel("コード", { exact: true });
            await code.fill((await code.inputValue()).replace("1丁目1番地", "2丁目2番地"));
            await page.getByRole("button", { name: "下書きを保存" }).click();
            await page.getByText("下書きを保存しました").waitFor();
            await page.getByRole("link", { name: "入力画面に戻る" }).click();
            await page.getByRole("button", { name: "承認依頼へ進む" }).click();
            await page.getByRole("button", { name: "承認を依頼する" }).click();
            await ono.goto("/");
            await ono.page.getByRole("region", { name: "承認するデザインの変更" }).getByRole("link", { name: /^確認する/ }).click();
            await ono.page.getByRole("button", { name: "承認して公開する" }).click();
            await ono.page.getByRole("dialog").getByRole("button", { name: "承認して公開する" }).click();
            await whenPublic(city, kMoveIn, text => text === before.replace("1丁目1番地", "2丁目2番地"));
            await kanri.goto("/frames");
            await page.locator("tbody a").first().click();
            await page.getByRole("link", { name: /^変更を取り消す.*footer$/ }).click();
            await page.getByLabel("取り消す理由").fill("移転が延びたため");
            await clean(kanri);
            await kanri.picture("frame-part-back");
            await page.getByRole("button", { name: "前の内容に戻す" }).click();
            await page.getByRole("dialog").getByRole("button", { name: "前の内容に戻す" }).click();
            await whenPublic(city, kMoveIn, text => text === before);
        });
        await t.step("without a complaint in the console", () => assert.deepEqual([...kanri.complaints, ...ono.complaints], []));
    }, t);
}
