// Real pages from Debian packages: each body is opened in the real editor and saved unchanged, and in each a few text blocks are
// touched to see that nothing but the touched word changes.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setStage, type Stage } from "./support";

interface Corpus { name: string; folder: string; encoding: string; minimal: number; raw: number; touches: number }

/// minimal: the least share of touches that insert the typed word and change nothing else. The rest are words typed right behind a
/// bold link or the like, which ProseMirror sets in an element of their own. raw: the greatest share of blocks kept as raw boxes. touches: in each page.
const kCorpora: Corpus[] = [
    { name: "debian-handbook (ja)", folder: "/usr/share/doc/debian-handbook/html/ja-JP", encoding: "utf-8", minimal: 0.9, raw: 0.001, touches: 3 },
    { name: "libjlha-java-doc-ja (Shift_JIS)", folder: "/usr/share/doc/libjlha-java-doc-ja/api", encoding: "shift_jis", minimal: 0.94, raw: 0.06, touches: 1 },
];

const kPlaces = [5, 42, 79];   // of the blocks of a page

let stage: Stage;
before(async () => { stage = await setStage(); });
after(() => stage?.close());

function regions(corpus: Corpus): { file: string; region: string }[] {
    return readdirSync(corpus.folder, { recursive: true }).map(String).filter(f => /\.html?$/.test(f)).sort().flatMap(file => {
        // A textarea gives lines with \n only; the server keeps the page's own line ends.
        const page = new TextDecoder(corpus.encoding).decode(readFileSync(path.join(corpus.folder, file))).replace(/\r\n?/g, "\n");
        const body = /<body[^>]*>([^]*)<\/body>/i.exec(page);
        return body ? [{ file, region: body[1] as string }] : [];
    });
}

for (const corpus of kCorpora) {
    const missing = existsSync(corpus.folder) ? false : `${corpus.folder} is not installed`;

    test(`${corpus.name}: every page opened in the editor and saved unchanged has zero changed bytes`, { skip: missing }, async () => {
        const { page, problems } = await stage.edit("");
        const changed: string[] = [];
        const all = regions(corpus);
        for (const { file, region } of all) {
            const out = await page.evaluate(source => {
                const textarea = document.querySelector("#body") as HTMLTextAreaElement;
                textarea.value = source;
                textarea.dispatchEvent(new CustomEvent("yakuba:replaced"));
                return String(new FormData(document.querySelector("#form") as HTMLFormElement).get("html"));
            }, region);
            if (out !== region) changed.push(file);
        }
        assert.ok(all.length > 100, `${all.length} pages`);
        assert.deepEqual(changed, []);
        assert.deepEqual(problems, []);
        await page.close();
    });

    test(`${corpus.name}: a touched word changes nothing else, and nothing is ever lost`, { skip: missing }, async t => {
        const { page } = await stage.open("/harness.html");
        let touches = 0, minimal = 0, blocks = 0, raw = 0;
        for (const [at, { file, region }] of regions(corpus).entries()) {
            const places = corpus.touches === kPlaces.length ? kPlaces : [kPlaces[at % kPlaces.length] as number];
            const found = await page.evaluate(([source, places]) => {
                const { unchanged, touched, sameButFor } = (window as unknown as { harness: import("./harness").Harness }).harness;
                const whole = unchanged(source);
                return { blocks: whole.blocks, raw: whole.raw, touches: places.map(n => { const out = touched(source, n).out; return { out, same: sameButFor(source, out, "※改※") }; }) };
            }, [region, places] as const);
            blocks += found.blocks;
            raw += found.raw;
            for (const { out, same } of found.touches) {
                touches++;
                if (out.replace("※改※", "") === region) minimal++;
                assert.ok(same, `${file}: something else changed`);
            }
        }
        t.diagnostic(`${touches} touches, ${minimal} of them only the word; ${blocks} blocks, ${raw} kept as raw boxes`);
        assert.ok(minimal / touches >= corpus.minimal, `${minimal} of ${touches} touches were minimal`);
        assert.ok(raw / blocks <= corpus.raw, `${raw} of ${blocks} blocks are raw`);
        await page.close();
    });
}
