// The editor's dialogs: link, image, table, and the source of a raw box. Native <dialog>, fields with labels, errors in words.
import { announce, debounce, getJson, make, text } from "../common/talk";
import { sendForm } from "../behaviours/upload";
import { safeAddress } from "./paste";
import { kMostColumns, kMostRows, type TableShape } from "./tables";
import { say } from "../common/language";

interface Field { label: string; control: HTMLElement; hint?: string }

let made = 0;

function field({ label, control, hint }: Field): HTMLElement {
    control.id ||= `editor-field-${++made}`;
    const box = make("div", { class: "field" }, make("label", { class: "field__label", for: control.id }, label));
    if (hint) {
        const words = make("span", { class: "field__hint", id: `${control.id}-hint` }, hint);
        control.setAttribute("aria-describedby", words.id);
        box.append(words);
    }
    box.append(control);
    return box;
}

function check(label: string, checked: boolean): { box: HTMLElement; input: HTMLInputElement } {
    const input = make("input", { type: "checkbox", checked });
    return { box: make("label", { class: "check" }, input, make("span", {}, label)), input };
}

/// Shows an error at a control, in words and to screen readers; "" takes it away.
function complain(control: HTMLElement, words: string): void {
    const id = `${control.id}-error`;
    document.getElementById(id)?.remove();
    control.toggleAttribute("aria-invalid", false);
    if (!words) return;
    control.setAttribute("aria-invalid", "true");
    control.before(make("span", { class: "field__error", id, role: "alert" }, words));
    control.setAttribute("aria-describedby", [`${control.id}-hint`, id].filter(each => document.getElementById(each)).join(" "));
    control.focus();
}

interface Asked<T> { title: string; body: HTMLElement[]; yes: string; result: () => T | null; more?: { label: string; value: T }; wide?: boolean }

/// Resolves with the result, or null when the person gave up. `result` returns null after complaining.
function open<T>(asked: Asked<T>): Promise<T | null> {
    const title = make("h2", { id: `editor-dialog-${++made}` }, asked.title);
    const give_up = make("button", { type: "button", class: "button" }, say("やめる"));
    const actions = make("div", { class: "actions" }, make("button", { type: "submit", class: "button button--primary" }, asked.yes), give_up);
    const form = make("form", { class: "dialog__body", novalidate: true }, title, ...asked.body, actions);
    const dialog = make("dialog", { class: asked.wide ? "dialog dialog--wide" : "dialog", "aria-labelledby": title.id }, form);
    document.body.append(dialog);
    return new Promise(resolve => {
        let answer: T | null = null;
        form.addEventListener("submit", event => {
            event.preventDefault();
            answer = asked.result();
            if (answer !== null) dialog.close();
        });
        give_up.addEventListener("click", () => dialog.close());
        if (asked.more) {
            const { label, value } = asked.more;
            const other = make("button", { type: "button", class: "button button--plain" }, label);
            other.addEventListener("click", () => { answer = value; dialog.close(); });
            actions.append(other);
        }
        dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
        dialog.showModal();
    });
}

export interface LinkAnswer { href: string; words: string; remove: boolean }

