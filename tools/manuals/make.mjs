// Makes the manuals of all roles: node tools/manuals/make.mjs [FOLDER] (`./dev manuals`). A demo city is made and served, each manual's
// walk is done in a browser and its pictures are taken, and NAME.html, NAME.pdf and manuals.csv (name, title, version; what the program
// reads) go to build/manuals. One fault, and nothing is written.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { DemoCity, inCity, program } from "../../tests/browser/office.mjs";
import { kManuals, readManual, root } from "./read.mjs";
import { walkManual } from "./walk.mjs";
import { htmlOf, pdfOf, versionOf } from "./write.mjs";

const folder = path.resolve(process.argv[2] ?? path.join(root, "build/manuals"));
const said = spawnSync(program, ["--version"], { encoding: "utf8" });
if (said.status !== 0) throw new Error(`${program} does not say its version: ${said.stderr ?? said.error}`);
const programVersion = /\d+\.\d+\.\d+/.exec(said.stdout)[0];
const madeOn = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { dateStyle: "long", timeZone: "Asia/Tokyo" }).format(new Date());

/// Ports that nobody uses now.
async function freePorts(count) {
    const servers = await Promise.all(Array.from({ length: count }, () => new Promise((resolve, fail) => {
        const server = createServer().on("error", fail).listen(0, "127.0.0.1", () => resolve(server));
    })));
    const ports = servers.map(server => server.address().port);
    await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
    return ports;
}

/// The demo city, whose training sites have ports of their own.
class TeachingCity extends DemoCity {
    async make() {
        super.make();
        const [office, preview, pages] = await freePorts(3);
        this.trainingOffice = `http://127.0.0.1:${office}`;
        const file = path.join(this.site, "yakuba.toml");
        const addresses = `address = "127.0.0.1:${office}"\npreview_address = "127.0.0.1:${preview}"\npublic_address = "127.0.0.1:${pages}"\n`;
        writeFileSync(file, readFileSync(file, "utf8").replace("[training]\n", head => head + addresses));
    }
}

const city = new TeachingCity();
const files = new Map(), rows = [], faults = [];
await inCity(city, async browser => {
    for (const name of kManuals) {
        const manual = readManual(name);
        const pictures = new Map();
        faults.push(...await walkManual(manual, city, browser, (picture, png) => pictures.set(picture, png)));
        if (faults.length > 0) continue;
        const version = versionOf(manual, programVersion);
        const html = htmlOf(manual, version, pictures, madeOn);
        files.set(`${name}.html`, html);
        files.set(`${name}.pdf`, await pdfOf(html, manual, version, browser));
        rows.push(`${name},${manual.title},${version}\n`);
        console.error(`${name}: ${pictures.size} pictures, version ${version}`);
    }
});
if (faults.length > 0) {
    for (const fault of faults) console.error(fault);
    process.exit(1);
}
const made = `${folder}.new`;
rmSync(made, { recursive: true, force: true });
mkdirSync(made, { recursive: true });
for (const [name, bytes] of files) writeFileSync(path.join(made, name), bytes);
writeFileSync(path.join(made, "manuals.csv"), "name,title,version\n" + rows.join(""));
rmSync(folder, { recursive: true, force: true });
renameSync(made, folder);
console.log(folder);
