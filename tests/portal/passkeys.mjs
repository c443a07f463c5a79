// Passkeys, with a virtual authenticator: made at a desk as P8 demands, used to sign in and to sign; and every way in which one must not count.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Visitor, ask, day, play, scene } from "./browser.mjs";

const TEAM = "Konsultation Tresjöarna";
const NUMBER = scene.newcomer;
const flik = (v, code) => scene.flikar[code][v.way.language === "en" ? "en" : "sv"];
const at = (v) => new URL(v.page.url()).pathname;
const visitor = async (v, walk) => await new Visitor(v.browser, { ...v.play, walk }).open();

let passkey; // the newcomer's credential, as the authenticator at the desk made it

/** Signs in with the passkey of the tab's authenticator. `status`, when it must fail. */
const signIn = async (v, { fails = false } = {}) => {
  await v.goto("/sign-in");
  await v.press("sign_in.passkey", { status: fails ? 422 : 200 });
  if (fails) {
    await v.says("it did not work, and nothing says why", v.t("sign_in.why_failed"));
    await v.goto("/me");
    v.check("nobody is signed in", at(v) === "/sign-in", v.page.url());
  } else {
    await v.isAt("see.title");
  }
};

/** Changes the options of the page's form before the script reads them, as a page that was tampered with would. */
const bend = (v, change) =>
  v.page.locator("form[data-passkey]").evaluate((form, text) => {
    const options = JSON.parse(form.dataset.options);
    Object.assign(options, JSON.parse(text));
    form.dataset.options = JSON.stringify(options);
  }, JSON.stringify(change));

/** A page that shows a fullmakt to sign, for the team, of one flik. */
const toSign = async (v, code = "lakarutlatande") => {
  await v.goto("/me/give/new");
  await v.choose("give.who", `team:${scene.hex_ids.team}`);
  await v.tick(flik(v, code));
  await v.tick(scene.organisations.region);
  await v.choose("give.purpose", "konsultation");
  await v.fill("give.until", day(30));
  await v.press("give.preview");
  await v.isAt("give.sign_title");
};
const withPasskey = (v) => v.page.locator('form[action="/me/sign/passkey"] button');
const sign = async (v, { status = 200 } = {}) => {
  const [response] = await Promise.all([v.page.waitForNavigation({ waitUntil: "load" }), withPasskey(v).click()]);
  await v.arrived(response, status, "signing with the passkey");
};
const overviewOf = async (v) => {
  await v.goto("/me/everything");
  return JSON.parse(readFileSync((await v.save("everything.overview")).file, "utf-8"));
};
const nothingWasSigned = async (v, what) => {
  v.check(`${what}: the page says that nothing was signed`, (await v.heading()) === v.t("not_signed.title"), await v.heading());
  const { fullmakter } = await overviewOf(v);
  v.check(`${what}: nothing was`, fullmakter.filter((one) => one.status === "active").length === 0, JSON.stringify(fullmakter.map((one) => one.status)));
};

