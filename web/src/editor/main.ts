// The editor island: makes <textarea data-behaviour="editor"> a rich-text editor. The textarea stays the form's field; it is filled
// when the form's data are asked for. Without this script the textarea shows the HTML itself.
// Attributes of the textarea: data-base-url (where relative picture addresses begin), data-pages-url and data-images-url (JSON lists,
// ?q=), data-upload-url (POST of a file), data-source-right (the person may edit the HTML of raw boxes).
import { baseKeymap } from "prosemirror-commands";
import { gapCursor } from "prosemirror-gapcursor";
import { history, redo, redoDepth, undo, undoDepth } from "prosemirror-history";
import { keymap } from "prosemirror-keymap";
import { DOMParser as DocParser, DOMSerializer, Fragment, Slice, type Node as Doc } from "prosemirror-model";
import { splitListItem } from "prosemirror-schema-list";
import { EditorState, NodeSelection, Plugin, type Command } from "prosemirror-state";
import { goToNextCell, isInTable, tableEditing } from "prosemirror-tables";
import { EditorView } from "prosemirror-view";
import { announce, make } from "../common/talk";
import { getAttribute, kNone } from "./attributes";
import { blockLevel, breakLine, chosenImage, isStrong, lift, linkPlace, listAt, putImage, removeLink, setLevel, setLink, setRaw, sink, toggleList, toggleStrong } from "./commands";
import { askImage, askLink, askSource, askTable } from "./dialogs";
import type { Reading } from "./origin";
import { filterPasted, kMostPasted, kMostRawPasted } from "./paste";
import { read, readFragment } from "./read";
import { schema } from "./schema";
import { insertTable, kTableTools } from "./tables";
import { tidy } from "./tidy";
import { Toolbar, type ToolGroup } from "./toolbar";
import { write } from "./write";
import { say } from "../common/language";

/// Marks what was copied inside this page, so that only that keeps its boxes and attributes when pasted.
const kNonce = crypto.getRandomValues(new Uint32Array(4)).join("-");

const isOwn = (html: string): boolean => html.includes(`data-yakuba="${kNonce}"`);

class Serializer extends DOMSerializer {
    override serializeFragment(fragment: Fragment, options?: { document?: Document }, target?: HTMLElement | DocumentFragment): HTMLElement | DocumentFragment {
        const out = super.serializeFragment(fragment, options, target);
        out.firstElementChild?.setAttribute("data-yakuba", kNonce);
        return out;
    }
}

class Parser extends DocParser {
    override parseSlice(dom: globalThis.Node, options?: Parameters<DocParser["parseSlice"]>[1]): Slice {
        const root = dom as Element;
        return isOwn(root.innerHTML ?? "") ? super.parseSlice(dom, options) : Slice.maxOpen(withoutBare(readFragment(root.innerHTML ?? "")));
    }
}

/// Loose words of a paste become paragraphs.
function withoutBare(fragment: Fragment): Fragment {
    const blocks: Doc[] = [];
    fragment.forEach(node => blocks.push(node.type.name === "paragraph" ? schema.node("paragraph", { x: node.attrs["x"] as string }, node.content) : node));
    return Fragment.from(blocks);
}

