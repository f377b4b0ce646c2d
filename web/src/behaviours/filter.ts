// A filter form renews its list (data-swap="id") while one types or chooses, 300 ms after the last change. Focus and caret stay.
// The form's button remains: it is the way without script.
import { debounce } from "../common/talk";
import { swapRegion, withQuery } from "./swap";

export function filter(element: HTMLElement): void {
    const form = element as HTMLFormElement;
    const id = form.dataset["swap"];
    if (!id) { console.error("filter: data-swap is missing"); return; }
    let composing = false;
    const renew = (): void => {
        const url = withQuery(form.action, new FormData(form));
        void swapRegion(id, url, { history: "replace", keepFocus: true }).then(done => { if (!done) location.assign(url); });
    };
    const later = debounce(renew, 300);
    form.addEventListener("compositionstart", () => { composing = true; });
    form.addEventListener("compositionend", () => { composing = false; later(); });
    form.addEventListener("input", () => { if (!composing) later(); });
    form.addEventListener("submit", event => { event.preventDefault(); renew(); });
}
