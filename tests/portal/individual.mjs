// Walks of the individual, at the pages and at what comes of them at the gateway's other doors.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Visitor, ask, day, play, scene } from "./browser.mjs";

const TEAM = "Konsultation Tresjöarna";
const sha256 = (text) => createHash("sha256").update(text, "utf-8").digest("base64url");
const flik = (v, code) => scene.flikar[code][v.way.language === "en" ? "en" : "sv"];
const reads = (who, document, purpose = "konsultation") => ask("read", { who, document, purpose });

/** The sign page: what it shows is what is signed, to the letter. The text. */
const signsWhatIsShown = async (v, who, button, done) => {
  const text = await v.page.locator(".paper bdi").evaluate((one) => one.textContent);
  await v.press(button);
  await v.isAt(done);
  const { fullmakter } = await ask("overview", { who });
  const newest = fullmakter.map((one) => one.terms.text_sha256);
  v.check("what is kept as signed is the text that was shown, to the letter", newest.includes(sha256(text)), `none has ${sha256(text)}: ${newest}`);
  return text;
};

const fillInNew = async (v, { flikar, until = day(60), purpose = "konsultation" }) => {
  await v.choose("give.who", `team:${scene.hex_ids.team}`);
  for (const code of flikar) await v.tick(flik(v, code));
  await v.tick(scene.organisations.region);
  await v.choose("give.purpose", purpose);
  await v.fill("give.until", until);
};

