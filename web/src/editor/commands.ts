// What the toolbar and the keys do, apart from tables.
import { toggleMark } from "prosemirror-commands";
import { liftListItem, sinkListItem, wrapInList } from "prosemirror-schema-list";
import { AllSelection, NodeSelection, Selection, TextSelection, type Command, type EditorState, type Transaction } from "prosemirror-state";
import { Fragment, type MarkType, type NodeType, type ResolvedPos } from "prosemirror-model";
import { getAttribute, kNone, withAttribute } from "./attributes";
import { schema } from "./schema";

const type = (name: string): NodeType => schema.nodes[name] as NodeType;
const link = schema.marks["link"] as MarkType;

/// Makes the chosen text blocks paragraphs (level 0) or headings; their attributes stay.
export function setLevel(level: number): Command {
    return (state, dispatch) => {
        const { from, to } = state.selection;
        const wanted = level === 0 ? type("paragraph") : type("heading");
        let possible = false;
        state.doc.nodesBetween(from, to, node => { if (/^(paragraph|heading)$/.test(node.type.name)) possible = true; });
        if (!possible) return false;
        if (dispatch) {
            const tr = state.tr;
            state.doc.nodesBetween(from, to, (node, position, parent, index) => {
                if (!/^(paragraph|heading)$/.test(node.type.name) || !parent?.canReplaceWith(index, index + 1, wanted)) return;
                if (node.type === wanted && (level === 0 || node.attrs["level"] === level)) return;
                tr.setNodeMarkup(position, wanted, { x: node.attrs["x"] as string, o: node.attrs["o"] as string, ...(level > 0 ? { level } : {}) });
            });
            dispatch(tr.scrollIntoView());
        }
        return true;
    };
}

export function blockLevel(state: EditorState): number | null {
    const { parent } = state.selection.$from;
    return parent.type.name === "heading" ? parent.attrs["level"] as number : parent.type.name === "paragraph" ? 0 : null;
}

function enclosing($at: ResolvedPos, names: string[]): { depth: number; name: string } | null {
    for (let depth = $at.depth; depth > 0; depth--) {
        const name = $at.node(depth).type.name;
        if (names.includes(name)) return { depth, name };
        if (name === "table_cell" || name === "table_header") return null;
    }
    return null;
}

export function listAt(state: EditorState): string | null { return enclosing(asText(state).selection.$from, ["bullet_list", "ordered_list"])?.name ?? null; }

/// "Everything is chosen" as a choice of words, which the list commands understand.
function asText(state: EditorState): EditorState {
    if (!(state.selection instanceof AllSelection)) return state;
    return state.apply(state.tr.setSelection(TextSelection.between(Selection.atStart(state.doc).$from, Selection.atEnd(state.doc).$to)));
}

/// wrapInList leaves all chosen paragraphs in items of their own; each becomes plain words of its item, without <p>.
function oneItemEach(tr: Transaction): Transaction {
    const { from, to } = tr.selection;
    tr.doc.nodesBetween(from, to, (node, position, parent) => {
        if (node.type.name === "paragraph" && parent?.type.name === "list_item" && parent.childCount === 1) tr.setNodeMarkup(position, null, { ...node.attrs, bare: "li" });
    });
    return tr;
}

/// Into a list, out of it, or from one kind to the other.
export function toggleList(name: "bullet_list" | "ordered_list"): Command {
    return (given, dispatch) => {
        const state = asText(given);
        const around = enclosing(state.selection.$from, ["bullet_list", "ordered_list"]);
        if (around?.name === name) return liftListItem(type("list_item"))(state, dispatch);
        if (around) {
            const position = state.selection.$from.before(around.depth);
            dispatch?.(state.tr.setNodeMarkup(position, type(name), { x: kNone, o: state.doc.nodeAt(position)?.attrs["o"] as string }));
            return true;
        }
        return wrapInList(type(name))(state, dispatch && (tr => dispatch(oneItemEach(tr))));
    };
}
export const sink: Command = sinkListItem(type("list_item"));
export const lift: Command = liftListItem(type("list_item"));

