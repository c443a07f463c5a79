// Walks to an issuer of ID tokens and back: oidc-provider, on another site.
import { ask, day, play, scene } from "../browser.mjs";

const RECIPIENT = "Försäkringskassan i Påhittköping";
const hex = (base64url) => Buffer.from(base64url, "base64url").toString("hex");
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** On the way to an issuer and there nothing is strange. */
const mayGoToIssuers = (v) => {
  for (const one of Object.values(scene.issuers)) v.mayGoTo.add(`${one}/`);
};

const isAtIssuer = async (v, name) => {
  await v.page.waitForURL((url) => url.origin === scene.issuers[name]);
  v.must(`is at ${name}`, (await v.heading()) === name);
};

/** At the issuer: what is said there, and who it is that comes back. */
const isThere = async (v, who) => {
  const [response] = await Promise.all([
    v.page.waitForNavigation({ url: (url) => url.origin === scene.origin, waitUntil: "load" }),
    v.page.getByRole("button", { name: who, exact: true }).click(),
  ]);
  return response;
};

const toIssuer = async (v, name, { of = "sign_in.at" } = {}) => {
  await v.press(of, { values: { name } });
  await v.isAt(of === "sign_in.at" ? "to_issuer.title" : "to_issuer.staff_title");
  const next = v.target("to_issuer.next");
  const address = new URL(await next.getAttribute("href"));
  await next.click();
  await isAtIssuer(v, name);
  return address.searchParams;
};

const signIn = async (v, name, who, { title = "see.title", at = "/sign-in", of, status = 200 } = {}) => {
  await v.goto(at);
  const asked = await toIssuer(v, name, { of });
  await v.arrived(await isThere(v, who), status, `coming back from ${name}`);
  if (title) await v.isAt(title);
  return asked;
};

const fillIn = async (v, { flik = "journal", until = day(60) } = {}) => {
  await v.goto("/me/give/new");
  await v.choose("give.who", `organisation:${scene.hex_ids.forsakringskassan}`);
  await v.page.locator(`input[name=flik][value=${flik}]`).setChecked(true);
  await v.tick(scene.organisations.region);
  await v.choose("give.purpose", "rehab");
  await v.fill("give.until", until);
  await v.press("give.preview");
  await v.isAt("give.sign_title");
};

/** From the page where something is signed to the issuer; what was asked there. */
const toSign = async (v, name, words = "sign.with_e_id") => {
  const link = v.page.locator("a.button", { hasText: v.t(words) });
  const asked = new URL(await link.getAttribute("href")).searchParams;
  await link.click();
  await isAtIssuer(v, name);
  return asked;
};

const fullmakter = async (who) => (await ask("overview", { who })).fullmakter;

