// What the editor knows. Every node and mark carries `x`, the attributes of its element (attributes.ts), so that class, id, lang and
// the rest come back out; every block carries `o`, the name of its origin in the source (read.ts). What is not known becomes
// raw_block or raw_inline: kept as written, shown as an inert box. toDOM draws the editor's own view, never the page's style or
// handlers; the HTML to save is made by write.ts.
import { Schema, type Attrs, type DOMOutputSpec, type MarkSpec, type Node as Doc, type NodeSpec } from "prosemirror-model";
import { kNone } from "./attributes";
import { say } from "../common/language";

const common = { x: { default: kNone }, o: { default: null } } as const;

/// Attributes of the view's element that carry a node through copy and paste inside the editor.
function carried(attrs: Attrs): Record<string, string> {
    const out: Record<string, string> = {};
    if (attrs["x"] !== kNone) out["data-x"] = attrs["x"] as string;
    if (attrs["o"] !== null && attrs["o"] !== undefined) out["data-o"] = attrs["o"] as string;
    return out;
}
const common_of = (dom: HTMLElement): Attrs => ({ x: dom.dataset["x"] ?? kNone, o: dom.dataset["o"] ?? null });

function block(tag: string, content: string, more: Partial<NodeSpec> = {}): NodeSpec {
    return { content, group: "block", attrs: common, parseDOM: [{ tag, getAttrs: common_of }], toDOM: node => [tag, carried(node.attrs), 0], ...more };
}

const cell = (tag: "td" | "th"): NodeSpec => ({
    content: "block+", isolating: true, tableRole: tag === "td" ? "cell" : "header_cell",
    attrs: { ...common, colspan: { default: 1 }, rowspan: { default: 1 }, colwidth: { default: null } },
    parseDOM: [{ tag, getAttrs: dom => ({ ...common_of(dom), colspan: (dom as HTMLTableCellElement).colSpan, rowspan: (dom as HTMLTableCellElement).rowSpan }) }],
    toDOM: node => [tag, {
        ...carried(node.attrs),
        ...(node.attrs["colspan"] !== 1 ? { colspan: String(node.attrs["colspan"]) } : {}),
        ...(node.attrs["rowspan"] !== 1 ? { rowspan: String(node.attrs["rowspan"]) } : {}),
    }, 0],
});

/// What a person sees of markup that the editor keeps but does not know.
export function labelOf(html: string): string {
    if (html.startsWith("<!") || html.startsWith("<?")) return say("コメント");
    const name = /^<([a-zA-Z][\w-]*)/.exec(html)?.[1]?.toLowerCase() ?? "";
    const known: Record<string, string> = {
        iframe: say("埋め込み"), object: say("埋め込み"), embed: say("埋め込み"), video: say("動画"), audio: say("音声"), script: say("スクリプト"), style: say("スタイル"), form: say("フォーム"),
        input: say("入力欄"), select: say("選択欄"), button: say("ボタン"), map: say("クリッカブルマップ"), svg: say("図"), canvas: say("図"), ruby: say("ふりがな"), a: say("目印"), table: say("表"),
    };
    return known[name] ? say("{}（{}）", known[name], name) : name ? say("そのまま保存する部品（{}）", name) : say("そのまま保存する部品");
}

