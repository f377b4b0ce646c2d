// A form whose rows move comes back from the server whole; the person goes on at the button they have just pressed.
export function keepFocus(element: HTMLElement): void {
    const wanted = element.dataset["focus"];
    if (!wanted) return;
    const control = document.getElementById(wanted);
    control?.focus();
    control?.scrollIntoView({ block: "center" });
}
