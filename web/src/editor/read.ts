// From the source of a region to the editor's document. Nothing is lost: after each block is read, it is written out again and
// compared with the browser's tree, and what does not come back whole becomes a raw box that keeps its source.
import { Fragment, type Attrs, type Mark, type Node as Doc, type NodeType } from "prosemirror-model";
import { align, type Alignment, type Group } from "./align";
import { attributesOf, escapeText, getAttribute } from "./attributes";
import { canonical, canonicalHtml, parseInert, unshield } from "./inert";
import type { Origin, Reading } from "./origin";
import { schema } from "./schema";
import { clean, columnCount } from "./write";

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));
const kContainers = words("div section article aside nav header footer main address center blockquote figure figcaption details summary hgroup");
const kMarkable = words("strong b em i a u s strike del ins sub sup small big code kbd samp var tt cite dfn abbr acronym q mark font span bdi bdo time data nobr label");
const kBlockNames = "address article aside blockquote center details dialog dir div dl dt dd fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr isindex legend li listing main marquee menu nav noframes ol p plaintext pre search section summary table caption colgroup tbody thead tfoot tr td th ul xmp";
const kBlocks = words(kBlockNames);
const kBlockSelector = kBlockNames.replaceAll(" ", ",");
/// May stand between blocks or between words.
const kNeutral = words("script style link meta template noscript");

const isElement = (node: Node): node is Element => node.nodeType === 1;
const isComment = (node: Node): boolean => node.nodeType === 8;
const isBlank = (node: Node): boolean => node.nodeType === 3 && /^[ \t\n\r\f]*$/.test(node.nodeValue ?? "");
const nameOf = (node: Node): string => isElement(node) ? node.localName : "";
const isNeutral = (node: Node): boolean => isComment(node) || kNeutral.has(nameOf(node));
const isInline = (node: Node): boolean => node.nodeType === 3 || isElement(node) && !kBlocks.has(node.localName) && !isNeutral(node) && node.querySelector(kBlockSelector) === null;

/// A stretch of words, or one block.
interface Unit { nodes: Node[]; run: boolean }
/// A block with what stood before its first and after its last child.
interface Made { node: Doc; head: string; tail: string }
type Inner = { children: Doc[]; head: string; tail: string };
const kGap = { tableComments: false };

export function read(source: string): Reading {
    const body = parseInert(source);
    const reader = new Reader(source, align(body, source));
    const inner = reader.blocks(body, "doc", { start: 0, end: source.length });
    const doc = schema.node("doc", null, inner.children.length > 0 ? inner.children : [schema.node("paragraph")]);
    return { doc, origins: reader.origins, source, head: inner.head, tail: inner.tail };
}

/// Blocks of clean HTML without a memory of its source, for pasting.
export function readFragment(html: string): Fragment {
    const body = parseInert(html);
    const reader = new Reader("", { place: new Map(), group: new Map(), whole: new Set() });
    return Fragment.from(reader.blocks(body, "doc", null).children);
}

class Reader {
    readonly origins = new Map<string, Origin>();
    private marksMade = 0;
    private names = 0;

    constructor(private readonly source: string, private readonly places: Alignment) {}

    /// The blocks among the children of `parent`; `range` is its inner part in the source, null when unknown.
    blocks(parent: Node, kind: string, range: { start: number; end: number } | null): Inner {
        let at = this.places.whole.has(parent) || parent.childNodes.length === 0 ? range?.start ?? null : null;
        const children: Doc[] = [];
        let head: string | null = null;
        const units = this.units(parent);
        for (let u = 0; u < units.length; u++) {
            const unit = units[u] as Unit;
            const group = at === null ? undefined : this.places.group.get(unit.nodes[0] as Node);
            if (group) {
                const members = [unit];
                while (u + 1 < units.length && this.places.group.get((units[u + 1] as Unit).nodes[0] as Node) === group) members.push(units[++u] as Unit);
                const before = this.source.slice(at as number, group.start);
                head ??= before;
                children.push(...this.group(members, group, kind, before, children.length === 0));
                at = group.end;
                continue;
            }
            const place = at === null ? null : this.placeOf(unit);
            const before = place ? this.source.slice(at as number, place.start) : null;
            if (place) { head ??= before; at = place.end; } else at = null;
            children.push(this.unit(unit, kind, place, before, children.length === 0));
        }
        return { children, head: head ?? "", tail: at === null || !range ? "" : this.source.slice(at, range.end) };
    }

