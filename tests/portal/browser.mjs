// Drives Chromium for the tests of this folder. README.md says how a script uses it.
//
// play(walks) reads the scene from stdin, opens one browser, and walks each of `scene.plays` in a context of its own: a Visitor. Each check is one
// line of JSON on stdout, {name, ok, why}. Whatever is walked, it is a failure when a script of the page fails, the policy of a page is broken, a
// request goes to another host, or a page does not fit its screen.
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const PATIENCE = 30_000; // milliseconds: machines that test are busy
const SIZES = {
  phone: { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 900 } },
};
const LOCALES = { sv: "sv-SE", en: "en-GB", "sv-x-latt": "sv-SE" };

// ---- Talking to the test

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value);
const tell = (message) => process.stdout.write(JSON.stringify(message) + "\n");

export const scene = await next();
let told = 0;

/** One check. `why` is what stands in the failure. */
export const check = (name, ok, why = "") => {
  told += 1;
  tell({ name, ok: Boolean(ok), why: ok ? "" : String(typeof why === "function" ? why() : why) });
  return Boolean(ok);
};

/** Asks the test's side (Scene.ASKS, or answer_<what> of the test). One at a time. */
export const ask = async (what, words = {}) => {
  tell({ ask: what, with: words });
  const reply = await next();
  if ("fault" in reply) throw new Error(`${what}: ${reply.fault}`);
  return reply.answer;
};

// ---- Words

const catalogue = (name) => {
  const out = new Map();
  let last = "";
  for (const line of readFileSync(join(scene.words, `${name}.txt`), "utf-8").split("\n")) {
    if (!line.trim() || line.startsWith("#")) continue;
    if (line.startsWith("  ")) {
      out.set(last, `${out.get(last)} ${line.trim()}`);
      continue;
    }
    const equals = line.indexOf("=");
    last = line.slice(0, equals).trim();
    out.set(last, line.slice(equals + 1).trim());
  }
  const base = out.get("base");
  return base ? new Map([...catalogue(base), ...out]) : out;
};
const catalogues = Object.fromEntries(readdirSync(scene.words).map((file) => basename(file, ".txt")).map((name) => [name, catalogue(name)]));

// As the renderer shows it: **strong** and [text](address) without their marks.
const plain = (text) => text.replace(/\*\*(.+?)\*\*/g, "$1").replace(/\[(.+?)\]\(.+?\)/g, "$1");

/** The words under a key, with its places filled in. A key that is not there is a fault of the script. */
export const words = (language, key, values = {}) => {
  const text = catalogues[language]?.get(key);
  if (text === undefined) throw new Error(`there are no words \`${key}\` in ${language}`);
  return plain(text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole));
};

const SWEDISH_DAY = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Stockholm", year: "numeric", month: "2-digit", day: "2-digit" });

/** A day as a form has it, so many from today. Pages count days as in Sweden, whatever the clock of this machine says. */
export const day = (days) => SWEDISH_DAY.format(Date.now() + days * 86_400_000);

export class Stop extends Error {} // a step without which the rest of a walk says nothing

// ---- One person at one screen

export class Visitor {
  constructor(browser, play) {
    this.browser = browser;
    this.play = play;
    this.way = { language: "sv", size: "desktop", javascript: true, ...play.way };
    this.strange = []; // what must not be
    this.foreign = []; // addresses elsewhere that were asked for
    this.mayGoTo = new Set(); // of them, where it is meant to: an address, or all below one that ends in a slash
    this.measured = 0;
  }

  get name() {
    return `${this.play.walk} ${this.way.language} ${this.way.size}${this.way.javascript ? "" : " without JavaScript"}`;
  }

  async open() {
    this.context = await this.browser.newContext({
      ...SIZES[this.way.size],
      locale: LOCALES[this.way.language],
      timezoneId: "Europe/Stockholm",
      javaScriptEnabled: this.way.javascript,
      acceptDownloads: true,
      baseURL: scene.origin,
      ...this.play.context,
    });
    this.context.setDefaultTimeout(PATIENCE);
    this.context.on("request", (request) => this.watch(request));
    if (this.way.language === "sv-x-latt") await this.setCookie("__Host-flikvakt-language", "sv-x-latt");
    this.page = await this.newPage();
    return this;
  }

