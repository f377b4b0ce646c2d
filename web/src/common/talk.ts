// How behaviours speak to the server (JSON, with the form's CSRF token) and to the reader (one polite live region).

/// The token that every changing request must carry; from the form if it has one, else from the page's head.
export function csrfToken(form?: HTMLElement | null): string {
    const field = form?.querySelector<HTMLInputElement>('input[name="csrf"]');
    return field?.value ?? document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/// After the session has ended and its person has signed in again in another window: takes the token from this address anew. False
/// when nobody, or somebody else, is signed in there.
export async function renewToken(): Promise<boolean> {
    const response = await fetch(location.href, { credentials: "same-origin", headers: { "Accept": "text/html" }, signal: AbortSignal.timeout(20_000) });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const said = (of: Document, name: string): string => of.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
    const token = said(page, "csrf-token");
    if (!response.ok || !token || token === said(document, "csrf-token") || said(page, "person") !== said(document, "person")) return false;
    for (const field of document.querySelectorAll<HTMLInputElement>('input[name="csrf"]')) field.value = token;
    document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
    return true;
}

export interface Answer { status: number; body: Record<string, unknown> }

/// Posts JSON. Resolves with any HTTP answer; rejects only when there was none within `patience` milliseconds.
export async function postJson(url: string, body: unknown, token: string, patience = 20_000): Promise<Answer> {
    const response = await fetch(url, {
        method: "POST", credentials: "same-origin", signal: AbortSignal.timeout(patience),
        headers: { "Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": token },
        body: JSON.stringify(body),
    });
    return { status: response.status, body: await readJson(response) };
}

export async function getJson(url: string, patience = 20_000): Promise<Answer> {
    const response = await fetch(url, { credentials: "same-origin", headers: { "Accept": "application/json" }, signal: AbortSignal.timeout(patience) });
    return { status: response.status, body: await readJson(response) };
}

/// An answer without readable JSON (a proxy's error page, a sign-in page) counts as an empty object.
async function readJson(response: Response): Promise<Record<string, unknown>> {
    try {
        const value: unknown = await response.json();
        return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
    } catch { return {}; }
}

export function text(value: unknown, otherwise = ""): string { return typeof value === "string" ? value : otherwise; }

/// Has a screen reader say `words` when it next pauses. The same words twice are said twice.
export function announce(words: string): void {
    const region = document.getElementById("live-region");
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = words; }, 50);
}

/// Makes an element: `make("p", {class: "quiet"}, "words", child)`. A value of false leaves the attribute out.
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string | boolean> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
}

/// Calls `run` once, `wait` milliseconds after the last call of what it returns.
export function debounce(run: () => void, wait: number): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return () => { clearTimeout(timer); timer = setTimeout(run, wait); };
}
