// A button copies data-copy, or the text of the element named in data-copy-from. Where the clipboard is closed to scripts (plain
// HTTP inside a town hall) the text is selected and copied the old way.
import { announce } from "../common/talk";
import { say } from "../common/language";

export function copy(element: HTMLElement): void {
    const label = element.textContent ?? "";
    element.addEventListener("click", () => {
        const source = element.dataset["copyFrom"] ? document.getElementById(element.dataset["copyFrom"]) : null;
        const words = element.dataset["copy"] ?? (source instanceof HTMLInputElement ? source.value : source?.textContent) ?? "";
        void write(words).then(done => {
            const said = done ? say("コピーしました") : say("コピーできませんでした。文字を選んで Ctrl+C を押してください");
            announce(said);
            element.dataset["copied"] = String(done);
            const place = element.querySelector("[data-label]") ?? element;
            place.textContent = said;
            setTimeout(() => { place.textContent = label; }, 3_000);
        });
    });
}

async function write(words: string): Promise<boolean> {
    try { await navigator.clipboard.writeText(words); return true; } catch { /* try the old way */ }
    const field = document.createElement("textarea");
    field.value = words;
    field.className = "spoken";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
}
