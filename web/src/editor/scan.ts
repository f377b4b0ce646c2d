// Where in the source does each element stand? The browser's parser does not tell, so this reads the source by the same rules for the
// common cases (void elements, raw text, end tags that may be left out, implied tbody) and gives a tree with offsets. It need not be
// right everywhere: align.ts compares it with the browser's own tree and believes only what agrees.

import { isEmptyAnchor } from "./patch";

export interface SourceNode {
    kind: "element" | "text" | "comment";
    name: string;               ///< lower case; empty for text and comments
    start: number; end: number; ///< the whole node, end tag included; for an implied end, up to what ended it
    innerStart: number; innerEnd: number;
    children: SourceNode[];
}

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));
const kVoid = words("area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr");
const kRawText = words("script style xmp iframe noembed noframes textarea title");
const kClosesParagraph = words("address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr listing main menu nav ol p plaintext pre search section summary table ul xmp");
const kHeadings = words("h1 h2 h3 h4 h5 h6");
const kSections = words("thead tbody tfoot");
/// An end tag does not reach out of these.
const kBarrier = words("table td th caption template object marquee applet button");
const kSpecial = words("address applet area article aside blockquote br button caption center col colgroup dd details dir div dl dt embed fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr iframe img input li link listing main marquee menu meta nav noembed noframes noscript object ol p param plaintext pre script search section select source style summary table tbody td template textarea tfoot th thead title tr track ul wbr xmp");
const kIgnored = words("html head body frameset frame");

