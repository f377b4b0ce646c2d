// All tests of web/: types, build with size limits, unit tests (src/**/*.test.ts), browser tests (test/*.test.ts), by node's runner.
// Ends with "N passed, N failed". Arguments choose test files by part of their name.
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import path from "node:path";
import * as esbuild from "esbuild";
import { build, buildGallery, root } from "./build.mjs";

const types = spawnSync(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), "--noEmit"], { cwd: root, stdio: "inherit" });
// A folder of its own, so that a build beside the tests does not take the files away; inside node_modules, so that imports resolve.
const out = path.join(root, `node_modules/.cache/yakuba-tests-${process.pid}`);
const site = path.join(out, "dist");
await build(site);
buildGallery(site);
process.on("exit", () => rmSync(out, { recursive: true, force: true }));

const chosen = process.argv.slice(2);
const files = ["src", "test"].flatMap(folder => readdirSync(path.join(root, folder), { recursive: true }).map(f => path.join(folder, String(f))))
    .filter(f => f.endsWith(".test.ts") && (chosen.length === 0 || chosen.some(c => f.includes(c)))).sort();
await esbuild.build({ absWorkingDir: root, entryPoints: files, outdir: out, outbase: ".", bundle: true, platform: "node", format: "esm", packages: "external", outExtension: { ".js": ".mjs" } });

// Node's runner has no limit of its own: tests that say nothing for so long stand still, and are ended with what they started.
const kMostSilence = Number(process.env.YAKUBA_TEST_SILENCE ?? 300) * 1000;
const runner = spawn(process.execPath, ["--test", "--test-reporter=tap", "--test-concurrency=2", ...files.map(f => path.join(out, f.replace(/\.ts$/, ".mjs")))],
    { cwd: root, env: { ...process.env, YAKUBA_WEB: root, YAKUBA_WEB_DIST: site }, stdio: ["ignore", "pipe", "inherit"], detached: true });
const ended = new Promise(resolve => runner.on("close", code => resolve(code)));
const end = () => { try { process.kill(-runner.pid, "SIGKILL"); } catch { /* it has ended */ } };   // Chromium ends when its pipe closes
process.on("exit", end);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));
let passed = 0, failed = 0;
let rest = "", last = "none", heard = Date.now();
const watch = setInterval(() => {
    if (Date.now() - heard < kMostSilence) return;
    console.log(`not ok - the tests said nothing for ${kMostSilence / 1000} s, the last line was: ${last}`);
    failed++;
    clearInterval(watch);
    end();
}, 1000);
for await (const chunk of runner.stdout) {
    heard = Date.now();
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
        if (/^\s*(not )?ok /.test(line)) last = line.trim();
        const count = /^# (pass|fail|cancelled) (\d+)$/.exec(line);
        if (count) { if (count[1] === "pass") passed += Number(count[2]); else failed += Number(count[2]); }
        if (!/^\s*(---|\.\.\.|duration_ms|type:|# (tests|suites|pass|fail|cancelled|skipped|todo|duration)|1\.\.|TAP version|# Subtest)/.test(line)) console.log(line);
    }
}
const code = await ended;
clearInterval(watch);
if (types.status !== 0) { console.log("not ok - the types do not agree (tsc above)"); failed++; }
console.log(`${passed} passed, ${failed} failed`);
process.exit(code === 0 && failed === 0 && passed > 0 ? 0 : 1);
