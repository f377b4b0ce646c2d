// The same way with the keyboard alone, and with scripts switched off.
import assert from "node:assert/strict";
import { City, Person, inCity, kMoveIn } from "./office.mjs";

const kMostTabs = 120;

export default async function journey(t) {
    const city = new City();
    await inCity(city, async browser => {
        await byKeyboard(t, city, browser);
        await withoutScript(t, city, browser);
    }, t);
}

/// Presses Tab until the element has the focus; fails when it cannot be reached.
async function tabTo(person, locator, key = "Tab") {
    await locator.waitFor();
    for (let i = 0; i < kMostTabs; i++) {
        if (await locator.evaluate(element => element === document.activeElement)) return;
        await person.page.keyboard.press(key);
    }
    throw new Error(`${locator} is not reached by ${key}`);
}

async function byKeyboard(t, city, browser) {
    const sato = await new Person(city, "sato").sit(browser);
    const suzuki = await new Person(city, "suzuki").sit(browser);
    const press = (person, ...keys) => keys.reduce((before, key) => before.then(() => person.page.keyboard.press(key)), Promise.resolve());
    const type = (person, words) => person.page.keyboard.type(words);
    const signIn = async person => {
        await person.goto("/login");
        await tabTo(person, person.page.getByLabel("ログイン名"));
        await type(person, person.login);
        await press(person, "Tab");
        await type(person, city.passwords[person.login]);
        await press(person, "Enter");
        await tabTo(person, person.page.getByLabel("新しいパスワード"));
        await type(person, person.password);
        await press(person, "Tab");
        await type(person, person.password);
        await press(person, "Enter");
        await person.page.getByRole("heading", { name: "ホーム", level: 1 }).waitFor();
    };
    await t.step("signing in by keyboard", async () => { await signIn(sato); await signIn(suzuki); });
    await t.step("writing and asking for approval by keyboard", async () => {
        const { page } = sato;
        await tabTo(sato, page.getByRole("link", { name: "ページ", exact: true }));
        await press(sato, "Enter");
        await tabTo(sato, page.getByLabel("題名・場所"));
        await type(sato, "転出届");
        await page.locator("caption", { hasText: "1件" }).waitFor();
        await tabTo(sato, page.getByRole("link", { name: /転出届の手続き/ }));
        await press(sato, "Enter");
        await tabTo(sato, page.getByRole("link", { name: "編集する" }));
        await press(sato, "Enter");
        await tabTo(sato, page.getByRole("textbox", { name: "本文" }));
        await press(sato, "Control+End");
        await type(sato, "郵送でも届け出できます。");
        await press(sato, "Control+s");
        await page.locator("[data-save-state][data-state=saved]").or(page.getByText("下書きを保存しました")).first().waitFor();
        await tabTo(sato, page.getByRole("button", { name: "承認依頼へ進む" }));
        await press(sato, "Enter");
        await tabTo(sato, page.getByLabel("承認者へのコメント"));
        await type(sato, "郵送について書き足しました。");
        await tabTo(sato, page.getByRole("button", { name: "承認を依頼する" }));
        await press(sato, "Enter");
        await page.getByText("承認を依頼しました").waitFor();
    });
    await t.step("approving by keyboard, and the public page changes", async () => {
        const { page } = suzuki;
        await suzuki.goto("/");
        await tabTo(suzuki, page.getByRole("link", { name: /^確認する/ }));
        await press(suzuki, "Enter");
        await tabTo(suzuki, page.getByRole("button", { name: "承認して公開する" }));
        await press(suzuki, "Enter");
        await page.getByText(/公開しました/).first().waitFor();
        const text = await (await fetch(`${city.public}/kurashi/hikkoshi/tenshutsu.html`)).text();
        assert.ok(text.includes("郵送でも届け出できます。"));
    });
}

async function withoutScript(t, city, browser) {
    const takahashi = new Person(city, "takahashi");
    await t.step("without script the forms do the same", async () => {
        takahashi.context = await browser.newContext({ javaScriptEnabled: false, locale: "ja-JP" });
        const page = takahashi.page = await takahashi.context.newPage();
        await takahashi.signInFirst();
        await takahashi.goto("/pages?q=" + encodeURIComponent("転入届"));
        await page.getByRole("link", { name: /転入届の手続き/ }).click();
        await page.getByRole("link", { name: "編集する" }).click();
        const source = page.getByLabel("本文");
        await source.fill((await source.inputValue()).replace("14日以内", "2週間以内"));
        await page.getByRole("button", { name: "下書きを保存" }).click();
        await page.getByText("下書きを保存しました").waitFor();
        assert.ok((await page.getByLabel("本文").inputValue()).includes("2週間以内"));
        await page.getByRole("button", { name: "承認依頼へ進む" }).click();
        await page.getByRole("button", { name: "承認を依頼する" }).click();
        await page.getByText("承認を依頼しました").waitFor();
        await page.getByRole("button", { name: "取り下げる" }).or(page.getByRole("button", { name: /取下げ|取り下げ/ })).first().click();
        await page.getByText("承認依頼を取り下げました").waitFor();
        const live = await (await fetch(`${city.public}/${kMoveIn}`)).text();
        assert.ok(live.includes("14日以内"));
    });
}
