// An element's attributes as one string (JSON of name and value pairs, in the order of the source), the form in which every node and
// mark of the editor carries what it does not know.
import { unshield } from "./inert";

export type Pair = [name: string, value: string];
export const kNone = "[]";

export function pairsOf(x: string): Pair[] { return x === kNone ? [] : JSON.parse(x) as Pair[]; }

/// Of an element made by parseInert.
export function attributesOf(element: Element): string {
    return JSON.stringify([...element.attributes].map((a): Pair => [unshield(a.name), a.value]));
}

export function getAttribute(x: string, name: string): string | null {
    return pairsOf(x).find(pair => pair[0] === name)?.[1] ?? null;
}

/// `x` with `name` set to `value`, in its place or at the end; null takes it out.
export function withAttribute(x: string, name: string, value: string | null): string {
    const pairs = pairsOf(x);
    const at = pairs.findIndex(pair => pair[0] === name);
    if (value === null) { if (at >= 0) pairs.splice(at, 1); }
    else if (at >= 0) pairs[at] = [name, value];
    else pairs.push([name, value]);
    return JSON.stringify(pairs);
}

export function escapeText(text: string): string {
    return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\u00a0", "&nbsp;");
}
export function escapeAttribute(value: string): string {
    return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("\u00a0", "&nbsp;");
}

export function openTag(name: string, x: string): string {
    return `<${name}${pairsOf(x).map(([n, v]) => ` ${n}="${escapeAttribute(v)}"`).join("")}>`;
}
