// Gives the tests the editor's inner functions in a page, without a view.
import { EditorState } from "prosemirror-state";
import type { Node as Doc } from "prosemirror-model";
import { read } from "../src/editor/read";
import { clean, write } from "../src/editor/write";

export interface Outcome { same: boolean; blocks: number; raw: number; out: string; milliseconds: number }

/// Opens a region and writes it without a change.
function unchanged(source: string): Outcome {
    const begun = performance.now();
    const reading = read(source);
    const fresh = reading.doc.copy(reading.doc.content);
    const out = write(fresh, reading, read);
    let blocks = 0, raw = 0;
    reading.doc.descendants(node => { if (node.isBlock) { blocks++; if (node.type.name === "raw_block") raw++; } });
    return { same: out === source, blocks, raw, out, milliseconds: performance.now() - begun };
}

/// Types "変更" at the end of the n-th text block (counted over all) and writes; gives the result and what stood there.
function touched(source: string, n: number): { out: string; path: string; clean: string; total: number } {
    const reading = read(source);
    const places: number[] = [];
    const names: string[] = [];
    reading.doc.descendants((node: Doc, position: number) => { if (node.isTextblock) { places.push(position + 1 + node.content.size); names.push(node.type.name); } });
    const at = places[n % places.length] as number;
    const state = EditorState.create({ doc: reading.doc });
    const doc = state.apply(state.tr.insertText("変更", at)).doc;
    return { out: write(doc, reading, read), path: names[n % places.length] as string, clean: clean(doc, "doc"), total: places.length };
}

/// The share of blocks that stayed raw, with the beginnings of their sources.
function rawBlocks(source: string): string[] {
    const found: string[] = [];
    read(source).doc.descendants(node => { if (node.type.name === "raw_block") found.push((node.attrs["html"] as string).slice(0, 200)); });
    return found;
}

Object.assign(window, { harness: { unchanged, touched, rawBlocks } });
