import { test } from "node:test";
import assert from "node:assert/strict";
import { kPause, kRetries, Saver, type Clock, type Outcome, type State } from "./saver";

/// A clock that a test moves by hand.
class HandClock implements Clock {
    now = 0;
    private readonly due: { at: number; run: () => void }[] = [];
    set(run: () => void, wait: number): unknown { const entry = { at: this.now + wait, run }; this.due.push(entry); return entry; }
    clear(timer: unknown): void { const at = this.due.findIndex(e => e === timer); if (at >= 0) this.due.splice(at, 1); }
    async pass(milliseconds: number): Promise<void> {
        this.now += milliseconds;
        for (const entry of this.due.filter(e => e.at <= this.now)) { this.clear(entry); entry.run(); }
        await new Promise(done => setImmediate(done));
    }
}

function watched(outcomes: Outcome[]) {
    const clock = new HandClock();
    const states: State[] = [];
    let sent = 0;
    const saver = new Saver(() => Promise.resolve(outcomes[Math.min(sent++, outcomes.length - 1)] as Outcome), state => { states.push(state); }, clock);
    return { clock, saver, states, sent: () => sent };
}

test("words are sent half a second after the last keystroke, not after each", async () => {
    const { clock, saver, states, sent } = watched([{ kind: "saved" }]);
    saver.changed();
    await clock.pass(kPause - 1);
    saver.changed();
    await clock.pass(kPause - 1);
    assert.equal(sent(), 0);
    await clock.pass(1);
    assert.equal(sent(), 1);
    assert.deepEqual(states.slice(-2), ["saving", "saved"]);
    assert.equal(saver.unsaved, false);
});

test("what is typed during a save goes with the next one", async () => {
    const clock = new HandClock();
    let release: (o: Outcome) => void = () => undefined;
    let sent = 0;
    const saver = new Saver(() => { sent++; return new Promise(done => { release = done; }); }, () => undefined, clock);
    saver.changed();
    await clock.pass(kPause);
    saver.changed();
    assert.equal(sent, 1, "one request at a time");
    release({ kind: "saved" });
    await clock.pass(0);
    assert.equal(saver.state, "dirty");
    await clock.pass(kPause);
    assert.equal(sent, 2);
});

test("a conflict stops saving for good", async () => {
    const { clock, saver, sent } = watched([{ kind: "conflict", message: "" }]);
    saver.changed();
    await clock.pass(kPause);
    assert.equal(saver.state, "conflict");
    saver.changed();
    await saver.now();
    await clock.pass(3_600_000);
    assert.equal(sent(), 1);
    assert.equal(saver.unsaved, true);
});

test("a network failure is tried again, each time later", async () => {
    const { clock, saver, sent } = watched([{ kind: "retry", message: "" }]);
    saver.changed();
    await clock.pass(kPause);
    assert.equal(saver.state, "failed");
    await clock.pass((kRetries[0] as number) - 1);
    assert.equal(sent(), 1);
    await clock.pass(1);
    assert.equal(sent(), 2);
    await clock.pass(kRetries[0] as number);
    assert.equal(sent(), 2, "the second wait is longer");
    await clock.pass(kRetries[1] as number);
    assert.equal(sent(), 3);
});

test("sending the form waits for the save on its way and begins no other", async () => {
    const clock = new HandClock();
    let release: (o: Outcome) => void = () => undefined;
    let sent = 0;
    const saver = new Saver(() => { sent++; return new Promise(done => { release = done; }); }, () => undefined, clock);
    saver.changed();
    assert.equal(saver.rest(), null);
    await clock.pass(kPause);
    assert.equal(sent, 0);
    saver.changed();
    await clock.pass(kPause);
    const running = saver.rest();
    assert.ok(running);
    release({ kind: "saved" });
    await running;
    assert.equal(saver.state, "saved");
});