export function askLink(now: { href: string; words: string; needsWords: boolean }, pagesUrl: string): Promise<LinkAnswer | null> {
    const address = make("input", { class: "input", type: "text", inputmode: "url", value: now.href, autocomplete: "off", spellcheck: "false" });
    const words = make("input", { class: "input", type: "text", value: now.words });
    const body: HTMLElement[] = [];
    if (pagesUrl) {
        const search = make("input", { class: "input", type: "search", autocomplete: "off", autofocus: true });
        const picks = make("ul", { class: "picks", "aria-label": say("見つかったページ") });
        const look = debounce(() => void findPages(pagesUrl, search.value, picks, (url, title) => {
            address.value = url;
            if (now.needsWords && !words.value) words.value = title;
            complain(address, "");
            address.focus();
        }), 250);
        search.addEventListener("input", look);
        search.addEventListener("keydown", event => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); picks.querySelector("button")?.focus(); } });
        body.push(field({ label: say("サイト内のページを探す"), control: search, hint: say("題名の一部を入れてください") }), picks);
    }
    body.push(field({ label: say("リンク先（URL）"), control: address, hint: say("例：/kurashi/tennyu.html、https://www.example.jp/") }));
    if (now.needsWords) body.push(field({ label: say("リンクの文字"), control: words, hint: say("リンク先が分かる言葉にします（「こちら」は避けます）") }));
    return open<LinkAnswer>({
        title: now.href ? say("リンクの変更") : say("リンク"), body, yes: now.href ? say("変更する") : say("リンクを付ける"),
        ...(now.href ? { more: { label: say("リンクを外す"), value: { href: "", words: "", remove: true } } } : {}),
        result: () => {
            const href = address.value.trim();
            if (!safeAddress(href)) { complain(address, href ? say("このリンク先は使えません。http、https、mailto、tel か、サイト内のパスにしてください") : say("リンク先を入れてください")); return null; }
            if (now.needsWords && !words.value.trim()) { complain(words, say("リンクの文字を入れてください")); return null; }
            return { href, words: words.value.trim(), remove: false };
        },
    });
}

async function findPages(url: string, query: string, picks: HTMLElement, choose: (url: string, title: string) => void): Promise<void> {
    if (!query.trim()) { picks.replaceChildren(); return; }
    const { body } = await getJson(`${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(query.trim())}`).catch(() => ({ body: {} as Record<string, unknown> }));
    const pages = (Array.isArray(body["pages"]) ? body["pages"] : []) as { title?: unknown; url?: unknown }[];
    picks.replaceChildren(...pages.slice(0, 20).map(page => {
        const button = make("button", { type: "button", class: "pick" }, text(page.title), make("small", {}, text(page.url)));
        button.addEventListener("click", () => choose(text(page.url), text(page.title)));
        return make("li", {}, button);
    }));
    announce(pages.length > 0 ? say("{}件のページが見つかりました", pages.length) : say("ページが見つかりません"));
}

export interface ImageAnswer { src: string; alt: string }
interface Picture { url: string; alt: string; name: string }

