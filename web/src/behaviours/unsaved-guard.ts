// Asks before a form's unsaved words are left behind. With autosave on the same form, its word on what is saved counts.
export function unsavedGuard(element: HTMLElement): void {
    let unsaved = false;
    element.addEventListener("input", () => { unsaved = true; });
    element.addEventListener("yakuba:save-state", event => { unsaved = (event as CustomEvent<{ unsaved: boolean }>).detail.unsaved; });
    element.addEventListener("submit", event => { if (!event.defaultPrevented) unsaved = false; });
    window.addEventListener("beforeunload", event => { if (unsaved && element.isConnected) event.preventDefault(); });
}
