// Says who else has this page open. Posts {version, unsaved} to data-presence-url every 10 s while the tab is seen; the answer is
// {others: [{name, unsaved}], newer: {name, url} | null}. Leaving the page takes the person off the list by a beacon.
import { announce, csrfToken, make, postJson, text } from "../common/talk";

const kEvery = 10_000;
const kShown = 4;

export interface Other { name: string; unsaved: boolean }

/// One sentence for the people in `others`, for the screen and the screen reader alike.
export function sentence(others: readonly Other[]): string {
    if (others.length === 0) return "";
    const names = others.slice(0, kShown).map(o => `${o.name}さん`).join("、") + (others.length > kShown ? `ほか${others.length - kShown}人` : "");
    const writing = others.filter(o => o.unsaved).map(o => `${o.name}さん`);
    return writing.length > 0 ? `${names}もこのページを開いています（${writing.join("、")}は編集中）` : `${names}もこのページを開いています`;
}

export function presence(element: HTMLElement): void {
    const url = element.dataset["presenceUrl"];
    if (!url) { console.error("presence: data-presence-url is missing"); return; }
    const form = element.closest("form") ?? document.querySelector<HTMLFormElement>('form[data-behaviour~="autosave"]');
    let unsaved = false;
    let said = "";
    form?.addEventListener("yakuba:save-state", event => { unsaved = (event as CustomEvent<{ unsaved: boolean }>).detail.unsaved; });

    const show = (others: Other[], newer: { name: string; url: string } | null): void => {
        const words = newer ? `${newer.name}さんが新しい版を保存しました` : sentence(others);
        if (words === said) return;
        said = words;
        const faces = others.slice(0, kShown).map(o => make("span", { class: "avatar", "aria-hidden": "true" }, o.name.slice(0, 1)));
        element.replaceChildren(...faces, ...(words ? [make("span", {}, words)] : []));
        if (newer) element.append(" ", make("a", { href: newer.url, target: "_blank" }, "新しい版を見る（別の窓）"));
        if (words) announce(words);
    };
    const ping = async (): Promise<void> => {
        if (document.hidden) return;
        try {
            const version = form?.querySelector<HTMLInputElement>('input[name="version"]')?.value ?? "";
            const { status, body } = await postJson(url, { version, unsaved }, csrfToken(form), kEvery);
            if (status !== 200) return;
            const others = (Array.isArray(body["others"]) ? body["others"] as Partial<Other>[] : []).map(o => ({ name: text(o.name), unsaved: o.unsaved === true }));
            const newer = body["newer"] as { name?: unknown; url?: unknown } | null | undefined;
            show(others, newer ? { name: text(newer.name), url: text(newer.url) } : null);
        } catch { /* no answer: the save state says so where it matters */ }
    };
    setInterval(() => void ping(), kEvery);
    document.addEventListener("visibilitychange", () => void ping());
    window.addEventListener("pagehide", () => {
        const leaving = new URLSearchParams({ leaving: "1", csrf: csrfToken(form) });
        navigator.sendBeacon(url, leaving);
    });
    void ping();
}
