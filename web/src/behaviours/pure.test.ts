import { test } from "node:test";
import assert from "node:assert/strict";
import { countCharacters } from "./count";
import { kWaits } from "./live-wait";
import { readNode } from "./pick-region";
import { keyName } from "./shortcuts";
import { withQuery } from "./swap";

test("a character is what a reader counts as one", () => {
    assert.equal(countCharacters(""), 0);
    assert.equal(countCharacters("市役所ABC"), 6);
    assert.equal(countCharacters("が"), 1, "a letter with its combining mark");
    assert.equal(countCharacters("👨‍👩‍👧𠮷"), 2);
});

test("a filter's address holds the filled fields only, and never the token", () => {
    const data = new FormData();
    data.set("q", "転入 & 転出");
    data.set("state", "");
    data.set("csrf", "secret");
    assert.equal(withQuery("http://office.test/pages?page=3", data), "http://office.test/pages?q=%E8%BB%A2%E5%85%A5+%26+%E8%BB%A2%E5%87%BA");
});

test("Command on a Mac is Ctrl", () => {
    const press = { ctrlKey: false, metaKey: true, shiftKey: false, altKey: false, key: "S" };
    assert.equal(keyName(press), "ctrl+s");
    assert.equal(keyName({ ...press, metaKey: false, ctrlKey: true, shiftKey: true }), "ctrl+shift+s");
});

test("waiting for a publication asks quickly at first and never slower than every five seconds", () => {
    assert.ok((kWaits[0] as number) <= 200);
    assert.ok(kWaits.every((wait, i) => i === 0 || wait > (kWaits[i - 1] as number)));
    assert.ok((kWaits.at(-1) as number) <= 5_000);
});

test("only a whole number in our own form names an element of the preview", () => {
    assert.equal(readNode({ yakuba: "region", node: 12 }), 12);
    for (const other of [null, 12, "12", { node: 12 }, { yakuba: "other", node: 12 }, { yakuba: "region", node: "12" }, { yakuba: "region", node: 1.5 }, { yakuba: "region", node: -1 }, { yakuba: "region" }])
        assert.equal(readNode(other), null);
});
