// A file form shows how far it is, and the server's refusal without losing the rest of the form. A good answer is {location} to go
// to, or none, which reloads. The form's own action and enctype are used, so it works the same without script.
import { announce, csrfToken, make, text } from "../common/talk";
import { say } from "../common/language";

export function upload(element: HTMLElement): void {
    const form = element as HTMLFormElement;
    form.addEventListener("submit", event => {
        if (event.defaultPrevented) return;
        event.preventDefault();
        const bar = make("progress", { max: "100", value: "0", "aria-label": say("送信の進み具合") });
        const words = make("p", { class: "progress__text" }, say("送信しています… {}%", 0));
        const box = make("div", { class: "progress" }, bar, words);
        form.querySelector(".progress, .notice--danger")?.remove();
        form.append(box);
        const button = event.submitter as HTMLButtonElement | null;
        button?.setAttribute("aria-disabled", "true");
        void sendForm(form, new FormData(form, button), share => {
            bar.value = Math.floor(share * 100);
            words.textContent = share < 1 ? say("送信しています… {}%", Math.floor(share * 100)) : say("サーバで確かめています…");
        }).then(answer => {
            button?.removeAttribute("aria-disabled");
            if (answer.status >= 200 && answer.status < 300) {
                announce(say("送信しました"));
                const target = text(answer.body["location"]);
                if (target) location.assign(target); else location.reload();
                return;
            }
            const message = text(answer.body["message"]) || say("送信できませんでした。通信を確かめて、もう一度お試しください。");
            const notice = make("div", { class: "notice notice--danger" }, make("p", {}, message));
            box.replaceWith(notice);
            announce(message);
        });
    });
}

/// Sends a form by XMLHttpRequest (fetch tells no upload progress). Status 0: no answer.
export function sendForm(form: { action: string }, data: FormData, progress: (share: number) => void): Promise<{ status: number; body: Record<string, unknown> }> {
    return new Promise(resolve => {
        const request = new XMLHttpRequest();
        request.open("POST", form.action);
        request.timeout = 600_000;
        request.setRequestHeader("Accept", "application/json");
        request.setRequestHeader("X-CSRF-Token", csrfToken());
        request.upload.addEventListener("progress", event => { if (event.lengthComputable) progress(event.loaded / event.total); });
        request.addEventListener("loadend", () => {
            let body: Record<string, unknown> = {};
            try { body = JSON.parse(request.responseText) as Record<string, unknown>; } catch { /* not JSON: the status decides */ }
            resolve({ status: request.status, body: body ?? {} });
        });
        request.send(data);
    });
}