await play({
  /** Sign in, see that it is the same person as ever, sign a fullmakt, take it back. */
  async person(v, { who }) {
    mayGoToIssuers(v);
    const name = capital(who);
    await v.goto("/me/log");
    v.check("who is not signed in is asked to", new URL(v.page.url()).pathname === "/sign-in");
    const asked = await toIssuer(v, scene.names.e_id);
    v.check("the flow is the one that the profile names", asked.get("response_type") === "code" && asked.get("code_challenge_method") === "S256" && asked.get("scope") === "openid");
    const claims = JSON.parse(asked.get("claims")).id_token;
    v.check("the level is essential", claims.acr.essential && claims.acr.values.join() === "http://id.elegnamnden.se/loa/1.0/loa3", JSON.stringify(claims));
    v.check("state, nonce and challenge have 256 bits", ["state", "nonce", "code_challenge"].every((one) => hex(asked.get(one)).length === 64));
    v.check("its words are in the language that was chosen", (await v.page.locator("#locales").innerText()) === v.way.language);
    v.check("nothing is signed by signing in", (await v.page.locator("#message").innerText()) === "");
    await v.arrived(await isThere(v, name), 200, "coming back");
    v.check("one comes back to the page that one wanted", new URL(v.page.url()).pathname === "/me/log", v.page.url());
    await v.isAt("log.title");
    await v.says("the log is the person's own", v.t("log.title"), { selector: "h1" });

    const before = await fullmakter(who);
    await fillIn(v);
    const paper = await v.page.locator(".paper bdi").evaluate((one) => one.textContent);
    v.check("the text names who, what and until when", paper.includes(RECIPIENT) && paper.includes(v.way.language === "sv" ? "Journal" : "Medical record"), paper);
    const signing = await toSign(v, scene.names.e_id);
    const message = await v.page.locator("#message").innerText();
    v.check("the e-ID says what is signed", message.startsWith("Flikvakt: ") && message.length > 25, message);
    v.check("and the beginning of its hash, which is the nonce", message.endsWith(`(${hex(signing.get("nonce")).slice(0, 8)})`), `${message} ${hex(signing.get("nonce"))}`);
    v.check("the user is asked for again", signing.get("prompt") === "login" && signing.get("max_age") === "0");
    await v.arrived(await isThere(v, name), 200, "coming back signed");
    await v.isAt("signed.fullmakt.title");
    const after = await fullmakter(who);
    v.check("one fullmakt more", after.length === before.length + 1, `${before.length} before, ${after.length} after`);
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(paper))).toString("base64url");
    v.check("the text that was shown is the text that was signed", after.some((one) => one.terms.text_sha256 === digest));

    const said = await v.text();
    const again = await v.page.reload({ waitUntil: "load" });
    await v.arrived(again, 200, "loading it again");
    v.check("the page of coming back, loaded again, is the same", (await v.text()) === said, await v.text());
    v.check("and nothing is signed twice", (await fullmakter(who)).length === after.length);

    await v.goto("/me/keys");
    await v.says("the e-ID is among the person's keys", v.t("key.e_id"));
    await v.goto("/me");
    await v.press("see.revoke", { within: RECIPIENT });
    await v.press("see.revoke");
    await v.isAt("revoke.done_title");
    const { code, said: words } = await ask("verify_log");
    v.check("the log verifies, with the tokens that opened and signed", code === 0, words);

    await v.press("frame.sign_out");
    await signIn(v, scene.names.other, name, { at: "/sign-in?back=/me/keys", title: "keys.title" });
    v.check("another e-ID of the same number is the same person", (await v.page.getByText(v.t("key.e_id")).count()) >= 2, await v.text());
  },

  /** Turns back at the issuer; signs when something changed meanwhile. */
  async turns_back(v, { who }) {
    mayGoToIssuers(v);
    const name = capital(who);
    await signIn(v, scene.names.e_id, name);
    const until = day(45);
    await fillIn(v, { flik: "journal", until });
    await toSign(v, scene.names.e_id);
    await v.arrived(await isThere(v, "Avbryt"), 409, "turning back");
    await v.isAt("not_signed.title");
    await v.press("changed.again");
    await v.isAt("give.sign_title");
    const paper = await v.text(".paper");
    v.check("what was filled in is still there", paper.includes(RECIPIENT), paper);
    await toSign(v, scene.names.e_id);
    await v.arrived(await isThere(v, name), 200, "coming back signed");
    await v.isAt("signed.fullmakt.title");

    await fillIn(v, { flik: "lakarutlatande", until });
    await toSign(v, scene.names.e_id);
    await ask("revoke_meanwhile", { who });
    await v.arrived(await isThere(v, name), 409, "coming back when something changed");
    await v.isAt("changed.title");
    await v.says("it says what changed", v.way.language === "sv" ? "En fullmakt återkallas" : "A fullmakt is revoked");
    await v.press("changed.again");
    await v.isAt("give.sign_title");
    v.check("what was filled in is still there after that", (await v.text(".paper")).includes(v.way.language === "sv" ? "Läkarutlåtande" : "Medical certificate"));
    await toSign(v, scene.names.e_id);
    await v.arrived(await isThere(v, name), 200, "coming back signed after all");
    await v.isAt("signed.fullmakt.title");
    await v.goto("/me");
    await v.press("see.revoke", { within: RECIPIENT });
    await v.press("see.revoke");

    await v.press("frame.sign_out");
    await v.goto("/sign-in");
    await toIssuer(v, scene.names.e_id);
    await v.arrived(await isThere(v, "Avbryt"), 422, "turning back when signing in");
    await v.says("it is said that it did not work", v.t("sign_in.why_failed"));
    await v.goto("/me");
    v.check("and nobody is let in", new URL(v.page.url()).pathname === "/sign-in", v.page.url());
  },

  /** An e-ID enrols a passkey, which then signs in alone. */
  async passkey(v, { who }) {
    mayGoToIssuers(v);
    const authenticator = await v.authenticator();
    await signIn(v, scene.names.e_id, capital(who));
    await v.goto("/me/keys/add");
    await v.press("add_passkey.make");
    await v.isAt("add_passkey.sign_title");
    v.check("the passkey is made and does not count yet", (await authenticator.credentials()).length === 1);
    await toSign(v, scene.names.e_id);
    await v.arrived(await isThere(v, capital(who)), 200, "coming back signed");
    await v.isAt("signed.other.title");
    await v.press("frame.sign_out");
    await v.press("sign_in.passkey");
    await v.isAt("see.title");
    const { code, said } = await ask("verify_log");
    v.check("the log verifies", code === 0, said);
  },

  /** Milo has a new number since; the token says which he had before. */
  async previous_number(v) {
    mayGoToIssuers(v);
    await signIn(v, scene.names.e_id, "Milo");
    await v.says("what he gave under the number of before is his", "Stegvis Karriär Exempel AB");
    await v.goto("/me/documents");
    await v.says("his documents, too", v.way.language === "sv" ? "Rehabiliteringsplan" : "Rehabilitation plan");
  },

  /** A number that nobody knew becomes a person. */
  async newcomer(v) {
    mayGoToIssuers(v);
    await signIn(v, scene.names.e_id, "Nykomling");
    await v.says("nothing is open", v.t("see.nothing_open"));
    await v.goto("/me/more");
    v.check("it is that number", (await v.text()).includes(`${scene.numbers.newcomer.slice(0, 8)}-${scene.numbers.newcomer.slice(8)}`), await v.text());
  },

  async staff(v) {
    mayGoToIssuers(v);
    await signIn(v, scene.names.staff, "Kim", { title: "cases.title", of: "sign_in.at_staff" });
    await v.goto("/me", { status: 403 });
    const { number, thumbprint } = await ask("proposed_key");
    const fillInTheDesk = async () => {
      const form = v.page.locator("form[action='/staff/desk/confirm']");
      await form.locator("input[name=number]").fill(number);
      await form.locator("input[name=thumbprint]").fill(thumbprint);
      await v.press("desk.confirm", { within: form });
      await v.isAt("desk.confirm_title");
    };
    await v.goto("/staff/desk");
    await fillInTheDesk();
    const asked = await toSign(v, scene.names.staff, "sign.at_issuer");
    v.check("at work nothing of what is signed is told to the issuer but the hash", !asked.has("https://id.oidc.se/param/userMessage") && hex(asked.get("nonce")).length === 64);
    await v.arrived(await isThere(v, "Avbryt"), 409, "turning back");
    await v.isAt("not_signed.title");
    await v.says("it is said what to do", v.t("not_signed.staff_text"));
    v.check("the number is nowhere", !(await v.page.content()).includes(number));
    await v.press("changed.again", { status: 422 });
    await v.isAt("desk.title");
    v.check("what was filled in is there, but for the number", (await v.page.locator("input[name=thumbprint]").inputValue()) === thumbprint && (await v.page.locator("#n2").inputValue()) === "");
    v.check("nothing was confirmed", (await ask("status_of_key", { thumbprint })) === "proposed");
    await fillInTheDesk();
    await toSign(v, scene.names.staff, "sign.at_issuer");
    await v.arrived(await isThere(v, "Maja"), 409, "coming back as a colleague");
    v.check("nobody signs for another", (await ask("status_of_key", { thumbprint })) === "proposed");
    await v.goto("/staff/desk");
    await fillInTheDesk();
    await toSign(v, scene.names.staff, "sign.at_issuer");
    await v.arrived(await isThere(v, "Kim"), 200, "coming back signed");
    await v.isAt("desk.confirmed.title");
    v.check("the key counts", (await ask("status_of_key", { thumbprint })) === "active");
    const said = await v.text();
    await v.arrived(await v.page.reload({ waitUntil: "load" }), 200, "loading it again");
    v.check("loaded again it says the same", (await v.text()) === said, await v.text());
    await v.press("frame.sign_out");
    await signIn(v, scene.names.staff, "Maja", { title: "cases.title", of: "sign_in.at_staff" });
    await v.press("frame.sign_out");
    for (const nobody of ["Okänd", "Jorun"]) {
      await signIn(v, scene.names.staff, nobody, { title: "sign_in.heading", of: "sign_in.at_staff", status: 422 });
      await v.says(`${nobody} is nobody here`, v.t("sign_in.why_failed"));
    }
  },
});
