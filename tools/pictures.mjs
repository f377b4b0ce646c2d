// Takes the pictures of docs/screens anew: node tools/pictures.mjs [FOLDER]. A demo city is made and served; the people of README's
// first screen sit down in a browser and go to what each picture shows, by what is written there.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { DemoCity, Person, inCity, kDesk, kPhone, root } from "../tests/browser/office.mjs";

const folder = path.resolve(process.argv[2] ?? path.join(root, "docs/screens"));
mkdirSync(folder, { recursive: true });

/// Signed in; the demo's passwords are theirs already.
async function seat(city, browser, login) {
    const person = await new Person(city, login).sit(browser);
    await person.goto("/login");
    await person.page.getByLabel("ログイン名").fill(login);
    await person.page.getByLabel("パスワード").fill(city.passwords[login]);
    await person.page.getByRole("button", { name: "ログイン" }).click();
    await person.page.getByRole("heading", { name: "ホーム", level: 1 }).waitFor();
    return person.page;
}

const tab = (page, name) => page.getByRole("navigation", { name: "このページの" }).getByRole("link", { name, exact: true });

const city = new DemoCity();
await inCity(city, async browser => {
    const approver = await seat(city, browser, "suzuki"), author = await seat(city, browser, "sato");
    const take = (page, name) => page.screenshot({ path: path.join(folder, `${name}.png`) });

    await take(approver, "home");
    await approver.getByRole("link", { name: /^確認する/ }).last().click();
    await approver.getByRole("heading", { name: "判断" }).waitFor();
    await take(approver, "review");

    await author.getByRole("link", { name: "住民票の写しの請求", exact: true }).click();
    const address = author.url();
    for (const [name, label] of [["history", "履歴"], ["compare", "変更点"]]) {
        await tab(author, label).click();
        if (name === "compare") await author.getByRole("heading", { name: "本文" }).evaluate(heading => heading.scrollIntoView());
        await take(author, name);
    }
    await author.goto(`${address}/edit`);
    await author.locator(".ProseMirror").first().waitFor();
    await take(author, "edit");
    await author.goto(`${city.office}/pages`);
    await take(author, "pages");
    await author.goto(`${city.office}/receipts`);
    await author.locator("main table a[href^='/receipts/']").first().click();
    await author.getByRole("heading", { level: 1 }).waitFor();
    await take(author, "receipt");
    await author.setViewportSize(kPhone);
    await author.goto(`${city.office}/`);
    await take(author, "phone");

    const visitor = await browser.newPage({ viewport: kDesk, locale: "ja-JP" });
    await visitor.goto(`${city.public}/`);
    await take(visitor, "public-home");
});
