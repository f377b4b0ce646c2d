// The demo city as a newcomer meets it: no public link leads nowhere, no kind of public page and no screen of the menus has a serious
// issue for axe-core or runs out at the side of a phone.
import assert from "node:assert/strict";
import { City, Person, kDesk, kPhone, openBrowser, runProgram } from "./office.mjs";

class DemoCity extends City {
    make() {
        for (const { login, password } of runProgram("--json", "site", "init", "--demo", this.site).people) this.passwords[login] = password;
    }
}

/// The links of a page, as paths of the site.
function linksOf(html, at) {
    return [...html.matchAll(/<(?:a|link)\b[^>]*?\shref="([^"#?]+)/g), ...html.matchAll(/<(?:img|script)\b[^>]*?\ssrc="([^"#?]+)/g)]
        .map(found => new URL(found[1].replaceAll("&amp;", "&"), at)).filter(url => url.host === at.host).map(url => url.pathname);
}

async function seriousAndWide(person) {
    const serious = await person.seriousIssues();
    await person.page.setViewportSize(kPhone);
    const wider = await person.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await person.page.setViewportSize(kDesk);
    return [...serious, ...(wider > 0 ? [`wider than a phone by ${wider}px`] : [])];
}

export default async function journey(t) {
    const city = new DemoCity();
    let browser;
    try {
        city.make();
        await city.serve();
        browser = await openBrowser();
        await travel(t, city, browser);
    } finally {
        await browser?.close();
        await city.end();
    }
}

async function travel(t, city, browser) {
    await t.step("no link of the public site leads nowhere", async () => {
        const known = new Set(["/"]), dead = [];
        for (const path of known) {
            const answer = await fetch(city.public + path);
            if (!answer.ok) dead.push(`${path}: ${answer.status}`);
            if ((answer.headers.get("content-type") ?? "").startsWith("text/html"))
                for (const link of linksOf(await answer.text(), new URL(city.public + path))) known.add(link);
            else await answer.arrayBuffer();
        }
        assert.deepEqual(dead, []);
        assert.ok(known.size > 200, `only ${known.size} addresses were found`);
    });
    await t.step("each kind of public page is accessible, and fits a phone", async () => {
        const visitor = await new Person(city, "").sit(browser);
        for (const path of ["/", "/kurashi/index.html", "/kurashi/todokede/juminhyo.html", "/oshirase/index.html", "/oshirase/oame.html", "/life/index.html",
            "/shisei/soshiki/index.html", "/sitemap.html", "/gikai/index.htm", "/there-is-no-such-page.html"]) {
            const answer = await visitor.page.goto(city.public + path);
            assert.equal(answer.status(), path.includes("no-such") ? 404 : 200, path);
            assert.deepEqual(await seriousAndWide(visitor), [], path);
        }
        await visitor.context.close();
    });
    for (const [login, least] of [["admin", 15], ["ogawa", 10], ["okada", 6]])
        await t.step(`every screen in the menu of ${login}`, async () => {
            const person = await new Person(city, login).sit(browser);
            await person.goto("/login");
            await person.page.getByLabel("ログイン名").fill(login);
            await person.page.getByLabel("パスワード", { exact: true }).fill(city.passwords[login]);
            await person.page.getByRole("button", { name: "ログイン" }).click();
            await person.page.getByRole("heading", { name: "ホーム", level: 1 }).waitFor();
            const menu = await person.page.evaluate(() => [...document.querySelectorAll("nav a[href]")].map(link => link.pathname));
            const screens = [...new Set(menu)];
            assert.ok(screens.length >= least, `the menu has only ${screens.join(" ")}`);
            for (const path of screens) {
                const answer = await person.page.goto(city.office + path);
                assert.equal(answer.status(), 200, path);
                assert.deepEqual(await seriousAndWide(person), [], path);
                assert.deepEqual(person.complaints.splice(0), [], path);
            }
            await person.context.close();
        });
}
