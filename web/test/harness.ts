// Gives the tests the editor's inner functions in a page, without a view.
import { EditorState } from "prosemirror-state";
import type { Node as Doc } from "prosemirror-model";
import { canonical, canonicalHtml, parseInert } from "../src/editor/inert";
import { read } from "../src/editor/read";
import { write } from "../src/editor/write";

/// A word that no page holds.
export const kWord = "※改※";

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

/// Types kWord at the end of the n-th text block (counted over all) and writes; gives the result and what stood there.
function touched(source: string, n: number): { out: string; path: string } {
    const reading = read(source);
    const places: number[] = [];
    const names: string[] = [];
    reading.doc.descendants((node: Doc, position: number) => { if (node.isTextblock) { places.push(position + 1 + node.content.size); names.push(node.type.name); } });
    const at = places[n % places.length] as number;
    const state = EditorState.create({ doc: reading.doc });
    const doc = state.apply(state.tr.insertText(kWord, at)).doc;
    return { out: write(doc, reading, read), path: names[n % places.length] as string };
}

/// Is `out` the same page as `source` but for `word` and, perhaps, elements made for it?
function sameButFor(source: string, out: string, word: string): boolean {
    const body = parseInert(out);
    const wanted = canonicalHtml(source);
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (!node.nodeValue?.includes(word)) continue;
        const around = node.parentElement;
        node.nodeValue = node.nodeValue.replace(word, "");
        if (node.nodeValue === "") node.parentNode?.removeChild(node);
        for (let empty = around; empty && empty !== body && empty.childNodes.length === 0 && canonical(body.childNodes) !== wanted;) {
            const outer: HTMLElement | null = empty.parentElement;
            empty.remove();
            empty = outer;
        }
        break;
    }
    return canonical(body.childNodes) === wanted;
}

export interface Harness { unchanged: typeof unchanged; touched: typeof touched; sameButFor: typeof sameButFor }
Object.assign(window, { harness: { unchanged, touched, sameButFor } satisfies Harness });
