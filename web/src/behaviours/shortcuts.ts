// Keys for buttons: <button data-key="ctrl+s">. Works anywhere inside the element, in the editor too; on a Mac, Command is Ctrl.
export function keyName(event: Pick<KeyboardEvent, "ctrlKey" | "metaKey" | "shiftKey" | "altKey" | "key">): string {
    return [event.ctrlKey || event.metaKey ? "ctrl" : "", event.altKey ? "alt" : "", event.shiftKey ? "shift" : "", event.key.toLowerCase()].filter(Boolean).join("+");
}

export function shortcuts(element: HTMLElement): void {
    for (const target of element.querySelectorAll<HTMLElement>("[data-key]")) {
        target.setAttribute("aria-keyshortcuts", (target.dataset["key"] ?? "").replace("ctrl", "Control"));
    }
    document.addEventListener("keydown", event => {
        if (!element.isConnected || event.isComposing || event.defaultPrevented) return;
        const name = keyName(event);
        if (!name.startsWith("ctrl+")) return;
        const target = element.querySelector<HTMLElement>(`[data-key="${CSS.escape(name)}"]`);
        if (!target || document.querySelector("dialog[open]")) return;
        event.preventDefault();
        target.click();
    });
}
