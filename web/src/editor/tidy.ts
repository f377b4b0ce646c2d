// Keeps the document's memory of its source true while it is edited: each origin has one owner (a split or copied block gives up
// origin and id), and header cells made here say what they head. In tables that nobody touches nothing is changed.
import { Plugin, type EditorState, type Transaction } from "prosemirror-state";
import type { Node as Doc } from "prosemirror-model";
import { getAttribute, withAttribute } from "./attributes";
import type { Origin } from "./origin";
import { isHeaderRow } from "./write";

type Origins = ReadonlyMap<string, Origin>;

export function tidy(origins: () => Origins): Plugin {
    return new Plugin({
        appendTransaction(transactions, _old, state) {
            if (!transactions.some(t => t.docChanged)) return null;
            const tr = state.tr;
            dropCopies(state, tr, origins());
            nameHeaders(tr, origins());
            return tr.docChanged ? tr : null;
        },
    });
}

function dropCopies(state: EditorState, tr: Transaction, origins: Origins): void {
    const owners = new Map<string, { node: Doc; position: number }[]>();
    state.doc.descendants((node, position) => {
        const o = node.attrs["o"] as string | null | undefined;
        if (!o || origins.get(o)?.group) return;
        const others = owners.get(o);
        if (others) others.push({ node, position }); else owners.set(o, [{ node, position }]);
    });
    for (const [o, found] of owners) {
        if (found.length < 2) continue;
        const true_owner = found.find(each => origins.get(o)?.node.eq(each.node)) ?? found[0];
        for (const { node, position } of found) {
            if (position === true_owner?.position) continue;
            const x = node.attrs["x"] as string | undefined;
            tr.setNodeMarkup(position, null, { ...node.attrs, o: null, ...(x === undefined ? {} : { x: withAttribute(x, "id", null) }) }, node.marks);
        }
    }
}

function nameHeaders(tr: Transaction, origins: Origins): void {
    tr.doc.descendants((wrap, position) => {
        if (wrap.type.name !== "table_wrap") return true;
        const origin = origins.get(wrap.attrs["o"] as string);
        if (origin && origin.node.eq(wrap)) return false;
        wrap.descendants((row, rowOffset) => {
            if (row.type.name !== "table_row") return row.type.name === "table";
            const column = isHeaderRow(row);
            row.forEach((cell, cellOffset) => {
                const before = origins.get(cell.attrs["o"] as string)?.node.type.name ?? null;
                const x = cell.attrs["x"] as string;
                const scope = getAttribute(x, "scope");
                const header = cell.type.name === "table_header";
                const made = before === null || before !== cell.type.name;   // new, or turned from a data cell into a header or back
                if (!made || header === (scope !== null)) return;
                tr.setNodeMarkup(position + 1 + rowOffset + 1 + cellOffset, null, { ...cell.attrs, x: withAttribute(x, "scope", header ? column ? "col" : "row" : null) });
            });
            return false;
        });
        return true;
    });
}