const kTag = /<(\/?)([a-zA-Z][^\s\/>]*)((?:"[^"]*"|'[^']*'|[^"'>]|"(?=[^"]*$)|'(?=[^']*$))*)>/y;

/// The tree of `source` as the content of a body.
export function scan(source: string): SourceNode[] {
    const root: SourceNode = { kind: "element", name: "", start: 0, end: source.length, innerStart: 0, innerEnd: source.length, children: [] };
    const stack: SourceNode[] = [root];
    const top = (): SourceNode => stack[stack.length - 1] as SourceNode;

    const addText = (start: number, end: number): void => {
        if (end <= start) return;
        const last = top().children.at(-1);
        if (last?.kind === "text") last.end = last.innerEnd = end;
        else top().children.push({ kind: "text", name: "", start, end, innerStart: start, innerEnd: end, children: [] });
    };
    const open = (name: string, start: number, end: number): void => {
        const node: SourceNode = { kind: "element", name, start, end, innerStart: end, innerEnd: end, children: [] };
        top().children.push(node);
        stack.push(node);
    };
    /// Closes the innermost element and everything above it down to stack index `at`; the end tag is [start, end).
    const closeTo = (at: number, start: number, end: number): void => {
        while (stack.length > at) {
            const node = stack.pop() as SourceNode;
            node.innerEnd = start;
            node.end = stack.length === at ? end : start;
        }
    };
    /// The stack index of the innermost `name`, not looking past what `stops` says; -1 when there is none.
    const find = (names: ReadonlySet<string>, stops: (name: string) => boolean): number => {
        for (let at = stack.length - 1; at > 0; at--) {
            const name = (stack[at] as SourceNode).name;
            if (names.has(name)) return at;
            if (stops(name)) return -1;
        }
        return -1;
    };
    const closeImplied = (name: string, at: number): void => {
        const close = (names: ReadonlySet<string>, stops: (n: string) => boolean): void => {
            const found = find(names, stops);
            if (found > 0) closeTo(found, at, at);
        };
        const barrier = (n: string): boolean => kBarrier.has(n);
        if (kClosesParagraph.has(name)) close(words("p"), barrier);
        if (kHeadings.has(name) && kHeadings.has(top().name)) closeTo(stack.length - 1, at, at);
        const special = (n: string): boolean => kSpecial.has(n) && n !== "address" && n !== "div" && n !== "p";
        if (name === "li") { close(words("li"), special); close(words("p"), barrier); }
        if (name === "dt" || name === "dd") { close(words("dt dd"), special); close(words("p"), barrier); }
        if (name === "option" || name === "optgroup") close(words("option"), n => n !== "option");
        if (name === "rt" || name === "rp") close(words("rt rp"), n => n === "ruby");
        if (name === "button") close(words("button"), n => kBarrier.has(n) && n !== "button");
        if (name === "a" || name === "nobr") close(words(name), barrier);
        const inTable = (n: string): boolean => n === "table";
        if (name === "td" || name === "th") close(words("td th"), inTable);
        if (name === "tr") { close(words("td th"), inTable); close(words("tr"), inTable); }
        if (kSections.has(name) || name === "caption" || name === "colgroup") {
            for (const inner of ["td th", "tr", "thead tbody tfoot", "caption", "colgroup"]) close(words(inner), inTable);
        }
        if (top().name === "colgroup" && name !== "col" && name !== "template") closeTo(stack.length - 1, at, at);
        if (name === "tr" && top().name === "table") open("tbody", at, at);
        if ((name === "td" || name === "th") && top().name === "table") open("tbody", at, at);
        if ((name === "td" || name === "th") && kSections.has(top().name)) open("tr", at, at);
        if (name === "col" && top().name === "table") open("colgroup", at, at);
    };

    let at = 0;
    while (at < source.length) {
        const next = source.indexOf("<", at);
        if (next < 0) { addText(at, source.length); break; }
        addText(at, next);
        at = next;
        if (source.startsWith("<!--", at)) {
            const short = /^<!--(-?>)/.exec(source.slice(at, at + 6));
            const found = short ? at + 4 : source.indexOf("-->", at + 4);
            const end = short ? at + short[0].length : found < 0 ? source.length : found + 3;
            top().children.push({ kind: "comment", name: "", start: at, end, innerStart: at, innerEnd: end, children: [] });
            at = end;
            continue;
        }
        if (/^<[!?]|^<\/[^a-zA-Z]/.test(source.slice(at, at + 3))) {
            const found = source.indexOf(">", at);
            const end = found < 0 ? source.length : found + 1;
            if (!/^<!doctype/i.test(source.slice(at, at + 9)) && !source.startsWith("</>", at)) {
                top().children.push({ kind: "comment", name: "", start: at, end, innerStart: at, innerEnd: end, children: [] });
            }
            at = end;
            continue;
        }
        kTag.lastIndex = at;
        const tag = kTag.exec(source);
        if (!tag) { addText(at, at + 1); at++; continue; }
        const end = at + tag[0].length;
        const name = (tag[2] as string).toLowerCase();
        const foreign = find(words("svg math"), () => false) > 0;
        if (kIgnored.has(name)) { at = end; continue; }
        if (tag[1] === "/") {
            if (kVoid.has(name) && name !== "br") { at = end; continue; }
            const wanted = kHeadings.has(name) ? kHeadings : words(name);
            const found = find(wanted, n => n !== name && kBarrier.has(n) && !["table", "thead", "tbody", "tfoot", "tr"].includes(name) || n === "table" && name !== "table");
            if (found > 0) closeTo(found, at, end);
            else if (name === "p" || name === "br") { closeImplied(name, at); open(name, at, end); closeTo(stack.length - 1, end, end); }
            at = end;
            continue;
        }
        if (!foreign) closeImplied(name, at);
        open(name, at, end);
        if (!foreign && isEmptyAnchor(tag[0])) closeTo(stack.length - 1, end, end);
        else if (foreign ? /\/\s*$/.test(tag[3] as string) : kVoid.has(name) || (name === "svg" || name === "math") && /\/\s*$/.test(tag[3] as string)) {
            closeTo(stack.length - 1, end, end);
        } else if (!foreign && kRawText.has(name)) {
            const closer = new RegExp(`</${name}(?=[\\s/>])[^>]*>`, "gi");
            closer.lastIndex = end;
            const found = closer.exec(source);
            addText(end, found ? found.index : source.length);
            closeTo(stack.length - 1, found ? found.index : source.length, found ? found.index + found[0].length : source.length);
            at = found ? found.index + found[0].length : source.length;
            continue;
        }
        at = end;
    }
    closeTo(1, source.length, source.length);
    return root.children;
}
