// Every sample page, at a desk and on a phone: axe-core finds nothing, nothing runs out at the side, all targets are large enough,
// and neither the content security policy nor a script complains.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { fixture, kWeb, setStage, type Stage } from "./support";

let stage: Stage;
const kAxe = readFileSync(path.join(kWeb, "node_modules/axe-core/axe.min.js"), "utf8");
before(async () => {
    stage = await setStage();
    stage.routes.set("/gallery/presence.json", () => ({ body: '{"others":[{"name":"高橋","unsaved":false}]}' }));
    stage.routes.set("/gallery/receipt.json", () => ({ body: '{"state":"placed"}' }));
});
after(() => stage?.close());

interface Violation { id: string; impact: string; nodes: string[] }

async function violations(page: Page): Promise<Violation[]> {
    if (!await page.evaluate(() => "axe" in window)) await page.addScriptTag({ content: kAxe });   // in pages that bypass the policy
    return page.evaluate(async () => {
        const { axe } = window as unknown as { axe: { run: (context: unknown, options: unknown) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } };
        const found = await axe.run({ exclude: [["iframe"]] }, { resultTypes: ["violations"] });
        return found.violations.map(v => ({ id: v.id, impact: v.impact, nodes: v.nodes.map(n => n.html.slice(0, 160)) }));
    });
}

for (const name of readdirSync(path.join(kWeb, "gallery")).filter(f => !f.startsWith("layout-")).sort()) {
    for (const [kind, viewport] of [["desk", { width: 1366, height: 768 }], ["phone", { width: 390, height: 844 }]] as const) {
        test(`${name} on a ${kind}: accessible, nothing runs out, large targets, no violation of the policy`, async () => {
            const page = await stage.browser.newPage({ viewport, locale: "ja-JP", bypassCSP: false });
            const problems: string[] = [];
            page.on("pageerror", error => problems.push(error.message));
            page.on("console", message => { if (message.type() === "error" && !/Failed to load resource/.test(message.text())) problems.push(message.text()); });
            await page.goto(`${stage.url}/gallery/${name}`);
            await page.waitForTimeout(150);
            assert.deepEqual(problems, []);
            assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), "the page scrolls sideways");
            const small = await page.evaluate(() => [...document.querySelectorAll<HTMLElement>(".button, .input, .select, .nav__link, .menu summary, .editor__tool, .pages a")]
                .filter(e => e.offsetParent !== null && (e.getBoundingClientRect().height < 43.5 || e.getBoundingClientRect().width < 43.5)).map(e => e.outerHTML.slice(0, 100)));
            assert.deepEqual(small, []);
            await page.close();
            const checked = await stage.browser.newPage({ viewport, locale: "ja-JP", bypassCSP: true });
            await checked.goto(`${stage.url}/gallery/${name}`);
            await checked.waitForTimeout(150);
            assert.deepEqual(await violations(checked), []);
            await checked.close();
        });
    }
}

test("the editor with old markup, its table tools and its dialogs: axe-core finds nothing", async () => {
    await (await stage.edit(fixture("legacy.html"))).page.close();
    const page = await stage.browser.newPage({ viewport: { width: 1366, height: 768 }, bypassCSP: true });
    await page.goto(`${stage.url}/edit`);
    await page.waitForSelector(".editor__text");
    await page.locator(".editor__text td").first().click();
    // The order of the old page's own headings is for the quality check to complain about.
    assert.deepEqual((await violations(page)).filter(v => v.id !== "heading-order"), []);
    for (const [tool, dialog] of [["リンク", "リンク"], ["画像", "画像"]] as const) {
        await page.getByRole("button", { name: tool, exact: true }).click();
        await page.getByRole("dialog", { name: dialog }).waitFor();
        assert.deepEqual((await violations(page)).filter(v => v.id !== "heading-order"), [], dialog);
        await page.keyboard.press("Escape");
        await page.locator("dialog").waitFor({ state: "detached" });
    }
    await page.close();
});

test("with forced colours and without motion the screens still work", async () => {
    const page = await stage.browser.newPage({ viewport: { width: 1366, height: 768 } });
    await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
    await page.goto(`${stage.url}/gallery/components.html`);
    assert.equal(await page.locator(".save-state[data-state='saving']").evaluate(e => getComputedStyle(e, "::before").animationName), "none");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle), "solid");
    await page.close();
});
