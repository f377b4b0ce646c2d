// Menus: a <details> closes by Escape, by a click elsewhere and when focus leaves it; a link to a folded navigation becomes a
// button that opens and closes it. Without script the details open and close by themselves and the link shows its target.
export function menu(element: HTMLElement): void {
    if (element instanceof HTMLDetailsElement) {
        element.addEventListener("keydown", event => {
            if (event.key !== "Escape" || !element.open) return;
            element.open = false;
            element.querySelector<HTMLElement>("summary")?.focus();
        });
        element.addEventListener("focusout", event => {
            if (event.relatedTarget instanceof Node && !element.contains(event.relatedTarget)) element.open = false;
        });
        document.addEventListener("pointerdown", event => {
            if (event.target instanceof Node && !element.contains(event.target)) element.open = false;
        });
        return;
    }
    const target = document.getElementById(element.getAttribute("aria-controls") ?? "");
    if (!target) { console.error("menu: aria-controls names no element"); return; }
    const set = (open: boolean): void => { target.classList.toggle("is-open", open); element.setAttribute("aria-expanded", String(open)); };
    element.setAttribute("role", "button");
    set(false);
    element.addEventListener("click", event => {
        event.preventDefault();
        set(!target.classList.contains("is-open"));
        if (target.classList.contains("is-open")) target.querySelector<HTMLElement>("a")?.focus();
    });
    element.addEventListener("keydown", event => { if (event.key === " ") { event.preventDefault(); element.click(); } });
    target.addEventListener("keydown", event => { if (event.key === "Escape") { set(false); element.focus(); } });
}