export function askImage(now: { src: string; alt: string | null }, urls: { list: string; upload: string }, file: File | null = null): Promise<ImageAnswer | null> {
    let chosen: Picture | null = now.src ? { url: now.src, alt: now.alt ?? "", name: now.src } : null;
    const picks = make("ul", { class: "picks picks--images", "aria-label": say("画像を選ぶ") });
    const said = make("p", { class: "small", role: "status" }, chosen ? say("選んだ画像：{}", chosen.name) : say("画像を選んでください"));
    const alt = make("input", { class: "input", type: "text", value: now.alt ?? "" });
    const decoration = check(say("飾りの画像（説明がなくても内容が伝わる）"), now.src !== "" && now.alt === "");
    const address = make("input", { class: "input", type: "text", value: now.src, spellcheck: "false" });
    const choose = (picture: Picture): void => {
        chosen = picture;
        address.value = picture.url;
        if (!alt.value) alt.value = picture.alt;
        said.textContent = say("選んだ画像：{}", picture.name);
        for (const button of picks.querySelectorAll<HTMLElement>("button")) button.setAttribute("aria-pressed", String(button.dataset["url"] === picture.url));
    };
    const body: HTMLElement[] = [];
    if (urls.upload) {
        const input = make("input", { class: "input", type: "file", accept: "image/png,image/jpeg,image/gif,image/webp" });
        const send = async (picked: File): Promise<void> => {
            said.textContent = say("アップロードしています…");
            const data = new FormData();
            data.set("file", picked);
            const answer = await sendForm({ action: urls.upload }, data, share => { said.textContent = say("アップロードしています… {}%", Math.floor(share * 100)); });
            const url = text(answer.body["url"]);
            if (answer.status === 200 && url) choose({ url, alt: "", name: text(answer.body["name"], picked.name) });
            else complain(input, text(answer.body["message"]) || say("アップロードできませんでした。もう一度お試しください"));
        };
        input.addEventListener("change", () => { const picked = input.files?.[0]; complain(input, ""); if (picked) void send(picked); });
        body.push(field({ label: say("新しい画像をアップロード"), control: input, hint: say("PNG、JPEG、GIF、WebP") }));
        if (file) void send(file);
    }
    if (urls.list) {
        const search = make("input", { class: "input", type: "search", autocomplete: "off" });
        const look = async (): Promise<void> => {
            const { body: found } = await getJson(`${urls.list}${urls.list.includes("?") ? "&" : "?"}q=${encodeURIComponent(search.value.trim())}`).catch(() => ({ body: {} as Record<string, unknown> }));
            const images = (Array.isArray(found["images"]) ? found["images"] : []) as Record<string, unknown>[];
            picks.replaceChildren(...images.slice(0, 60).map(image => {
                const picture: Picture = { url: text(image["url"]), alt: text(image["alt"]), name: text(image["name"]) };
                const button = make("button", { type: "button", class: "pick", "data-url": picture.url, "aria-pressed": String(chosen?.url === picture.url) },
                    make("img", { src: text(image["thumb"]) || picture.url, alt: "" }), make("small", {}, picture.name));
                button.addEventListener("click", () => choose(picture));
                return make("li", {}, button);
            }));
        };
        search.addEventListener("input", debounce(() => void look(), 250));
        void look();
        body.push(field({ label: say("登録済みの画像から選ぶ"), control: search, hint: say("ファイル名や説明の一部で絞り込めます") }), picks);
    }
    if (!urls.list && !urls.upload) body.push(field({ label: say("画像の場所（URL）"), control: address }));
    body.push(said, field({ label: say("画像の説明（代替テキスト）"), control: alt, hint: say("画像が見えない人に、何が写っているかを伝える言葉") }), decoration.box);
    const enable = (): void => { alt.disabled = decoration.input.checked; if (alt.disabled) complain(alt, ""); };
    decoration.input.addEventListener("change", enable);
    enable();
    return open<ImageAnswer>({
        title: now.src ? say("画像の変更") : say("画像"), body, yes: now.src ? say("変更する") : say("画像を入れる"), wide: true,
        result: () => {
            const src = address.value.trim();
            if (!src || !safeAddress(src)) { said.textContent = say("画像を選んでください"); announce(say("画像を選んでください")); return null; }
            const words = alt.value.trim();
            if (!decoration.input.checked && !words) { complain(alt, say("画像の説明を入れるか、「飾りの画像」を選んでください")); return null; }
            return { src, alt: decoration.input.checked ? "" : words };
        },
    });
}

export function askTable(): Promise<TableShape | null> {
    const caption = make("input", { class: "input", type: "text" });
    const rows = make("input", { class: "input input--short", type: "number", min: "1", max: String(kMostRows), value: "3" });
    const columns = make("input", { class: "input input--short", type: "number", min: "1", max: String(kMostColumns), value: "3" });
    const headerRow = check(say("1行目を見出しにする"), true), headerColumn = check(say("1列目を見出しにする"), false);
    return open<TableShape>({
        title: say("表"), yes: say("表を入れる"),
        body: [field({ label: say("表の題名"), control: caption, hint: say("何の表かが分かる言葉。表の上に表示されます") }),
            make("div", { class: "row" }, field({ label: say("行の数"), control: rows }), field({ label: say("列の数"), control: columns })), headerRow.box, headerColumn.box],
        result: () => {
            for (const [control, most] of [[rows, kMostRows], [columns, kMostColumns]] as const) {
                const number = control.valueAsNumber;
                if (!Number.isInteger(number) || number < 1 || number > most) { complain(control, say("1から{}までの数を入れてください", most)); return null; }
            }
            return { caption: caption.value.trim(), rows: rows.valueAsNumber, columns: columns.valueAsNumber, headerRow: headerRow.input.checked, headerColumn: headerColumn.input.checked };
        },
    });
}

/// The source of a raw box. Empty means: take it away.
export function askSource(html: string): Promise<string | null> {
    const source = make("textarea", { class: "textarea textarea--code", spellcheck: "false" });
    source.value = html;
    return open<string>({ title: say("HTMLの編集"), body: [field({ label: say("この部品のHTML"), control: source, hint: say("空にすると、この部品を取り除きます") })], yes: say("反映する"), wide: true, result: () => source.value });
}
