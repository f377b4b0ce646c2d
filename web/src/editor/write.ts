// From the editor's document back to the source of a region. A block that equals its origin is written as it came; a changed one
// keeps its tags and white space, and of its words what was not touched. The result is read again and must give the same document;
// if it does not (the source was broken near the change), less of the source is reused, at last none.
import type { Mark, Node as Doc } from "prosemirror-model";
import { escapeText, getAttribute, kNone, openTag, withAttribute } from "./attributes";
import { canonicalHtml } from "./inert";
import type { Origin, Reading } from "./origin";
import { patch } from "./patch";

/// Parents whose words may stand without <p>.
const kHolders: ReadonlySet<string> = new Set(["li", "dt", "dd", "td", "th"]);

/// The HTML of one block (or a whole document) in our own spelling, without its source.
export function clean(node: Doc, kind: string): string {
    const writer = new Writer(new Map(), "whole blocks");
    return node.type.name === "doc" ? writer.children(node, "doc", "").trim() : writer.block(node, kind, null, 0);
}

export function write(doc: Doc, reading: Reading, read: (source: string) => Reading): string {
    if (doc.eq(reading.doc)) return reading.source;
    const wanted = canonicalHtml(clean(doc, "doc"));
    for (const reuse of ["all", "closed", "whole blocks"] as const) {
        const writer = new Writer(reading.origins, reuse);
        const html = writer.children(doc, "doc", reading.head) + reading.tail;
        if (canonicalHtml(clean(read(html).doc, "doc")) === wanted) return html;
    }
    return clean(doc, "doc") + "\n";
}

/// What a changed block reuses of its source: everything, also that an end tag was left out; the same, but always with an end tag;
/// nothing, so that only unchanged blocks come back as written.
type Reuse = "all" | "closed" | "whole blocks";

class Writer {
    constructor(private readonly origins: ReadonlyMap<string, Origin>, private readonly reuse: Reuse) {}

    private originOf(node: Doc | undefined): Origin | null {
        const o = node?.attrs["o"] as string | null | undefined;
        return o ? this.origins.get(o) ?? null : null;
    }

    /// All children of `parent` with the white space before each; `head` is what stands before the first.
    children(parent: Doc, kind: string, head: string): string {
        let out = "";
        const gap = this.usualGap(parent, kind);
        for (let i = 0; i < parent.childCount; i++) {
            const origin = this.originOf(parent.child(i));
            out += i === 0 ? head : origin && !origin.first && origin.parent === kind ? origin.before : gap;
            if (origin?.group && i + origin.group.length <= parent.childCount && origin.group.every((member, k) => member.eq(parent.child(i + k)))) {
                out += origin.source;
                i += origin.group.length - 1;
            } else out += this.block(parent.child(i), kind, parent, i);
        }
        return out;
    }

    /// What stands between siblings here, learnt from one that has an origin; for new blocks.
    private usualGap(parent: Doc, kind: string): string {
        for (let i = 0; i < parent.childCount; i++) {
            const origin = this.originOf(parent.child(i));
            if (origin && origin.parent === kind && !origin.first) return /\s*$/.exec(origin.before)?.[0] ?? "";
        }
        const first = this.originOf(parent.firstChild ?? undefined);
        return first?.parent === kind ? /\n[ \t]*$/.exec(first.before)?.[0] ?? "\n" : "\n";
    }

    block(node: Doc, kind: string, parent: Doc | null, index: number): string {
        const origin = this.originOf(node);
        const own = origin?.group ? null : origin;
        const bare = node.type.name === "paragraph" && this.isBare(node, kind, parent, index);
        if (own && node.eq(own.node) && (bare || (node.attrs["bare"] ?? null) === null)) return own.source;
        return this.changed(node, this.reuse === "whole blocks" ? null : own, bare);
    }