function rawBox(node: Doc, inline: boolean): DOMOutputSpec {
    const html = node.attrs["html"] as string;
    const brief = html.replace(/\s+/g, " ").slice(0, 120);
    const ruby = inline && /^<ruby/i.test(html) ? html.replace(/<rp[^>]*>.*?<\/rp>/gis, "").replace(/<rt[^>]*>(.*?)<\/rt>/gis, "（$1）").replace(/<[^>]*>/g, "") : "";
    return [inline ? "span" : "div", { class: inline ? "ed-raw ed-raw--inline" : "ed-raw", "data-raw": html, ...carried(node.attrs), ...(inline ? { title: brief } : {}) },
        ["span", { class: "ed-raw__name" }, ruby || labelOf(html)], ...(inline ? [] : [["span", { class: "ed-raw__code" }, brief] as DOMOutputSpec])] as unknown as DOMOutputSpec;
}
const rawSpec = (inline: boolean): NodeSpec => ({
    inline, group: inline ? "inline" : "block", atom: true, isolating: true, selectable: true,
    attrs: { html: { default: "" }, o: { default: null } },
    parseDOM: [{ tag: inline ? "span[data-raw]" : "div[data-raw]", priority: 70, getAttrs: dom => ({ html: dom.dataset["raw"] ?? "", o: dom.dataset["o"] ?? null }) }],
    toDOM: node => rawBox(node, inline),
});

const kBoxLabels: Record<string, string> = { details: say("開閉する部分"), summary: say("開閉の見出し"), figure: say("図版"), figcaption: say("図版の説明"), blockquote: say("引用"), address: say("連絡先"), aside: say("補足") };

const nodes: Record<string, NodeSpec> = {
    doc: { content: "block+" },
    /// bare: null for <p>, else the kind of parent in which this text stood directly, without an element of its own
    paragraph: {
        content: "inline*", group: "block", attrs: { ...common, bare: { default: null } },
        parseDOM: [{ tag: "p", getAttrs: dom => ({ ...common_of(dom), bare: dom.dataset["bare"] ?? null }) }],
        toDOM: node => ["p", { ...carried(node.attrs), ...(node.attrs["bare"] ? { "data-bare": node.attrs["bare"] as string } : {}) }, 0],
    },
    heading: {
        content: "inline*", group: "block", defining: true, attrs: { ...common, level: { default: 2 } },
        parseDOM: [1, 2, 3, 4, 5, 6].map(level => ({ tag: `h${level}`, getAttrs: (dom: HTMLElement) => ({ ...common_of(dom), level }) })),
        toDOM: node => [`h${node.attrs["level"]}`, carried(node.attrs), 0],
    },
    pre: block("pre", "inline*", { code: true, defining: true, whitespace: "pre", parseDOM: [{ tag: "pre", preserveWhitespace: "full", getAttrs: common_of }] }),
    bullet_list: block("ul", "(list_item | raw_block)+"),
    ordered_list: block("ol", "(list_item | raw_block)+"),
    list_item: block("li", "block+", { group: "", defining: true }),
    dl: block("dl", "(dt | dd | raw_block)+"),
    dt: block("dt", "block+", { group: "", defining: true }),
    dd: block("dd", "block+", { group: "", defining: true }),
    container: {
        content: "block+", group: "block", defining: true, attrs: { ...common, tag: { default: "div" } },
        parseDOM: [{ tag: "div[data-tag]", priority: 60, getAttrs: dom => ({ ...common_of(dom), tag: dom.dataset["tag"] ?? "div" }) }],
        toDOM: node => {
            const tag = node.attrs["tag"] as string, label = kBoxLabels[tag];
            return ["div", { class: label ? "ed-box ed-box--named" : "ed-box", "data-tag": tag, ...(label ? { "data-label": label } : {}), ...carried(node.attrs) }, 0];
        },
    },
    hr: { group: "block", attrs: common, parseDOM: [{ tag: "hr", getAttrs: common_of }], toDOM: node => ["hr", carried(node.attrs)] },
    /// x and o are those of <table>; columns is its colgroups, which count for as many columns as width says
    table_wrap: {
        content: "caption? table", group: "block", isolating: true, attrs: { ...common, columns: { default: "" }, width: { default: 0 } },
        parseDOM: [
            { tag: "div.ed-table", priority: 60, getAttrs: dom => ({ ...common_of(dom), columns: dom.dataset["columns"] ?? "", width: Number(dom.dataset["width"] ?? 0) }) },
            { tag: "table", priority: 40, getAttrs: common_of },
        ],
        toDOM: node => ["div", { class: "ed-table", ...(node.attrs["columns"] ? { "data-columns": node.attrs["columns"] as string, "data-width": String(node.attrs["width"]) } : {}), ...carried(node.attrs) }, 0],
    },
    caption: { content: "inline*", attrs: common, isolating: true, parseDOM: [{ tag: "div.ed-caption", priority: 65, getAttrs: common_of }, { tag: "caption" }], toDOM: node => ["div", { class: "ed-caption", ...carried(node.attrs) }, 0] },
    table: { content: "table_row+", tableRole: "table", isolating: true, parseDOM: [{ tag: "table", context: "table_wrap/", priority: 60 }], toDOM: () => ["table", ["tbody", 0]] },
    /// section: JSON {tag, x, o} of the thead, tbody or tfoot in which the row stood; null for a new row
    table_row: {
        content: "(table_cell | table_header)*", tableRole: "row", attrs: { ...common, section: { default: null } },
        parseDOM: [{ tag: "tr", getAttrs: dom => ({ ...common_of(dom), section: dom.dataset["section"] ?? null }) }],
        toDOM: node => ["tr", { ...carried(node.attrs), ...(node.attrs["section"] ? { "data-section": node.attrs["section"] as string } : {}) }, 0],
    },
    table_cell: cell("td"),
    table_header: cell("th"),
    raw_block: rawSpec(false),
    text: { group: "inline" },
    hard_break: { inline: true, group: "inline", selectable: false, attrs: { x: { default: kNone } }, parseDOM: [{ tag: "br", getAttrs: dom => ({ x: dom.dataset["x"] ?? kNone }) }], toDOM: node => ["br", carried(node.attrs)] },
    image: { inline: true, group: "inline", draggable: true, attrs: { x: { default: kNone } }, parseDOM: [{ tag: "img[data-x]", getAttrs: dom => ({ x: dom.dataset["x"] ?? kNone }) }], toDOM: node => ["img", carried(node.attrs)] },
    raw_inline: rawSpec(true),
};