    private units(parent: Node): Unit[] {
        const units: Unit[] = [];
        let run: Node[] = [];
        const flush = (): void => {
            if (run.some(node => !isBlank(node))) units.push({ nodes: run, run: true });
            run = [];
        };
        const nodes = [...parent.childNodes];
        nodes.forEach((node, i) => {
            const last = run.at(-1);
            if (last && this.places.group.get(last) !== this.places.group.get(node)) flush();
            if (isNeutral(node)) {
                const next = nodes.slice(i + 1).find(n => !isBlank(n) && !isNeutral(n));
                if (run.some(n => !isBlank(n)) && next && isInline(next)) { run.push(node); return; }
            } else if (isInline(node)) { run.push(node); return; }
            flush();
            units.push({ nodes: [node], run: false });
        });
        flush();
        return units;
    }

    /// The place of a unit in the source; of a run, without the white space around its words.
    private placeOf(unit: Unit): { start: number; end: number } | null {
        const first = this.places.place.get(unit.nodes[0] as Node), last = this.places.place.get(unit.nodes.at(-1) as Node);
        if (!first || !last || !unit.nodes.every(node => this.places.place.has(node))) return null;
        let { start } = first, { end } = last;
        if (unit.run) {
            while (start < end && /[ \t\n\r\f]/.test(this.source[start] as string)) start++;
            while (end > start && /[ \t\n\r\f]/.test(this.source[end - 1] as string)) end--;
        }
        return { start, end };
    }

    private group(members: Unit[], group: Group, kind: string, before: string, first: boolean): Doc[] {
        const o = this.newName();
        const nodes = members.map(unit => this.convert(unit, kind, o).node);
        this.origins.set(o, { node: nodes[0] as Doc, parent: kind, first, before, source: this.source.slice(group.start, group.end), open: "", inner: "", close: "", head: "", tail: "", group: nodes });
        return nodes;
    }

    private newName(): string { return `o${++this.names}`; }

    private unit(unit: Unit, kind: string, place: { start: number; end: number } | null, before: string | null, first: boolean): Doc {
        if (!place || before === null) return this.convert(unit, kind, null).node;
        const o = this.newName();
        const origin = { parent: kind, first, before, source: this.source.slice(place.start, place.end), open: "", inner: this.source.slice(place.start, place.end), close: "", group: null };
        const made = this.convert(unit, kind, o);
        const element = unit.run ? undefined : this.places.place.get(unit.nodes[0] as Node);
        const parts = element && element.kind === "element" ? {
            open: this.source.slice(element.start, element.innerStart), inner: this.source.slice(element.innerStart, element.innerEnd), close: this.source.slice(element.innerEnd, element.end),
        } : {};
        this.origins.set(o, { ...origin, ...parts, node: made.node, head: made.head, tail: made.tail });
        return made.node;
    }

    private convert(unit: Unit, kind: string, o: string | null): Made {
        const only = unit.nodes[0] as Node;
        if (unit.run) {
            const significant = unit.nodes.filter(node => !isBlank(node));
            const alone = significant.length === 1 ? significant[0] as Node : null;
            if (alone && isElement(alone) && alone.localName !== "img" && alone.localName !== "br" && alone.localName !== "ruby" && !kMarkable.has(alone.localName)) return this.raw(unit.nodes, o);
            const node = this.textblock("paragraph", unit.nodes, { bare: kind, o });
            return node && this.faithful(node, unit.nodes, kind) ? { node, head: "", tail: "" } : this.raw(unit.nodes, o);
        }
        const made = isElement(only) ? this.element(only, o) : null;
        return made ?? this.raw(unit.nodes, o);
    }

    /// A known element as a block with what stands around its children; null when it must stay raw.
    private element(element: Element, o: string | null): Made | null {
        const name = element.localName, x = attributesOf(element), plain = { head: "", tail: "" };
        const inlineOnly = [...element.childNodes].every(node => isInline(node) || isNeutral(node));
        if (name === "hr") return { node: schema.node("hr", { x, o }), ...plain };
        if (name === "p" || name === "pre" || /^h[1-6]$/.test(name)) {
            if (!inlineOnly) return null;
            const type = name === "p" ? "paragraph" : name === "pre" ? "pre" : "heading";
            const node = this.textblock(type, [...element.childNodes], { x, o, ...(type === "heading" ? { level: Number(name[1]) } : {}) });
            return node && this.faithful(node, [element], "doc") ? { node, ...plain } : null;
        }
        if (name === "ul" || name === "ol") return this.items(element, name === "ul" ? "bullet_list" : "ordered_list", { li: "list_item" }, x, o);
        if (name === "dl") return this.items(element, "dl", { dt: "dt", dd: "dd" }, x, o);
        if (name === "table") return this.table(element, x, o);
        if (kContainers.has(name) || kMarkable.has(name) && element.querySelector(kBlockSelector)) {
            const inner = this.blocks(element, name, this.innerRange(element));
            if (inner.children.length === 0) return null;
            const node = checked(schema.nodes["container"] as NodeType, { tag: name, x, o }, inner.children);
            return node && { node, head: inner.head, tail: inner.tail };
        }
        return null;
    }