    /// A block written out, with what can be kept of its origin.
    private changed(node: Doc, origin: Origin | null, bare: boolean): string {
        const type = node.type.name;
        if (type === "raw_block") return node.attrs["html"] as string;
        if (type === "hr") return openTag("hr", node.attrs["x"] as string);
        const tag = tagOf(node);
        const same = origin !== null && !bare && tagOf(origin.node) === tag && origin.open !== "" && attributesToWrite(origin.node) === attributesToWrite(node);
        const open = bare ? "" : same ? origin.open : openTag(tag, attributesToWrite(node));
        const close = bare ? "" : same && (origin.close || this.reuse === "all") ? origin.close : `</${tag}>`;
        if (type === "table_wrap") return open + this.table(node, origin) + close;
        if (type === "table_row") return open + this.cells(node, origin) + close;
        if (node.isTextblock) {
            const inline = inlineHtml(node);
            const kept = origin?.node.isTextblock ? patch(origin.inner, inlineHtml(origin.node), inline, type === "pre") : inline;
            // A browser drops one newline right after <pre>; words that begin with one need a second.
            return open + (type === "pre" && inline.startsWith("\n") && !kept.startsWith("\n\n") ? "\n" : "") + kept + close;
        }
        const holder = kHolders.has(tag);
        const head = origin ? origin.head : holder ? "" : "\n";
        const tail = origin ? origin.tail : holder && node.lastChild?.type.name === "paragraph" ? "" : "\n";
        return open + this.children(node, tag, head) + tail + close;
    }

    /// May this paragraph stand without <p>? So it was read, or it is new in a list item or cell, and no other bare words touch it.
    private isBare(node: Doc, kind: string, parent: Doc | null, index: number): boolean {
        const candidate = (paragraph: Doc): boolean => {
            if (paragraph.type.name !== "paragraph" || paragraph.attrs["x"] !== kNone) return false;
            if (paragraph.attrs["bare"] === kind) return true;
            if (!kHolders.has(kind)) return false;
            const origin = this.originOf(paragraph);
            return paragraph.attrs["bare"] !== null || paragraph.attrs["o"] === null || origin !== null && origin.parent !== kind;
        };
        if (!candidate(node)) return false;
        if (!parent) return true;
        return !(index > 0 && candidate(parent.child(index - 1))) && !(index + 1 < parent.childCount && candidate(parent.child(index + 1)));
    }

    private table(wrap: Doc, origin: Origin | null): string {
        let out = "";
        const table = wrap.lastChild as Doc;
        if (wrap.childCount > 1) {
            const caption = wrap.child(0);
            out += (this.originOf(caption)?.before ?? "\n") + this.block(caption, "table", wrap, 0);
        }
        const widthChanged = wrap.attrs["columns"] !== "" && columnCount(table) !== wrap.attrs["width"];
        if (!origin && !widthChanged) out += wrap.attrs["columns"] as string;
        for (let row = 0; row < table.childCount;) {
            const section = sectionOf(table, row);
            const place = section.o && this.reuse !== "whole blocks" ? this.origins.get(section.o) ?? null : null;
            let before = place?.before ?? "\n";
            if (widthChanged) before = before.replace(/<colgroup\b[^]*?<\/colgroup\s*>|<col\b[^>]*>/gi, "");   // it would count the old columns
            out += before + (place ? place.open : openTag(section.tag, section.x));
            const begun = row;
            for (; row < table.childCount && sectionOf(table, row).key === section.key; row++) {
                const own = this.originOf(table.child(row));
                out += row === begun ? place?.head ?? "\n" : own && !own.first ? own.before : this.usualGap(table, section.tag);
                out += this.block(table.child(row), section.tag, table, row);
            }
            out += (place ? place.tail : "\n") + (place ? place.close : `</${section.tag}>`);
        }
        return out + (origin ? origin.tail : "\n");
    }

