// A link or a form replaces one region (data-swap="id") instead of the whole page. The same URL is fetched with the header
// X-Swap: id; the server may answer the whole page or just the region. Afterwards focus stands on the region's first error or its
// heading, the live region says the new heading, the title follows, and Back works. Anything unexpected falls back to a full load.
import { announce, csrfToken } from "../common/talk";

export interface SwapOptions { history: "push" | "replace" | "none"; keepFocus: boolean; request?: RequestInit }

let remount: (root: ParentNode) => void = () => undefined;
export function setRemount(mount: (root: ParentNode) => void): void { remount = mount; }

let newest = 0;

/// Fetches `url` and replaces the region; false when the browser must load the page itself. A later call overtakes an earlier one.
export async function swapRegion(id: string, url: string, options: SwapOptions): Promise<boolean> {
    const mine = ++newest;
    const region = document.getElementById(id);
    if (!region) return false;
    region.setAttribute("aria-busy", "true");
    try {
        const response = await fetch(url, {
            credentials: "same-origin", signal: AbortSignal.timeout(20_000), ...options.request,
            headers: { "Accept": "text/html", "X-Swap": id, "X-CSRF-Token": csrfToken() },
        });
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        if (mine !== newest) return true;
        const fresh = page.getElementById(id);
        if (!fresh || !(response.ok || response.status === 422)) return false;
        const focused = options.keepFocus ? document.activeElement?.id : "";
        region.replaceWith(document.adoptNode(fresh));
        const title = page.querySelector("title")?.textContent;
        if (title) document.title = title;
        if (options.history === "push") history.pushState({ swap: id }, "", response.url);
        if (options.history === "replace") history.replaceState({ swap: id }, "", response.url);
        remount(fresh.parentElement ?? document);
        settle(fresh, focused ?? "", options.keepFocus);
        return true;
    } catch {
        return mine !== newest;
    } finally {
        document.getElementById(id)?.removeAttribute("aria-busy");
    }
}

function settle(region: HTMLElement, focused: string, keepFocus: boolean): void {
    const error = region.querySelector<HTMLElement>(".errors, [aria-invalid='true']");
    const heading = region.querySelector<HTMLElement>("h1, h2, h3, caption");
    const words = region.dataset["announce"] ?? (error ?? heading)?.textContent?.trim() ?? "";
    if (words) announce(words);
    if (keepFocus) {
        if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
        return;
    }
    const target = error ?? heading ?? region;
    if (!target.matches("a, button, input, select, textarea")) target.tabIndex = -1;
    target.focus();
}

export function swap(element: HTMLElement): void {
    const id = element.dataset["swap"];
    if (!id) { console.error("swap: data-swap is missing"); return; }
    if (element instanceof HTMLAnchorElement) {
        element.addEventListener("click", event => {
            if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
            event.preventDefault();
            const url = element.href;
            void swapRegion(id, url, { history: "push", keepFocus: false }).then(done => { if (!done) location.assign(url); });
        });
    } else if (element instanceof HTMLFormElement) {
        element.addEventListener("submit", event => {
            if (event.defaultPrevented) return;
            event.preventDefault();
            const submitter = event.submitter;
            const data = new FormData(element, submitter);
            const get = element.method === "get";
            const url = get ? withQuery(element.action, data) : element.action;
            const request: RequestInit = get ? {} : { method: "POST", body: element.enctype === "multipart/form-data" ? data : new URLSearchParams(plain(data)) };
            void swapRegion(id, url, { history: "push", keepFocus: false, request }).then(done => { if (!done) element.submit(); });
        });
    }
}

const plain = (data: FormData): [string, string][] => [...data].filter((entry): entry is [string, string] => typeof entry[1] === "string");

/// `action` with the form's filled fields as its query; empty fields and the CSRF token stay out of the address.
export function withQuery(action: string, data: FormData): string {
    const url = new URL(action);
    url.search = new URLSearchParams(plain(data).filter(([name, value]) => value !== "" && name !== "csrf")).toString();
    return url.toString();
}

if (typeof window !== "undefined") {
    window.addEventListener("popstate", event => {
        const id = (event.state as { swap?: string } | null)?.swap ?? document.querySelector<HTMLElement>("[data-swap]")?.dataset["swap"];
        if (!id || location.hash) return;
        void swapRegion(id, location.href, { history: "none", keepFocus: false }).then(done => { if (!done) location.reload(); });
    });
}
