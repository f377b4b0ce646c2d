// Tables: making one, and changing its rows, columns and headers. Rows and columns are prosemirror-tables' work; what it does not
// know (caption, thead, tbody) is seen to here.
import { addColumnAfter, addColumnBefore, addRowAfter, addRowBefore, deleteColumn, deleteRow, isInTable, mergeCells, splitCell, toggleHeader } from "prosemirror-tables";
import { TextSelection, type Command, type EditorState, type Transaction } from "prosemirror-state";
import type { Node as Doc, NodeType } from "prosemirror-model";
import { kNone } from "./attributes";
import { schema } from "./schema";
import { isHeaderRow } from "./write";
import { say } from "../common/language";

const type = (name: string): NodeType => schema.nodes[name] as NodeType;

export interface TableShape { caption: string; rows: number; columns: number; headerRow: boolean; headerColumn: boolean }

/// Limits that keep a slip of the finger from freezing the browser.
export const kMostRows = 100, kMostColumns = 20;

export function makeTable(shape: TableShape): Doc {
    const rows: Doc[] = [];
    for (let r = 0; r < shape.rows; r++) {
        const cells: Doc[] = [];
        for (let c = 0; c < shape.columns; c++) {
            const header = shape.headerRow && r === 0 || shape.headerColumn && c === 0;
            cells.push(type(header ? "table_header" : "table_cell").create(null, type("paragraph").create()));
        }
        rows.push(type("table_row").create(null, cells));
    }
    const table = type("table").create(null, rows);
    const caption = type("caption").create(null, shape.caption ? schema.text(shape.caption) : null);
    return type("table_wrap").create(null, shape.caption ? [caption, table] : [table]);
}

export function insertTable(shape: TableShape): Command {
    return (state, dispatch) => {
        if (!dispatch) return true;
        const table = makeTable(shape);
        const { $from } = state.selection;
        const emptyLine = $from.depth > 0 && $from.parent.type.name === "paragraph" && $from.parent.content.size === 0 && !isInTable(state);
        const at = emptyLine ? $from.before() : $from.depth > 0 ? $from.after() : $from.pos;
        const tr = emptyLine ? state.tr.replaceWith(at, $from.after(), table) : state.tr.insert(at, table);
        let first = -1;
        table.descendants((node, offset) => { if (first < 0 && node.type.name === "paragraph") first = at + 1 + offset + 1; return first < 0; });
        dispatch(tr.setSelection(TextSelection.create(tr.doc, first)).scrollIntoView());
        return true;
    };
}

/// Position and node of the table_wrap around the selection.
export function tableAround(state: EditorState): { position: number; wrap: Doc } | null {
    const { $from } = state.selection;
    for (let depth = $from.depth; depth > 0; depth--) {
        if ($from.node(depth).type.name === "table_wrap") return { position: $from.before(depth), wrap: $from.node(depth) };
    }
    return null;
}

const deleteTable: Command = (state, dispatch) => {
    const found = tableAround(state);
    if (!found) return false;
    dispatch?.(state.tr.delete(found.position, found.position + found.wrap.nodeSize).scrollIntoView());
    return true;
};

const toggleCaption: Command = (state, dispatch) => {
    const found = tableAround(state);
    if (!found) return false;
    const { position, wrap } = found;
    if (wrap.childCount > 1) dispatch?.(state.tr.delete(position + 1, position + 1 + wrap.child(0).nodeSize));
    else if (dispatch) {
        const tr = state.tr.insert(position + 1, type("caption").create());
        dispatch(tr.setSelection(TextSelection.create(tr.doc, position + 2)).scrollIntoView());
    }
    return true;
};

/// The first row becomes the table's head, or stops being it.
const toggleHeaderRow: Command = (state, dispatch) => {
    const found = tableAround(state);
    if (!found || !isInTable(state)) return false;
    return toggleHeader("row")(state, dispatch && ((tr: Transaction) => {
        const wrap = tr.doc.nodeAt(found.position) as Doc;
        const table = wrap.lastChild as Doc;
        const row = table.child(0);
        const at = found.position + 1 + (wrap.childCount > 1 ? wrap.child(0).nodeSize : 0) + 1;
        const head = isHeaderRow(row);
        const now = row.attrs["section"] as string | null;
        const inHead = now !== null && (JSON.parse(now) as { tag: string }).tag === "thead";
        const known = table.childCount > 1 && table.child(1).attrs["section"] !== null || now !== null;
        if (known && head !== inHead) {
            const section = head ? JSON.stringify({ tag: "thead", x: kNone, o: null }) : table.childCount > 1 ? table.child(1).attrs["section"] as string | null : null;
            tr.setNodeMarkup(at, null, { ...row.attrs, section });
        }
        dispatch(tr);
    }));
};

/// The table tools, in the order of the toolbar.
export const kTableTools: readonly { id: string; label: string; run: Command }[] = [
    { id: "row-before", label: say("上に行を追加"), run: addRowBefore },
    { id: "row-after", label: say("下に行を追加"), run: addRowAfter },
    { id: "column-before", label: say("左に列を追加"), run: addColumnBefore },
    { id: "column-after", label: say("右に列を追加"), run: addColumnAfter },
    { id: "row-delete", label: say("行を削除"), run: deleteRow },
    { id: "column-delete", label: say("列を削除"), run: deleteColumn },
    { id: "merge", label: say("セルを結合"), run: mergeCells },
    { id: "split", label: say("結合を解除"), run: splitCell },
    { id: "header-row", label: say("見出し行"), run: toggleHeaderRow },
    { id: "header-column", label: say("見出し列"), run: toggleHeader("column") },
    { id: "caption", label: say("表の題名"), run: toggleCaption },
    { id: "table-delete", label: say("表を削除"), run: deleteTable },
];
