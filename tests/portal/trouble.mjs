// Walks in which something goes wrong on the way: sessions that ended, two tabs, two clicks, no network, the way back after leaving, pages of others around ours.
import { ask, day, play, scene } from "./browser.mjs";

const RECIPIENT = "Försäkringskassan i Påhittköping";
const path = (v) => { const at = new URL(v.page.url()); return at.pathname + at.search; };
const fullmakter = async (who) => (await ask("overview", { who })).fullmakter;
const active = async (who) => (await fullmakter(who)).filter((one) => one.status === "active");

const fillIn = async (v, { flik = "journal" } = {}) => {
  await v.goto("/me/give/new");
  await v.choose("give.who", `organisation:${scene.hex_ids.forsakringskassan}`);
  await v.page.locator(`input[name=flik][value=${flik}]`).setChecked(true);
  await v.tick(scene.organisations.region);
  await v.choose("give.purpose", "rehab");
  await v.fill("give.until", day(60));
  await v.press("give.preview");
  await v.isAt("give.sign_title");
};

await play({
  /** A session ends while somebody writes: nothing is changed, what was written is shown, and signing in leads on. */
  async session_over(v) {
    await v.signIn("tuva");
    await v.goto("/staff/people");
    await v.fill("people.number", scene.people.milo.number);
    await v.press("people.find");
    await v.goto(`${new URL(v.page.url()).pathname}/ask`);
    const written = "Hej Milo! Får vi läsa <b>läkarutlåtandet</b>?\nHälsningar Tuva & teamet";
    await v.page.locator("textarea[name=write_message]").fill(written);
    await v.fill("give.until", day(20));
    await ask("restart");
    await v.press("ask.send", { status: 403 });
    await v.isAt("too_late.title");
    const shown = await v.page.locator("textarea").evaluateAll((all) => all.map((one) => one.value));
    v.check("what was written is there to be copied", shown.includes(written), JSON.stringify(shown));
    await v.press("too_late.sign_in");
    await v.press("sign_in.demo_as", { values: { name: scene.staff.tuva.name } });
    await v.isAt("ask.title");
    await ask("restart");
    await v.goto("/staff/teams");
    v.check("a page that was wanted leads to signing in", new URL(v.page.url()).pathname === "/sign-in", v.page.url());
    await v.says("and it is said why", v.t("sign_in.why_expired"));
    await v.press("sign_in.demo_as", { values: { name: scene.staff.tuva.name } });
    v.check("and then to that page", path(v) === "/staff/teams", v.page.url());
  },

  /** In the middle of signing. */
  async session_over_while_signing(v, { who }) {
    const before = (await fullmakter(who)).length;
    await v.signIn(who);
    await fillIn(v);
    await ask("restart");
    await v.press("give.button", { status: 403 });
    await v.isAt("too_late.title");
    v.check("nothing was signed", (await fullmakter(who)).length === before);
    await v.press("too_late.sign_in");
    await v.says("there is a way on", v.t("sign_in.ways"));
  },

  async two_tabs(v, { who }) {
    const before = (await active(who)).length;
    await v.signIn(who);
    const first = v.page;
    await fillIn(v, { flik: "journal" });
    v.page = await v.newPage();
    const second = v.page;
    await fillIn(v, { flik: "lakarutlatande" });
    v.page = first;
    await v.press("give.button", { status: 409 });
    await v.isAt("not_signed.title");
    v.check("what another tab began is not signed by this one", (await active(who)).length === before);
    v.page = second;
    await v.press("give.button");
    await v.isAt("signed.fullmakt.title");
    v.check("what this tab showed is", (await active(who)).some((one) => one.terms.flikar.join() === "lakarutlatande"));
    v.page = first;
    await v.press("changed.again");
    await v.isAt("give.sign_title");
    await v.press("give.button");
    await v.isAt("signed.fullmakt.title");
    v.check("and the first goes on with what was filled in there", (await active(who)).length === before + 2);

    // One tab shows a fullmakt that the other takes back.
    await v.goto("/me");
    await v.press("see.more", { within: RECIPIENT });
    await v.press("see.extend");
    await v.page.locator("input[name=flik]:not(:checked)").first().setChecked(true);
    await v.press("give.preview");
    await v.isAt("extend.sign_title");
    v.page = second;
    for (let left = 2; left > 0; left -= 1) {
      await v.goto("/me");
      await v.press("see.revoke", { within: RECIPIENT });
      await v.press("see.revoke");
      await v.isAt("revoke.done_title");
    }
    v.page = first;
    await v.press("extend.button", { status: 409 });
    await v.isAt("changed.title");
    await v.says("it is said what changed", v.way.language === "sv" ? "En fullmakt återkallas" : "A fullmakt is revoked");
    v.check("nothing is open", (await active(who)).length === before);
    await v.back();
    await v.goto("/me");
    await v.page.close();
    v.page = second;
  },

  async two_clicks(v, { who }) {
    const count = async (kind) => (await ask("log", { who })).filter((one) => one.kind === kind).length;
    const kinds = ["sign_fullmakt", "pause_fullmakt", "revoke_fullmakt"];
    const earlier = [];
    for (const kind of kinds) earlier.push(await count(kind));
    await v.signIn(who);
    await fillIn(v);
    const twice = async (label) => {
      let sent = 0;
      const hear = (request) => { sent += request.method() === "POST" ? 1 : 0; };
      v.page.on("request", hear);
      const target = v.target(label);
      await target.click({ clickCount: 2, delay: 0, noWaitAfter: true });
      await v.page.waitForLoadState("load");
      await v.page.waitForFunction(() => document.readyState === "complete");
      v.page.off("request", hear);
      return sent;
    };
    await twice("give.button");
    await v.page.getByRole("heading", { level: 1, name: v.t("signed.fullmakt.title") }).waitFor();
    await v.goto("/me");
    await v.press("see.pause", { within: RECIPIENT });
    await twice("see.pause");
    await v.page.getByRole("heading", { level: 1, name: v.t("pause.done_title") }).waitFor();
    await v.goto("/me");
    await v.press("see.revoke", { within: RECIPIENT });
    await twice("see.revoke");
    await v.page.getByRole("heading", { level: 1, name: v.t("revoke.done_title") }).waitFor();
    for (const [number, kind] of kinds.entries()) v.check(`two clicks do it once: ${kind}`, (await count(kind)) === earlier[number] + 1, `${earlier[number]} before, ${await count(kind)} after`);
  },

  /** The network goes while something is signed: before it is sent, and before the answer comes. */
  async no_network(v, { who }) {
    const before = (await fullmakter(who)).length;
    await v.signIn(who);
    await fillIn(v);
    await v.context.setOffline(true);
    await v.breaks(() => v.target("give.button").click({ noWaitAfter: true }));
    v.check("without a network nothing is signed", (await fullmakter(who)).length === before);
    await v.context.setOffline(false);
    await v.back(); // what was sent to get that page is sent again only when one asks for it
    await v.page.reload({ waitUntil: "load" });
    await v.isAt("give.sign_title");
    v.check("the text is there again", (await v.text(".paper")).includes(RECIPIENT));

    // The answer is lost on its way.
    await v.page.route("**/me/sign/demo", async (route) => {
      await route.fetch({ maxRedirects: 0 });
      await route.abort("connectionreset");
    });
    await v.breaks(() => v.target("give.button").click({ noWaitAfter: true }));
    await v.page.unroute("**/me/sign/demo");
    v.check("it was signed, though nobody was told", (await fullmakter(who)).length === before + 1);
    const again = await v.page.reload({ waitUntil: "load" });
    await v.arrived(again, 200, "sending it again");
    await v.isAt("signed.fullmakt.title");
    v.check("sent again it is told, and is one", (await fullmakter(who)).length === before + 1);

    // Back at the page before, which is made anew: signing what stands already.
    await fillIn(v);
    await v.says("who gives the same again is told", v.t("give.same", { day: "" }).slice(0, 30));
    await v.goto("/me");

    await v.press("see.revoke", { within: RECIPIENT });
    await ask("cut_network");
    await v.breaks(() => v.target("see.revoke").click({ noWaitAfter: true }));
    await ask("mend_network");
    const mended = await v.page.reload({ waitUntil: "load" });
    await v.arrived(mended, 200, "revoking once the network is back");
    await v.isAt("revoke.done_title");
    v.check("and it is revoked", (await active(who)).length === 0);
  },

  /** Whoever sits down next and goes back sees nothing. */
  async back_after_leaving(v, { who }) {
    const secret = scene.people[who].number.slice(-4);
    for (const how of ["frame.sign_out", "menu", "ended"]) {
      await v.signIn(who);
      await v.goto("/me/documents");
      const title = await v.text();
      v.check("there is something to see", title.length > 40);
      await v.goto("/me/more");
      v.check("and the number", (await v.text()).includes(secret));
      if (how === "ended") {
        await v.goto("/me/keys");
        await v.press("keys.end_all");
      } else if (how === "menu") {
        v.mayGoTo.add("https://www.smhi.se/");
        await v.breaks(() => v.target("frame.leave").click({ noWaitAfter: true }));
      } else {
        await v.press("frame.sign_out");
      }
      for (let steps = 0; steps < 3; steps += 1) {
        await v.back();
        const there = await v.page.evaluate(() => document.body.innerText);
        v.check(`going back after ${how}, step ${steps + 1}, nothing is shown`, !there.includes(secret) && !there.includes("Journalanteckningar"), `${v.page.url()}: ${there.slice(0, 300)}`);
      }
      const cookies = (await v.context.cookies(scene.origin)).map((one) => one.name);
      v.check("the session's cookie is gone", !cookies.includes("__Host-flikvakt-session"), cookies.join());
      await v.goto("/sign-in");
    }
  },

  /** Another site's page around ours, and its forms to ours. */
  async framed(v, { who }) {
    await v.signIn(who);
    const elsewhere = await ask("elsewhere");
    v.mayGoTo.add(`${elsewhere}/`);
    const refused = [];
    v.page.on("console", (message) => refused.push(message.text()));
    const strange = v.strange;
    v.strange = [];
    await v.page.goto(`${elsewhere}/frames`);
    for (const frame of v.page.frames().slice(1)) {
      const text = await frame.evaluate(() => document.body?.innerText ?? "").catch(() => "");
      v.check(`no page of ours is in a frame of another site (${frame.url() || "blocked"})`, !text.includes("Flikvakt") && !text.includes(scene.people[who].number), text.slice(0, 200));
    }
    v.check("the browser says why", refused.filter((text) => /frame/i.test(text)).length >= 2, refused.join("\n"));
    const before = (await active(who)).length;
    await v.page.goto(`${elsewhere}/forged`);
    const [response] = await Promise.all([v.page.waitForNavigation(), v.page.locator("button").click()]);
    v.check("a form of another site changes nothing", response.status() === 403 && (await active(who)).length === before, response.status());
    v.strange = strange;
    await v.goto("/me");
    v.measured += 1;
  },

  /** What no form has. */
  async absurd_sizes(v, { who }) {
    v.networkMayFail = true;
    await v.signIn(who);
    const send = async (name, make, { status, title }) => {
      await v.goto("/me/give/new");
      const isSent = (one) => one.request().isNavigationRequest() && one.request().method() === "POST";
      const [response] = await Promise.all([v.page.waitForResponse(isSent), v.page.evaluate(make)]);
      await v.page.locator("h1").filter({ hasText: v.t(title) }).waitFor();
      v.check(`${name}: ${status}`, response?.status() === status, `${response?.status()} ${v.page.url()}`);
      const there = await v.page.locator("h1").first().innerText().catch(() => v.page.url());
      v.check(`${name}: a page in plain words`, there === v.t(title), there);
      v.check(`${name}: with a way on`, (await v.page.locator("main a").count()) > 0 || (await v.page.locator("header a").count()) > 0);
    };
    const add = (count, bytes) => `(() => {
      const form = document.querySelector("form[action='/me/give/new']");
      for (let n = 0; n < ${count}; n += 1) {
        const field = document.createElement("input");
        field.type = "hidden"; field.name = "f" + n; field.value = "x".repeat(${bytes});
        form.append(field);
      }
      form.submit();
    })()`;
    await send("a form of 10 MB", add(10, 1 << 20), { status: 413, title: "problem.large.title" });
    await send("a field of 1 MB", add(1, 1 << 20), { status: 413, title: "problem.large.title" });
    await send("3,000 fields", add(3_000, 30), { status: 413, title: "problem.large.title" });
    await send("a thousand fields", add(1_000, 1), { status: 400, title: "problem.form.title" });
    await v.goto("/me");
    await v.isAt("see.title");
  },
});
