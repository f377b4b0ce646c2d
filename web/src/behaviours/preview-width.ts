// Radio buttons named "width" inside a .preview set its width. The choice is kept for the next preview.
const kKey = "yakuba.preview-width";

export function previewWidth(element: HTMLElement): void {
    const radios = [...element.querySelectorAll<HTMLInputElement>('input[type="radio"][name="width"]')];
    let kept: string | null = null;
    try { kept = localStorage.getItem(kKey); } catch { /* storage forbidden: the page's own choice stands */ }
    for (const radio of radios) if (radio.value === kept) radio.checked = true;
    const apply = (): void => {
        const chosen = radios.find(radio => radio.checked)?.value ?? "desktop";
        element.dataset["width"] = chosen;
        try { localStorage.setItem(kKey, chosen); } catch { /* see above */ }
    };
    element.addEventListener("change", apply);
    apply();
}
