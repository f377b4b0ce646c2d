// Says how long a text is and how long it may be (data-count-limit), counting what a reader would count as one character.
import { announce, debounce, make } from "../common/talk";
import { say } from "../common/language";

/// Characters as seen: a base letter with its marks, or an emoji of several code points, is one.
export function countCharacters(words: string): number {
    if (typeof Intl.Segmenter !== "function") return [...words].length;
    let number = 0;
    for (const _ of new Intl.Segmenter("ja", { granularity: "grapheme" }).segment(words)) number++;
    return number;
}

export function count(element: HTMLElement): void {
    const field = element as HTMLInputElement | HTMLTextAreaElement;
    const limit = Number(field.dataset["countLimit"] ?? 0);
    const place = make("span", { class: "field__count", id: `${field.id}-count` });
    field.after(place);
    field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), place.id].filter(Boolean).join(" "));
    const show = (): boolean => {
        const now = countCharacters(field.value);
        place.textContent = limit === 0 ? say("{}文字", now) : now > limit ? say("{}文字（{}文字多すぎます）", now, now - limit) : say("{}／{}文字", now, limit);
        place.classList.toggle("is-over", limit > 0 && now > limit);
        return limit > 0 && now > limit;
    };
    const speak = debounce(() => announce(place.textContent ?? ""), 1_000);
    field.addEventListener("input", () => { if (show()) speak(); });
    show();
}
