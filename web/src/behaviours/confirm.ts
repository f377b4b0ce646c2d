// A button asks before it acts, in a native dialog. data-confirm is the question, data-confirm-text what it means,
// data-confirm-yes the answer that names the act. Without script the form is sent, and the server asks.
import { make } from "../common/talk";
import { say } from "../common/language";

export function confirm(element: HTMLElement): void {
    const button = element as HTMLButtonElement;
    let agreed = false;
    button.addEventListener("click", event => {
        if (agreed) { agreed = false; return; }
        if (button.form && !button.formNoValidate && !button.form.reportValidity()) { event.preventDefault(); return; }
        event.preventDefault();
        void ask(button.dataset["confirm"] ?? say("よろしいですか"), button.dataset["confirmText"] ?? "", button.dataset["confirmYes"] ?? button.textContent?.trim() ?? say("はい"),
            button.classList.contains("button--danger")).then(yes => {
            if (!yes) return;
            agreed = true;
            button.click();
        });
    });
}

/// Resolves with true when the person chose the act. Focus begins on the harmless answer and returns where it was.
export function ask(question: string, meaning: string, yes: string, dangerous: boolean): Promise<boolean> {
    const heading = make("h2", { id: "confirm-title" }, question);
    const go = make("button", { value: "yes", class: `button button--primary${dangerous ? " button--danger" : ""}` }, yes);
    const stay = make("button", { value: "no", class: "button", autofocus: true }, say("やめる"));
    const form = make("form", { method: "dialog", class: "dialog__body" }, heading, ...(meaning ? [make("p", {}, meaning)] : []), make("div", { class: "actions" }, go, stay));
    const dialog = make("dialog", { class: "dialog", "aria-labelledby": "confirm-title" }, form);
    document.body.append(dialog);
    dialog.showModal();
    return new Promise(resolve => dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); }));
}