export const toggleStrong: Command = toggleMark(schema.marks["strong"] as MarkType);
export function isStrong(state: EditorState): boolean {
    const { from, to, empty, $from } = state.selection;
    const strong = schema.marks["strong"] as MarkType;
    return empty ? strong.isInSet(state.storedMarks ?? $from.marks()) !== undefined : state.doc.rangeHasMark(from, to, strong);
}

export const breakLine: Command = (state, dispatch) => {
    if (!state.selection.$from.parent.inlineContent || state.selection.$from.parent.type.spec.code) return false;
    dispatch?.(state.tr.replaceSelectionWith(type("hard_break").create()).scrollIntoView());
    return true;
};

export interface LinkPlace { from: number; to: number; x: string; words: string }

/// The link in which the caret stands, or the selection as a place for one.
export function linkPlace(state: EditorState): LinkPlace {
    const { from, to, empty, $from } = state.selection;
    const mark = link.isInSet($from.marks()) ?? link.isInSet($from.nodeAfter?.marks ?? []);
    if (!mark) return { from, to, x: "", words: state.doc.textBetween(from, to) };
    let start = $from.start(), first = -1, last = -1;
    $from.parent.forEach((node, offset) => {
        if (!mark.isInSet(node.marks)) return;
        if (first < 0 && offset + node.nodeSize + $from.start() >= $from.pos) first = start + offset;
        if (first >= 0 && last <= start + offset || last < 0) last = start + offset + node.nodeSize;
    });
    if (!empty && (from < first || to > last)) return { from, to, x: mark.attrs["x"] as string, words: state.doc.textBetween(from, to) };
    return { from: first, to: last, x: mark.attrs["x"] as string, words: state.doc.textBetween(first, last) };
}

/// Links `place` to `href`; with `words` where nothing was chosen. An existing link keeps its other attributes.
export function setLink(place: LinkPlace, href: string, words: string): Command {
    return (state, dispatch) => {
        const mark = link.create({ x: withAttribute(place.x || kNone, "href", href) });
        const tr = state.tr;
        let { to } = place;
        if (place.from === to) { tr.insertText(words, place.from); to = place.from + words.length; }
        const old = state.doc.nodeAt(place.from)?.marks.find(m => m.type === link);
        tr.removeMark(place.from, to, link).addMark(place.from, to, old ? link.create({ ...old.attrs, x: mark.attrs["x"] as string }) : mark);
        dispatch?.(tr.setSelection(TextSelection.create(tr.doc, to)).removeStoredMark(link).scrollIntoView());
        return true;
    };
}

export function removeLink(place: LinkPlace): Command {
    return (state, dispatch) => { dispatch?.(state.tr.removeMark(place.from, place.to, link)); return true; };
}

export function chosenImage(state: EditorState): { x: string; position: number } | null {
    const { selection } = state;
    return selection instanceof NodeSelection && selection.node.type.name === "image" ? { x: selection.node.attrs["x"] as string, position: selection.from } : null;
}

export function putImage(src: string, alt: string): Command {
    return (state, dispatch) => {
        const chosen = chosenImage(state);
        let x = withAttribute(withAttribute(chosen?.x ?? kNone, "src", src), "alt", alt);
        if (chosen && getAttribute(chosen.x, "src") !== src) for (const stale of ["width", "height", "srcset", "sizes"]) x = withAttribute(x, stale, null);
        const node = type("image").create({ x });
        dispatch?.((chosen ? state.tr.setNodeMarkup(chosen.position, null, { x }) : state.tr.replaceSelectionWith(node, false)).scrollIntoView());
        return true;
    };
}

/// Replaces the chosen raw box's source; an empty source takes the box away.
export function setRaw(position: number, html: string): Command {
    return (state, dispatch) => {
        const node = state.doc.nodeAt(position);
        if (!node || !/^raw_/.test(node.type.name)) return false;
        const tr = state.tr;
        if (html.trim() === "") tr.delete(position, position + node.nodeSize);
        else tr.replaceWith(position, position + node.nodeSize, Fragment.from(node.type.create({ ...node.attrs, html }, null, node.marks)));
        dispatch?.(tr);
        return true;
    };
}
