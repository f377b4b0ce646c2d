// Numbers beside the lines of a code field, because messages name a line. For the eye only: a screen reader gets the line from the
// message and the field as it is.
export function lineNumbers(element: HTMLElement): void {
    if (!(element instanceof HTMLTextAreaElement)) return;
    const frame = document.createElement("div");
    frame.className = "code";
    const gutter = document.createElement("div");
    gutter.className = "code__lines";
    gutter.setAttribute("aria-hidden", "true");
    element.replaceWith(frame);
    frame.append(gutter, element);
    let shown = 0;
    const renew = (): void => {
        const count = element.value.split("\n").length;
        if (count !== shown) gutter.textContent = Array.from({ length: count }, (_, line) => line + 1).join("\n");
        shown = count;
        gutter.scrollTop = element.scrollTop;
    };
    element.addEventListener("input", renew);
    element.addEventListener("scroll", renew);
    renew();
}
