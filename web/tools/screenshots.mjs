// Takes a picture of every gallery page, at a desk (1366 x 768) and on a phone (390 x 844), into the folder given (default
// dist/screenshots), so that a person can look at them. Names after the folder choose single pages.
import path from "node:path";
import { mkdirSync } from "node:fs";
import { build, buildGallery, root } from "./build.mjs";
import { openBrowser } from "./browser.mjs";
import { serve } from "./serve.mjs";

const folder = process.argv[2] ?? path.join(root, "dist/screenshots");
const chosen = process.argv.slice(3);
await build();
const pages = buildGallery().filter(p => chosen.length === 0 || chosen.includes(p.replace(".html", "")));
mkdirSync(folder, { recursive: true });
const server = await serve(path.join(root, "dist"));
const browser = await openBrowser();
for (const [kind, viewport] of Object.entries({ desk: { width: 1366, height: 768 }, phone: { width: 390, height: 844 } })) {
    const page = await browser.newPage({ viewport, locale: "ja-JP" });
    for (const name of pages) {
        await page.goto(`${server.url}/gallery/${name}`);
        await page.screenshot({ path: path.join(folder, `${name.replace(".html", "")}-${kind}.png`), fullPage: true });
    }
    await page.close();
}
await browser.close();
await server.close();
console.error(`${pages.length * 2} pictures in ${folder}`);