  /** Another tab of the same browser. */
  async newPage() {
    const page = await this.context.newPage();
    page.on("pageerror", (error) => this.strange.push(`a script failed: ${error.message}`));
    page.on("console", (message) => this.overhear(message));
    page.on("dialog", (dialog) => {
      this.strange.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
    return page;
  }

  overhear(message) {
    if (message.type() !== "error" && message.type() !== "warning") return;
    // A page with another status than 200 is one of ours too: walks check statuses themselves.
    if (/^Failed to load resource: the server responded with a status of \d+/.test(message.text())) return;
    if (/^Failed to load resource: net::ERR_(NAME_NOT_RESOLVED|CONNECTION_|EMPTY_RESPONSE|SOCKET_|NETWORK_)/.test(message.text()) && (this.mayGoTo.size || this.networkMayFail)) return;
    this.strange.push(`the console: ${message.text()} (${message.location().url})`);
  }

  watch(request) {
    const url = request.url();
    if (url.startsWith(`${scene.origin}/`) || /^(about|data|blob|chrome-extension|chrome):/.test(url)) return;
    this.foreign.push(url);
    const isMeant = [...this.mayGoTo].some((one) => url === one || (one.endsWith("/") && url.startsWith(one)));
    if (!isMeant) this.strange.push(`a request to ${url}`);
  }

  async setCookie(name, value) {
    await this.context.addCookies([{ name, value, url: scene.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
  }

  // ---- Words and checks

  t(key, values) {
    return words(this.way.language, key, values);
  }

  check(name, ok, why) {
    return check(`${this.name}: ${name}`, ok, () => `${typeof why === "function" ? why() : (why ?? "")} [${this.page?.url()}]`);
  }

  /** As check(), but without it the walk ends here. */
  must(name, ok, why) {
    if (!this.check(name, ok, why)) throw new Stop(name);
  }

  /** What the page says, as it is seen, in one line. */
  async text(selector = "main") {
    return (await this.page.locator(selector).first().innerText()).replace(/[\s\u00a0]+/g, " ").trim();
  }

  /** Checks that the page says so; with `not`, that it does not. */
  async says(name, text, { selector = "main", not = false, must = false } = {}) {
    const there = await this.text(selector);
    const ok = there.toLowerCase().includes(text.replace(/[\s\u00a0]+/g, " ").trim().toLowerCase()) !== not;
    const why = () => `${not ? "it says" : "it does not say"} “${text}”: ${there.slice(0, 700)}`;
    return must ? this.must(name, ok, why) : this.check(name, ok, why);
  }

  async heading() {
    return (await this.page.locator("h1").first().innerText()).replace(/[\s\u00a0]+/g, " ").trim();
  }

  /** Checks the page's main heading against words. */
  async isAt(key, values) {
    const wanted = this.t(key, values).replace(/[\s\u00a0]+/g, " ").trim();
    const there = await this.heading();
    this.must(`comes to “${wanted}”`, there === wanted, () => `the heading is “${there}”`);
  }

  // ---- Moving

  /** Opens a path. `status` is what it must answer. */
  async goto(path, { status = 200 } = {}) {
    const response = await this.page.goto(path, { waitUntil: "load" });
    await this.arrived(response, status, path);
    return response;
  }

  /** While the network is down: does it, and waits until the browser shows its own page instead. */
  async breaks(act) {
    this.networkMayFail = true;
    const shown = this.page.waitForEvent("framenavigated", (frame) => frame === this.page.mainFrame() && frame.url().startsWith("chrome-error:"));
    await Promise.all([shown, act().catch(() => {})]);
    await this.isShown();
  }

  /** The browser's way back: to a page, or to its own where that one was not kept. */
  async back() {
    const shown = this.page.waitForEvent("framenavigated", (frame) => frame === this.page.mainFrame());
    shown.catch(() => {}); // there was nothing to go back to
    try {
      await this.page.goBack({ waitUntil: "load" });
    } catch (error) {
      if (!/net::ERR_/.test(error.message)) throw error;
      await shown;
    }
    await this.isShown();
  }

  /** What came last is the page of this tab, and nothing else is on its way. */
  async isShown() {
    await this.page.waitForFunction(() => document.readyState === "complete");
  }

  // Of every page: its status, that it says its language and has a heading, and that it fits the screen.
  async arrived(response, status, how) {
    const got = response ? response.status() : 0;
    if (got !== status) {
      const text = await this.text("body").catch(() => "");
      this.must(`${how} answers ${status}`, false, `it answers ${got}: ${text.slice(0, 600)}`);
    }
    const facts = await this.page.evaluate(() => ({
      language: document.documentElement.lang,
      title: document.title,
      headings: document.querySelectorAll("h1").length,
      wide: document.documentElement.scrollWidth,
      screen: document.documentElement.clientWidth,
      widest: [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1).slice(0, 3).map((one) => `${one.tagName}.${one.className}`),
    }));
    this.measured += 1;
    const size = SIZES[this.way.size].viewport.width;
    const wrong = [];
    if (facts.language !== this.shownLanguage()) wrong.push(`the page is in ${facts.language}`);
    if (!facts.title.includes("Flikvakt") || facts.headings !== 1) wrong.push(`title “${facts.title}”, ${facts.headings} main headings`);
    if (facts.wide > Math.min(size, facts.screen)) wrong.push(`it is ${facts.wide} wide on a screen of ${size}: ${facts.widest.join(" ")}`);
    if (wrong.length) this.check(`${new URL(this.page.url()).pathname} is a page that fits`, false, wrong.join("; "));
  }

  shownLanguage() {
    return this.way.language.split("-")[0];
  }

  /** The innermost article, list item, section, form or row that holds the text, and what is looked for in it: beside it stand those of
      walks before. */
  within(text, has) {
    return this.page.locator("article, li, section, form, tr, fieldset").filter({ hasText: text, has }).last();
  }

  /** A button or link by its visible words: a key of the catalogue, or the words themselves; or a locator. More words may follow, unless `exact`. */
  target(label, { within, values, exact = false, nth = 0 } = {}) {
    if (typeof label !== "string") return label;
    const text = catalogues.sv.has(label) ? this.t(label, values) : label;
    const name = new RegExp(`^\\s*${text.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+")}${exact ? "\\s*$" : "(\\s|$)"}`);
    const control = (place) => place.getByRole("button", { name }).or(place.getByRole("link", { name }));
    const place = typeof within === "string" ? this.within(within, control(this.page)) : within ?? this.page;
    return control(place).nth(nth);
  }

  /** Clicks it and waits for the page that comes. */
  async press(label, { status = 200, ...how } = {}) {
    await this.openMenuFor(label);
    const target = this.target(label, how);
    const [response] = await Promise.all([this.page.waitForNavigation({ waitUntil: "load" }), target.click()]);
    await this.arrived(response, status, `“${label}”`);
    return response;
  }

  /** What is in the menu is behind a button on a phone. */
  async openMenuFor(label) {
    if (typeof label !== "string") return;
    if (!label.startsWith("menu.") && label !== "frame.sign_out") return;
    const summary = this.page.locator("details.menu > summary");
    if ((await summary.count()) && (await summary.isVisible()) && !(await this.page.locator("details.menu").evaluate((one) => one.open))) await summary.click();
  }

  /** Clicks what saves a file; where it is then. */
  async save(label, how = {}) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.target(label, how).click()]);
    const folder = join(scene.folder, "downloads");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${Date.now()}-${download.suggestedFilename()}`);
    await download.saveAs(file);
    return { file, name: download.suggestedFilename() };
  }

  /** Clicks what leads to another site, of which this machine knows nothing; the request that was made. Goes on in a new tab. */
  async leave(label, url) {
    this.mayGoTo.add(url);
    const asked = [];
    const note = (request) => asked.push(request);
    this.page.on("request", note);
    await this.breaks(() => this.target(label).click({ noWaitAfter: true }));
    const request = asked.find((one) => one.url() === url);
    this.must(`it leads to ${url}`, request, () => asked.map((one) => `${one.method()} ${one.url()}`).join(", "));
    await this.page.close();
    this.page = await this.newPage();
    return request;
  }

  field(label) {
    const text = catalogues.sv.has(label) ? this.t(label) : label;
    return this.page.getByLabel(text, { exact: true });
  }

  async fill(label, value) {
    await this.field(label).fill(value);
  }

  /** An option of a choice, by what is shown or its value. */
  async choose(label, option) {
    await this.field(label).selectOption(option);
  }

  /** Ticks a box or chooses a radio button by its words (they may go on). */
  async tick(label, { on = true, within } = {}) {
    const text = catalogues.sv.has(label) ? this.t(label) : label;
    const choice = this.page.locator("label.choice").filter({ hasText: text });
    const place = typeof within === "string" ? this.within(within, choice) : within ?? this.page;
    const box = place.locator("label.choice").filter({ hasText: text }).first().locator("input");
    await box.setChecked(on);
  }

  // ---- Coming and going

  /** By the demo's page of people; `who` is a key of scene.people or scene.staff. */
  async signIn(who, { at = "/sign-in" } = {}) {
    const { name } = scene.people[who] ?? scene.staff[who];
    await this.goto(at);
    await this.press("sign_in.demo_as", { values: { name } });
    await this.isAt(scene.people[who] ? "see.title" : "cases.title");
  }

  /** With a code of the administrators' socket. */
  async signInAsAdministrator(name = "alice") {
    const { code } = await ask("code_of_administrator", { name });
    await this.goto("/sign-in/administrator");
    await this.fill("sign_in_code.code", code);
    await this.press("sign_in_code.button");
    await this.isAt("administration.title");
  }

  /** A virtual authenticator for a tab (this one): passkeys that the browser itself makes and uses. */
  async authenticator(options = {}, page = this.page) {
    const cdp = await this.context.newCDPSession(page);
    await cdp.send("WebAuthn.enable", { enableUI: false });
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...options },
    });
    const send = (command, more = {}) => cdp.send(`WebAuthn.${command}`, { authenticatorId, ...more });
    return {
      credentials: async () => (await send("getCredentials")).credentials,
      add: (credential) => send("addCredential", { credential }),
      forget: (credentialId) => send("removeCredential", { credentialId }),
      verifies: (isUserVerified) => send("setUserVerified", { isUserVerified }),
      gone: () => send("removeVirtualAuthenticator"),
    };
  }

  async close() {
    this.check("nothing strange happened in the browser", this.strange.length === 0, () => this.strange.slice(0, 8).join("\n"));
    await this.context.close();
  }
}

// ---- The browser

export const launch = () =>
  chromium.launch({
    executablePath: scene.chromium,
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
      // Nothing leaves this machine: "leave this page" is looked at where it is asked for.
      `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost${(scene.reachable ?? []).map((host) => `, EXCLUDE ${host}`).join("")}`],
  });

const LONGEST_WALK = 300_000; // milliseconds: a browser that died answers nothing

/** What comes of it, or an error when it takes too long or the browser is gone. */
const within = (browser, work) => {
  let timer, gone;
  const end = new Promise((_, reject) => {
    gone = () => reject(new Error("the browser is gone"));
    browser.once("disconnected", gone);
    timer = setTimeout(() => reject(new Error(`it took more than ${LONGEST_WALK / 1000} seconds`)), LONGEST_WALK);
  });
  return Promise.race([work, end]).finally(() => {
    clearTimeout(timer);
    browser.off("disconnected", gone);
  });
};

const walk = async (browser, one, walks) => {
  const visitor = new Visitor(browser, one);
  try {
    await within(browser, visitor.open().then(() => walks[one.walk](visitor, one)));
    visitor.check("was walked to its end", visitor.measured > 0, "no page was looked at");
  } catch (error) {
    const seen = browser.isConnected() ? await visitor.text("body").catch(() => "") : "";
    if (!(error instanceof Stop)) visitor.check("was walked to its end", false, `${error.stack}\n${seen}`.slice(0, 2500));
    if (process.env.FLIKVAKT_SHOTS && browser.isConnected()) await visitor.page.screenshot({ path: join(process.env.FLIKVAKT_SHOTS, `${visitor.name.replace(/ /g, "-")}.png`), fullPage: true }).catch(() => {});
  }
  if (browser.isConnected()) await visitor.close();
};

/** Walks all of scene.plays; `walks` are functions of a Visitor, by name. */
export const play = async (walks) => {
  let browser = await launch();
  for (const one of scene.plays) {
    if (!browser.isConnected()) browser = await launch();
    await walk(browser, one, walks);
  }
  await browser.close();
  tell({ ended: told });
  process.exit(0);
};
