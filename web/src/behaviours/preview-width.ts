// Radio buttons named "width" inside a .preview choose how wide the page is laid out; where the screen is narrower than that, the
// whole frame is shown smaller rather than cut. The choice is kept for the next preview.
const kKey = "yakuba.preview-width";
const kPixels: Record<string, number> = { phone: 375, tablet: 768, desktop: 1280 };

export function previewWidth(element: HTMLElement): void {
    const radios = [...element.querySelectorAll<HTMLInputElement>('input[type="radio"][name="width"]')];
    const stage = element.querySelector<HTMLElement>(".preview__stage");
    const frame = element.querySelector<HTMLElement>(".preview__frame");
    let kept: string | null = null;
    try { kept = localStorage.getItem(kKey); } catch { /* storage forbidden: the page's own choice stands */ }
    for (const radio of radios) if (radio.value === kept) radio.checked = true;

    const fit = (): void => {
        if (!stage || !frame) return;
        const style = getComputedStyle(stage);
        const room = stage.clientWidth - Number.parseFloat(style.paddingInlineStart) - Number.parseFloat(style.paddingInlineEnd);
        const wanted = kPixels[element.dataset["width"] ?? ""] ?? room;
        const share = Math.min(1, room / wanted);
        frame.style.transformOrigin = "0 0";
        frame.style.transform = share < 1 ? `scale(${share})` : "";
        frame.style.marginInlineEnd = share < 1 ? `${(share - 1) * wanted}px` : "";
        frame.style.blockSize = share < 1 ? `${36 / share}rem` : "";
        frame.style.marginBlockEnd = share < 1 ? `calc(36rem - ${36 / share}rem)` : "";
    };
    const apply = (): void => {
        const chosen = radios.find(radio => radio.checked)?.value ?? "desktop";
        element.dataset["width"] = chosen;
        try { localStorage.setItem(kKey, chosen); } catch { /* see above */ }
        fit();
    };
    element.addEventListener("change", apply);
    if (stage) new ResizeObserver(fit).observe(stage);
    apply();
}
