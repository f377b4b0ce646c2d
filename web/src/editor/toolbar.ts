// The toolbar, by the ARIA practice for toolbars: one tab stop, arrows move, Home and End, Escape goes back to the text.
import type { EditorState } from "prosemirror-state";
import type { EditorView } from "prosemirror-view";
import { make } from "../common/talk";
import { say } from "../common/language";

export interface Tool {
    id: string;
    label: string;
    keys?: string;                               ///< shown and told to screen readers: "Ctrl+B"
    run: (view: EditorView) => void;
    possible?: (state: EditorState) => boolean;
    pressed?: (state: EditorState) => boolean;   ///< a toggle: what it is now
}
export interface ToolGroup { name: string; tools: Tool[]; shown?: (state: EditorState) => boolean }

export class Toolbar {
    readonly element: HTMLElement;
    private readonly buttons: { tool: Tool; button: HTMLButtonElement }[] = [];
    private readonly groups: { group: ToolGroup; element: HTMLElement }[] = [];

    constructor(private readonly view: EditorView, groups: ToolGroup[]) {
        this.element = make("div", { class: "editor__toolbar", role: "toolbar", "aria-label": say("書式"), "aria-controls": view.dom.id });
        for (const group of groups) {
            const box = make("div", { class: `editor__group editor__group--${group.name}` });
            for (const tool of group.tools) {
                const button = make("button", { type: "button", class: `editor__tool editor__tool--${tool.id}`, tabindex: "-1", "data-tool": tool.id,
                    ...(tool.keys ? { title: say("{}（{}）", tool.label, tool.keys), "aria-keyshortcuts": tool.keys.replace("Ctrl", "Control") } : {}) }, tool.label);
                // The press must not take the selection away from the text.
                button.addEventListener("mousedown", event => event.preventDefault());
                button.addEventListener("click", () => {
                    this.rove(button, false);
                    if (button.getAttribute("aria-disabled") !== "true") tool.run(view);
                });
                box.append(button);
                this.buttons.push({ tool, button });
            }
            this.groups.push({ group, element: box });
            this.element.append(box);
        }
        this.buttons[0]?.button.setAttribute("tabindex", "0");
        this.element.addEventListener("keydown", event => this.key(event));
        this.update(view.state);
    }

    focus(): void { (this.buttons.find(b => b.button.tabIndex === 0) ?? this.buttons[0])?.button.focus(); }

    update(state: EditorState): void {
        for (const { group, element } of this.groups) element.hidden = group.shown ? !group.shown(state) : false;
        for (const { tool, button } of this.buttons) {
            button.setAttribute("aria-disabled", String(tool.possible ? !tool.possible(state) : false));
            if (tool.pressed) button.setAttribute("aria-pressed", String(tool.pressed(state)));
        }
        const stop = this.buttons.find(b => b.button.tabIndex === 0);
        if (!stop || stop.button.closest("[hidden]")) { const first = this.visible()[0]; if (first) this.rove(first, false); }
    }

    private visible(): HTMLButtonElement[] { return this.buttons.map(b => b.button).filter(b => !b.closest("[hidden]")); }

    private rove(to: HTMLButtonElement, focus: boolean): void {
        for (const { button } of this.buttons) button.tabIndex = button === to ? 0 : -1;
        if (focus) to.focus();
    }

    private key(event: KeyboardEvent): void {
        if (event.key === "Escape") { event.preventDefault(); this.view.focus(); return; }
        const all = this.visible();
        const at = all.indexOf(document.activeElement as HTMLButtonElement);
        const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
        if (next === undefined || at < 0) return;
        event.preventDefault();
        this.rove(all[(next + all.length) % all.length] as HTMLButtonElement, true);
    }
}
