// A browser, a server on loopback with the office's content security policy, and an editing page for any region.
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import path from "node:path";
import * as esbuild from "esbuild";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../tools/browser.mjs";
import { serve } from "../tools/serve.mjs";

export const kWeb = process.env["YAKUBA_WEB"] ?? process.cwd();
export const kTinyPicture = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");

export interface Answer { status?: number; type?: string; body?: string | Buffer; headers?: Record<string, string> }
type Route = (request: IncomingMessage, body: Buffer) => Answer | undefined;

export interface Stage {
    browser: Browser;
    url: string;
    /// Answers of the JSON endpoints, by path; a test sets what it needs.
    routes: Map<string, Route>;
    /// Opens a page; `problems` collects script errors and violations of the policy.
    open(address: string): Promise<{ page: Page; problems: string[] }>;
    /// Opens the editing page with `region` in its textarea.
    edit(region: string, attributes?: string): Promise<{ page: Page; problems: string[] }>;
    close(): Promise<void>;
}

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

export function editingPage(region: string, attributes: string): string {
    return `<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>編集</title><link rel="stylesheet" href="/office.css">
<meta name="csrf-token" content="t0ken"><script type="module" src="/office.js"></script><script type="module" src="/editor.js"></script></head><body>
<main class="main"><h1>編集</h1><form id="form" method="post" action="/sent"><input type="hidden" name="version" value="1">
<div class="field field--full"><label class="field__label" for="body">本文</label><p data-editor-note="body">HTML</p>
<textarea id="body" name="html" data-behaviour="editor" data-pages-url="/pages.json" data-images-url="/images.json" data-upload-url="/upload.json" ${attributes}>
${escape(region)}</textarea></div><button class="button" type="submit">送る</button></form></main><p class="spoken" role="status" id="live-region"></p></body></html>`;
}

export async function setStage(): Promise<Stage> {
    const routes = new Map<string, Route>();
    const harness = await esbuild.build({ absWorkingDir: kWeb, entryPoints: ["test/harness.ts"], bundle: true, format: "iife", write: false });
    const code = harness.outputFiles[0]?.text ?? "";
    routes.set("/harness.html", () => ({ type: "text/html", body: '<!DOCTYPE html><html lang="ja"><title>x</title><script src="/harness.js"></script>' }));
    routes.set("/harness.js", () => ({ type: "text/javascript", body: code }));
    const browser = await openBrowser();   // before the server: one that listens while the browser could not start keeps the test alive for ever
    const server = await serve(process.env["YAKUBA_WEB_DIST"] ?? path.join(kWeb, "dist"), (request: IncomingMessage, body: Buffer) => routes.get(new URL(request.url ?? "/", "http://x").pathname)?.(request, body));
    const open = async (address: string): Promise<{ page: Page; problems: string[] }> => {
        const page = await browser.newPage({ viewport: { width: 1366, height: 768 }, locale: "ja-JP" });
        const problems: string[] = [];
        page.on("pageerror", error => problems.push(error.message));
        page.on("console", message => { if (message.type() === "error" && !/Failed to load resource/.test(message.text())) problems.push(message.text()); });
        page.setDefaultTimeout(120_000);   // processors may be busy with other tests
        await page.goto(server.url + address);
        return { page, problems };
    };
    return {
        browser, url: server.url, routes, open,
        async edit(region, attributes = "") {
            routes.set("/edit", () => ({ type: "text/html; charset=utf-8", body: editingPage(region, attributes) }));
            const opened = await open("/edit");
            await opened.page.waitForSelector(".editor__text");
            return opened;
        },
        async close() { await browser.close(); await server.close(); },
    };
}

export function fixture(name: string): string { return readFileSync(path.join(kWeb, "test/fixtures", name), "utf8"); }

/// What the form would send now.
export function saved(page: Page): Promise<string> {
    return page.evaluate(() => String(new FormData(document.querySelector("#form") as HTMLFormElement).get("html")));
}

/// Puts the caret at the end of the first text block that holds `words`.
export async function caretAfter(page: Page, words: string): Promise<void> {
    await page.evaluate(wanted => {
        const walker = document.createTreeWalker(document.querySelector(".editor__text") as Element, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = (node.nodeValue ?? "").indexOf(wanted);
            if (at < 0) continue;
            (document.querySelector(".editor__text") as HTMLElement).focus();
            getSelection()?.collapse(node, at + wanted.length);
            return;
        }
        throw new Error(`${wanted} is not in the editor`);
    }, words);
    await settled(page);
}

/// Waits, in the page's own time, until the editor has read what was just typed or chosen: a loaded machine is slow in the page, not here.
export function settled(page: Page): Promise<void> {
    return page.evaluate(() => new Promise<void>(done => requestAnimationFrame(() => setTimeout(done, 60))));
}

/// Asks again and again until `check` no longer throws; after half a minute what it throws is the test's failure.
export async function eventually(check: () => void | Promise<void>): Promise<void> {
    for (const until = Date.now() + 30_000; ;) {
        try { return await check(); } catch (error) { if (Date.now() > until) throw error; }
        await new Promise(resolve => setTimeout(resolve, 20));
    }
}

export async function paste(page: Page, html: string, plain = ""): Promise<void> {
    await page.evaluate(([rich, words]) => {
        const data = new DataTransfer();
        if (rich) data.setData("text/html", rich);
        if (words) data.setData("text/plain", words);
        document.querySelector(".editor__text")?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, [html, plain] as const);
}
