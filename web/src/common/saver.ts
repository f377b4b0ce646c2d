// When to save, and what became of it: the part of autosave that knows no browser. Words are sent half a second after the last
// keystroke, one request at a time; what was typed meanwhile goes with the next. A conflict (somebody else's version is newer) or
// words that the server refuses stop it for good: from then on only a person decides. A network failure and the end of the session
// are tried again: the network comes back, the person signs in again.

export type State = "idle" | "dirty" | "saving" | "saved" | "failed" | "conflict" | "stopped";
export type Outcome =
    | { kind: "saved" }
    | { kind: "retry"; message: string }
    | { kind: "conflict"; message: string }
    | { kind: "stop"; message: string };

export const kPause = 500;               ///< milliseconds after the last keystroke
export const kRetries = [2_000, 5_000, 15_000, 30_000];   ///< milliseconds before each further try; the last one repeats

export interface Clock { set(run: () => void, wait: number): unknown; clear(timer: unknown): void }
const kRealClock: Clock = { set: (run, wait) => setTimeout(run, wait), clear: t => clearTimeout(t as ReturnType<typeof setTimeout>) };

export class Saver {
    state: State = "idle";
    private timer: unknown;
    private changedSince = false;
    private failures = 0;
    private running: Promise<void> | null = null;

    constructor(private readonly send: () => Promise<Outcome>, private readonly show: (state: State, message: string) => void, private readonly clock: Clock = kRealClock) {}

    /// True while words exist that the server has not confirmed.
    get unsaved(): boolean { return this.state !== "idle" && this.state !== "saved"; }
    private get over(): boolean { return this.state === "conflict" || this.state === "stopped"; }

    /// Something was typed.
    changed(): void {
        if (this.over) return;
        if (this.state === "saving") { this.changedSince = true; return; }
        this.become("dirty", "");
        this.after(kPause);
    }

    /// Saves now, if there is anything to save.
    now(): Promise<void> {
        if (this.running) return this.running;
        if (this.over || !this.unsaved) return Promise.resolve();
        this.running = this.once().finally(() => { this.running = null; });
        return this.running;
    }

    /// The form is about to be sent as a whole: no further save begins, and one on its way is waited for. Null when none is.
    rest(): Promise<void> | null {
        this.clock.clear(this.timer);
        return this.running;
    }

    private async once(): Promise<void> {
        this.clock.clear(this.timer);
        this.changedSince = false;
        this.become("saving", "");
        const outcome = await this.send();
        if (outcome.kind === "saved") {
            this.failures = 0;
            if (this.changedSince) { this.become("dirty", ""); this.after(kPause); }
            else this.become("saved", "");
        } else if (outcome.kind === "retry") {
            this.become("failed", outcome.message);
            this.after(kRetries[Math.min(this.failures++, kRetries.length - 1)] as number);
        } else {
            this.become(outcome.kind === "conflict" ? "conflict" : "stopped", outcome.message);
        }
    }

    private become(state: State, message: string): void { this.state = state; this.show(state, message); }
    private after(wait: number): void {
        this.clock.clear(this.timer);
        this.timer = this.clock.set(() => void this.now(), wait);
    }
}