/// i tells two neighbouring elements of one kind apart, d is the depth at which the element stood: together they keep the nesting.
const markAttrs = (tag: string) => ({ tag: { default: tag }, x: { default: kNone }, i: { default: 0 }, d: { default: 99 } });
function mark(tag: string, selectors: string[], view: string, more: Partial<MarkSpec> = {}): MarkSpec {
    return {
        attrs: markAttrs(tag),
        parseDOM: selectors.map(selector => ({
            tag: selector,
            getAttrs: (dom: HTMLElement) => ({ tag: dom.dataset["tag"] ?? tag, x: dom.dataset["x"] ?? kNone, i: Number(dom.dataset["i"] ?? 0), d: Number(dom.dataset["d"] ?? 99) }),
        })),
        toDOM: m => [view, { "data-tag": m.attrs["tag"] as string, ...carried({ x: m.attrs["x"] as string }), "data-i": String(m.attrs["i"]), "data-d": String(m.attrs["d"]) }, 0],
        ...more,
    };
}
const kLooks: Record<string, string> = { sub: "sub", sup: "sup", code: "code", kbd: "code", samp: "code", tt: "code", del: "del", s: "del", strike: "del" };

const marks: Record<string, MarkSpec> = {
    link: mark("a", ["a[data-x]"], "a", { inclusive: false }),
    strong: mark("strong", ["strong", "b"], "strong"),
    em: mark("em", ["em", "i"], "em"),
    /// any other inline element; several may lie in one another
    element: mark("span", ["span.ed-mark"], "span", {
        excludes: "",
        toDOM: m => {
            const tag = m.attrs["tag"] as string, look = kLooks[tag];
            return ["span", { class: look ? `ed-mark ed-mark--${look}` : "ed-mark", "data-tag": tag, ...carried({ x: m.attrs["x"] as string }), "data-i": String(m.attrs["i"]), "data-d": String(m.attrs["d"]) }, 0];
        },
    }),
};

export const schema = new Schema({ nodes, marks });
