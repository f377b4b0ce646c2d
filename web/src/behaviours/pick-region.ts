// A click in the sandboxed preview of a page chooses the element that is to be edited. The preview is another origin and runs a script of
// ours only; it says by a message which element it was, and the office opens its own screen for it. Nothing else that comes by message is
// believed. data-pick-url is what the number is put behind, data-pick-note the hint that is shown because this works.

export function pickRegion(element: HTMLElement): void {
    const frame = element as HTMLIFrameElement;
    const note = document.getElementById(frame.dataset["pickNote"] ?? "");
    if (note) note.hidden = false;
    window.addEventListener("message", event => {
        // A sandboxed frame without an origin of its own says "null", and so could others: the window is what counts.
        if (event.source !== frame.contentWindow || event.origin !== "null") return;
        const node = readNode(event.data);
        if (node !== null) location.assign(`${frame.dataset["pickUrl"] ?? ""}${node}`);
    });
}

/// The number in a message of the preview; null for everything else.
export function readNode(data: unknown): number | null {
    if (typeof data !== "object" || data === null) return null;
    const { yakuba, node } = data as { yakuba?: unknown; node?: unknown };
    return yakuba === "region" && typeof node === "number" && Number.isSafeInteger(node) && node > 0 ? node : null;
}
