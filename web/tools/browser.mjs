// Starts Debian's Chromium headless with a profile of its own, quiet towards the network.
import { chromium } from "playwright-core";
import { existsSync } from "node:fs";

const kChromium = process.env.YAKUBA_CHROMIUM ?? "/usr/bin/chromium";

export async function openBrowser() {
    if (!existsSync(kChromium)) throw new Error(`${kChromium} is not there: install chromium, or name another in YAKUBA_CHROMIUM`);
    return chromium.launch({
        executablePath: kChromium, headless: true, timeout: 120_000,   // beside a build it starts slowly
        args: ["--no-sandbox", "--disable-gpu", "--disable-gpu-compositing", "--disable-software-rasterizer", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
}
