// A form whose work takes long on a large site says so while it waits for the answer, with the seconds, and is not sent a second time.
// Without script the browser's own sign of loading is all there is.
import { announce, make } from "../common/talk";
import { say } from "../common/language";

const kPatience = 1_000;   // milliseconds; a quick answer says nothing

export function longWork(element: HTMLElement): void {
    const form = element as HTMLFormElement;
    const said = make("p", { class: "notice", hidden: true });
    let begun = 0, timer = 0;
    const tell = (): void => {
        const seconds = Math.round((Date.now() - begun) / 1_000);
        said.textContent = say("処理しています。ページが多いと1分ほどかかることがあります。このままお待ちください（{}秒）", seconds);
        if (said.hidden) announce(said.textContent);
        said.hidden = false;
    };
    const end = (): void => {
        clearInterval(timer);
        begun = 0;
        said.hidden = true;
        form.removeAttribute("aria-busy");
    };
    form.append(said);
    form.addEventListener("submit", event => {
        if (event.defaultPrevented) return;
        if (begun) { event.preventDefault(); return; }
        begun = Date.now();
        form.setAttribute("aria-busy", "true");
        timer = window.setInterval(tell, kPatience);
    });
    window.addEventListener("pageshow", event => { if (event.persisted) end(); });   // come back to by the browser's button
}
