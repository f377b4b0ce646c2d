// The manuals against the running program: every screen they walk is there, each act can be done, and every name they use stands on a
// screen of its chapter. Pictures and PDFs are `./dev manuals`.
import assert from "node:assert/strict";
import { DemoCity, inCity } from "./office.mjs";
import { kManuals, readManual } from "../../tools/manuals/read.mjs";
import { walkManual } from "../../tools/manuals/walk.mjs";
import { htmlOf } from "../../tools/manuals/write.mjs";

export default async function journey(t) {
    await t.step("lines of Japanese are joined without a space", () => {
        const pictures = { get: () => Buffer.alloc(24) };
        for (const name of kManuals)
            assert.doesNotMatch(htmlOf(readManual(name), "0", pictures, "").split("<main>")[1].replaceAll(/<[^>]*>/g, ""), /[ぁ-ん、。] [ぁ-んァ-ヶ一-龠]/u, name);
    });
    const city = new DemoCity();
    await inCity(city, async browser => {
        for (const name of kManuals)
            await t.step(`the manual ${name}`, async () => assert.deepEqual(await walkManual(readManual(name), city, browser), []));
    }, t);
}
