// What comes from Word, Excel, mail and other sites: structure stays, looks go. An allow-list; Word's paragraphs that only look like
// lists become lists; pictures are left out (they must be uploaded with a description) and counted.
import { parseInert, styleOf } from "./inert";

const kDrop = /^(style|script|meta|link|title|xml|template|head|object|embed|iframe|form|input|select|button|textarea|svg|canvas|video|audio|map|colgroup|col|[vwmx]:.*|o:(?!p$).*)$/;
const kKeep: Record<string, readonly string[]> = {
    p: [], h2: [], h3: [], h4: [], h5: [], h6: [], ul: [], ol: ["start"], li: [], dl: [], dt: [], dd: [], blockquote: [], pre: [], hr: [], br: [],
    table: [], caption: [], thead: [], tbody: [], tfoot: [], tr: [], th: ["colspan", "rowspan", "scope"], td: ["colspan", "rowspan"],
    a: ["href"], strong: [], em: [], sub: [], sup: [], code: [],
};
const kRename: Record<string, string> = { h1: "h2", b: "strong", i: "em" };
const kBlock = /^(p|h[1-6]|ul|ol|li|dl|dt|dd|blockquote|pre|hr|table|caption|thead|tbody|tfoot|tr|th|td|div|section|article|main|aside|header|footer|address|center|figure)$/;

/// What one paste may bring, in characters of clean HTML. The editor takes some 4 ms for a thousand of them, twice that where a table is.
export const kMostPasted = 200_000;
/// Before it is cleaned: Word writes several times as much for its looks.
export const kMostRawPasted = 3_000_000;

export interface Pasted { html: string; pictures: number }

export function filterPasted(html: string): Pasted {
    const root = parseInert(html);
    const page = root.ownerDocument;
    const out = page.createElement("div");
    const state = { pictures: 0 };
    wordLists(root);
    for (const child of [...root.childNodes]) copy(child, out, state);
    wrapLoose(out);
    for (const empty of out.querySelectorAll("p, h2, h3, h4, h5, h6, strong, em, a, li")) {
        if (!empty.textContent?.trim() && !empty.querySelector("br, table")) empty.remove();
    }
    return { html: out.innerHTML, pictures: state.pictures };
}

function copy(node: Node, into: Element, state: { pictures: number }): void {
    const page = into.ownerDocument;
    if (node.nodeType === 3) { into.append(page.createTextNode((node.nodeValue ?? "").replaceAll("\u00a0", " "))); return; }
    if (node.nodeType !== 1) return;
    const element = node as HTMLElement;
    const written = element.localName;
    if (written === "img") { state.pictures++; return; }
    if (kDrop.test(written)) return;
    let name = kRename[written] ?? written;
    const style = styleOf(element);
    if (/\bdisplay\s*:\s*none/i.test(style)) return;
    if (written === "b" && /font-weight\s*:\s*(normal|400)/i.test(style)) name = "";   // Google Docs wraps everything in such a one
    if (name === "p" && /\bMsoTitle\b/.test(element.className)) name = "h2";
    const outline = name === "p" ? /mso-outline-level\s*:\s*([1-3])/i.exec(style) : null;
    if (outline) name = `h${Number(outline[1]) + 1}`;
    if (name === "span" || name === "font") name = /font-weight\s*:\s*(bold|[6-9]00)/i.test(style) ? "strong" : /font-style\s*:\s*italic/i.test(style) ? "em" : "";
    if (name === "div" && ![...element.children].some(child => kBlock.test(child.localName))) name = "p";
    if (name === "p" && into.closest("td, th, li") && element.parentElement && [...element.parentElement.children].length === 1) name = "";
    if (name === "a" && !safeAddress(element.getAttribute("href"))) name = "";
    const kept = kKeep[name];
    let target = into;
    if (kept) {
        target = page.createElement(name);
        for (const attribute of kept) {
            const value = element.getAttribute(attribute);
            if (value !== null && !(attribute.endsWith("span") && value === "1")) target.setAttribute(attribute, value);
        }
        into.append(target);
    }
    for (const child of [...element.childNodes]) copy(child, target, state);
}

