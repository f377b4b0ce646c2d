// Writes a changed paragraph back with as few changed characters as can be: what stands before and after the change keeps its own
// spelling (line breaks, entities, quotes, upper-case tags). `before` and `after` are the paragraph in our own spelling, unchanged
// and changed; `source` is `before` as its author wrote it. Pure.

/// <a id="x"/>: in XHTML an empty anchor; an HTML parser would leave it open over the rest of the page. The editor takes it as meant.
export function isEmptyAnchor(tag: string): boolean { return /^<a\s[^]*\/>$/i.test(tag) && !/\shref\s*=/i.test(tag); }

/// A tag, a comment, an entity, a run of white space or a character; `key` is equal for two spellings of the same thing.
interface Token { key: string; start: number; end: number }

const kToken = /<!--[^]*?-->|<\/?[a-zA-Z](?:"[^"]*"|'[^']*'|[^"'>])*>|&#?\w+;|[ \t\n\r\f]+|[^]/gu;
const kNamed: Record<string, string> = {
    nbsp: "\u00a0", amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", copy: "©", reg: "®", trade: "™", yen: "¥", times: "×", deg: "°", middot: "·", hellip: "…",
    mdash: "—", ndash: "–", lsquo: "‘", rsquo: "’", ldquo: "“", rdquo: "”", laquo: "«", raquo: "»", larr: "←", rarr: "→", uarr: "↑", darr: "↓", ensp: "\u2002", emsp: "\u2003", thinsp: "\u2009",
};

function decoded(entity: string): string {
    const number = /^&#(?:x([\da-f]+)|(\d+));$/i.exec(entity);
    if (!number) return kNamed[entity.slice(1, -1)] ?? entity;
    const code = number[1] ? Number.parseInt(number[1], 16) : Number(number[2]);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : entity;
}

function tagKey(tag: string): string {
    const [, slash, name, rest] = /^<(\/?)([^\s\/>]+)([^]*?)\/?>$/.exec(tag) as unknown as [string, string, string, string];
    const pairs = [...rest.matchAll(/([^\s=\/"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?/g)]
        .map(([, key, value]) => `${(key as string).toLowerCase()}=${(value ?? "").replace(/^(["'])(.*)\1$/s, "$2").replace(/&#?\w+;/g, decoded)}`);
    return `<${slash}${name.toLowerCase()} ${pairs.sort().join("\u0001")}>`;
}

function tokens(html: string, exact: boolean): Token[] {
    return [...html.matchAll(kToken)].flatMap(({ 0: text, index }) => {
        const first = text[0] as string;
        const key = text.length > 1 && first === "<" && !text.startsWith("<!") ? tagKey(text) : text.length > 1 && first === "&" ? decoded(text)
            : !exact && /^[ \t\n\r\f]/.test(first) ? " " : text;
        const token = { key, start: index, end: index + text.length };
        return isEmptyAnchor(text) ? [token, { key: tagKey("</a>"), start: token.end, end: token.end }] : [token];
    });
}

/// How many tokens of `source` hold the first `count` tokens of `before`, and how many of those `count` were found. White space in
/// the source that our spelling drops is passed over.
function follow(before: Token[], source: Token[], count: number): { ours: number; theirs: number } {
    let ours = 0, theirs = 0;
    let found = { ours: 0, theirs: 0 };
    while (ours < count && theirs < source.length) {
        if ((before[ours] as Token).key === (source[theirs] as Token).key) found = { ours: ++ours, theirs: ++theirs };
        else if ((source[theirs] as Token).key === " ") theirs++;
        else break;
    }
    return found;
}

/// `exact`: white space counts, as in <pre>; the newline right after its start tag does not.
export function patch(source: string, before: string, after: string, exact = false): string {
    if (before === after) return source;
    if (exact && source.startsWith("\n") && !before.startsWith("\n")) return `\n${patch(source.slice(1), before, after, true)}`;
    const old = tokens(before, exact), fresh = tokens(after, exact), written = tokens(source, exact);
    const most = Math.min(old.length, fresh.length);
    let head = 0, tail = 0;
    while (head < most && old[head]?.key === fresh[head]?.key) head++;
    while (tail < most - head && old.at(-1 - tail)?.key === fresh.at(-1 - tail)?.key) tail++;
    const first = follow(old, written, head);
    const last = follow([...old].reverse(), [...written].reverse(), tail);
    if (first.theirs + last.theirs > written.length) return after;
    const from = first.theirs === 0 ? 0 : (written[first.theirs - 1] as Token).end;
    const to = last.theirs === 0 ? source.length : (written[written.length - last.theirs] as Token).start;
    const newFrom = first.ours === 0 ? 0 : (fresh[first.ours - 1] as Token).end;
    const newTo = last.ours === 0 ? after.length : (fresh[fresh.length - last.ours] as Token).start;
    // White space at the source's own ends stands outside the words; keep it where the change reaches the end.
    const lead = first.theirs === 0 ? /^\s*/.exec(source.slice(from, to))?.[0] ?? "" : "";
    const trail = last.theirs === 0 ? /\s*$/.exec(source.slice(from, to).slice(lead.length))?.[0] ?? "" : "";
    return source.slice(0, from) + (exact ? "" : lead) + after.slice(newFrom, newTo) + (exact ? "" : trail) + source.slice(to);
}
