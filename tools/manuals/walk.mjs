// Walks a manual through the running program: does the acts of its blocks, one after another, takes the pictures, and looks for each name
// that a chapter uses on the screens of that chapter. An act that cannot be done and a name that is nowhere are faults, told with file
// and line; so a manual cannot describe what is no longer there.
//
//     as LOGIN              that person's browser (signed in the first time)
//     open PATH             a screen; {5} is what `remember 5` kept
//     follow NAME           a link          press NAME     a button        unfold NAME   a part that is folded
//     fill LABEL = VALUE    a field         choose LABEL = OPTION          tick LABEL    a box or a choice
//     write TEXT            at the end of the editor's text, after an empty line
//     attach LABEL = FILE   a file of this repository
//     wait TEXT             until that stands on the screen
//     remember WORD         the address that is open, without what follows its number
//     width PIXELS          of the window; until the next `as`
//     outline KIND NAME     a frame in the next picture: link, button, field, heading, region, group
//     top NAME              the next picture begins at that heading
//     training COURSE       a training site is made for the course, and a trainee looks at the exercises; with pictures only
//     picture NAME          with the lines `caption` and `alt`
import path from "node:path";
import { Person, within } from "../../tests/browser/office.mjs";
import { root } from "./read.mjs";

const kWindow = { width: 1180, height: 760 };
const kRoles = { link: "link", button: "button", heading: "heading", region: "region", group: "group" };

/// `takes` gets each picture's name and PNG; without it only names are checked. Returns the faults, one sentence each.
export async function walkManual(manual, city, browser, takes) {
    const faults = [];
    const walker = new Walker(city, browser, takes);
    try {
        for (const chapter of manual.chapters) {
            const known = walker.forgetNames();
            for (const act of chapter.acts) {
                try {
                    await walker.act(act);
                } catch (error) {
                    faults.push(`${manual.file}:${act.line}: "${act.verb} ${act.rest}": ${String(error.message ?? error).split("\n")[0]} (${walker.where()})`);
                    return faults; // what follows stands on it
                }
            }
            for (const { words, line } of walker.isSkipping ? [] : chapter.names)
                if (!known.has(words)) faults.push(`${manual.file}:${line}: "${words}" is on none of the screens of its chapter (${walker.screens.join(" ") || "it has none"})`);
        }
    } finally {
        await walker.end();
    }
    return faults;
}

class Walker {
    people = new Map();
    remembered = new Map();
    names = new Set();
    screens = [];
    marks = [];

    constructor(city, browser, takes) { Object.assign(this, { city, browser, takes }); }

    where() { return this.page ? new URL(this.page.url()).pathname : "nobody has signed in"; }

    forgetNames() {
        this.isSkipping = false;
        this.screens = [];
        return this.names = new Set();
    }

    async act({ verb, rest }) {
        const known = Walker.acts[verb];
        if (!known) throw new Error("there is no such act");
        if (!this.isSkipping) await known.call(this, rest);
    }

    static acts = {
        async as(login) {
            if (!this.people.has(login)) this.people.set(login, await this.signIn(login));
            this.page = this.people.get(login).page;
            await this.page.setViewportSize(kWindow);
        },
        async open(rest) {
            const where = rest.replace(/\{(\w+)\}/g, (_, word) => this.remembered.get(word) ?? `{${word}}`);
            const answer = await this.page.goto(this.city.office + where);
            if (!answer.ok()) throw new Error(`the office answers ${answer.status()}`);
            await this.look();
        },
        async follow(name) { await (await this.one("link", name)).click(); await this.arrive(); },
        async press(name) { await (await this.one("button", name)).click(); await this.arrive(); },
        async unfold(name) {
            const summary = this.page.locator("summary", { hasText: name }).first();
            if (await summary.evaluate(e => !e.parentElement.open)) await summary.click();
            await this.look();
        },
        async fill(rest) { const [label, value] = pair(rest); await (await this.one("field", label)).fill(value); },
        async choose(rest) { const [label, option] = pair(rest); await (await this.one("field", label)).selectOption({ label: option }); },
        async tick(label) { await (await this.one("field", label)).check(); },
        async attach(rest) { const [label, file] = pair(rest); await (await this.one("field", label)).setInputFiles(path.join(root, file)); await this.look(); },
        async write(text) {
            const editor = this.page.locator(".ProseMirror").first();
            await editor.click();
            await this.page.keyboard.press("Control+End");
            await this.page.waitForTimeout(100); // the editor learns of the caret by an event that comes after the key
            if (await editor.evaluate(e => e.lastElementChild?.textContent !== "")) await this.page.keyboard.press("Enter");
            await this.page.keyboard.insertText(text);
        },
        async wait(text) { await this.page.getByText(text).first().waitFor(); },
        async remember(word) { this.remembered.set(word, /^\/[a-z]+\/\d+/.exec(this.where())?.[0] ?? this.where()); },
        async width(pixels) { await this.page.setViewportSize({ ...kWindow, width: Number(pixels) }); },
        async outline(rest) {
            const [kind, ...name] = rest.split(" ");
            this.marks.push(await this.one(kind, name.join(" ")));
        },
        async top(name) { await (await this.one("heading", name)).evaluate(e => scrollTo(0, e.getBoundingClientRect().top + scrollY - 24)); },
        async training(course) {
            if (!this.takes) { this.isSkipping = true; return; } // making such a site takes longer than all else: not for a check of names
            await this.endTraining();
            await Walker.acts.as.call(this, "ogawa");
            await this.page.goto(`${this.city.office}/training/new`);
            await this.page.getByLabel("研修の種類").selectOption(course);
            await this.page.getByLabel("開始の日時").fill("2099-04-01T09:00");
            await this.page.getByLabel("席の数").fill("5");
            await this.page.getByRole("button", { name: "予定を登録する" }).click();
            await this.page.waitForURL(/\/training\/\d+$/);
            this.training = this.where().split("/").at(-1);
            const { login, password } = this.city.run("training", "open", this.training, "--from", "demo").accounts.at(-1);
            await within(60, "the training site", answers(this.city.trainingOffice));
            const room = { office: this.city.trainingOffice, passwords: { [login]: password } };
            const trainee = await this.signIn(login, room);
            this.people.set(`training ${this.training}`, trainee);
            this.page = trainee.page;
            await this.page.setViewportSize(kWindow);
            await this.page.goto(`${room.office}/practice`);
            await this.look();
        },
        async picture(name) {
            await this.look();
            const marks = this.marks.splice(0);
            await this.page.evaluate(() => document.activeElement.blur()); // or its frame would stand beside the outlined one
            for (const mark of marks) {
                await mark.waitFor();
                await mark.evaluate(e => { e.style.outline = "4px solid #d60000"; e.style.outlineOffset = "3px"; e.scrollIntoView({ block: "nearest" }); });
            }
            if (!this.takes) return;
            this.takes(name, await this.page.screenshot({ animations: "disabled", caret: "hide" }));
            for (const mark of marks) await mark.evaluate(e => { e.style.outline = e.style.outlineOffset = ""; });
        },
        async caption() { },
        async alt() { },
    };

