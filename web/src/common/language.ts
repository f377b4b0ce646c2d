// The language of the screen (its lang attribute): the source speaks Japanese, english.ts has the other. Say only words of the
// program, never what somebody typed.
import { kEnglish } from "./english";

/// `japanese` as the reader has it, each "{}" replaced by the next value.
export function say(japanese: string, ...values: (string | number)[]): string {
    const isEnglish = typeof document !== "undefined" && document.documentElement.lang === "en";
    return fill(isEnglish ? kEnglish[japanese] ?? japanese : japanese, values);
}

export function fill(words: string, values: (string | number)[]): string {
    let next = 0;
    return words.replace(/\{\}/g, () => String(values[next++] ?? ""));
}