await play({
  /** At a desk: a registrar and the person, then a registrar of another organisation. */
  async joining(v) {
    const auth = await v.authenticator();
    await v.signIn("kim");
    await v.press("menu.desk");
    await v.isAt("desk.title");
    await v.page.locator("#n1").fill(NUMBER.slice(0, 11));
    await v.press("desk.go_on", { status: 422 });
    await v.says("a number that is none is told", v.t("people.wrong"));
    await v.page.locator("#n1").fill(NUMBER);
    await v.press("desk.go_on");
    await v.isAt("join.title");
    v.check("the number stands in no address", !v.page.url().includes(NUMBER));
    await v.press("add_passkey.make");
    await v.isAt("desk.join_title");
    const made = await auth.credentials();
    v.must("the authenticator made one passkey", made.length === 1 && made[0].rpId === "localhost" && made[0].isResidentCredential, JSON.stringify(made.map((one) => one.rpId)));
    [passkey] = made;
    const named = (await v.text()).match(/[A-Za-z0-9_-]{43}/)?.[0];
    v.must("the number of the key is shown", named, await v.text());
    await v.press("desk.propose");
    await v.isAt("desk.joined.title");
    await v.says("the number of the key is still there to hand on", named);

    const alone = await visitor(v, "the newcomer before a second registrar");
    const own = await alone.authenticator();
    await own.add(passkey);
    await alone.goto("/sign-in");
    await alone.press("sign_in.passkey", { status: 403 });
    await alone.isAt("own_closed.title");
    for (const path of ["/me/log", "/me/documents", "/me/give/new", "/me/everything/overview.json"]) {
      alone.check(`with one registrar alone ${path} is closed`, (await alone.page.goto(path)).status() === 403);
    }
    await alone.goto("/me", { status: 403 });
    await alone.press("own_closed.block");
    await alone.isAt("sparr.done_title");
    [passkey] = await own.credentials();
    await own.gone();
    await alone.close();

    const same = await visitor(v, "the same organisation a second time");
    await same.signIn("kim");
    await same.goto("/staff/desk");
    await same.page.locator("#n2").fill(NUMBER);
    await same.fill("desk.key", named);
    await same.press("desk.confirm", { within: same.t("desk.confirm_heading") });
    const [response] = await Promise.all([same.page.waitForNavigation(), same.target("desk.confirm").click()]);
    same.check("whoever proposed it cannot confirm it", response.status() === 403, `it answers ${response.status()}`);
    await same.close();

    const second = await visitor(v, "a second registrar");
    await second.signIn("lee");
    await second.goto("/staff/desk");
    await second.page.locator("#n2").fill(NUMBER);
    await second.fill("desk.key", named);
    await second.press("desk.confirm", { within: second.t("desk.confirm_heading") });
    await second.isAt("desk.confirm_title");
    await second.says("the key is named again", named);
    await second.press("desk.confirm");
    await second.isAt("desk.confirmed.title");
    await second.close();
  },

  /** Signing in, and signing a fullmakt with fresh verification. */
  async signing(v) {
    const auth = await v.authenticator();
    await auth.add(passkey);
    await signIn(v);
    await v.says("nothing is open", v.t("see.nothing_open"));
    await v.press("sparr.lift", { within: v.t("sparr.everything") });
    await v.isAt("lift.title");
    await sign(v);
    await v.isAt("signed.lifted.title");
    await toSign(v);
    const text = await v.page.locator(".paper bdi").evaluate((one) => one.textContent);
    v.check("the demo does not sign for whom it has no key", (await v.page.locator('form[action="/me/sign/demo"]').count()) === 0);
    const sent = v.page.waitForRequest((request) => request.url().endsWith("/me/sign/passkey"));
    await sign(v);
    await v.isAt("signed.fullmakt.title");
    const answer = JSON.parse(new URLSearchParams((await sent).postData()).get("answer"));
    const client = JSON.parse(Buffer.from(answer.response.clientDataJSON, "base64url"));
    const flags = Buffer.from(answer.response.authenticatorData, "base64url")[32];
    v.check("the user was verified for it", (flags & 4) === 4 && client.type === "webauthn.get" && client.origin === scene.origin, JSON.stringify(client));
    const { fullmakter } = await overviewOf(v);
    const hash = createHash("sha256").update(text, "utf-8").digest("base64url");
    v.check("what is kept as signed is the text that was shown, to the letter", fullmakter.some((one) => one.terms.text_sha256 === hash), JSON.stringify(fullmakter));
    const document = await ask("deposit_for_newcomer");
    v.check("the team reads by it", (await ask("read", { who: "jorun", document, purpose: "konsultation" })) === 200);
    await v.goto("/me");
    await v.press("see.revoke", { within: TEAM });
    await v.press("see.revoke");
    await v.isAt("revoke.done_title");
    v.check("revoking asked for no passkey, and the team is refused", (await ask("read", { who: "jorun", document, purpose: "konsultation" })) === 403);
    [passkey] = await auth.credentials();
    await auth.gone();
  },

  /** A copy of the authenticator is found by its count; another origin, no verification, and an answer that was used. */
  async impostors(v) {
    const copy = await v.authenticator();
    await copy.add({ ...passkey, signCount: Math.max(0, passkey.signCount - 1) });
    await signIn(v, { fails: true });
    await copy.gone();

    const unverified = await v.authenticator();
    await unverified.add(passkey);
    await unverified.verifies(false);
    await v.goto("/sign-in");
    await bend(v, { userVerification: "discouraged" });
    await v.press("sign_in.passkey", { status: 422 });
    await v.says("without the user's verification it is refused", v.t("sign_in.why_failed"));
    await unverified.gone();
    passkey.signCount += 20;

    const elsewhere = await ask("second_door");
    const other = await visitor(v, "a page of another origin");
    other.mayGoTo.add(`${elsewhere}/`);
    const there = await other.authenticator();
    await there.add(passkey);
    await other.page.goto(`${elsewhere}/sign-in`);
    await Promise.all([other.page.waitForNavigation({ waitUntil: "load" }), other.target("sign_in.passkey").click()]);
    other.check("a passkey that was asked for by another origin is refused", (await other.text("body")).includes(other.t("sign_in.why_failed")), await other.text("body"));
    await there.gone();
    await other.close();
    passkey.signCount += 20;

    const right = await v.authenticator();
    await right.add(passkey);
    const sent = v.page.waitForRequest((request) => request.url().endsWith("/sign-in/passkey"));
    await signIn(v);
    const used = new URLSearchParams((await sent).postData()).get("answer");
    [passkey] = await right.credentials();
    await right.gone();
    const again = await visitor(v, "an answer that was used before");
    await again.goto("/sign-in");
    const send = (answer) => again.page.locator('form[action="/sign-in/passkey"]').evaluate((form, text) => { form.elements.namedItem("answer").value = text; form.submit(); }, answer);
    for (const [what, answer] of [["the answer of another sign-in", used], ["no answer", ""], ["something else than an answer", '{"id":"AA","rawId":"AA","type":"public-key","response":{}}']]) {
      const [response] = await Promise.all([again.page.waitForNavigation({ waitUntil: "load" }), send(answer)]);
      await again.arrived(response, 422, what);
      await again.says(`${what} is refused`, again.t("sign_in.why_failed"));
    }
    await again.close();
  },

  /** What signs is the session's own passkey, over the act of this very page. */
  async wrong_signatures(v) {
    const auth = await v.authenticator();
    await auth.add(passkey);
    await signIn(v);

    await toSign(v);
    await auth.verifies(false);
    await bend(v, { userVerification: "discouraged" });
    await sign(v, { status: 409 });
    await nothingWasSigned(v, "without verification");
    await auth.verifies(true);
    await toSign(v);
    await sign(v);
    await v.isAt("signed.fullmakt.title");
    await v.goto("/me");
    await v.press("see.revoke", { within: TEAM });
    await v.press("see.revoke");

    // Another person's passkey, in this person's session.
    const somebody = await visitor(v, "somebody else adds a passkey");
    const theirs = await somebody.authenticator();
    await somebody.signIn("alex");
    await somebody.goto("/me/keys/add");
    await somebody.press("add_passkey.make");
    await somebody.isAt("add_passkey.sign_title");
    await somebody.press("add_passkey.button");
    await somebody.isAt("signed.other.title");
    const [foreign] = await theirs.credentials();
    await somebody.press("frame.sign_out");
    await somebody.press("sign_in.passkey");
    await somebody.isAt("see.title");
    await somebody.goto("/me/more");
    await somebody.says("what was added at home signs in", scene.people.alex.number.slice(0, 8));
    await theirs.gone();
    await somebody.close();

    await auth.add({ ...foreign, signCount: foreign.signCount + 20 });
    await toSign(v);
    await bend(v, { allowCredentials: [{ type: "public-key", id: foreign.credentialId.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") }] });
    await sign(v, { status: 409 });
    await nothingWasSigned(v, "somebody else's passkey");
    await auth.forget(foreign.credentialId);

    // The act of another tab: a page signs only what it showed.
    await toSign(v, "lakarutlatande");
    const second = await v.newPage();
    const auth2 = await v.authenticator({}, second);
    const first = v.page;
    v.page = second;
    await toSign(v, "journal");
    [passkey] = await auth.credentials();
    await auth2.gone();
    v.page = first;
    await first.bringToFront();
    const challenge = await second.locator("form[data-passkey]").evaluate((form) => JSON.parse(form.dataset.options).challenge);
    await bend(v, { challenge });
    await sign(v, { status: 409 });
    await nothingWasSigned(v, "the act of another tab");
    await second.close();

    // The authenticator of the signing counts back.
    [passkey] = await auth.credentials();
    await auth.gone();
    const copy = await v.authenticator();
    await copy.add({ ...passkey, signCount: Math.max(0, passkey.signCount - 2) });
    await toSign(v);
    await sign(v, { status: 409 });
    await nothingWasSigned(v, "a copy that counts back");
    await copy.gone();
    passkey.signCount += 20;
  },

  /** Of staff whose organisation has no sign-in of its own: made in the browser, registered by two administrators, suspended by one. */
  async staff(v, { who }) {
    await v.goto("/sign-in");
    await v.press("sign_in.work_key");
    await v.isAt("work_key.title");
    const auth = await v.authenticator();
    await v.press("add_passkey.make");
    await v.isAt("work_key_made.title");
    const [thumbprint, file] = await v.page.locator(".commandline").allInnerTexts();
    v.must("its number is shown", /^[A-Za-z0-9_-]{43}$/.test(thumbprint.trim()), thumbprint);
    await signIn(v, { fails: true });
    const alone = await ask("register_staff_key", { text: file, staff: who, second: false });
    await signIn(v, { fails: true });
    const both = await ask("register_staff_key", { text: file, staff: who, second: true });
    v.must("one administrator proposes it, two register it", alone.code === 0 && both.code === 0, JSON.stringify([alone, both]));
    await v.goto("/sign-in");
    await v.press("sign_in.passkey");
    await v.isAt("cases.title");

    await v.goto("/staff/desk");
    await v.page.locator("#n3").fill(NUMBER);
    await v.choose("cases.focus", "livelihood");
    await v.press("desk.refer");
    await v.isAt("desk.referral_title");
    const button = v.page.locator('form[action="/staff/sign/passkey"] button');
    await auth.verifies(false);
    await bend(v, { userVerification: "discouraged" });
    const [unverified] = await Promise.all([v.page.waitForNavigation({ waitUntil: "load" }), button.click()]);
    v.check("staff sign with fresh verification or not at all", unverified.status() === 409 && (await v.heading()) === v.t("not_signed.title"), `${unverified.status()} ${await v.heading()}`);
    await auth.verifies(true);
    await v.goto("/staff/desk");
    await v.page.locator("#n3").fill(NUMBER);
    await v.choose("cases.focus", "livelihood");
    await v.press("desk.refer");
    const [response] = await Promise.all([v.page.waitForNavigation({ waitUntil: "load" }), button.click()]);
    await v.arrived(response, 200, "signing with the passkey");
    await v.isAt("desk.referred.title");

    const gone = await ask("suspend_staff_key", { thumbprint: thumbprint.trim() });
    v.check("one administrator suspends it", gone.code === 0, JSON.stringify(gone));
    await v.goto("/staff");
    v.check("the session ends with it", at(v) === "/sign-in");
    await signIn(v, { fails: true });
  },

  /** A passkey that was removed opens nothing any more. */
  async removed(v) {
    const auth = await v.authenticator();
    await auth.add(passkey);
    await signIn(v);
    await v.press("menu.more");
    await v.press("more.keys");
    await v.says("the one in use is marked", v.t("keys.this_one"));
    await v.press("keys.remove");
    await v.press("remove_key.button");
    const signedOut = at(v) === "/sign-in" || (await v.heading()) === v.t("remove_key.done_title");
    v.check("it is removed", signedOut, await v.text());
    await v.goto("/me");
    v.check("the session ended with it", at(v) === "/sign-in");
    await signIn(v, { fails: true });
  },
});