export function mountEditor(textarea: HTMLTextAreaElement): EditorView {
    const data = textarea.dataset;
    const base = new URL(data["baseUrl"] ?? ".", document.baseURI);
    let reading: Reading = read(textarea.value);
    const label = textarea.labels?.[0];
    if (label) label.id ||= `${textarea.id || "editor"}-label`;
    const name = label ? { "aria-labelledby": label.id } : { "aria-label": textarea.getAttribute("aria-label") ?? say("本文") };

    const parserRules = DocParser.fromSchema(schema).rules;
    const stateOf = (doc: Doc): EditorState => EditorState.create({
        doc,
        plugins: [
            tidy(() => reading.origins),
            keymap({
                "Enter": splitListItem(schema.nodes["list_item"]!), "Shift-Enter": breakLine, "Mod-Enter": breakLine,
                "Mod-b": toggleStrong, "Mod-z": undo, "Mod-y": redo, "Mod-Shift-z": redo, "Mod-]": sink, "Mod-[": lift,
                "Mod-Alt-0": setLevel(0), "Mod-Alt-2": setLevel(2), "Mod-Alt-3": setLevel(3), "Mod-Alt-4": setLevel(4),
                "Mod-k": (_s, _d, v) => { if (v) editLink(v); return true; },
                "Alt-F10": () => { toolbar.focus(); return true; },
                "Tab": goToNextCell(1), "Shift-Tab": goToNextCell(-1),
            }),
            keymap(baseKeymap),
            history(),
            gapCursor(),
            tableEditing(),
            new Plugin({ view: () => ({ update: v => toolbar?.update(v.state) }) }),
        ],
    });

    const said = make("p", { class: "editor__said", hidden: true });
    const tell = (words: string): void => {
        said.textContent = words;
        said.hidden = words === "";
        if (words) announce(words);
    };
    // A paste that is too much for one page is left out whole: the tab would stand still, and half a text is worse than none.
    let isRefused = false;
    const takeWithin = (clean: string): string => {
        isRefused = clean.length > kMostPasted;
        if (!isRefused) return clean;
        tell(say("貼り付けませんでした。一度に貼り付けられるのは、およそ{}文字までです。いくつかに分けて貼り付けるか、ページを分けてください", kMostPasted.toLocaleString("ja-JP")));
        return "";
    };
    const cleanPaste = (html: string): string => {
        tell("");
        isRefused = false;
        if (isOwn(html)) return html;
        if (html.length > kMostRawPasted) return takeWithin(html);
        const { html: clean, pictures } = filterPasted(html);
        const taken = takeWithin(clean);
        if (pictures > 0 && !isRefused) tell(say("画像{}件は貼り付けませんでした。［画像］から入れてください", pictures));
        return taken;
    };
    /// Whether what was pasted or dropped is dealt with already: a picture has its dialog, what was refused is left out.
    const isDone = (v: EditorView, data: DataTransfer | null): boolean => {
        if (isRefused) { isRefused = false; return true; }
        const files = [...data?.files ?? []];
        if (files.length === 0 || data?.types.includes("text/html")) return false;
        const image = files.find(each => each.type.startsWith("image/"));
        if (image) editImage(v, image);
        else tell(say("ここに入れられるファイルは画像だけです。そのほかのファイルは「添付ファイル」から添えてください"));
        return true;
    };

    const box = make("div", { class: "editor" });
    const view: EditorView = new EditorView({ mount: box.appendChild(make("div")) }, {
        state: stateOf(reading.doc),
        editable: () => !textarea.readOnly && !textarea.disabled,
        attributes: { id: `${textarea.id || "editor"}-text`, class: "editor__text", role: "textbox", "aria-multiline": "true", lang: "ja", spellcheck: "false", ...name,
            ...(textarea.getAttribute("aria-describedby") ? { "aria-describedby": textarea.getAttribute("aria-describedby") as string } : {}) },
        clipboardSerializer: new Serializer(DOMSerializer.nodesFromSchema(schema), DOMSerializer.marksFromSchema(schema)),
        transformPastedHTML: cleanPaste,
        transformPastedText: words => { tell(""); return takeWithin(words); },
        clipboardParser: new Parser(schema, parserRules),
        nodeViews: { image: node => ({ dom: picture(node, base) }) },
        handleDoubleClickOn: (_view, position, node) => openBox(view, node, position),
        handleKeyDown: (_view, event) => {
            const { selection } = view.state;
            return event.key === "Enter" && selection instanceof NodeSelection && openBox(view, selection.node, selection.from);
        },
        handlePaste: (_view, event) => isDone(view, event.clipboardData),
        handleDrop: (_view, event) => isDone(view, event.dataTransfer),
        dispatchTransaction(tr) {
            view.updateState(view.state.apply(tr));
            if (tr.docChanged) textarea.dispatchEvent(new Event("input", { bubbles: true }));
        },
    });

    const run = (command: Command) => (v: EditorView): void => { command(v.state, v.dispatch); v.focus(); };
    const can = (command: Command) => (state: EditorState): boolean => command(state);
    const editLink = (v: EditorView): void => {
        const place = linkPlace(v.state);
        const href = getAttribute(place.x || kNone, "href") ?? "";
        void askLink({ href, words: "", needsWords: place.from === place.to }, data["pagesUrl"] ?? "").then(answer => {
            if (answer) (answer.remove ? removeLink(place) : setLink(place, answer.href, answer.words))(v.state, v.dispatch);
            v.focus();
        });
    };
    const editImage = (v: EditorView, file: File | null = null): void => {
        const now = chosenImage(v.state);
        void askImage({ src: now ? getAttribute(now.x, "src") ?? "" : "", alt: now ? getAttribute(now.x, "alt") : null }, { list: data["imagesUrl"] ?? "", upload: data["uploadUrl"] ?? "" }, file).then(answer => {
            if (answer) putImage(answer.src, answer.alt)(v.state, v.dispatch);
            v.focus();
        });
    };
    const openBox = (v: EditorView, node: Doc, position: number): boolean => {
        if (node.type.name === "image") {
            v.dispatch(v.state.tr.setSelection(NodeSelection.create(v.state.doc, position)));
            editImage(v);
            return true;
        }
        if (!/^raw_/.test(node.type.name)) return false;
        if (data["sourceRight"] === undefined) { tell(say("この部品はそのまま保存されます。編集にはHTMLの編集権限が必要です")); return true; }
        void askSource(node.attrs["html"] as string).then(html => {
            if (html !== null) setRaw(position, html)(v.state, v.dispatch);
            v.focus();
        });
        return true;
    };
    const newTable = (v: EditorView): void => { void askTable().then(shape => { if (shape) insertTable(shape)(v.state, v.dispatch); v.focus(); }); };

    const level = (n: number, words: string): ToolGroup["tools"][number] =>
        ({ id: n === 0 ? "paragraph" : `heading${n}`, label: words, keys: `Ctrl+Alt+${n}`, run: run(setLevel(n)), possible: can(setLevel(n)), pressed: s => blockLevel(s) === n });
    const groups: ToolGroup[] = [
        { name: "block", tools: [level(0, say("段落")), level(2, say("見出し2")), level(3, say("見出し3")), level(4, say("見出し4"))] },
        { name: "inline", tools: [
            { id: "bold", label: say("太字"), keys: "Ctrl+B", run: run(toggleStrong), possible: can(toggleStrong), pressed: isStrong },
            { id: "link", label: say("リンク"), keys: "Ctrl+K", run: editLink, pressed: s => linkPlace(s).x !== "" }] },
        { name: "list", tools: [
            { id: "bullets", label: say("箇条書き"), run: run(toggleList("bullet_list")), possible: can(toggleList("bullet_list")), pressed: s => listAt(s) === "bullet_list" },
            { id: "numbers", label: say("番号付き"), run: run(toggleList("ordered_list")), possible: can(toggleList("ordered_list")), pressed: s => listAt(s) === "ordered_list" }] },
        { name: "insert", tools: [
            { id: "image", label: say("画像"), run: v => editImage(v) },
            { id: "table", label: say("表"), run: newTable, possible: s => !isInTable(s) }] },
        { name: "history", tools: [
            { id: "undo", label: say("元に戻す"), keys: "Ctrl+Z", run: run(undo), possible: s => undoDepth(s) > 0 },
            { id: "redo", label: say("やり直す"), keys: "Ctrl+Y", run: run(redo), possible: s => redoDepth(s) > 0 }] },
        { name: "table", shown: isInTable, tools: kTableTools.map(tool => ({ id: tool.id, label: tool.label, run: run(tool.run), possible: can(tool.run) })) },
    ];
    const toolbar: Toolbar = new Toolbar(view, groups);
    if (view.editable) box.prepend(make("div", { class: "editor__top" }, toolbar.element, said));
    box.append(make("div", { class: "editor__foot" },
        make("p", {}, say("改行は Shift+Enter、書式のボタンへは Alt+F10")), make("p", {}, say("灰色の枠は、そのまま保存される部品です"))));
    textarea.after(box);
    textarea.hidden = true;
    textarea.required = false;
    for (const note of document.querySelectorAll<HTMLElement>(`[data-editor-note="${textarea.id}"]`)) note.hidden = true;
    label?.addEventListener("click", () => view.focus());

    // The form's data are asked for by sending it and by autosave; only then is the source put together.
    const flush = (): string => {
        const html = write(view.state.doc, reading, read);
        textarea.value = html;
        return textarea.value;
    };
    textarea.form?.addEventListener("formdata", event => { if (textarea.name) event.formData.set(textarea.name, flush()); });
    textarea.addEventListener("yakuba:replaced", () => {
        reading = read(textarea.value);
        view.updateState(stateOf(reading.doc));
    });
    return view;
}

function picture(node: Doc, base: URL): HTMLElement {
    const x = node.attrs["x"] as string;
    const src = getAttribute(x, "src") ?? "";
    const alt = getAttribute(x, "alt");
    const image = make("img", { "data-x": x, alt: alt ?? "", ...(alt === null ? { class: "ed-no-alt", title: say("画像の説明がありません") } : {}) });
    for (const size of ["width", "height"]) { const value = getAttribute(x, size); if (value && /^\d+$/.test(value)) image.setAttribute(size, value); }
    try { const address = new URL(src, base); if (/^https?:$/.test(address.protocol)) image.src = address.href; } catch { /* no address: the words stand */ }
    return image;
}

for (const textarea of document.querySelectorAll<HTMLTextAreaElement>('textarea[data-behaviour~="editor"]')) {
    const view = mountEditor(textarea);
    Object.defineProperty(textarea, "yakubaView", { value: view });   // for tests and for the browser's console
}