await play({
  /** Give, extend, pause, let it count again, revoke. */
  async consent(v, { who }) {
    const { journal, lakarutlatande } = scene.documents[who];
    await v.signIn(who);
    await v.says("nothing is open", v.t("see.nothing_open"));
    v.check("before anything is given the team is refused", (await reads("jorun", lakarutlatande)) === 403);

    await v.press("see.give");
    await v.isAt("give.title");
    await v.press("give.own");
    await v.isAt("give_new.title");
    await v.choose("give.who", `team:${scene.hex_ids.team}`);
    await v.fill("give.until", day(60));
    await v.press("give.preview", { status: 422 });
    await v.says("what is missing is said", v.t("give.wrong_what"));
    v.check("what was chosen is still there", (await v.field("give.who").inputValue()) === `team:${scene.hex_ids.team}` && (await v.field("give.until").inputValue()) === day(60));
    await fillInNew(v, { flikar: ["lakarutlatande"] });
    await v.press("give.preview");
    await v.isAt("give.sign_title");
    const paper = await v.text(".paper");
    for (const part of [TEAM, flik(v, "lakarutlatande"), scene.organisations.region, v.t("purpose_about.konsultation"), v.t("text.revocable")]) {
      v.check(`the text to sign names “${part}”`, paper.includes(part), paper);
    }
    v.check("and nothing that was not chosen", !paper.includes(flik(v, "journal")), paper);
    v.check("before it is signed the team is refused", (await reads("jorun", lakarutlatande)) === 403);
    await signsWhatIsShown(v, who, "give.button", "signed.fullmakt.title");
    v.check("now the team reads what was given", (await reads("jorun", lakarutlatande)) === 200);
    v.check("and nothing else", (await reads("jorun", journal)) === 403);
    v.check("nor for another purpose", (await reads("jorun", lakarutlatande, "rehab")) === 403);
    v.check("nor does anybody else", (await reads("lee", lakarutlatande)) === 403);

    await v.press("menu.overview");
    await v.isAt("see.title");
    await v.press("see.more", { within: TEAM });
    await v.press("see.extend");
    await v.isAt("extend.title");
    await v.press("give.preview", { status: 422 });
    await v.says("nothing added is no extension", v.t("extend.wrong_nothing"));
    await v.tick(flik(v, "journal"));
    await v.press("give.preview");
    await v.isAt("extend.sign_title");
    const delta = await v.text(".paper");
    v.check("what is added is named", delta.includes(flik(v, "journal")) && !delta.includes(flik(v, "lakarutlatande")), delta);
    v.check("before it is signed nothing is added", (await reads("jorun", journal)) === 403);
    await v.press("extend.button");
    await v.isAt("signed.komplettering.title");
    v.check("now the team reads the journal too", (await reads("jorun", journal)) === 200);

    await v.press("menu.overview");
    await v.press("see.pause", { within: TEAM });
    await v.isAt("pause.title", { who: TEAM });
    await v.press("see.pause");
    await v.isAt("pause.done_title");
    v.check("while it is paused the team is refused", (await reads("jorun", journal)) === 403);
    await v.press("menu.overview");
    await v.says("it is shown as paused", v.t("status.paused"));
    await v.press("see.resume", { within: TEAM });
    await v.isAt("resume.title", { who: TEAM });
    await v.press("see.resume");
    await v.isAt("signed.resumed.title");
    v.check("it counts again", (await reads("jorun", journal)) === 200);

    await v.press("menu.overview");
    await v.press("see.revoke", { within: TEAM });
    await v.isAt("revoke.title", { who: TEAM });
    await v.press("see.revoke");
    await v.isAt("revoke.done_title");
    const told = await v.text();
    const title = "Journalanteckningar";
    v.check("it is told what had been read, and by whom", told.includes(title) && told.includes("Kort läkarutlåtande") && told.includes("Försäkringskassan"), told);
    v.check("no reading was cut, and none is said to be", !told.includes(v.t("take.cut.one")), told);
    v.check("the team is refused from now on", (await reads("jorun", journal)) === 403 && (await reads("jorun", lakarutlatande)) === 403);
    await v.press("menu.overview");
    await v.says("nothing is open any more", v.t("see.nothing_open"));
    await v.press(v.page.locator('main a[href="/me/fullmakter/ended"]'));
    await v.isAt("ended.title");
    await v.says("the ended one is kept", v.t("status.revoked"));
  },

  /** Revoking in the middle of a transfer. */
  async cut(v, { who }) {
    const big = scene.documents[who].bilder;
    await ask("give", { who, flikar: ["bilder", "journal"] });
    v.check("the team reads the journal", (await reads("jorun", scene.documents[who].journal)) === 200);
    await v.signIn(who);
    await ask("hold", { who: "jorun", document: big });
    await v.press("see.revoke", { within: TEAM });
    await v.press("see.revoke");
    await v.isAt("revoke.done_title");
    await v.says("it is told that a reading was cut", v.t("take.cut.one", { n: "1" }));
    await v.says("and what had been read", "Journalanteckningar");
    const held = await ask("let_go");
    v.check("what was under way has ended before its end", held.status === 200 && held.got < held.size, JSON.stringify(held));
    v.check("the team is refused from now on", (await reads("jorun", big)) === 403);
    await ask("witnessed");
    const { file } = await v.save("taken.receipt");
    const verified = await ask("verify_receipt", { file });
    v.check("the receipt of the revocation holds", verified.code === 0 && verified.said.act.kind === "revoke_fullmakt" && verified.said.act.outcome === "permitted", JSON.stringify(verified));
  },

  /** Requests: a part is given, another one gets a no. */
  async requests(v, { who }) {
    const { journal, lakarutlatande } = scene.documents[who];
    const kassan = scene.organisations.forsakringskassan;
    const first = await ask("request", { who: "lee", person: who, flikar: ["journal", "lakarutlatande"], purpose: "bedomning", to: ["organisation", "forsakringskassan"] });
    await v.signIn(who);
    await v.says("it waits on the first page", v.t("see.waiting_requests.one"));
    await v.press("menu.requests");
    await v.isAt("requests.title");
    await v.says("what they wrote is shown", "Vi behöver se mer");
    await v.press("request.answer", { within: kassan });
    await v.isAt("request.title", { who: kassan });
    await v.tick(flik(v, "journal"), { on: false });
    await v.tick(flik(v, "lakarutlatande"), { on: false });
    await v.press("give.preview", { status: 422 });
    await v.says("giving nothing is not giving", v.t("request.wrong_nothing"));
    await v.tick(flik(v, "lakarutlatande"));
    await v.fill("see.until", day(10));
    await v.press("give.preview");
    await v.isAt("request.sign_title", { who: kassan });
    const paper = await v.text(".paper");
    v.check("only the part is in the text", paper.includes(flik(v, "lakarutlatande")) && !paper.includes(flik(v, "journal")), paper);
    await signsWhatIsShown(v, who, "give.button", "signed.fullmakt.title");
    v.check("who asked is told that it was a part", (await ask("status_of", { who: "lee", request: first })) === "granted_in_part");
    v.check("they read what was given", (await reads("lee", lakarutlatande, "bedomning")) === 200);
    v.check("and not what was not", (await reads("lee", journal, "bedomning")) === 403);

    const second = await ask("request", { who: "lee", person: who, flikar: ["journal"], purpose: "bedomning", to: ["organisation", "forsakringskassan"] });
    await v.press("menu.requests");
    await v.press("decline.button", { within: v.t("request.open") });
    await v.isAt("decline.title", { name: kassan });
    await v.press("decline.button");
    await v.isAt("decline.done_title");
    v.check("who asked is told no", (await ask("status_of", { who: "lee", request: second })) === "declined");
    v.check("nothing opened by it", (await reads("lee", journal, "bedomning")) === 403);
    v.check("and what stood stands", (await reads("lee", lakarutlatande, "bedomning")) === 200);
    await v.press("menu.requests");
    await v.says("both are among the answered", v.t("request.declined"));
    await v.says("the first too", v.t("request.granted_in_part"));

    await v.press("menu.overview");
    await v.press("see.revoke", { within: kassan });
    await v.press("see.revoke");
    v.check("revoked, they read nothing", (await reads("lee", lakarutlatande, "bedomning")) === 403);
  },

  /** Sparr: of a flik for all, of a document for some; lifted again. */
  async sparr(v, { who }) {
    const { journal, lakarutlatande } = scene.documents[who];
    const fullmakt = await ask("give", { who, flikar: ["journal", "lakarutlatande"] });
    v.check("the team reads both", (await reads("jorun", journal)) === 200 && (await reads("jorun", lakarutlatande)) === 200);
    await v.signIn(who);
    await v.press("see.block");
    await v.isAt("sparr.title");
    await v.tick("sparr.target_dates");
    await v.fill("sparr.dated_from", "2026-12-01");
    await v.fill("sparr.dated_to", "2026-01-01");
    await v.press("sparr.set", { status: 422 });
    await v.says("days the wrong way round are told", v.t("sparr.wrong_dates"));
    v.check("what was typed is still there", (await v.field("sparr.dated_from").inputValue()) === "2026-12-01");
    await v.tick("sparr.target_flik");
    await v.choose("sparr.which_flik", "journal");
    await v.press("sparr.set");
    await v.isAt("sparr.done_title");
    v.check("the journal is closed at once", (await reads("jorun", journal)) === 403);
    v.check("the rest is not", (await reads("jorun", lakarutlatande)) === 200);
    v.check("the person still reads it", (await reads(who, journal, null)) === 200);

    await v.press("menu.overview");
    const what = v.t("sparr.flik", { name: flik(v, "journal") });
    await v.says("the Sparr is on the first page", what);
    await v.press("sparr.lift", { within: what });
    await v.isAt("lift.title");
    v.check("before it is signed nothing is lifted", (await reads("jorun", journal)) === 403);
    await v.press("sparr.lift");
    await v.isAt("signed.lifted.title");
    v.check("lifted, the team reads it again", (await reads("jorun", journal)) === 200);

    await v.goto(`/me/documents/${lakarutlatande}`);
    await v.press("documents.block");
    await v.isAt("sparr.title");
    v.check("the document is chosen already", (await v.field("sparr.which_document").inputValue()) === lakarutlatande);
    await v.tick("sparr.against_some");
    await v.press("sparr.set", { status: 422 });
    await v.says("some must be said", v.t("sparr.wrong_recipients"));
    await v.tick(TEAM, { within: v.t("sparr.which_recipients") });
    await v.press("sparr.set");
    await v.isAt("sparr.done_title");
    v.check("the document is closed to the team", (await reads("jorun", lakarutlatande)) === 403);
    v.check("the journal is not", (await reads("jorun", journal)) === 200);
    await v.press("menu.overview");
    await v.press("sparr.lift", { within: "Kort läkarutlåtande" });
    await v.press("sparr.lift");
    await v.isAt("signed.lifted.title");
    v.check("lifted too", (await reads("jorun", lakarutlatande)) === 200);
    await ask("take_back", { who, fullmakt });
  },

  /** Who has read: readings, a refused attempt, filters, receipts. */
  async log(v, { who }) {
    const { journal } = scene.documents[who];
    const fullmakt = await ask("give", { who, flikar: ["journal"] });
    v.check("the team reads", (await reads("jorun", journal)) === 200);
    v.check("somebody else tries and is refused", (await reads("saga", journal)) === 403);
    await v.signIn(who);
    await v.press("menu.log");
    await v.isAt("log.title");
    await v.says("who read, by name of the organisation", scene.organisations.forsakringskassan);
    await v.says("which document", "Journalanteckningar");
    await v.says("the refused attempt too", v.t("log.refused"));
    await v.says("and whose it was", scene.organisations.arbetsformedlingen);
    const newest = v.page.locator("ol.times > li").first();
    v.check("the newest stands first", (await newest.innerText()).includes(scene.organisations.arbetsformedlingen), await newest.innerText());
    await ask("witnessed");
    const { file, name } = await v.save("log.receipt", { within: newest });
    v.check("the receipt has a name that says what it is", /^kvitto-\d+\.json$/.test(name), name);
    const refused = await ask("verify_receipt", { file });
    v.check("the receipt of the refused attempt holds", refused.code === 0 && refused.said.act.kind === "open_reading" && refused.said.act.outcome === "refused", JSON.stringify(refused));
    const bent = await ask("verify_bent_receipt", { file });
    v.check("with one digit changed it does not", bent.code === 1, JSON.stringify(bent));
    const second = await v.save("log.receipt", { within: v.page.locator("ol.times > li").nth(1) });
    const permitted = await ask("verify_receipt", { file: second.file });
    v.check("that of the reading too", permitted.code === 0 && permitted.said.act.outcome === "permitted", JSON.stringify(permitted));

    await v.choose("log.show", "refused");
    await v.press("log.filter");
    const rows = v.page.locator("ol.times > li");
    v.check("refused only shows refused only", (await rows.count()) > 0 && (await rows.evaluateAll((all) => all.every((one) => one.classList.contains("tone-stop")))));
    await v.choose("log.show", "consent");
    await v.page.locator("details.more-filters > summary").click();
    await v.fill("log.from", day(1));
    await v.press("log.filter");
    await v.says("from tomorrow on there is nothing", v.t("log.none_fits"));
    await v.press("menu.log");
    await v.press("log.follow");
    await v.says("it can be followed", v.t("log.unfollow"));
    await v.press("log.unfollow");
    await v.says("and ended", v.t("log.follow"));
    await ask("take_back", { who, fullmakt });
  },

  /** Own documents: shown in the page, saved as they were deposited, and each look in the own log. */
  async documents(v, { who }) {
    await v.signIn(who);
    await v.press("menu.documents");
    await v.isAt("documents.title");
    for (const code of Object.keys(scene.documents[who])) await v.says(`the flik ${code} is there`, flik(v, code));
    const before = (await ask("log", { who })).filter((one) => one.kind === "open_own_document").length;
    const shown = v.page.waitForResponse((response) => response.url().endsWith("/content"));
    await v.press("Rehabiliteringsplan");
    v.check("the page names the document", (await v.heading()) === "Rehabiliteringsplan");
    const content = await shown;
    v.check("its frame shows it", content.status() === 200 && content.headers()["content-type"] === "application/pdf");
    v.check("which is told to no cache", content.headers()["cache-control"]?.includes("no-store"), content.headers()["cache-control"]);
    const { file, name } = await v.save("documents.save");
    v.check("saved it has a name", name === "Rehabiliteringsplan.pdf", name);
    v.check("and is what was deposited, byte for byte", (await ask("sha256", { file })) === (await ask("sha256_of_made", { file: "rehabiliteringsplan.pdf" })));
    const after = (await ask("log", { who })).filter((one) => one.kind === "open_own_document").length;
    v.check("both looks are in the own log", after === before + 2, `${before} before, ${after} after`);
    await v.press("documents.who");
    await v.isAt("log.title");
    await v.says("who has read this one", scene.organisations.insats);
    await v.press("menu.documents");
    const text = v.page.waitForResponse((response) => response.url().endsWith("/content"));
    await v.press("Patientöversikt (FHIR)");
    const policy = (await text).headers()["content-security-policy"];  // of a PDF the browser shows its own viewer's
    v.check("a document is shown in a sandbox", policy.includes("sandbox") && policy.includes("default-src 'none'"), policy);
    const frame = v.page.frames().find((one) => one.url().endsWith("/content"));
    await frame.waitForLoadState();
    v.check("data are shown as text", (await frame.locator("body").innerText()).includes('"resourceType"'));
  },

  /** Everything, to take along. */
  async everything(v, { who }) {
    await v.signIn(who);
    await v.press("menu.more");
    await v.isAt("more.title");
    await v.press("more.everything");
    await v.isAt("more.everything");
    const overview = JSON.parse(readFileSync((await v.save("everything.overview")).file, "utf-8"));
    const there = await ask("overview", { who });
    v.check("the overview is the one that the other door gives", overview.fullmakter.length === there.fullmakter.length && overview.documents.length === there.documents.length, JSON.stringify(Object.keys(overview)));
    const log = JSON.parse(readFileSync((await v.save("everything.log", { exact: true })).file, "utf-8"));
    v.check("the log is whole", log.entries.length === log.total && log.total > 5 && !log.next, `${log.entries.length} of ${log.total}`);
    const table = readFileSync((await v.save("everything.table")).file, "utf-8");
    v.check("the table has a line for each entry, and one that says what is what", table.startsWith("\ufeff") && table.trimEnd().split("\r\n").length >= log.total, `${table.split("\r\n").length} lines, ${log.total} entries`);
    v.check("the refused attempts are in it", table.includes(v.t("log.refused")) === log.entries.some((one) => one.outcome === "refused"));
    const titles = await v.page.locator("main ul.rows").last().getByRole("link").allInnerTexts();
    v.check("each document can be saved", titles.length === there.documents.length, titles.join(", "));
    const { file } = await v.save(titles[0]);
    v.check("and is a document", readFileSync(file).subarray(0, 5).toString() === "%PDF-");
  },

  /** Language and easy-read texts while signed in; the other pages of the individual. */
  async language(v, { who }) {
    await v.signIn(who);
    await v.press("menu.path");
    await v.isAt("path.title");
    const first = v.way.language;
    for (const language of ["sv-x-latt", first === "sv" ? "en" : "sv", first]) {
      v.way.language = language;
      await v.press("language.name");
      await v.isAt("path.title");
      v.check("the same page, still signed in", new URL(v.page.url()).pathname === "/me/path");
    }
    v.way.language = "sv-x-latt";
    await v.press("language.name");
    for (const [path, title] of [["/me", "see.title"], ["/me/log", "log.title"], ["/me/documents", "documents.title"], ["/me/requests", "requests.title"], ["/me/more", "more.title"],
      ["/me/give", "give.title"], ["/me/give/new", "give_new.title"], ["/me/sparr", "sparr.title"], ["/me/representatives", "more.representatives"], ["/me/keys", "more.keys"], ["/me/proposals", "more.proposals"],
      ["/me/providers", "providers.title"], ["/me/refer", "refer.title"], ["/me/everything", "more.everything"]]) {
      await v.goto(path);
      await v.isAt(title);
    }
    v.way.language = first;
  },

  /** "Leave this page" ends the session at once, from anywhere. */
  async leave(v, { who }) {
    await v.signIn(who);
    const cookie = (await v.context.cookies()).find((one) => one.name === "__Host-flikvakt-session");
    await v.press("menu.log");
    const request = await v.leave("frame.leave", "https://www.smhi.se/");
    v.check("nothing is told of where one was", !request.headers().referer);
    v.check("the browser has nothing of ours left", (await v.context.cookies()).every((one) => !one.name.startsWith("__Host-flikvakt-session")), JSON.stringify(await v.context.cookies()));
    await v.goto("/me");
    v.check("the page is closed", new URL(v.page.url()).pathname === "/sign-in");
    await v.context.addCookies([{ ...cookie }]);
    await v.goto("/me");
    v.check("also for who has the old cookie", new URL(v.page.url()).pathname === "/sign-in");
  },

  /** Signing out: here, and everywhere. */
  async sign_out(v, { who }) {
    await v.signIn(who);
    await v.press("menu.documents");
    await v.press("frame.sign_out");
    await v.says("it says so", v.t("sign_in.why_signed_out"));
    await v.back();
    const back = await v.text("body");
    v.check("back shows nothing of the person", !back.includes(flik(v, "journal")) || new URL(v.page.url()).pathname === "/sign-in", back.slice(0, 300));

    await v.signIn(who);
    const other = await new Visitor(v.browser, v.play).open();
    await other.signIn(who);
    const third = await new Visitor(v.browser, { ...v.play, walk: "sign_out of somebody else" }).open();
    await third.signIn("love");
    await v.press("menu.more");
    await v.press("more.keys");
    await v.isAt("more.keys");
    v.check("both sessions are shown", (await v.page.getByRole("button", { name: v.t("keys.end"), exact: true }).count()) >= 2);
    await v.press("keys.end_all");
    await v.says("it says so here", v.t("sign_in.why_signed_out"));
    await other.goto("/me");
    other.check("the other browser is signed out too", new URL(other.page.url()).pathname === "/sign-in");
    await other.says("and says why", other.t("sign_in.why_expired"));
    await third.goto("/me");
    third.check("somebody else is not", new URL(third.page.url()).pathname === "/me");
    await other.close();
    await third.close();
  },

  /** Acting for somebody else, and ending that. */
  async representative(v, { who, other }) {
    const id = await ask("represent", { person: other, who });
    const { journal } = scene.documents[other];
    await v.signIn(who);
    await v.press("menu.more");
    await v.press("more.representatives");
    await v.isAt("more.representatives");
    await v.says("it is there, with the end of a number", v.t("representatives.whose", { ends: scene.people[other].number.slice(-4) }));
    await v.says("and no name of theirs", scene.people[other].name, { not: true });
    await v.press("representatives.act", { within: v.t("representative.counts") });
    await v.isAt("see.title");
    await v.says("each page says that it is somebody else's", v.t("frame.acts_for"), { selector: ".acts-for" });
    await v.says("and whose", v.t("frame.acts_for_whom", { ends: scene.people[other].number.slice(-4) }), { selector: ".acts-for" });
    await v.press("see.give");
    await v.press("give.own");
    await fillInNew(v, { flikar: ["journal"] });
    await v.press("give.preview");
    await v.press("give.button");
    await v.isAt("signed.fullmakt.title");
    v.check("what was given for them counts", (await reads("jorun", journal)) === 200);
    const entry = (await ask("log", { who: other })).find((one) => one.kind === "sign_fullmakt");
    v.check("their own log says that a representative gave it", entry?.actor === "representative", JSON.stringify(entry));
    await v.press("menu.overview");
    await v.press("see.revoke", { within: TEAM });
    await v.press("see.revoke");
    v.check("and took it back", (await reads("jorun", journal)) === 403);
    await v.press(v.t("frame.acts_for_end"));
    await v.page.locator(".acts-for").waitFor({ state: "detached" });
    v.check("back to one's own", (await v.page.locator(".acts-for").count()) === 0);
    const theirs = await new Visitor(v.browser, { ...v.play, walk: "representative, whom it is about" }).open();
    await theirs.signIn(other);
    await theirs.goto("/me/representatives");
    await theirs.says("who is represented sees it", theirs.t("representative.god_man"));
    await theirs.press("end_representative.button", { within: theirs.t("representative.counts") });
    await theirs.press("end_representative.button");
    await theirs.isAt("end_representative.done_title");
    await theirs.close();
    await v.goto("/me/representatives");
    v.check("ended, nobody can act by it", (await v.page.getByRole("button", { name: v.t("representatives.act") }).count()) === 0);
    await v.context.addCookies([{ name: "__Host-flikvakt-acts-for", value: id, url: scene.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
    await v.goto("/me");
    v.check("also with an old cookie: it is one's own page", (await v.page.locator(".acts-for").count()) === 0);
    await v.says("which says so", v.t("frame.acts_for_nobody"), { selector: ".acts-for-nobody" });
  },

  /** A prepared fullmakt: only the signature is left. */
  async template(v, { who }) {
    const { lakarutlatande } = scene.documents[who];
    await v.signIn(who);
    await v.press("see.give");
    const name = v.way.language === "en" ? "Before the meeting" : "Inför mötet";
    await v.press(name);
    await v.isAt("give.sign_title");
    const paper = await v.text(".paper");
    v.check("the text is the template's, in the language of the page", paper === (v.way.language === "en" ? "The team may read my medical certificate." : "Teamet får läsa mitt läkarutlåtande."), paper);
    await signsWhatIsShown(v, who, "give.button", "signed.fullmakt.title");
    v.check("the team reads by it", (await reads("jorun", lakarutlatande)) === 200);
    await v.press("menu.overview");
    await v.press("see.revoke", { within: TEAM });
    await v.press("see.revoke");
    v.check("and no more when it is revoked", (await reads("jorun", lakarutlatande)) === 403);
  },

  /** The path: a referral, a case that is taken up, another team, the end; a kontrakt's next version. */
  async path(v, { who }) {
    await v.signIn(who);
    await v.press("menu.path");
    await v.isAt("path.title");
    await v.press("menu.more");
    await v.press("refer.title");
    await v.isAt("refer.title");
    await v.choose("refer.team", scene.hex_ids.team);
    await v.choose("refer.focus", "illness");
    await v.press("refer.preview");
    await v.isAt("refer.sign_title", { team: TEAM });
    const before = await ask("cases_of", { who: "jorun" });
    await v.press("refer.button");
    await v.isAt("signed.referral.title");
    const after = await ask("cases_of", { who: "jorun" });
    const [made] = after.filter((one) => !before.includes(one));
    v.must("the team sees the case when it is signed, and not before", after.length === before.length + 1, JSON.stringify([before, after]));
    await v.press("menu.path");
    await v.says("the path says where one is", v.t("path.case_waiting", { team: TEAM }));
    const picture = v.page.locator("main svg").first();
    v.check("there is a picture of it", await picture.isVisible());
    const accepted = await ask("act", { who: "alva", act: { kind: "accept_case", id: made, meetings: [] } });
    v.must("the team takes it up", accepted.status === 200, JSON.stringify(accepted));
    await v.press("menu.path");
    await v.says("and now", v.t("path.case_open", { team: TEAM }));

    const proposed = await ask("act", { who: "alva", act: { kind: "propose_hand_over", id: made, team: scene.hex_ids.team2 } });
    v.must("another team is proposed", proposed.status === 200, JSON.stringify(proposed));
    await v.press("menu.overview");
    await v.press(v.t("see.waiting_hand_over.one"));
    await v.press("path.hand_over_answer");
    await v.isAt("hand_over.title", { to: "Konsultation Norr" });
    v.check("until it is signed the case stays", (await ask("cases_of", { who: "jorun" })).includes(made));
    await v.press("hand_over.button");
    await v.isAt("signed.hand_over.title");
    v.check("then it is the other team's", !(await ask("cases_of", { who: "jorun" })).includes(made) && (await ask("cases_of", { who: "tuva" })).includes(made));
    await v.press("menu.path");
    await v.press("path.close_case", { within: "Konsultation Norr" });
    await v.isAt("close_case.title", { name: "Konsultation Norr" });
    await v.press("close_case.button");
    await v.isAt("close_case.done_title");
    await v.press("menu.path");
    await v.says("closed, it is told", v.t("path.case_closed", { team: "Konsultation Norr" }));
  },

  async kontrakt(v, { who }) {
    const version = await ask("propose_kontrakt", { who });
    await v.signIn(who);
    await v.says("it waits on the first page", v.t("see.waiting_kontrakt.one"));
    await v.press(v.t("see.waiting_kontrakt.one"));
    await v.isAt("path.title");
    await v.press("path.proposed_answer");
    await v.isAt("sign_kontrakt.title");
    await v.says("the plan is read before it is signed", `Praktik, version ${version}`);
    await v.press("sign_kontrakt.button");
    await v.isAt("signed.kontrakt.title");
    await v.press("menu.path");
    await v.says("it counts", `Praktik, version ${version}`);
    await v.says("and nothing waits any more", v.t("path.proposed_answer"), { not: true });
  },

  /** Two guardians: what opens takes both, what takes back takes one. */
  async guardians(v, { who, second, other }) {
    const { journal } = scene.documents[other];
    await ask("represent", { person: other, who, jointly: true });
    await ask("represent", { person: other, who: second, jointly: true });
    const enter = async (visitor, as) => {
      await visitor.signIn(as);
      await visitor.goto("/me/representatives");
      await visitor.press("representatives.act", { within: visitor.t("representative.counts") });
      await visitor.isAt("see.title");
    };
    await enter(v, who);
    await v.goto("/me/give/new");
    await fillInNew(v, { flikar: ["journal"] });
    await v.press("give.preview");
    const text = await v.text(".paper");
    await v.press("give.button");
    await v.isAt("signed.waits.title");
    v.check("one of two opens nothing", (await reads("jorun", journal)) === 403);
    await v.goto("/me/proposals");
    await v.press("proposals.approve", { status: 200 });
    await v.press("joint.button", { status: 422, exact: true });
    v.check("nor the same one twice", (await reads("jorun", journal)) === 403);

    const two = await new Visitor(v.browser, v.play).open();
    await enter(two, second);
    await two.press(two.t("see.waiting_proposals.one"));
    await two.isAt("more.proposals");
    await two.press("proposals.approve");
    await two.isAt("joint.title");
    two.check("the other one reads the same text, to the letter", (await two.text(".paper")) === text, await two.text(".paper"));
    await two.press("joint.button", { exact: true });
    two.check("when both have signed it counts", (await reads("jorun", journal)) === 200, await two.text());
    await two.close();
    await v.goto("/me");
    await v.press("see.revoke", { within: TEAM });
    await v.press("see.revoke");
    v.check("one alone takes it back", (await reads("jorun", journal)) === 403);
    await ask("end_representatives", { person: other });
  },
});
