// Builds the office's browser files into dist/: office.css, office.js, editor.js, icons.svg, and with `--gallery` the sample
// pages. Output is deterministic, has no source map and loads nothing from outside hosts.
import * as esbuild from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import path from "node:path";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);

/// What a screen may weigh, in bytes after gzip -9. The build fails above it.
export const kLimits = { "office.css": 20_000, "office.js": 15_000, "editor.js": 110_000 };

export function gzipped(file, folder = at("dist")) { return gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).length; }

export async function build(folder = at("dist")) {
    mkdirSync(folder, { recursive: true });
    await esbuild.build({
        absWorkingDir: root,
        entryPoints: { "office": "css/office.css" },
        outdir: folder, bundle: true, minify: true, target: ["chrome109", "firefox115", "safari16"], legalComments: "none",
    });
    await esbuild.build({
        absWorkingDir: root,
        entryPoints: { "office": "src/office.ts", "editor": "src/editor/main.ts" },
        outdir: folder, bundle: true, minify: true, format: "esm", charset: "utf8",
        target: ["chrome109", "firefox115", "safari16"], legalComments: "none",
    });
    copyFileSync(at("assets/icons.svg"), path.join(folder, "icons.svg"));
    for (const [file, limit] of Object.entries(kLimits)) {
        const size = gzipped(file, folder);
        if (size > limit) throw new Error(`${file} is ${size} bytes gzipped, above its limit of ${limit}`);
    }
}

/// The sample pages: gallery/NAME.html (a first line `<!-- title; layout; current -->`, then the main part) put into
/// gallery/layout-LAYOUT.html, as the office's templates do with `extends`.
export function buildGallery(folder = at("dist")) {
    mkdirSync(path.join(folder, "gallery"), { recursive: true });
    const pages = readdirSync(at("gallery")).filter(f => f.endsWith(".html") && !f.startsWith("layout-")).sort();
    for (const name of pages) {
        const text = readFileSync(at("gallery", name), "utf8");
        const head = /^<!-- ([^;]+); ([^;]+); ([^;]*) -->\n/.exec(text);
        if (!head) throw new Error(`gallery/${name}: the first line must be <!-- title; layout; current -->`);
        const [, title, layout, current] = head;
        const page = readFileSync(at(`gallery/layout-${layout}.html`), "utf8")
            .replaceAll("{{title}}", title)
            .replace(new RegExp(`(data-nav="${current}")`), '$1 aria-current="page"')
            .replaceAll(/ data-nav="[^"]*"/g, "")
            .replace("{{main}}", () => text.slice(head[0].length));
        writeFileSync(path.join(folder, "gallery", name), page);
    }
    return pages;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    await build();
    if (process.argv.includes("--gallery")) console.error(`${buildGallery().length} sample pages in dist/gallery/`);
    for (const file of Object.keys(kLimits)) console.error(`dist/${file}: ${gzipped(file)} bytes gzipped (limit ${kLimits[file]})`);
}
