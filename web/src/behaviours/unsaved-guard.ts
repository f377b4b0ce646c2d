// Asks before a form's unsaved words are left behind. With autosave on the same form, its word on what is saved counts.
// data-unsaved: words that the server has sent back are unsaved from the start.
export function unsavedGuard(element: HTMLElement): void {
    let unsaved = "unsaved" in element.dataset;
    element.addEventListener("input", () => { unsaved = true; });
    element.addEventListener("yakuba:save-state", event => { unsaved = (event as CustomEvent<{ unsaved: boolean }>).detail.unsaved; });
    element.addEventListener("submit", event => { if (!event.defaultPrevented) unsaved = false; });
    window.addEventListener("beforeunload", event => { if (unsaved && element.isConnected) event.preventDefault(); });
}
