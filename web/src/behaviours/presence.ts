// Says who else edits this page. Posts {version} to data-presence-url every 20 s while the tab is seen; the answer is
// {words, newer: {name, url} | null}, words being the sentence to show. Leaving the page takes the person off the list by a beacon.
import { announce, csrfToken, make, postJson, text } from "../common/talk";
import { say } from "../common/language";

const kEvery = 20_000;

export function presence(element: HTMLElement): void {
    const url = element.dataset["presenceUrl"];
    if (!url) { console.error("presence: data-presence-url is missing"); return; }
    const form = element.closest("form") ?? document.querySelector<HTMLFormElement>('form[data-behaviour~="autosave"]');
    let said = element.textContent ?? "";

    const show = (editing: string, newer: { name: string; url: string } | null): void => {
        const words = newer ? say("{}さんが新しい版を保存しました", newer.name) : editing;
        if (words === said) return;
        said = words;
        element.replaceChildren(...(words ? [make("span", {}, words)] : []));
        if (newer) element.append(" ", make("a", { href: newer.url, target: "_blank" }, say("新しい版を見る（別の窓）")));
        if (words) announce(words);
    };
    const ping = async (): Promise<void> => {
        if (document.hidden) return;
        try {
            const version = form?.querySelector<HTMLInputElement>('input[name="version"]')?.value ?? "";
            const { status, body } = await postJson(url, { version }, csrfToken(form), kEvery);
            if (status !== 200) return;
            const newer = body["newer"] as { name?: unknown; url?: unknown } | null | undefined;
            show(text(body["words"]), newer ? { name: text(newer.name), url: text(newer.url) } : null);
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