    private innerRange(element: Node): { start: number; end: number } | null {
        const place = this.places.place.get(element);
        return place ? { start: place.innerStart, end: place.innerEnd } : null;
    }

    /// The children of lists and table parts: only elements that `make` accepts; between them white space and, where the source is
    /// known, comments, which stay with it as what stood before the next item.
    private members(parent: Element, make: (child: Element, o: string | null) => Made | "gap" | null): Inner | null {
        const range = this.innerRange(parent);
        const known = range !== null && this.places.whole.has(parent) && [...parent.childNodes].every(node => this.places.place.has(node));
        let at = range?.start ?? 0;
        const children: Doc[] = [];
        let head = "";
        for (const node of parent.childNodes) {
            if (isBlank(node) || isComment(node) && known) continue;
            if (!isElement(node)) return null;
            if (!known) {
                const made = make(node, null);
                if (!made) return null;
                if (made !== "gap") children.push(made.node);
                continue;
            }
            const place = this.places.place.get(node) as { start: number; end: number; innerStart: number; innerEnd: number };
            const o = this.newName();
            const origin = {
                parent: parent.localName, first: children.length === 0, before: this.source.slice(at, place.start),
                source: this.source.slice(place.start, place.end), open: this.source.slice(place.start, place.innerStart),
                inner: this.source.slice(place.innerStart, place.innerEnd), close: this.source.slice(place.innerEnd, place.end), group: null,
            };
            const made = make(node, o);
            if (!made) return null;
            if (made === "gap") continue;   // its source stays in what stands before the next
            this.origins.set(o, { ...origin, node: made.node, head: made.head, tail: made.tail });
            if (children.length === 0) head = origin.before;
            children.push(made.node);
            at = place.end;
        }
        return { children, head, tail: known && range ? this.source.slice(at, range.end) : "" };
    }

    private items(element: Element, type: string, kinds: Record<string, string>, x: string, o: string | null): Made | null {
        const inner = this.members(element, (child, name) => {
            const kind = kinds[child.localName];
            if (!kind) return isElement(child) ? this.raw([child], name) : null;
            return this.holder(child, kind, { x: attributesOf(child), o: name });
        });
        if (!inner || inner.children.length === 0) return null;
        const node = checked(schema.nodes[type] as NodeType, { x, o }, inner.children);
        return node && this.faithful(node, [element], "doc") ? { node, head: inner.head, tail: inner.tail } : null;
    }

    /// li, dt, dd, td, th: blocks inside; an empty one gets an empty line to write on.
    private holder(element: Element, type: string, attrs: Attrs): Made | null {
        const inner = this.blocks(element, element.localName, this.innerRange(element));
        const children = inner.children.length > 0 ? inner.children : [schema.node("paragraph", { bare: element.localName })];
        const node = checked(schema.nodes[type] as NodeType, attrs, children);
        return node && { node, head: inner.head, tail: inner.tail };
    }

    private table(element: Element, x: string, o: string | null): Made | null {
        let columns = "";
        let caption: Doc | null = null;
        const rows: Doc[] = [];
        const parts = this.members(element, (part, name) => {
            const partX = attributesOf(part);
            if (part.localName === "caption") {
                if (caption || ![...part.childNodes].every(node => isInline(node) || isNeutral(node))) return null;
                caption = this.textblock("caption", [...part.childNodes], { x: partX, o: name });
                return caption && { node: caption, head: "", tail: "" };
            }
            if (part.localName === "colgroup") {
                columns += unshield(part.outerHTML);
                return "gap";
            }
            if (!/^(thead|tbody|tfoot)$/.test(part.localName)) return null;
            const section = JSON.stringify({ tag: part.localName, x: partX, o: name });
            const inner = this.members(part, (row, rowName) => {
                if (row.localName !== "tr") return null;
                const cells = this.members(row, (cell, cellName) => {
                    if (cell.localName !== "td" && cell.localName !== "th") return null;
                    const span = (attribute: string, most: number): number => Math.min(most, Math.max(1, Number.parseInt(cell.getAttribute(attribute) ?? "1", 10) || 1));
                    return this.holder(cell, cell.localName === "td" ? "table_cell" : "table_header",
                        { x: attributesOf(cell), o: cellName, colspan: span("colspan", 1000), rowspan: span("rowspan", 65534) });
                });
                const node = cells && checked(schema.nodes["table_row"] as NodeType, { x: attributesOf(row), o: rowName, section }, cells.children);
                return node && { node, head: cells.head, tail: cells.tail };
            });
            if (!inner || inner.children.length === 0) return null;
            rows.push(...inner.children);
            return { node: inner.children[0] as Doc, head: inner.head, tail: inner.tail };
        });
        if (!parts || rows.length === 0) return null;
        const table = checked(schema.nodes["table"] as NodeType, null, rows);
        const node = table && checked(schema.nodes["table_wrap"] as NodeType, { x, o, columns, width: columns ? columnCount(table) : 0 }, caption ? [caption, table] : [table]);
        return node && this.faithful(node, [element], "doc") ? { node, head: parts.head, tail: parts.tail } : null;
    }

