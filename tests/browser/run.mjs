// The browser journeys, one file each, against the real program: node tests/browser/run.mjs [part of a name]. Ends with
// "N passed, N failed". Pictures of the screens go to the folder that YAKUBA_PICTURES names. No step and no journey may stand still: what takes longer than
// its limit has failed, and whatever it started is ended with this process.
import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { within } from "./office.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const chosen = process.argv.slice(2);
const kMostStep = 480, kMostJourney = 1500;   // seconds; on an idle machine the longest step takes about 60, the longest journey about 120
let passed = 0, failed = 0;

/// One step of a journey. Steps follow each other: after one that failed, the rest of its journey is not tried.
export class Journey {
    broken = false;
    constructor(name) { this.name = name; }
    async step(what, run) {
        if (this.broken) { failed++; console.log(`not ok - ${this.name}: ${what} (not tried)`); return; }
        const from = Date.now();
        try {
            await within(kMostStep, what, run());
            passed++;
            console.log(`ok - ${this.name}: ${what} (${((Date.now() - from) / 1000).toFixed(1)} s)`);
        } catch (error) {
            this.broken = true;
            failed++;
            console.log(`not ok - ${this.name}: ${what}\n${String(error.stack ?? error).split("\n").slice(0, 12).map(line => "    " + line).join("\n")}`);
        }
    }
}

for (const file of readdirSync(here).filter(f => f.endsWith("journey.mjs") && (chosen.length === 0 || chosen.some(c => f.includes(c)))).sort()) {
    const name = file.replace(/\.mjs$/, "");
    const journey = new Journey(name);
    try {
        const { default: travel } = await import(path.join(here, file));
        await within(kMostJourney, `${name} is not over`, travel(journey));
    } catch (error) {
        failed++;
        console.log(`not ok - ${name}\n${error.stack ?? error}`);
    }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
