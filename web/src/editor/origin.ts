// What the editor remembers of each block's place in the source, so that a block that nobody touched is written back exactly as it
// came, and a touched one changes no more than it must.
import type { Node as Doc } from "prosemirror-model";

export interface Origin {
    node: Doc;            ///< as it was read; "unchanged" means structurally equal to this
    parent: string;       ///< kind of the parent: "doc" or a tag name
    first: boolean;       ///< was the first child of its parent
    before: string;       ///< source between the previous sibling (or the parent's start tag) and this: white space, as a rule
    source: string;       ///< the whole block as written
    open: string; inner: string; close: string;   ///< its parts; open and close are empty for bare text and implied tags
    head: string;         ///< what stood before its first child
    tail: string;         ///< what stood between its last child and its end tag
    group: Doc[] | null;  ///< several blocks that share one piece of source, which is wrongly nested
}

export interface Reading {
    doc: Doc;
    origins: ReadonlyMap<string, Origin>;
    source: string;
    head: string;
    tail: string;         ///< white space after the last block
}
