// A manual's source, docs/handbook/ja/NAME.ja.md, taken apart. It is Markdown with two words of its own: **a name** is something that
// stands on a screen (a button, a link, a heading, the label of a field), and a block ```screen is a walk through the running program:
// one act a line (walk.mjs has the list), among them `picture NAME` with the lines `caption` and `alt`, where a picture stands in the
// text. A name is looked for on the screens that are walked in its own chapter, and nowhere else.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const MarkdownIt = createRequire(path.join(root, "web/package.json"))("markdown-it");
export const kSources = "docs/handbook/ja";

/// In the order in which they are walked: what one has done is there for the next.
export const kManuals = ["author", "approver", "site-administrator", "operator"];

/// `chapters`: from one second heading to the next, each with the names it uses and its walk.
export function readManual(name) {
    const file = path.join(kSources, `${name}.ja.md`);
    const source = readFileSync(path.join(root, file), "utf8");
    const markdown = new MarkdownIt({ html: false });
    markdown.inline.ruler.before("emphasis", "name", readName);
    const tokens = markdown.parse(source, {});
    const manual = { name, file, source, markdown, tokens, title: "", chapters: [{ title: "", names: [], acts: [] }] };
    const seen = new Set();
    let line = 1; // cells of a table do not say theirs
    tokens.forEach((token, i) => {
        if (token.map) line = token.map[0] + 1;
        if (token.type === "heading_open" && token.tag === "h1") manual.title = tokens[i + 1].content;
        if (token.type === "heading_open" && token.tag === "h2") manual.chapters.push({ title: tokens[i + 1].content, names: [], acts: [] });
        const chapter = manual.chapters.at(-1);
        if (token.type === "inline") chapter.names.push(...strongWords(token).map(words => ({ words, line })));
        if (token.type !== "fence") return;
        if (token.info !== "screen") throw new Error(`${file}:${line}: a block of code is "screen", not "${token.info}"`);
        const acts = token.content.split("\n").map((text, n) => ({ text: text.trim(), line: line + 1 + n })).filter(act => act.text !== "")
            .map(({ text, line }) => { const [verb, ...rest] = text.split(" "); return { verb, rest: rest.join(" "), line }; });
        token.meta = picturesOf(acts, file);
        for (const { name } of token.meta) {
            if (seen.has(name)) throw new Error(`${file}:${line}: there are two pictures "${name}"`);
            seen.add(name);
        }
        chapter.acts.push(...acts);
    });
    if (manual.title === "") throw new Error(`${file}: it begins with "# the title"`);
    return manual;
}

/// **a name**: CommonMark takes no ** for bold between 「）」 and a letter, since it knows words by the blanks around them.
function readName(state, isSilent) {
    const end = state.src.startsWith("**", state.pos) ? state.src.indexOf("**", state.pos + 2) : -1;
    if (end <= state.pos + 2) return false;
    if (!isSilent) {
        state.push("strong_open", "strong", 1);
        state.push("text", "", 0).content = state.src.slice(state.pos + 2, end);
        state.push("strong_close", "strong", -1);
    }
    state.pos = end + 2;
    return true;
}

function strongWords(inline) {
    const words = [];
    inline.children.forEach((child, i) => { if (child.type === "strong_open") words.push(inline.children[i + 1].content); });
    return words;
}

/// The pictures of one block, each with its words. A picture without words for whoever cannot see it is refused.
function picturesOf(acts, file) {
    const pictures = [];
    for (const act of acts) {
        if (act.verb === "picture") pictures.push({ name: act.rest, caption: "", alt: "", line: act.line });
        if (act.verb !== "caption" && act.verb !== "alt") continue;
        if (pictures.length === 0) throw new Error(`${file}:${act.line}: ${act.verb} belongs below a picture`);
        pictures.at(-1)[act.verb] = act.rest;
    }
    for (const { name, caption, alt, line } of pictures) {
        if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`${file}:${line}: a picture's name is of small letters, digits and "-"`);
        if (caption === "" || alt.length < 10) throw new Error(`${file}:${line}: the picture "${name}" wants a caption, and an alt that says what it shows`);
    }
    return pictures;
}