/// Addresses that a page may point to. Files on somebody's disk and scripts are none.
export function safeAddress(href: string | null): boolean {
    if (href === null) return false;
    const plain = href.replace(/[\u0000-\u0020]/g, "");
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(plain)?.[1]?.toLowerCase();
    return plain !== "" && !plain.startsWith("\\\\") && (scheme === undefined || ["http", "https", "mailto", "tel"].includes(scheme));
}

/// Words that stand loose between blocks get paragraphs of their own, if there are blocks at all.
function wrapLoose(out: Element): void {
    if (![...out.children].some(child => kBlock.test(child.localName))) return;
    let loose: Node[] = [];
    const flush = (before: Node | null): void => {
        if (loose.some(node => node.textContent?.trim())) {
            const paragraph = out.ownerDocument.createElement("p");
            out.insertBefore(paragraph, before);
            paragraph.append(...loose);
        } else for (const node of loose) node.parentNode?.removeChild(node);
        loose = [];
    };
    for (const node of [...out.childNodes]) {
        if (node.nodeType === 1 && kBlock.test((node as Element).localName)) flush(node); else loose.push(node);
    }
    flush(null);
}

interface Item { element: HTMLElement; list: string; level: number; ordered: boolean }

function wordItem(node: Node): Item | null {
    if (node.nodeType !== 1) return null;
    const element = node as HTMLElement;
    const found = /mso-list\s*:\s*(\w+)[^;]*\blevel(\d+)/i.exec(styleOf(element));
    if (!found || !/^(p|div|h\d)$/.test(element.localName)) return null;
    const marker = [...element.querySelectorAll("span")].find(span => /mso-list\s*:\s*ignore/i.test(styleOf(span)));
    const sign = (marker?.textContent ?? "").replace(/[\s\u00a0]/g, "");
    const symbolFont = [marker, marker?.parentElement].some(each => each && /wingdings|symbol/i.test(styleOf(each)));   // its "l" is a dot
    marker?.remove();
    const numbered = /^[(（]?([0-9０-９]+|[a-zA-Zａ-ｚ]|[ivxIVX]+|[ア-ンあ-ん一二三四五六七八九十])[.)）．、]?$/.test(sign) && !/^[oＯ○●・·§]$/.test(sign) || /^[①-⑳]$/.test(sign);
    return { element, list: found[1] as string, level: Math.min(9, Number(found[2])), ordered: numbered && !symbolFont };
}

/// Word writes a list as paragraphs with a mark typed in front; consecutive ones become real, nested lists.
function wordLists(root: Element): void {
    for (const parent of new Set([...root.querySelectorAll("p, div, h1, h2, h3")].filter(e => /mso-list/i.test(styleOf(e))).map(e => e.parentElement).filter((e): e is HTMLElement => e !== null))) {
        const lists: Element[] = [];
        let list = "";
        for (const node of [...parent.childNodes]) {
            if (node.nodeType === 8 || node.nodeType === 3 && !node.nodeValue?.trim()) continue;
            const item = wordItem(node);
            if (!item) { lists.length = 0; continue; }
            const page = parent.ownerDocument;
            if (item.list !== list && item.level === 1) lists.length = 0;
            list = item.list;
            lists.length = Math.min(lists.length, item.level);
            while (lists.length < item.level) {
                const fresh = page.createElement(item.ordered ? "ol" : "ul");
                const above = lists.at(-1);
                if (above) (above.lastElementChild ?? above.appendChild(page.createElement("li"))).append(fresh);
                else parent.insertBefore(fresh, item.element);
                lists.push(fresh);
            }
            const li = page.createElement("li");
            li.append(...item.element.childNodes);
            (lists.at(-1) as Element).append(li);
            item.element.remove();
        }
    }
}
