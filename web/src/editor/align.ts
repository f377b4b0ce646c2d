// Ties each node of the browser's tree to its place in the source, as far as both trees agree. Where the source is broken (wrong
// nesting), the disagreeing children between an agreeing beginning and end become one group that is kept or rewritten as a whole.
import { scan, type SourceNode } from "./scan";

export interface Group { nodes: Node[]; start: number; end: number }
export interface Alignment { place: Map<Node, SourceNode>; group: Map<Node, Group>; whole: Set<Node> }

/// `whole` holds the parents all of whose children have a place or a group.
export function align(parent: Node, source: string): Alignment {
    const found: Alignment = { place: new Map(), group: new Map(), whole: new Set() };
    alignChildren(parent, scan(source), source, found);
    return found;
}

function same(node: Node, place: SourceNode, source: string): boolean {
    if (node.nodeType === 1) return place.kind === "element" && (node as Element).localName.toLowerCase() === place.name;
    if (node.nodeType === 8) return place.kind === "comment";
    if (node.nodeType !== 3 || place.kind !== "text") return false;
    const text = source.slice(place.start, place.end);
    if (/[&<\0\r]/.test(text)) return true;
    const seen = node.nodeValue ?? "";
    return seen === text || "\n" + seen === text;   // the newline right after <pre> is no text
}

function deepSame(node: Node, place: SourceNode, source: string): boolean {
    if (!same(node, place, source)) return false;
    const nodes = childrenOf(node);
    return nodes.length === place.children.length && nodes.every((child, i) => deepSame(child, place.children[i] as SourceNode, source));
}

/// A template's children stand in its content; nobody edits them, so they are not looked at.
function childrenOf(node: Node): Node[] { return node.nodeName === "TEMPLATE" ? [] : [...node.childNodes]; }

function alignChildren(parent: Node, places: SourceNode[], source: string, found: Alignment): void {
    const nodes = childrenOf(parent);
    const pair = (node: Node, place: SourceNode): void => {
        found.place.set(node, place);
        if (place.kind === "element") alignChildren(node, place.children, source, found);
    };
    if (nodes.length === places.length && nodes.every((node, i) => same(node, places[i] as SourceNode, source))) {
        nodes.forEach((node, i) => pair(node, places[i] as SourceNode));
        found.whole.add(parent);
        return;
    }
    const most = Math.min(nodes.length, places.length);
    let first = 0, last = 0;
    while (first < most && deepSame(nodes[first] as Node, places[first] as SourceNode, source)) first++;
    while (last < most - first && deepSame(nodes.at(-1 - last) as Node, places.at(-1 - last) as SourceNode, source)) last++;
    while (first > 0 && (nodes.length - last <= first || places.length - last <= first)) first--;
    while (last > 0 && (nodes.length - last <= first || places.length - last <= first)) last--;
    if (nodes.length - last <= first || places.length - last <= first) return;
    for (let i = 0; i < first; i++) pair(nodes[i] as Node, places[i] as SourceNode);
    for (let i = 1; i <= last; i++) pair(nodes.at(-i) as Node, places.at(-i) as SourceNode);
    const middle = nodes.slice(first, nodes.length - last);
    const group: Group = { nodes: middle, start: (places[first] as SourceNode).start, end: (places[places.length - last - 1] as SourceNode).end };
    for (const node of middle) found.group.set(node, group);
    found.whole.add(parent);
}
