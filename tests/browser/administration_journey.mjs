// An administrator's day: the second factor, a department, people by form and by table, a route of two steps, somebody who leaves, and
// all of it in the ledger. By keyboard where it counts; every screen is looked at by axe-core.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import path from "node:path";
import { writeFileSync } from "node:fs";
import { City, Person, inCity } from "./office.mjs";

const kMostTabs = 200;

/// The code that an authenticator app shows for a key (RFC 6238).
export function codeOf(key) {
    let bits = "";
    for (const c of key.replace(/[\s=]/g, "")) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0");
    const secret = Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)));
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
    const mac = createHmac("sha1", secret).update(step).digest();
    const at = mac[19] & 15;
    return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

export async function tabTo(person, locator) {
    await locator.waitFor();
    for (let i = 0; i < kMostTabs; i++) {
        if (await locator.evaluate(element => element === document.activeElement)) return;
        await person.page.keyboard.press("Tab");
    }
    throw new Error(`${locator} is not reached by Tab`);
}

export default async function journey(t) {
    const city = new City();
    await inCity(city, async browser => administer(t, city, await new Person(city, "admin").sit(browser)), t);
}

async function administer(t, city, admin) {
    const { page } = admin;
    const button = name => page.getByRole("button", { name, exact: true });
    const looked = async name => {
        assert.deepEqual(await admin.seriousIssues(), [], name);
        await admin.picture(name);
    };
    const at = name => page.getByRole("heading", { name, level: 1, exact: true }).waitFor();
    const press = async locator => { await tabTo(admin, locator); await page.keyboard.press("Enter"); };
    const type = async (label, words) => { await tabTo(admin, page.getByLabel(label)); await page.keyboard.type(words); };

    await t.step("the administrator sets up the second factor from the code on the screen", async () => {
        await admin.goto("/login");
        await page.getByLabel("ログイン名").fill("admin");
        await page.getByLabel("パスワード").fill(city.passwords.admin);
        await button("ログイン").click();
        await page.getByRole("img", { name: "認証アプリで読み取るQRコード" }).waitFor();
        await looked("second-factor");
        const key = await page.locator("dl.facts code").first().innerText();
        assert.match(key, /^([A-Z2-7]{4} )+[A-Z2-7]{1,4}$/, "in groups, to type");
        await page.getByLabel("確認コード").fill(codeOf(key));
        await button("登録する").click();
        await page.getByRole("heading", { name: "予備コード" }).waitFor();
        await page.locator("main a.button--primary, main .login__card a.button").first().click();
        await page.getByLabel("新しいパスワード").fill(admin.password);
        await page.getByLabel("もう一度").fill(admin.password);
        await button("変更してログイン").click();
        await page.getByRole("heading", { name: "ホーム", level: 1 }).waitFor();
    });
    await t.step("a department is registered by keyboard", async () => {
        await press(await admin.menu("管理", "部署"));
        await at("部署");
        await looked("departments");
        await press(page.getByRole("link", { name: "部署を登録する" }));
        await at("部署を登録する");
        await type("部署名", "情報政策課");
        await type("所属コード", "020");
        await type("電話番号", "0123-45-6789");
        await looked("department-form");
        await press(button("登録する"));
        await page.getByText("「情報政策課」を登録しました").waitFor();
    });
    await t.step("a person is registered by keyboard, and the first password is shown once", async () => {
        await press(page.getByRole("link", { name: "利用者", exact: true }));
        await at("利用者");
        await looked("people");
        await press(page.getByRole("link", { name: "利用者を登録する" }));
        await at("利用者を登録する");
        await type("氏名", "木村 拓海");
        await type("ふりがな", "きむら たくみ");
        await tabTo(admin, page.getByLabel("ログイン名"));
        await page.keyboard.type("kimura");
        await tabTo(admin, page.getByLabel("部署1", { exact: true }));
        await page.keyboard.press("ArrowDown");  // 市民課
        await page.keyboard.press("ArrowDown");
        assert.equal(await page.getByLabel("部署1", { exact: true }).locator("option:checked").innerText(), "情報政策課");
        await tabTo(admin, page.getByLabel("承認者", { exact: true }));
        await page.keyboard.press("Space");
        await looked("person-form");
        await press(button("登録する"));
        await page.getByRole("heading", { name: "はじめのパスワード" }).waitFor();
        await looked("first-password");
        city.passwords.kimura = await page.locator("table code").innerText();
        assert.match(city.passwords.kimura, /^[a-z0-9]{4}(-[a-z0-9]{4}){3}$/);
        await page.goto(`${city.office}/people?q=kimura`);
        assert.equal(await page.locator("#people-list tbody tr").count(), 1);
        await page.getByRole("link", { name: "木村 拓海" }).click();
        await page.getByRole("cell", { name: "本人の所属", exact: true }).waitFor();
        await looked("person");
    });
    await t.step("a table with an error changes nothing, and the mended one registers everybody", async () => {
        const good = "ログイン名,氏名,ふりがな,所属コード,役割\r\nito.sora,伊藤 空,いとう そら,020,作成者\r\nmori.riku,森 陸,もり りく,020,作成者;承認者\r\n";
        const file = path.join(city.folder, "people.csv");
        writeFileSync(file, good.replace("020,作成者;", "999,作成者;"));
        await page.goto(`${city.office}/people/import`);
        await page.getByLabel("CSVファイル").setInputFiles(file);
        await button("内容を確かめる").click();
        await page.getByText("3行目").waitFor();
        await page.getByText("直すところが1か所あります").waitFor();
        await looked("import-fault");
        assert.equal(await button("この内容で登録する").count(), 0);
        writeFileSync(file, good);
        await page.getByLabel("CSVファイル").setInputFiles(file);
        await button("内容を確かめる").click();
        await page.getByText("登録 2人、変更 0人").waitFor();
        await looked("import-plan");
        await button("この内容で登録する").click();
        await page.getByText("2人を登録し").waitFor();
        assert.equal(await page.locator("table code").count(), 2);
    });
    await t.step("a route of two steps says whom it would ask", async () => {
        await page.goto(`${city.office}/routes`);
        await looked("routes");
        await page.getByRole("link", { name: "承認ルートを作る" }).click();
        await at("承認ルートを作る");
        await page.getByLabel("ルートの名前").fill("お知らせの二段階承認");
        await page.getByLabel("フォルダ").fill("oshirase/");
        await button("次の段階を加える").click();
        await page.getByRole("heading", { name: "第2段階" }).waitFor();
        assert.equal(await page.getByLabel("ルートの名前").inputValue(), "お知らせの二段階承認", "what was typed stays");
        const second = page.locator("section", { has: page.getByRole("heading", { name: "第2段階" }) });
        await second.getByLabel("ページの担当課の承認者", { exact: true }).uncheck();
        await second.getByLabel("情報政策課の承認者", { exact: true }).check();
        await second.getByLabel("グループの名前").fill("情報政策課の確認");
        await looked("route-form");
        await button("保存する").click();
        await page.getByText("「お知らせの二段階承認」を保存しました").waitFor();
        await page.getByLabel("ページの場所").fill("/oshirase/2026-001.html");
        await page.getByLabel("依頼する人のログイン名").fill("sato");
        await button("確かめる").click();
        const answer = page.locator("#answer");
        await answer.getByText("お知らせの二段階承認").waitFor();
        const said = await answer.innerText();
        assert.ok(said.includes("鈴木 健一"), said);
        assert.ok(/情報政策課の確認：.*木村 拓海/.test(said), said);
        await looked("route-answer");
    });
    await t.step("somebody leaves, and a successor takes over", async () => {
        await page.goto(`${city.office}/people?q=suzuki`);
        await page.getByRole("link", { name: "鈴木 健一" }).click();
        await page.getByRole("link", { name: "退職・転出の手続き" }).click();
        await at("退職・転出の手続き");
        const names = await page.getByLabel("後任", { exact: true }).locator("option").allInnerTexts();
        await page.getByLabel("後任", { exact: true }).selectOption({ label: names.find(name => name.startsWith("木村")) });
        await looked("person-end");
        await button("利用を終わりにする").click();
        await page.getByText("鈴木 健一さんの利用を終わりにしました").waitFor();
        await page.getByText("後任", { exact: true }).waitFor();
        await looked("person-left");
    });
    await t.step("a setting is changed and waits for the restart", async () => {
        await page.goto(`${city.office}/settings`);
        await looked("settings");
        await page.getByRole("link", { name: /変える.*操作がないとき/ }).click();
        await at("操作がないときにログアウトするまでの時間（分）");
        await page.getByLabel("値", { exact: true }).fill("45");
        await looked("setting");
        await button("保存する").click();
        await page.getByText("再起動待ち", { exact: true }).first().waitFor();
    });
    await t.step("all of it stands in the ledger, which is whole", async () => {
        await (await admin.menu("管理", "業務記録")).click();
        await at("業務記録");
        const lines = await page.locator("tbody").innerText();
        for (const words of ["部署「情報政策課」を登録しました", "利用者「木村 拓海」を登録しました", "利用者「伊藤 空」を登録しました", "承認ルート「お知らせの二段階承認」を保存しました",
            "利用者「鈴木 健一」を使えなくしました"]) assert.ok(lines.includes(words), `${words}\n${lines}`);
        await looked("ledger");
        await page.getByLabel("操作").selectOption({ label: "所属登録" });
        await page.getByRole("search", { name: "業務記録をさがす" }).getByRole("button", { name: "さがす" }).click();
        await page.waitForURL(/act=department/);
        await page.locator("caption").waitFor();
        assert.ok((await page.locator("tbody").innerText()).includes("情報政策課"));
        await page.goto(`${city.office}/ledger`);
        await button("いま検証する").click();
        await page.getByText("書き換えや抜けはありません").waitFor();
        const [download] = await Promise.all([page.waitForEvent("download"), button("JSON Lines（証跡）").click()]);
        assert.match(download.suggestedFilename(), /\.jsonl$/);
    });
    await t.step("departments are merged after a look at what moves", async () => {
        await page.goto(`${city.office}/departments`);
        await page.getByRole("link", { name: "市民課" }).click();
        await at("市民課");
        await looked("department");
        await page.getByRole("link", { name: "廃止・統合する" }).click();
        await page.getByText("引き継ぐ部署を選ぶ").waitFor();
        await looked("department-end");
        await page.goto(`${city.office}/sections`);
        await looked("sections");
        await page.locator("tbody a").first().click();
        await page.getByLabel("並び順").waitFor();
        await looked("section");
    });
    assert.deepEqual(admin.complaints, []);
}