    /// A box that keeps the source.
    private raw(nodes: Node[], o: string | null): Made {
        return { node: schema.node("raw_block", { html: this.htmlOf(nodes), o }), head: "", tail: "" };
    }

    private htmlOf(nodes: Node[]): string {
        const first = this.places.place.get(nodes[0] as Node), last = this.places.place.get(nodes.at(-1) as Node);
        const own = unshield(nodes.map(node => isElement(node) ? node.outerHTML : isComment(node) ? `<!--${node.nodeValue}-->` : escapeText(node.nodeValue ?? "")).join(""));
        if (!first || !last) return own.trim();
        const written = this.source.slice(first.start, last.end).trim();
        return canonicalHtml(written) === canonical(nodes) ? written : own.trim();
    }

    /// Is `node` written out the same as the browser's `nodes`?
    private faithful(node: Doc, nodes: Node[], kind: string): boolean {
        return canonical(parseInert(clean(node, kind)).childNodes, kGap) === canonical(nodes, kGap);
    }

    private textblock(type: string, nodes: Node[], attrs: Attrs): Doc | null {
        const pieces: { text?: string; atom?: Doc; marks: readonly Mark[] }[] = [];
        const walk = (node: Node, marks: readonly Mark[], depth: number): void => {
            if (node.nodeType === 3) { pieces.push({ text: node.nodeValue ?? "", marks }); return; }
            const name = nameOf(node);
            if (isElement(node) && kMarkable.has(name) && (node.textContent !== "" || node.querySelector("img, br"))) {
                const own = { tag: name, x: attributesOf(node), i: ++this.marksMade, d: depth };
                const wanted = name === "a" && getAttribute(own.x, "href") !== null ? "link" : name === "strong" || name === "b" ? "strong" : name === "em" || name === "i" ? "em" : "element";
                const chosen = marks.some(mark => mark.type.name === wanted) ? "element" : wanted;
                const inside = schema.mark(chosen, own).addToSet(marks);
                for (const child of node.childNodes) walk(child, inside, depth + 1);
                return;
            }
            if (name === "br") pieces.push({ atom: schema.node("hard_break", { x: attributesOf(node as Element) }), marks });
            else if (name === "img") pieces.push({ atom: schema.node("image", { x: attributesOf(node as Element) }), marks });
            else pieces.push({ atom: schema.node("raw_inline", { html: this.htmlOf([node]) }), marks });
        };
        for (const node of nodes) walk(node, [], 0);
        const content: Doc[] = [];
        if (type === "pre") {
            for (const piece of pieces) if (piece.atom ?? piece.text) content.push((piece.atom ?? schema.text(piece.text as string)).mark(piece.marks));
        } else collapse(pieces, content);
        return checked(schema.nodes[type] as NodeType, attrs, content);
    }
}

/// White space as a browser shows it: runs become one blank, none at the ends nor beside a line break.
function collapse(pieces: { text?: string; atom?: Doc; marks: readonly Mark[] }[], content: Doc[]): void {
    let blankBefore = true;
    const trimLast = (): void => {
        const last = content.at(-1);
        if (!last?.isText || !last.text?.endsWith(" ")) return;
        content.pop();
        const kept = last.text.slice(0, -1);
        if (kept) content.push(schema.text(kept, last.marks));
    };
    for (const piece of pieces) {
        if (piece.atom) {
            const lineBreak = piece.atom.type.name === "hard_break";
            if (lineBreak) trimLast();
            content.push(piece.atom.mark(piece.marks));
            if (lineBreak || piece.atom.type.name === "image" || !(piece.atom.attrs["html"] as string | undefined)?.startsWith("<!--")) blankBefore = lineBreak;
            continue;
        }
        let text = (piece.text as string).replace(/[ \t\n\r\f]+/g, " ");
        if (blankBefore && text.startsWith(" ")) text = text.slice(1);
        if (text === "") continue;
        blankBefore = text.endsWith(" ");
        content.push(schema.text(text, piece.marks));
    }
    trimLast();
}

function checked(type: NodeType, attrs: Attrs | null, content: Doc[]): Doc | null {
    const fragment = Fragment.from(content);
    return type.validContent(fragment) ? type.create(attrs, fragment) : null;
}

