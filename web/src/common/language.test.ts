import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { kEnglish } from "./english";
import { fill } from "./language";

const folder = path.join(process.env["YAKUBA_WEB"] ?? ".", "src");
const sources = readdirSync(folder, { recursive: true }).map(String).filter(name => name.endsWith(".ts") && !/\.test\.ts$|english\.ts$/.test(name));
const kJapanese = /[\u3001\u3040-\u30fa\u30fd-\u30ff\u3400-\u9fff\uff08\uff09]/;

test("each Japanese text in the source has its English, and goes through say()", () => {
    const used = new Set<string>(), faults: string[] = [];
    for (const name of sources) {
        const code = readFileSync(path.join(folder, name), "utf8").replace(/(^|\s)\/\/.*$/gm, "$1");
        for (const match of code.matchAll(/(say\()?("(?:[^"\\\n]|\\.)*"|`[^`]*`)/g)) {
            const words = (match[2] ?? "").slice(1, -1);
            if (!kJapanese.test(words) || words === "（$1）") continue;  // the brackets around a reading, for the eye in both languages
            if (!match[1]) faults.push(`${name}: not said: ${words}`);
            else if (kEnglish[words] === undefined) faults.push(`${name}: no English for ${words}`);
            used.add(words);
        }
    }
    assert.deepEqual(faults, []);
    assert.deepEqual(Object.keys(kEnglish).filter(words => !used.has(words)), [], "entries nobody says");
});

test("a translation keeps the places for values", () => {
    for (const [japanese, english] of Object.entries(kEnglish)) assert.equal(english.split("{}").length, japanese.split("{}").length, japanese);
    assert.equal(fill("{} / {} characters", [3, 10]), "3 / 10 characters");
});
