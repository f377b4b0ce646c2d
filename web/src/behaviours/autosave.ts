// A form saves itself: JSON {version, fields} to data-autosave-url, with the CSRF header. The answer to 200 is {version}; to 409
// {message, conflict_url}: then saving stops and the link to the screen with both versions is shown. While nothing can be saved the
// words are kept in the browser's storage, and offered again when the page is next opened. Where the session has ended, saving goes on
// once the same person has signed in again in another window. data-unsaved: the server has sent back words that it has not saved.
import { announce, csrfToken, make, postJson, renewToken, text } from "../common/talk";
import { Saver, type Outcome, type State } from "../common/saver";
import { say } from "../common/language";

const kWords: Record<State, string> = {
    idle: "", dirty: say("未保存の変更があります"), saving: say("保存中"), saved: say("保存しました"),
    failed: say("保存できません"), conflict: say("保存できません"), stopped: say("保存できません"),
};

export function autosave(element: HTMLElement): void {
    const form = element as HTMLFormElement;
    const url = form.dataset["autosaveUrl"];
    if (!url) { console.error("autosave: data-autosave-url is missing"); return; }
    const version = form.querySelector<HTMLInputElement>('input[name="version"]');
    const place = form.querySelector<HTMLElement>("[data-save-state]") ?? form.appendChild(make("p", { class: "save-state" }));
    const key = `yakuba.unsaved:${url}`;
    let conflictUrl = "", hasEnded = false, told = "";

    const fields = (): Record<string, string> => {
        const found: Record<string, string> = {};
        for (const [name, value] of new FormData(form)) {
            if (typeof value === "string" && name !== "csrf" && name !== "version") found[name] = value;
        }
        return found;
    };
    const send = async (): Promise<Outcome> => {
        const words = fields();
        try {
            const post = () => postJson(url, { version: version?.value ?? "", fields: words }, csrfToken(form));
            let answer = await post();
            if (answer.status === 403 && await renewToken()) answer = await post();
            const message = text(answer.body["message"]);
            hasEnded = answer.status === 401;
            if (answer.status === 200) {
                if (version) version.value = text(answer.body["version"], version.value);
                forget(key);
                return { kind: "saved" };
            }
            keep(key, words);
            if (answer.status === 409) {
                conflictUrl = text(answer.body["conflict_url"]);
                return { kind: "conflict", message: message || say("ほかの人が先に保存しました") };
            }
            if (answer.status === 401) return { kind: "retry", message: message || say("ログインし直してください") };
            if (answer.status === 403) return { kind: "stop", message: message || say("ログインし直してください") };
            if (answer.status === 422 || answer.status === 413) return { kind: "stop", message: message || say("内容を確かめて、「下書きを保存」を押してください") };
            return { kind: "retry", message: message || say("しばらくして、もう一度保存します") };
        } catch {
            keep(key, words);
            hasEnded = false;
            return { kind: "retry", message: say("サーバにつながりません。入力した内容はこのパソコンに残しています") };
        }
    };
    const show = (state: State, message: string): void => {
        place.dataset["state"] = state;
        place.replaceChildren(kWords[state], message ? `。${message}` : "");
        if (state === "conflict" && conflictUrl) place.append(" ", make("a", { href: conflictUrl }, say("両方の版を見比べる")));
        if (state === "failed" && hasEnded) place.append(" ", make("a", { href: "/login", target: "_blank" }, say("ログイン画面を開く（別の窓）")));
        // A try that fails as the last one did is no news.
        const words = state === "failed" || state === "conflict" || state === "stopped" ? place.textContent ?? "" : "";
        if (words && words !== told) announce(words);
        if (words || state === "saved") told = words;
        form.dispatchEvent(new CustomEvent("yakuba:save-state", { bubbles: true, detail: { state, unsaved: saver.unsaved } }));
    };
    const saver = new Saver(send, show);

    form.addEventListener("input", () => saver.changed());
    form.addEventListener("change", () => saver.changed());
    const comeBack = (): void => { if (saver.state === "failed" && !document.hidden) void saver.now(); };
    window.addEventListener("focus", comeBack);
    document.addEventListener("visibilitychange", comeBack);
    form.addEventListener("yakuba:save", () => { saver.changed(); void saver.now(); });
    // A save on its way changes the version; a form sent beside it would be in conflict with its own author.
    form.addEventListener("submit", event => {
        const running = saver.rest();
        if (!running) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        const submitter = event.submitter;
        void running.then(() => form.requestSubmit(submitter));
    }, { capture: true });
    offerKept(form, key, fields(), () => saver.changed());
}

interface Kept { at: number; fields: Record<string, string> }

/// Storage may be full or forbidden; then the words are only on the screen, which the save state says already.
function keep(key: string, fields: Record<string, string>): void {
    try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields } satisfies Kept)); } catch { /* see above */ }
}
function forget(key: string): void { try { localStorage.removeItem(key); } catch { /* nothing was kept */ } }
function recall(key: string): Kept | null {
    try {
        const value = JSON.parse(localStorage.getItem(key) ?? "null") as Kept | null;
        return value && typeof value.at === "number" && typeof value.fields === "object" ? value : null;
    } catch { return null; }
}

/// `shown` is what the form holds: words that have come back by another way, such as the screen of a conflict, are not offered.
/// They are kept all the same until they are saved.
function offerKept(form: HTMLFormElement, key: string, shown: Record<string, string>, changed: () => void): void {
    const kept = recall(key), isUnsaved = "unsaved" in form.dataset;
    if (!kept) { if (isUnsaved) keep(key, shown); return; }
    const plain = (words: string | undefined): string | undefined => words?.replaceAll("\r\n", "\n");
    if (Object.entries(kept.fields).every(([name, words]) => plain(shown[name]) === plain(words))) { if (!isUnsaved) forget(key); return; }
    const when = new Date(kept.at).toLocaleString(document.documentElement.lang === "en" ? "en-GB" : "ja-JP", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });
    const take = make("button", { type: "button", class: "button button--small" }, say("取り戻す"));
    const drop = make("button", { type: "button", class: "button button--small button--plain" }, say("捨てる"));
    const notice = make("div", { class: "notice notice--caution", role: "status" },
        make("p", {}, say("{}に保存できなかった入力が、このパソコンに残っています。", when)), make("div", { class: "actions" }, take, drop));
    form.prepend(notice);
    take.addEventListener("click", () => {
        for (const [name, value] of Object.entries(kept.fields)) {
            const field = form.elements.namedItem(name);
            if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) field.checked = field.value === value;
            else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) {
                field.value = value;
                field.dispatchEvent(new CustomEvent("yakuba:replaced"));
            }
        }
        notice.remove();
        changed();
    });
    drop.addEventListener("click", () => { forget(key); notice.remove(); });
}
