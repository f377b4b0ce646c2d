// Waits until a publication is really live. Asks data-receipt-url, quickly at first and then more slowly, until the answer
// {state: "waiting" | "placed" | "failed", message, html_url} is final or data-patience seconds (120) have passed. What the screen
// says beside it (data-refresh: the id of an element) is then taken anew from this address.
import { announce, getJson, make, text } from "../common/talk";
import { say } from "../common/language";
import { swapRegion } from "./swap";

/// Milliseconds before each question; the last one repeats.
export const kWaits = [200, 300, 500, 800, 1_300, 2_000, 3_000, 5_000];

export function liveWait(element: HTMLElement): void {
    const url = element.dataset["receiptUrl"];
    if (!url) { console.error("live-wait: data-receipt-url is missing"); return; }
    const patience = Number(element.dataset["patience"] ?? 120) * 1_000;
    const begun = Date.now();
    const finish = (state: string, words: string, link: string): void => {
        element.dataset["state"] = state;
        element.classList.toggle("notice--good", state === "placed");
        element.classList.toggle("notice--danger", state === "failed");
        const place = element.querySelector<HTMLElement>("[data-words]") ?? element;
        place.replaceChildren(words, ...(link ? [" ", make("a", { href: link }, say("公開ページを見る"))] : []));
        const rest = element.dataset["refresh"];
        if (rest && state !== "slow") void swapRegion(rest, location.href, { history: "none", keepFocus: true }).then(() => announce(words));
        else announce(words);
    };
    const ask = async (turn: number): Promise<void> => {
        if (!element.isConnected) return;
        let state = "waiting", words = "", link = "";
        try {
            const { status, body } = await getJson(url, 10_000);
            if (status === 200) { state = text(body["state"], "waiting"); words = text(body["message"]); link = text(body["html_url"]); }
        } catch { /* asked again below */ }
        if (state === "placed") return finish(state, words || say("公開されました。"), link);
        if (state === "failed") return finish(state, words || say("公開できませんでした。"), link);
        if (Date.now() - begun > patience) return finish("slow", say("公開に時間がかかっています。終わりしだいメールでお知らせします。この画面は閉じてもかまいません。"), "");
        setTimeout(() => void ask(turn + 1), kWaits[Math.min(turn, kWaits.length - 1)]);
    };
    void ask(0);
}