    async signIn(login, city = this.city) {
        const person = await new Person(city, login).sit(this.browser);
        await person.goto("/login");
        await person.page.getByLabel("ログイン名").fill(login);
        await person.page.getByLabel("パスワード", { exact: true }).fill(city.passwords[login]);
        await person.page.getByRole("button", { name: "ログイン" }).click();
        await person.page.getByRole("heading", { name: "ホーム", level: 1 }).waitFor();
        return person;
    }

    /// The one thing of that name: rather of the screen's own part than of the head or the menu. What only screen readers hear after
    /// it ("：第2版") is no part of the name, so the first of several counts.
    async one(kind, name) {
        if (kind === "field") return this.page.getByLabel(name, { exact: true }).or(this.page.getByLabel(`${name}必須`, { exact: true })).first();
        if (!kRoles[kind]) throw new Error(`"${kind}" is no kind: ${Object.keys(kRoles).join(", ")} or field`);
        const within = place => place.getByRole(kRoles[kind], { name, exact: true }).or(place.getByRole(kRoles[kind], { name: new RegExp(`^${escaped(name)}\\s*(：|$)`) }));
        const own = within(this.page.getByRole("main").or(this.page.getByRole("dialog")));
        return (await own.count() > 0 ? own : within(this.page)).first();
    }

    async arrive() {
        await this.page.waitForLoadState();
        if (await this.page.locator('[role="alert"]:not([hidden])').filter({ hasText: /\S/ }).count() > 0) throw new Error(`the screen refuses: ${await this.page.locator('[role="alert"]').first().innerText()}`);
        await this.look();
    }

    /// Takes note of every name on the screen.
    async look() {
        if (this.screens.at(-1) !== this.where()) this.screens.push(this.where());
        for (const name of await this.page.evaluate(namesOnScreen)) this.names.add(name);
    }

    async endTraining() {
        if (this.training) this.city.run("training", "close", this.training);
        this.training = "";
    }

    async end() {
        for (const person of this.people.values()) await person.context.close();
        await this.endTraining();
    }
}

/// Runs in the page. The text of every button, link, label and heading, whole and without what is only heard or only a remark,
/// and each piece of text by itself.
function namesOnScreen() {
    const tidy = text => text.replace(/\s+/g, " ").trim();
    const names = new Set();
    for (const element of document.querySelectorAll("button, a, summary, label, legend, h1, h2, h3, h4, th, dt, option, [role=tab]")) {
        const bare = element.cloneNode(true);
        for (const extra of bare.querySelectorAll(".spoken, .field__need, .field__hint, .nav__count, small, svg, input, select")) extra.remove();
        names.add(tidy(bare.textContent));
        names.add(tidy(element.textContent));
    }
    for (const element of document.querySelectorAll("[aria-label]")) names.add(tidy(element.getAttribute("aria-label")));
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) names.add(tidy(texts.currentNode.data));
    names.delete("");
    return [...names];
}

async function answers(address) {
    while (!await fetch(`${address}/login`).then(answer => answer.ok, () => false)) await new Promise(wait => setTimeout(wait, 300));
}

function pair(rest) {
    const at = rest.indexOf(" = ");
    if (at < 0) throw new Error('"LABEL = VALUE" is wanted');
    return [rest.slice(0, at), rest.slice(at + 3)];
}

const escaped = text => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