    private cells(row: Doc, origin: Origin | null): string {
        let out = "";
        let gap = origin ? /\s*$/.exec(origin.head)?.[0] ?? "" : "";
        row.forEach((cell, _offset, index) => {
            const own = this.originOf(cell);
            if (own && !own.first) gap = /\s*$/.exec(own.before)?.[0] ?? "";
            out += index === 0 ? origin?.head ?? "" : own && !own.first ? own.before : gap;
            out += this.block(cell, "tr", row, index);
        });
        return out + (origin?.tail ?? "");
    }
}

function tagOf(node: Doc): string {
    switch (node.type.name) {
        case "paragraph": return "p";
        case "heading": return `h${node.attrs["level"]}`;
        case "bullet_list": return "ul";
        case "ordered_list": return "ol";
        case "list_item": return "li";
        case "container": return node.attrs["tag"] as string;
        case "table_wrap": return "table";
        case "table_row": return "tr";
        case "table_cell": return "td";
        case "table_header": return "th";
        default: return node.type.name;
    }
}

/// The attributes of a block as they are to be written: a cell's spans as they are now.
function attributesToWrite(node: Doc): string {
    let x = node.attrs["x"] as string;
    if (node.type.name !== "table_cell" && node.type.name !== "table_header") return x;
    for (const name of ["colspan", "rowspan"]) {
        const now = node.attrs[name] as number;
        const written = Math.max(1, Number.parseInt(getAttribute(x, name) ?? "1", 10) || 1);
        if (now !== written) x = withAttribute(x, name, now === 1 ? null : String(now));
    }
    return x;
}

interface Section { key: string; tag: string; x: string; o: string | null }

/// The part of the table to which a row belongs. A new row goes with its neighbours, but not into the head; in a new table the
/// leading rows of header cells are the head.
function sectionOf(table: Doc, row: number): Section {
    const read = (index: number): Section | null => {
        const key = index >= 0 && index < table.childCount ? table.child(index).attrs["section"] as string | null : null;
        return key === null ? null : { key, ...(JSON.parse(key) as Omit<Section, "key">) };
    };
    const own = read(row);
    if (own) return own;
    let known = false;
    for (let distance = 1; distance < table.childCount; distance++) {
        for (const near of [read(row - distance), read(row + distance)]) {
            if (near && near.tag !== "thead") return near;
            known ||= near !== null;
        }
    }
    let head = !known;
    for (let i = 0; i <= row && head; i++) head = isHeaderRow(table.child(i));
    if (head && isHeaderRow(table.child(table.childCount - 1))) head = false;
    return { key: head ? "head" : "body", tag: head ? "thead" : "tbody", x: kNone, o: null };
}

export function isHeaderRow(row: Doc): boolean {
    for (let i = 0; i < row.childCount; i++) if (row.child(i).type.name !== "table_header") return false;
    return row.childCount > 0;
}

export function columnCount(table: Doc): number {
    let most = 0;
    table.firstChild?.forEach(cell => { most += cell.attrs["colspan"] as number; });
    return most;
}

/// The words of a text block, with their elements nested as they were read; what was added here lies innermost.
export function inlineHtml(block: Doc): string {
    let out = "";
    const open: Mark[] = [];
    const closeDownTo = (depth: number): void => { while (open.length > depth) out += `</${(open.pop() as Mark).attrs["tag"]}>`; };
    block.forEach(node => {
        const wanted = [...node.marks].sort((a, b) => (a.attrs["d"] as number) - (b.attrs["d"] as number));
        let shared = 0;
        while (shared < open.length && shared < wanted.length && (open[shared] as Mark).eq(wanted[shared] as Mark)) shared++;
        closeDownTo(shared);
        for (const mark of wanted.slice(shared)) { out += openTag(mark.attrs["tag"] as string, mark.attrs["x"] as string); open.push(mark); }
        if (node.isText) out += escapeText(node.text ?? "");
        else if (node.type.name === "hard_break") out += openTag("br", node.attrs["x"] as string);
        else if (node.type.name === "image") out += openTag("img", node.attrs["x"] as string);
        else out += node.attrs["html"] as string;
    });
    closeDownTo(0);
    return out;
}
