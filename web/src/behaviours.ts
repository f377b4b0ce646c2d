// The table of all behaviours. An element asks for one by data-behaviour="name", or for several, parted by blanks.
// To add one: write behaviours/NAME.ts, whose mount improves an element that works without script, and name it in the table.
import { autosave } from "./behaviours/autosave";
import { confirm } from "./behaviours/confirm";
import { copy } from "./behaviours/copy";
import { count } from "./behaviours/count";
import { filter } from "./behaviours/filter";
import { keepFocus } from "./behaviours/keep-focus";
import { lineNumbers } from "./behaviours/line-numbers";
import { liveWait } from "./behaviours/live-wait";
import { longWork } from "./behaviours/long-work";
import { menu } from "./behaviours/menu";
import { pickRegion } from "./behaviours/pick-region";
import { presence } from "./behaviours/presence";
import { previewWidth } from "./behaviours/preview-width";
import { shortcuts } from "./behaviours/shortcuts";
import { swap, setRemount } from "./behaviours/swap";
import { unsavedGuard } from "./behaviours/unsaved-guard";
import { upload } from "./behaviours/upload";

export type Mount = (element: HTMLElement) => void;

export const kBehaviours: ReadonlyMap<string, Mount> = new Map<string, Mount>([
    ["autosave", autosave],            // a form saves itself half a second after the last keystroke
    ["confirm", confirm],              // a button asks before it acts
    ["copy", copy],                    // a button copies a text
    ["count", count],                  // a text field says how many characters are left
    ["filter", filter],                // a filter form renews its list while one types
    ["keep-focus", keepFocus],          // after a row has moved, the focus is where the row is now
    ["line-numbers", lineNumbers],      // numbers beside the lines of a code field
    ["live-wait", liveWait],           // waits until a publication is really live
    ["long-work", longWork],           // a form whose work takes long says so, and is sent once
    ["menu", menu],                    // menus that close by Escape and by leaving them; the folded navigation
    ["pick-region", pickRegion],       // a click in the preview of a taken-over page chooses what is edited
    ["presence", presence],            // who else has this page open
    ["preview-width", previewWidth],   // the preview at the width of a phone, a tablet, a desk
    ["shortcuts", shortcuts],          // Ctrl+S and other keys named in data-key
    ["swap", swap],                    // a link or form replaces one region instead of the whole page
    ["unsaved-guard", unsavedGuard],   // asks before unsaved words are left behind
    ["upload", upload],                // a file form shows its progress
]);

/// Names that a bundle of its own mounts (editor.js).
export const kIslands: ReadonlySet<string> = new Set(["editor"]);

const mounted = new WeakMap<Element, Set<string>>();

/// Mounts what `root` asks for and has not got yet; so it may be called again after a region was replaced.
export function mountBehaviours(root: ParentNode): void {
    for (const element of root.querySelectorAll<HTMLElement>("[data-behaviour]")) {
        const done = mounted.get(element) ?? new Set<string>();
        mounted.set(element, done);
        for (const name of (element.dataset["behaviour"] ?? "").split(/\s+/).filter(Boolean)) {
            if (done.has(name) || kIslands.has(name)) continue;
            done.add(name);
            const mount = kBehaviours.get(name);
            if (mount) mount(element);
            else console.error(`data-behaviour="${name}": there is no such behaviour`);
        }
    }
}

setRemount(mountBehaviours);
