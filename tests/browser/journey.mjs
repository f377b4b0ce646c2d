// From a draft to the public page: two authors, an approver and an administrator on a city that was taken over.
import assert from "node:assert/strict";
import { City, Person, inCity, kMoveIn } from "./office.mjs";

const kPicture = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAABgAAAAYCAIAAABvFaqvAAAAJUlEQVR42mP4z8BAEqIOGDVo1KBRg0YNGjVo1KBRg0YNGjWIvggAUpYEoZTjEqgAAAAASUVORK5CYII=", "base64");

export default async function journey(t) {
    const city = new City();
    await inCity(city, browser => travel(t, city, browser), t);
}

async function travel(t, city, browser) {
    const sato = await new Person(city, "sato").sit(browser);
    const takahashi = await new Person(city, "takahashi").sit(browser);
    const suzuki = await new Person(city, "suzuki").sit(browser);
    const publicPage = async () => (await fetch(`${city.public}/${kMoveIn}`, { cache: "no-store" })).text();
    const original = await publicPage();
    let path = "";

    /// The screen that is open has no serious issue, and is photographed.
    const look = async (person, name) => {
        await person.page.evaluate(() => scrollTo(0, 0));
        if (name) await person.picture(name);
        assert.deepEqual(await person.seriousIssues(), [], `axe-core on ${person.page.url()}`);
        assert.deepEqual(person.complaints.splice(0), [], `the console on ${person.page.url()}`);
    };
    const saved = person => person.page.locator("[data-save-state][data-state=saved]").waitFor();
    const submit = async (person, comment) => {
        await person.page.getByRole("button", { name: "承認依頼へ進む" }).click();
        await person.page.getByRole("heading", { name: "承認依頼", level: 1 }).waitFor();
        if (comment) await person.page.getByLabel("承認者へのコメント").fill(comment);
    };

    await t.step("people sign in for the first time and choose a password", async () => {
        await sato.goto("/pages");
        await look(sato, "01-login");
        for (const person of [sato, takahashi, suzuki]) await person.signInFirst();
        await look(sato, "02-home-empty");
    });
    await t.step("the author finds the page in the list", async () => {
        await sato.page.getByRole("link", { name: "ページ", exact: true }).click();
        await sato.page.getByRole("heading", { name: "ページ", level: 1 }).waitFor();
        await look(sato, "03-pages");
        await sato.page.getByLabel("題名・場所").fill("転入届");
        await sato.page.locator("caption", { hasText: "1件" }).waitFor();
        await look(sato, "04-pages-found");
        await sato.page.getByRole("link", { name: /転入届の手続き/ }).click();
        path = new URL(sato.page.url()).pathname;
        await sato.page.frameLocator("iframe").getByRole("heading", { name: "転入届の手続き" }).waitFor();
        await look(sato, "05-page-live");
    });
    await t.step("the author edits the region: words, a row of the table, a picture", async () => {
        await sato.page.getByRole("link", { name: "編集する" }).click();
        const text = sato.page.getByRole("textbox", { name: "本文" });
        await sato.caretAtEnd(text.getByText("本人確認書類"));
        await sato.page.keyboard.type("（運転免許証など）");
        await sato.caretAtEnd(text.getByText("8時30分〜17時").first());
        await sato.page.keyboard.type("15分");
        await sato.caretAtEnd(text.getByText("転入届を出してください。"));
        await sato.page.keyboard.press("Enter");
        await sato.page.getByRole("button", { name: "画像" }).click();
        const dialog = sato.page.getByRole("dialog");
        await dialog.getByLabel("新しい画像をアップロード").setInputFiles({ name: "madoguchi.png", mimeType: "image/png", buffer: kPicture });
        await dialog.getByText("選んだ画像：madoguchi.png").waitFor();
        await dialog.getByLabel("画像の説明（代替テキスト）").fill("市民課1番窓口の写真");
        await dialog.getByRole("button", { name: "画像を入れる" }).click();
        await text.getByRole("img", { name: "市民課1番窓口の写真" }).waitFor();
        await saved(sato);
        assert.equal(await text.getByRole("img").evaluate(image => image.complete && image.naturalWidth > 0), true, "the picture shows in the editor");
        await look(sato, "06-edit");
        assert.equal(await publicPage(), original, "a draft changes nothing in public");
    });
    await t.step("the preview shows the draft in its real layout, on another origin", async () => {
        await sato.page.getByRole("button", { name: "保存してプレビュー" }).click();
        const frame = sato.page.frameLocator("iframe");
        await frame.getByText("（運転免許証など）").waitFor();
        assert.equal(await frame.getByRole("img", { name: "市民課1番窓口の写真" }).evaluate(image => image.complete && image.naturalWidth > 0), true, "the picture shows in the preview");
        assert.notEqual(new URL(await sato.page.locator("iframe").getAttribute("src")).origin, new URL(city.office).origin);
        assert.equal(await frame.locator("body").evaluate(() => self.origin), "null", "the preview has no origin of its own");
        await sato.page.getByText("スマートフォン").click();
        await look(sato, "07-preview");
        await sato.goto(`${path}/compare`);
        await look(sato, "08-compare");
    });
    await t.step("the author asks for approval", async () => {
        await sato.goto(`${path}/edit`);
        await submit(sato, "受付時間を改めました。");
        await look(sato, "09-submit");
        await sato.page.getByRole("button", { name: "承認を依頼する" }).click();
        await sato.page.getByText("鈴木 健一さんの確認を待っています").waitFor();
        await look(sato, "10-page-submitted");
        assert.equal((await sato.page.goto(`${city.office}${path}/edit`)).status(), 403);
    });
    await t.step("the approver compares and returns it with a comment", async () => {
        await suzuki.goto("/");
        await suzuki.page.getByRole("heading", { name: "承認するもの" }).waitFor();
        await look(suzuki, "11-home-approver");
        await suzuki.page.getByRole("link", { name: /^確認する/ }).click();
        await suzuki.page.locator("ins", { hasText: "（運転免許証など）" }).waitFor();
        await look(suzuki, "12-review");
        await suzuki.page.getByRole("button", { name: "差戻す" }).click();
        await suzuki.page.getByText("受け付けられませんでした").waitFor();
        await suzuki.page.getByLabel("コメント").fill("各支所の受付時間も直してください。");
        await suzuki.page.getByRole("button", { name: "差戻す" }).click();
        await suzuki.page.getByText("を差戻しました").waitFor();
        await look(suzuki, "13-review-empty");
    });
    await t.step("the author corrects it and asks again", async () => {
        await sato.goto("/");
        await sato.page.getByText("各支所の受付時間も直してください。").waitFor();
        await look(sato, "14-home-returned");
        await sato.page.getByRole("link", { name: /^直す/ }).click();
        const text = sato.page.getByRole("textbox", { name: "本文" });
        await sato.caretAtEnd(text.getByText("8時30分〜17時", { exact: true }));
        await sato.page.keyboard.type("15分");
        await saved(sato);
        await look(sato, "15-edit-returned");
        await submit(sato, "");
        await sato.page.getByRole("button", { name: "承認を依頼する" }).click();
        await sato.page.getByText("承認を依頼しました").waitFor();
    });
    await t.step("the approver approves, and the public page changes within a second", async () => {
        await suzuki.goto("/review");
        await suzuki.page.getByRole("link", { name: /^確認する/ }).click();
        const approve = suzuki.page.getByRole("button", { name: "承認して公開する" });
        await approve.waitFor();
        const begun = performance.now();
        const changed = (async () => {
            while (performance.now() - begun < 10_000) {
                if ((await publicPage()).includes("（運転免許証など）")) return performance.now() - begun;
                await new Promise(resolve => setTimeout(resolve, 10));
            }
            return Infinity;
        })();
        await approve.click();
        const time = await changed;
        console.log(`    public after ${Math.round(time)} ms`);
        assert.ok(time < 1_000, `it took ${Math.round(time)} ms`);
        await suzuki.page.getByText(/公開しました。\d+個のファイルが新しくなりました/).first().waitFor();
        await suzuki.page.reload();
        await suzuki.page.getByRole("cell").first().waitFor();
        await look(suzuki, "16-receipt");
        await sato.goto(`${path}/receipts`);
        await sato.page.getByText(/公開しました/).first().waitFor();
        await look(sato, "17-receipts");
    });
    await t.step("nothing but the region has changed", async () => {
        const now = await publicPage();
        const head = original.slice(0, original.indexOf('<main id="main">')), foot = original.slice(original.indexOf("</main>"));
        assert.ok(now.startsWith(head) && now.endsWith(foot));
        assert.ok(now.includes("8時30分〜17時15分") && now.includes('alt="市民課1番窓口の写真"'));
        const picture = /src="([^"]+)"/.exec(now.slice(now.indexOf("<main")))[1];
        const answer = await fetch(new URL(picture, `${city.public}/${kMoveIn}`));
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get("content-type"), "image/png");
    });
    await t.step("what is approved for a time changes the public page at that time", async () => {
        await sato.goto(`${path}/edit`);
        await sato.caretAtEnd(sato.page.getByRole("textbox", { name: "本文" }).getByText("本人確認書類"));
        await sato.page.keyboard.type("（新しい窓口）");
        await saved(sato);
        await submit(sato, "窓口が移る時刻に公開してください。");
        // The form takes whole minutes: the next one that leaves time to approve.
        const due = Math.ceil((Date.now() + 10_000) / 60_000) * 60_000;
        await sato.page.getByRole("textbox", { name: "公開日時" }).fill(new Date(due + 9 * 3_600_000).toISOString().slice(0, 16));
        await sato.page.getByRole("button", { name: "承認を依頼する" }).click();
        await sato.page.getByText("承認を依頼しました").waitFor();
        await suzuki.goto("/review");
        await suzuki.page.getByRole("link", { name: /^確認する/ }).click();
        await suzuki.page.getByRole("button", { name: "承認して予約する" }).click();
        await suzuki.page.getByText(/に公開されます/).first().waitFor();
        assert.ok(Date.now() < due, "the approval came before its time");
        await sato.goto(path);
        await look(sato, "17-page-scheduled");
        let time = Infinity;
        while (Date.now() < due + 10_000) {
            const is_there = (await publicPage()).includes("（新しい窓口）");
            assert.ok(!is_there || Date.now() >= due, "nothing is public before its time");
            if (is_there) { time = Date.now() - due; break; }
            await new Promise(resolve => setTimeout(resolve, 50));
        }
        console.log(`    public ${time} ms after its time`);
        assert.ok(time < 3_000, `it took ${time} ms`);
    });
    await t.step("two authors at once: both versions are shown and nothing typed is lost", async () => {
        await sato.goto(`${path}/edit`);
        await takahashi.goto(`${path}/edit`);
        await takahashi.page.getByRole("textbox", { name: /^題名/ }).fill("転入届の手続き（市外から）");
        await saved(takahashi);
        await takahashi.page.getByRole("button", { name: "下書きを保存" }).click();
        await takahashi.page.getByText("下書きを保存しました").waitFor();
        await sato.caretAtEnd(sato.page.getByRole("textbox", { name: "本文" }).getByText("本人確認書類"));
        await sato.page.keyboard.type("。原本をお持ちください");
        await sato.page.getByRole("link", { name: "両方の版を見比べる" }).click();
        await sato.page.getByRole("heading", { name: "あなたの内容" }).waitFor();
        await sato.page.locator("ins", { hasText: "原本をお持ちください" }).waitFor();
        await look(sato, "18-conflict");
        await sato.page.getByRole("button", { name: /見ながら合わせる/ }).click();
        await sato.page.getByText("あなたの内容を合わせています").waitFor();
        await look(sato, "19-merge");
        await sato.page.getByRole("textbox", { name: /^題名/ }).fill("転入届の手続き（市外から）");
        await saved(sato);
        await sato.page.getByRole("button", { name: "下書きを保存" }).click();
        await sato.page.getByText("下書きを保存しました").waitFor();
        await sato.page.getByRole("textbox", { name: "本文" }).getByText("原本をお持ちください").waitFor();
    });
    await t.step("the history leads back to an earlier revision", async () => {
        await sato.goto(`${path}/history`);
        await look(sato, "20-history");
        await sato.page.getByRole("button", { name: /^この版に戻す.*第1版/ }).click();
        await sato.page.getByRole("dialog").getByRole("button", { name: "この版に戻す" }).click();
        await sato.page.getByText("第1版と同じ内容の下書きを作りました").waitFor();
        await look(sato, "21-page-draft");
        await sato.page.getByRole("button", { name: "下書きを破棄" }).click();
        await sato.page.getByRole("dialog").getByRole("button", { name: "下書きを破棄" }).click();
        await sato.page.getByText("下書きを破棄しました").waitFor();
        assert.ok((await publicPage()).includes("（運転免許証など）"), "the live page stayed as it was");
    });
    await t.step("an emergency publication asks for the reason, and for another person afterwards", async () => {
        const extra = city.run("people", "add", "--login", "tanaka", "--name", "田中 優子", "--role", "approver", "--role", "author", "--department", "010");
        city.passwords.tanaka = extra.password;
        const tanaka = await new Person(city, "tanaka").sit(browser);
        await tanaka.signInFirst();
        await tanaka.goto(`${path}/edit`);
        await tanaka.caretAtEnd(tanaka.page.getByRole("textbox", { name: "本文" }).getByText("転入届を出してください。"));
        await tanaka.page.keyboard.type("今日は停電のため窓口を閉めています。");
        await saved(tanaka);
        await tanaka.goto(`${path}/emergency`);
        await look(tanaka, "22-emergency");
        await tanaka.page.getByLabel("理由").fill("停電");
        await tanaka.page.getByRole("button", { name: "緊急公開する" }).click();
        await tanaka.page.getByRole("dialog").getByRole("button", { name: "緊急公開する" }).click();
        await tanaka.page.getByText(/公開しました/).first().waitFor();
        assert.ok((await publicPage()).includes("停電のため"));
        await suzuki.goto("/");
        await suzuki.page.getByRole("link", { name: /^内容を確認する/ }).click();
        await look(suzuki, "23-afterwards");
        await suzuki.page.getByRole("button", { name: "事後承認する" }).click();
        await suzuki.page.getByText("緊急公開を事後承認しました").waitFor();
        await suzuki.goto(`${path}/withdraw`);
        await look(suzuki, "24-withdraw");
    });
    await t.step("the remaining screens", async () => {
        for (const [where, name] of [["/receipts", "25-receipts-all"], ["/account", "26-account"], ["/nothing", "27-not-found"]]) {
            await sato.goto(where);
            await look(sato, name);
        }
    });
}
