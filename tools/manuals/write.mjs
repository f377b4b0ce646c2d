// A manual as one HTML file that needs nothing beside it (style and pictures are inside), and the same as tagged PDF with contents,
// bookmarks and page numbers. Each carries its version: the program's, and the hash of what it was made from.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./read.mjs";

const kStyle = readFileSync(path.join(root, "tools/manuals/manual.css"), "utf8");

/// "0.1.0-3fa81c2b": the same words and the same program give the same version.
export function versionOf(manual, program) {
    const hash = createHash("sha256").update(manual.source).update(kStyle).digest("hex");
    return `${program}-${hash.slice(0, 8)}`;
}

/// `pictures`: PNG by name.
export function htmlOf(manual, version, pictures, madeOn) {
    const { markdown, tokens } = manual;
    const { escapeHtml } = markdown.utils;
    const contents = [];
    let chapter = 0, part = 0, figure = 0;
    const rules = markdown.renderer.rules;
    rules.heading_open = (all, i) => {
        const { tag } = all[i];
        if (tag === "h1") return "<h1>";
        if (tag === "h2") { chapter++; part = 0; } else part++;
        const number = tag === "h2" ? `${chapter}` : `${chapter}.${part}`;
        contents.push({ tag, number, text: all[i + 1].content });
        return `<${tag} id="c${number.replace(".", "-")}"><span class="number">${number}</span> `;
    };
    rules.heading_close = (all, i) => `</${all[i].tag}>\n${all[i].tag === "h1" ? "<!-- contents -->" : ""}`;
    // Lines of Japanese are joined without a space.
    rules.softbreak = (all, i) => /[!-~]$/.test(all.slice(0, i).findLast(one => one.content)?.content ?? "")
        && /^[!-~]/.test(all.slice(i + 1).find(one => one.content)?.content ?? "") ? " " : "";
    rules.strong_open = () => '<strong class="name">';
    rules.th_open = () => '<th scope="col">';
    rules.fence = (all, i) => all[i].meta.map(({ name, caption, alt }) => {
        const png = pictures.get(name);
        if (!png) throw new Error(`${manual.file}: the picture "${name}" was not taken`);
        figure++;
        return `<figure><img src="data:image/png;base64,${png.toString("base64")}" width="${png.readUInt32BE(16)}" height="${png.readUInt32BE(20)}" alt="${escapeHtml(alt)}">`
            + `<figcaption>図${figure}　${escapeHtml(caption)}</figcaption></figure>\n`;
    }).join("");
    const body = markdown.renderer.render(tokens, markdown.options, {});
    const items = contents.map(({ tag, number, text }) => `<li class="${tag}"><a href="#c${number.replace(".", "-")}"><span class="number">${number}</span> ${escapeHtml(text.replaceAll("**", ""))}</a></li>`);
    const front = `<p class="edition">版 ${escapeHtml(version)}（${madeOn}）</p>\n<nav aria-labelledby="contents"><h2 id="contents">目次</h2>\n<ul>\n${items.join("\n")}\n</ul></nav>\n`;
    return `<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(manual.title)}</title>
<meta name="generator" content="Yakuba ${escapeHtml(version)}">
<style>
${kStyle}</style>
</head>
<body>
<main>
${body.replace("<!-- contents -->", () => front)}</main>
</body>
</html>
`;
}

/// The HTML printed by the browser, with tags for screen readers and bookmarks.
export async function pdfOf(html, manual, version, browser) {
    const page = await browser.newPage();
    try {
        await page.setContent(html, { waitUntil: "load" });
        const small = 'style="font-size:8px;width:100%;margin:0 18mm;color:#444;font-family:\'BIZ UDPGothic\',sans-serif"';
        return await page.pdf({
            format: "A4", tagged: true, outline: true, printBackground: true, displayHeaderFooter: true,
            margin: { top: "18mm", bottom: "18mm", left: "18mm", right: "18mm" },
            headerTemplate: `<div ${small}>${manual.title}</div>`,
            footerTemplate: `<div ${small}><span style="float:right"><span class="pageNumber"></span>／<span class="totalPages"></span></span>版 ${version}</div>`,
        });
    } finally {
        await page.close();
    }
}
