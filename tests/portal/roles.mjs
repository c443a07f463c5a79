// Walks of staff: what each role does at its pages, what comes of it at the gateway's other doors, and what is refused to whoever is not of that role.
import { randomBytes } from "node:crypto";
import { Visitor, ask, day, play, scene } from "./browser.mjs";

const TEAM = "Konsultation Tresjöarna";
const LETTER = "Kort läkarutlåtande"; // of the people beside the demo's three: a document each in two flikar
const NOTES = "Journalanteckningar";
const flik = (v, code) => scene.flikar[code][v.way.language === "en" ? "en" : "sv"];
/** The way, in words: what one walk makes is not taken for another's. */
const tag = (v) => v.name.split(" ").slice(1).join(" ");
const reads = (who, document, purpose = "konsultation") => ask("read", { who, document, purpose });
const label = (id) => id.slice(0, 6).toUpperCase();
const act = (who, wanted) => ask("act", { who, act: wanted });
const revoke = (who, id) => act(who, { kind: "revoke_fullmakt", id });
const aFile = (name, text) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

/** A member of staff who does not go by what the page offers: a form put together by hand, with the session's own cookies and token. */
const byHand = async (v, path, fields) => {
  const token = await v.page.locator("input[name=token]").first().getAttribute("value");
  return ask("fetch", { cookies: await v.context.cookies(), language: v.way.language, path, fields: { token, act: randomBytes(16).toString("hex"), ...fields } });
};
const look = async (v, path) => ask("fetch", { cookies: await v.context.cookies(), language: v.way.language, path });
const withoutId = (answer) => JSON.stringify(answer).replace(/urn:flikvakt:problem:[0-9a-f]{32}/g, "urn:flikvakt:problem:ID");

/** The main heading begins so: something of the person stands behind it. */
const begins = async (v, key) => v.must(`comes to “${v.t(key)}”`, (await v.heading()).startsWith(v.t(key)), await v.heading());

const isRefused = (v, name, answer) =>
  v.check(name, answer.status === 403 && answer.text.includes(v.t("problem.refused.title")), `${answer.status}: ${answer.text.slice(0, 300)}`);

const somebodyElse = async (v, who) => {
  const other = await new Visitor(v.browser, { ...v.play, walk: `${v.play.walk}, and ${who}` }).open();
  await other.signIn(who);
  return other;
};

const openPerson = async (v, staff, who) => {
  const handle = await ask("handle", { staff, who });
  await v.goto(`/staff/people/${handle}`);
  return handle;
};

const tabs = (v) => v.page.locator("ul.flikar a").evaluateAll((all) => all.map((one) => one.firstChild.textContent.trim()));

/** Signs in the demo: no passkey, one button. */
const sign = async (v, button, done) => {
  await v.press(button);
  await v.isAt(done);
};

/** What stands in the frame of a document, with the answer that filled it. */
const frameOf = async (v, go) => {
  const [response] = await Promise.all([v.page.waitForResponse((one) => one.url().includes("/content?") && !one.url().includes("use=save")), go()]);
  return response;
};

const openings = async (who, document) => (await ask("log", { who })).filter((one) => one.kind === "open_reading" && one.document === document);

await play({
  /** A member of a Konsultation team before the meeting. */
  async team(v, { who }) {
    const { journal, lakarutlatande } = scene.documents[who];
    const fullmakt = await ask("opened", { who, to: ["team", "team"], flikar: ["journal", "lakarutlatande", "kartlaggning"], purpose: "konsultation", disclosers: ["region", "forsakringskassan"] });
    const one = label(await ask("referred", { who }));
    await v.signIn("jorun");
    await v.says("the case is on the waiting list", one, { must: true });
    await v.says("it says where it comes from", scene.organisations.region);
    await v.says("no name of anybody", scene.people[who].name, { not: true });
    v.check("nor a number", !(await v.page.content()).includes(scene.people[who].number.slice(2)));

    await v.press("cases.open_person", { within: one });
    await begins(v, "person.title");
    const there = await tabs(v);
    const listing = await ask("listing", { who: "jorun", person: who, purpose: "konsultation" });
    v.check("the flikar are tabs: those with something in them, as with a client certificate at the API's door", there.join() === Object.keys(listing).map((one) => flik(v, one)).join(), `${there.join()} ${JSON.stringify(listing)}`);
    const { kartlaggning = [], ...others } = listing;
    v.check("that is what the person has, and what these walks reported back in another way", JSON.stringify(others) === JSON.stringify({ journal: [NOTES], lakarutlatande: [LETTER] })
      && kartlaggning.every((one) => one.startsWith("Kartläggning ") && one !== `Kartläggning ${tag(v)}`), JSON.stringify(listing));
    await v.says("the first is open", NOTES);
    await v.press(flik(v, "lakarutlatande"));
    v.check("the other tab is the one that is open", (await v.page.locator("ul.flikar a[aria-current]").innerText()).includes(flik(v, "lakarutlatande")));
    await v.says("with its document", LETTER);
    await v.says("and not that of the first", NOTES, { not: true });

    const before = (await openings(who, lakarutlatande)).length;
    const shown = await frameOf(v, () => v.press(LETTER));
    await v.isAt("viewer.title");
    const headers = await shown.allHeaders();
    v.check("the document comes in a frame", shown.status() === 200 && shown.frame() !== v.page.mainFrame() && headers["content-type"] === "application/pdf", `${shown.status()} ${JSON.stringify(headers)}`);
    v.check("in a sandbox that loads nothing", /default-src 'none'/.test(headers["content-security-policy"]) && /(^|; )sandbox(;|$)/.test(headers["content-security-policy"]), headers["content-security-policy"]);
    v.check("inline, kept nowhere", headers["content-disposition"].startsWith("inline") && /no-store/.test(headers["cache-control"]), JSON.stringify(headers));
    await v.says("it says that the reading is logged", v.t("viewer.logged"));
    const after = await openings(who, lakarutlatande);
    v.check("and it is: once", after.length === before + 1 && after[0].outcome === "permitted", `${before} before, now ${JSON.stringify(after.slice(0, 2))}`);
    const { name } = await v.save("documents.save");
    v.check("it can be saved under its title", name === `${LETTER}.pdf`, name);

    // More is asked for from the same page.
    await v.press("person.title");
    await v.press("person.ask_more", { within: v.t("rights.read") });
    await v.isAt("ask.title");
    await v.says("it is said that it adds to what there is", v.t("ask.adds"));
    const message = "Vi behöver se röntgenbilderna inför mötet.";
    await v.fill("ask.message", message);
    await v.press("ask.send", { status: 422 });
    await v.says("nothing chosen is told", v.t("give.wrong_flikar"));
    v.check("what was written is still there", (await v.field("ask.message").inputValue()) === message);
    await v.tick(flik(v, "bilder"));
    await v.tick(scene.organisations.region);
    await v.press("ask.send");
    await v.isAt("ask.done.title");
    const asked = (await ask("overview", { who })).requests.filter((one) => one.terms.fullmakt === fullmakt);
    v.must("the person is asked for just that", asked.length === 1 && asked[0].terms.flikar.join() === "bilder" && asked[0].terms.message === message && asked[0].status === "open", JSON.stringify(asked));
    await v.press("menu.staff_requests");
    await v.says("it waits", v.t("asked.open"));
    await v.press("ask.withdraw", { within: label(asked[0].id) });
    await v.isAt("ask.withdrawn.title");
    v.check("taken back", (await ask("status_of", { who: "jorun", request: asked[0].id })) === "withdrawn");

    // Reporting back.
    const handle = await openPerson(v, "jorun", who);
    await v.press("person.deposit");
    await v.isAt("deposit.title");
    const title = `Kartläggning ${tag(v)}`;
    await v.field("deposit.file").setInputFiles(aFile("kartlaggning.exe", "MZ"));
    await v.choose("deposit.flik", "kartlaggning");
    await v.fill("deposit.document_title", title);
    await v.tick("deposit.others_no");
    await v.press("deposit.send", { status: 422 });
    await v.says("what is no document is not taken", v.t("deposit.wrong_kind"));
    v.check("the title is still there", (await v.field("deposit.document_title").inputValue()) === title);
    await v.choose("deposit.flik", "ekonomi");
    await v.field("deposit.file").setInputFiles(aFile("kartlaggning.txt", "Personen orkar fyra timmar.\n"));
    await v.press("deposit.send", { status: 403 });
    await v.isAt("problem.refused.title");
    await v.goto(`/staff/people/${handle}/deposit`);
    await v.field("deposit.file").setInputFiles(aFile("kartlaggning.txt", "Personen orkar fyra timmar.\n"));
    await v.choose("deposit.flik", "kartlaggning");
    await v.fill("deposit.document_title", title);
    await v.tick("deposit.others_no");
    await v.press("deposit.send");
    await v.isAt("deposit_plan.title");
    await v.press("deposit_plan.confirm.one");
    await v.isAt("deposit_plan.done.one");
    const deposited = (await ask("overview", { who })).documents.filter((one) => one.title === title);
    v.must("the person has it, in that flik", deposited.length === 1 && deposited[0].flik === "kartlaggning", JSON.stringify(deposited));
    v.check("another member of the team reads it", (await reads("tuva", deposited[0].id)) === 200);
    v.check("and nobody outside", (await reads("saga", deposited[0].id)) === 403);
    await v.press("staff.go_on");
    v.check("and a tab for it", (await tabs(v)).includes(flik(v, "kartlaggning")));

    // What was opened is taken back.
    await revoke(who, fullmakt);
    await v.goto(`/staff/people/${handle}?purpose=konsultation&flik=journal`);
    await v.says("at once nothing is shown", v.t("person.nothing"));
    v.check("no tab", (await tabs(v)).length === 0);
    const refused = await frameOf(v, () => v.goto(`/staff/people/${handle}/documents/${lakarutlatande}?purpose=konsultation`));
    v.check("nor the document, by its address", refused.status() === 403, String(refused.status()));
    const framed = v.page.frameLocator("iframe.viewer");
    v.check("what stands in its place says so", (await framed.locator("h1").innerText()) === v.t("problem.refused.title"));
    await Promise.all([v.page.waitForURL("**/explain"), framed.getByRole("link").click()]);
    await v.isAt("explain.title");
    const last = (await openings(who, lakarutlatande))[0];
    v.check("the attempt is in the person's log", last.outcome === "refused", JSON.stringify(last));
    await act(who, { kind: "close_case", id: (await ask("overview", { who })).cases.find((one) => one.status !== "closed").id });
    await v.press("menu.cases");
    await v.says("a closed case is gone", one, { not: true });
  },

  /** The team's lead: the waiting list, meetings, and what only a lead may do. */
  async lead(v, { who }) {
    const id = await ask("referred", { who, focus: "change" });
    const one = label(id);
    const status = async () => (await ask("overview", { who })).cases.find((other) => other.id === id);
    await v.signIn("alva");
    await v.says("some wait", v.t("cases.waiting_heading"));
    v.check("this one does", (await v.within(one).innerText()).toLowerCase().includes(v.t("cases.waiting").toLowerCase()), await v.within(one).innerText());
    await v.press("cases.lead", { within: one });
    await v.isAt("case.title", { label: one });
    await v.page.getByLabel(`${v.t("case.meeting")} 1`, { exact: true }).fill(`${day(14)}T13:15`);
    await v.press("case.accept");
    await v.isAt("case.done.title");
    const open = await status();
    v.check("taken up, with the meeting", open.status === "open" && open.meetings.length === 1, JSON.stringify(open));
    await v.press("staff.go_on");
    await v.press("cases.lead", { within: one });
    v.check("the meeting stands there", (await v.page.getByLabel(`${v.t("case.meeting")} 1`, { exact: true }).inputValue()).startsWith(`${day(14)}T13:15`));
    v.check("it is taken up once", (await v.target("case.accept").count()) === 0);

    const jorun = await somebodyElse(v, "jorun");
    await jorun.says("a member sees it among the open", one);
    isRefused(jorun, "but does not close it", await byHand(jorun, `/staff/cases/${id}`, { what: "close", sure: "yes" }));
    await jorun.goto(`/staff/cases/${id}`);
    v.check("nor are its forms shown to her", (await jorun.target("case.close").count()) === 0);
    isRefused(jorun, "nor move a meeting", await byHand(jorun, `/staff/cases/${id}`, { what: "meetings", meeting: `${day(20)}T08:00` }));
    v.check("it stands", (await status()).status === "open" && (await status()).meetings.length === 1);
    await jorun.close();
    const maja = await somebodyElse(v, "maja");
    await maja.says("whoever is in no team sees no case", maja.t("cases.none"));
    isRefused(maja, "also by its address", await look(maja, `/staff/cases/${id}`));
    await maja.close();

    await v.tick("case.close_sure");
    await v.press("case.close", { within: v.t("case.close_hint") });
    await v.isAt("case.done.title");
    v.check("closed by the lead", (await status()).status === "closed");
    await v.press("staff.go_on");
    await v.says("and gone from the list", one, { not: true });
  },

  /** The roster: added by two, removed by one. */
  async roster(v, { who }) {
    const { journal } = scene.documents[who];
    const fullmakt = await ask("opened", { who, to: ["team", "team"], flikar: ["journal"], purpose: "konsultation", disclosers: ["region"] });
    const name = scene.staff.saga.name;
    v.check("before, she is refused", (await reads("saga", journal)) === 403);
    await v.signIn("alva");
    await v.press("menu.teams");
    await v.isAt("teams.title");
    const option = v.field("teams.who").locator("option").filter({ hasText: name });
    await v.choose("teams.who", await option.getAttribute("value"));
    await v.press("teams.add", { within: v.t("teams.add_heading") });
    await v.isAt("teams.sign_title");
    await v.says("it is said who and where", `${name}, ${scene.organisations.arbetsformedlingen} – ${TEAM}`);
    await sign(v, "teams.add", "teams.added.title");
    v.check("one yes gives no place", (await reads("saga", journal)) === 403);
    await v.press("staff.go_on");
    const row = v.page.locator("ul.lines > li").filter({ hasText: name });
    v.check("it waits for the other", (await row.innerText()).includes(v.t("teams.waits_for_officer")), await row.innerText());
    v.check("who said yes cannot say it twice", (await row.getByRole("button", { name: v.t("teams.add") }).count()) === 0);

    const rut = await somebodyElse(v, "rut");
    await rut.press("menu.teams");
    await rut.press("teams.add", { within: rut.page.locator("ul.lines > li").filter({ hasText: name }) });
    await rut.isAt("teams.sign_title");
    v.check("before it is signed she has none", (await reads("saga", journal)) === 403);
    await sign(rut, "teams.add", "teams.added.title");
    v.check("two have said yes: she reads", (await reads("saga", journal)) === 200);

    const jorun = await somebodyElse(v, "jorun");
    await jorun.press("menu.teams");
    await jorun.says("who is in the team sees who else is", name);
    v.check("and has no button for it", (await jorun.page.locator("main button").count()) === 0);
    isRefused(jorun, "nor may take anybody out", await byHand(jorun, `/staff/teams/${scene.hex_ids.team}`, { what: "remove", staff: scene.hex_ids.tuva }));
    v.check("she reads still", (await reads("saga", journal)) === 200);
    await jorun.close();
    const elin = await somebodyElse(v, "elin");
    await elin.press("menu.teams");
    await elin.says("who is in no team sees none", elin.t("teams.none"));
    await elin.says("and nobody", name, { not: true });
    await elin.close();

    const saga = await somebodyElse(v, "saga");
    await openPerson(saga, "saga", who);
    await saga.says("she has it on her page", NOTES);
    const remover = v.play.round % 2 ? rut : v;
    await remover.goto("/staff/teams");
    await remover.press("teams.remove", { within: remover.page.locator("ul.lines > li").filter({ hasText: name }) });
    await remover.isAt("teams.done.title");
    v.check("one no is enough, at once", (await reads("saga", journal)) === 403);
    await saga.page.reload();
    await saga.says("her page is empty", saga.t("person.nothing"));
    await saga.close();
    await rut.close();
    await revoke(who, fullmakt);
  },

  /** A care unit: looks somebody up, deposits, asks, and hears the answer. */
  async care_unit(v, { who }) {
    await v.signIn("maja");
    await v.says("it has no cases", v.t("cases.none"));
    await v.press("people.title");
    await v.isAt("people.title");
    await v.fill("people.number", "19121212-1213");
    await v.press("people.find", { status: 422 });
    await v.says("a number that is none is told", v.t("people.wrong"));
    v.check("and stands in no answer", !(await v.page.content()).includes("19121212-1213"));
    await v.fill("people.number", scene.people[who].number);
    await v.press("people.find");
    await begins(v, "person.title");
    v.check("the number stands in no address", !v.page.url().includes(scene.people[who].number));
    const known = (await v.text()).replace(await v.page.locator("h1 .code").innerText(), "…");
    await v.says("nothing is open to it", v.t("person.nothing"));
    await v.goto("/staff/people");
    await v.fill("people.number", scene.unknown);
    await v.press("people.find");
    const unknown = (await v.text()).replace(await v.page.locator("h1 .code").innerText(), "…");
    v.check("somebody whom nobody knows looks the same", known === unknown, `${known}\n${unknown}`);

    const handle = await openPerson(v, "maja", who);
    const deposit = async (title, status) => {
      await v.goto(`/staff/people/${handle}/deposit`);
      await v.field("deposit.file").setInputFiles(aFile("intyg.txt", "Intyg.\n"));
      await v.choose("deposit.flik", "arbetsformaga");
      await v.fill("deposit.document_title", title);
      await v.tick("deposit.others_no");
      await v.press("deposit.send", { status });
    };
    const title = `Bedömning ${tag(v)}`;
    await deposit(title, 403);
    await v.isAt("problem.refused.title");
    const fullmakt = await ask("opened", { who, to: ["organisation", "forsakringskassan"], flikar: ["arbetsformaga"], purpose: "bedomning", disclosers: ["region"] });
    await deposit(title, 200);
    await v.isAt("deposit_plan.title");
    await v.press("deposit_plan.confirm.one");
    await v.isAt("deposit_plan.done.one");
    const mine = (await ask("overview", { who })).documents.filter((one) => one.title === title);
    v.must("once the person lets it disclose, it is there once", mine.length === 1, JSON.stringify(mine));
    v.check("whom it is for reads it", (await reads("lee", mine[0].id, "bedomning")) === 200);
    v.check("the depositor does not: nothing is open to it", (await reads("maja", mine[0].id, "bedomning")) === 403);
    await v.goto(`/staff/people/${handle}/deposit`);
    await v.field("deposit.file").setInputFiles(aFile("intyg.txt", "Intyg.\n"));
    await v.fill("deposit.document_title", title);
    await v.tick("deposit.others_no");
    await v.fill("deposit.date", day(3));
    await v.press("deposit.send", { status: 422 });
    await v.says("a document of the day after tomorrow is none", v.t("deposit.wrong_date"));

    await v.goto(`/staff/people/${handle}`);
    await v.press("person.ask");
    await v.isAt("ask.title");
    await v.choose("ask.for_whom", `organisation:${scene.hex_ids.region}`);
    await v.tick(flik(v, "arbetsformaga"));
    await v.tick(flik(v, "ekonomi"));
    await v.tick(scene.organisations.region);
    await v.choose("give.purpose", "rehab");
    await v.fill("give.until", day(20));
    await v.fill("ask.message", "Inför ditt återbesök.");
    await v.press("ask.send");
    await v.isAt("ask.done.title");
    const request = (await ask("overview", { who })).requests.find((one) => one.status === "open" && one.terms.message === "Inför ditt återbesök.");
    v.must("the person is asked", request !== undefined);
    await v.press("staff.go_on");
    await v.isAt("staff_requests.title");
    const row = () => v.page.locator("ul.rows > li").filter({ hasText: label(request.id) });
    v.check("it waits", (await row().innerText()).includes(v.t("asked.open")));
    const given = await ask("granted", { who, request: request.id, flikar: ["arbetsformaga"], to: ["organisation", "region"], disclosers: ["region"], purpose: "rehab" });
    await v.page.reload();
    v.check("the answer: a part", (await row().innerText()).includes(v.t("asked.granted_in_part")), await row().innerText());
    await v.goto(`/staff/people/${handle}`);
    v.check("which is what is open now", (await tabs(v)).join() === flik(v, "arbetsformaga"));
    await v.says("by its title", title);
    v.check("read at the gateway too", (await reads("maja", mine[0].id, "rehab")) === 200);
    await revoke(who, given);
    await revoke(who, fullmakt);
    await v.page.reload();
    await v.says("taken back, it is gone", v.t("person.nothing"));
  },

  /** What a person says at a desk, entered at once, whoever hears it. */
  async on_word(v, { who }) {
    const { journal, lakarutlatande } = scene.documents[who];
    await ask("opened", { who, to: ["team", "team"], flikar: ["journal", "lakarutlatande"], purpose: "konsultation", disclosers: ["region"] });
    v.check("the team reads", (await reads("jorun", journal)) === 200);
    await v.signIn("vide"); // no registrar, in no team, and nothing is open to him
    await openPerson(v, "vide", who);
    await v.press("person.on_word");
    await v.isAt("on_word.title");
    await v.press("on_word.enter", { status: 422 });
    await v.says("nothing chosen is told", v.t("on_word.wrong_what"));
    await v.tick("on_word.block_flik");
    await v.choose("sparr.which_flik", "journal");
    await v.press("on_word.enter");
    await v.isAt("on_word.done.title");
    const told = await v.text();
    v.check("the journal is closed at once", (await reads("jorun", journal)) === 403);
    v.check("and nothing else", (await reads("jorun", lakarutlatande)) === 200);
    const sparrar = (await ask("overview", { who })).sparrar.filter((one) => one.in_force);
    v.check("the person sees the Sparr", sparrar.length === 1 && sparrar[0].terms.flik === "journal", JSON.stringify(sparrar));
    await openPerson(v, "vide", who);
    await v.press("person.on_word");
    await v.tick("on_word.revoke_all");
    await v.press("on_word.enter");
    v.check("the same answer", (await v.text()) === told, await v.text());
    v.check("all is taken back", (await reads("jorun", lakarutlatande)) === 403);
    await v.press("menu.people");
    await v.fill("people.number", scene.unknown);
    await v.press("people.find");
    await v.press("person.on_word");
    await v.tick("on_word.revoke_all");
    await v.press("on_word.enter");
    v.check("the same of somebody whom nobody knows", (await v.text()) === told, await v.text());
    v.check("and again of what stands no more", (await act("vide", { kind: "paper_narrowing", person: who, revoke: [], revoke_all: true })).status === 200);
    await ask("lift_all", { who });
  },

  /** Joining at a desk: a passkey of the person's own, two registrars of two organisations. */
  async join(v, { round }) {
    const number = scene.newcomers[round];
    const device = await v.authenticator();
    await v.signIn("kim");
    await v.press("menu.desk");
    await v.isAt("desk.title");
    const typeIn = async (form, value) => v.page.locator(`form[action="${form}"] input[name=number]`).fill(value);
    await typeIn("/staff/desk/join", "19121212-1213");
    await v.press("desk.go_on", { within: v.page.locator('form[action="/staff/desk/join"]'), status: 422 });
    await v.says("a number that is none is told", v.t("people.wrong"));
    await typeIn("/staff/desk/join", number);
    await v.press("desk.go_on", { within: v.page.locator('form[action="/staff/desk/join"]') });
    await v.isAt("join.title");
    await v.press("add_passkey.make");
    await v.isAt("desk.join_title");
    const key = (await v.text()).match(/[\w-]{43}/)[0];
    v.check("the passkey is in the person's device", (await device.credentials()).length === 1);
    await sign(v, "desk.propose", "desk.joined.title");

    // The person, on the same machine: what an unconfirmed key can do.
    const person = await new Visitor(v.browser, { ...v.play, walk: "join, and the person" }).open();
    const theirs = await person.authenticator();
    await theirs.add((await device.credentials())[0]);
    const signIn = async (status) => {
      await person.goto("/sign-in");
      await person.press("sign_in.passkey", { status });
    };
    await signIn(403);
    await person.isAt("own_closed.title");
    await person.says("nothing is shown of anybody", person.t("own_closed.text"));

    isRefused(v, "who stated it does not confirm it", await byHand(v, "/staff/desk/confirm", { number, thumbprint: key }));
    await person.goto("/me", { status: 403 });
    const lee = await somebodyElse(v, "lee");
    await lee.press("menu.desk");
    await lee.page.locator('form[action="/staff/desk/confirm"] input[name=number]').fill(number);
    await lee.fill("desk.key", `${key.slice(0, -1)}${key.endsWith("A") ? "E" : "A"}`);
    await lee.press("desk.confirm");
    await lee.press("desk.confirm", { status: 403 });
    await lee.isAt("problem.refused.title");
    await person.goto("/me", { status: 403 });
    await lee.goto("/staff/desk");
    await lee.page.locator('form[action="/staff/desk/confirm"] input[name=number]').fill(number);
    await lee.fill("desk.key", key);
    await lee.press("desk.confirm");
    await lee.isAt("desk.confirm_title");
    await lee.says("it is said which", key);
    await sign(lee, "desk.confirm", "desk.confirmed.title");
    await person.goto("/me");
    await person.isAt("see.title");
    await person.press("menu.more");
    await person.press("more.keys");
    await person.says("the person sees who entered the key", scene.organisations.region);
    await person.goto("/me/log?show=keys");
    await person.says("and who confirmed it, in the log", scene.organisations.forsakringskassan);
    await lee.close();

    const maja = await somebodyElse(v, "maja");
    await maja.press("menu.desk");
    await maja.says("who is no registrar is told what can be done", maja.t("desk.helper_lede"));
    await maja.says("and by whom the rest", scene.staff.kim.name);
    v.check("and has no form", (await maja.page.locator('main form[method="post"]').count()) === 0);
    isRefused(maja, "nor gets one that was made by hand through", await byHand(maja, "/staff/desk/confirm", { number, thumbprint: key }));
    await maja.close();
    await person.close();
  },

  /** What a person signed on paper: a referral, a fullmakt. */
  async papers(v, { who }) {
    const { journal, lakarutlatande } = scene.documents[who];
    const { number } = scene.people[who];
    await v.signIn("kim");
    await v.press("menu.desk");
    const form = v.page.locator('form[action="/staff/desk/refer"]');
    await form.locator("input[name=number]").fill(number);
    await form.locator("select[name=focus]").selectOption("livelihood");
    await v.press("desk.refer", { within: form });
    await v.isAt("desk.referral_title");
    await v.says("it is said what it is about", v.t("focus.livelihood"));
    const cases = async () => (await ask("overview", { who })).cases.filter((one) => one.status === "waiting" && one.focus === "livelihood");
    v.check("before it is signed there is none", (await cases()).length === 0);
    await sign(v, "desk.refer", "desk.referred.title");
    const [referred] = await cases();
    v.must("the case waits, from the desk's organisation", referred?.referred_by === scene.hex_ids.region, JSON.stringify(referred));
    await act(who, { kind: "close_case", id: referred.id });

    // A fullmakt in the words of a form that was printed.
    const lang = v.way.language;
    await v.press("menu.desk");
    await v.press(lang === "en" ? "Before the meeting" : "Inför mötet");
    await v.says("the form is in the page's language", scene.template[lang], { selector: ".paper" });
    await v.page.emulateMedia({ media: "print" });
    const printed = (await v.text("body")).replace(/\s+/g, " ");
    v.check("printed, it has the text and lines to sign on", printed.includes(scene.template[lang]) && printed.includes(v.t("desk.paper_signature")) && !printed.includes(v.t("desk.paper_scan")), printed);
    await v.page.emulateMedia({ media: "screen" });
    await v.fill("people.number", number);
    await v.field("desk.paper_scan").setInputFiles(aFile("papper.txt", "inte en bild"));
    await v.press("desk.go_on", { status: 422 });
    await v.says("what is no scan is told", v.t("desk.wrong_scan"));
    v.check("the number is not shown again", !(await v.page.content()).includes(number));
    const scan = { name: "papper.pdf", mimeType: "application/pdf", buffer: Buffer.from(`%PDF-1.4\n% ${who} ${lang}\n`) };
    await v.fill("people.number", number);
    await v.field("desk.paper_scan").setInputFiles(scan);
    await v.press("desk.go_on");
    await v.isAt("desk.paper_title");
    await v.says("what is entered is the text of the paper", scene.template[lang]);
    await sign(v, "desk.paper_enter", "desk.paper_entered.title");
    const proposal = (await v.text()).match(/[0-9a-f]{32}/)[0];
    v.check("one organisation's word opens nothing", (await reads("jorun", lakarutlatande)) === 403);
    const show = async (w) => {
      await w.goto("/staff/desk");
      await w.fill("desk.proposal", proposal);
      await w.press("desk.show");
    };
    await show(v);
    await v.fill("second.number_person", number);
    await v.press("desk.approve");
    await v.press("desk.approve", { status: 403 });
    await v.isAt("problem.refused.title");
    const lee = await somebodyElse(v, "lee");
    await lee.goto("/staff/desk");
    await lee.fill("desk.proposal", proposal.slice(0, 31));
    await byTheServer(lee, "desk.proposal");
    await lee.press("desk.show", { status: 422 });
    await lee.says("a number that is cut off is told", lee.t("desk.wrong_proposal"));
    await show(lee);
    await lee.says("the second reads what the paper says", scene.template[lang]);
    await lee.says("and who entered it", scene.organisations.region);
    await lee.says("and what the gateway makes of it", lee.t("text.revocable"));
    await lee.fill("second.number_person", scene.unknown);
    await lee.press("desk.approve", { status: 422 });
    await lee.says("of somebody else it is not approved", lee.t("second.wrong_person"));
    v.check("no number is shown again", !(await lee.page.content()).includes(scene.unknown) && !(await lee.page.content()).includes(number));
    await lee.fill("second.number_person", number);
    await lee.press("desk.approve");
    await lee.isAt("desk.approve_title");
    await lee.press("desk.approve", { status: 403 }); // both organisations have people in the team that receives by it
    await lee.isAt("problem.refused.title");
    v.check("one of the two must be of no organisation that receives", (await reads("jorun", lakarutlatande)) === 403);
    const ivo = await somebodyElse(v, "ivo");
    await show(ivo);
    await ivo.fill("second.number_person", number);
    await ivo.press("desk.approve");
    await ivo.says("what is signed is shown", scene.template[lang]);
    v.check("before it is signed nothing is open", (await reads("jorun", lakarutlatande)) === 403);
    await sign(ivo, "desk.approve", "desk.approved.title");
    await ivo.close();
    v.check("two organisations: the team reads it", (await reads("jorun", lakarutlatande)) === 200);
    v.check("and no more than the paper says", (await reads("jorun", journal)) === 403);
    const given = (await ask("overview", { who })).fullmakter.filter((one) => one.status === "active" && one.evidence === "paper");
    v.check("the person sees that it was on paper", given.length === 1, JSON.stringify(given));
    isRefused(lee, "it is approved once", await look(lee, `/staff/desk/proposals/${proposal}`));
    await lee.close();
    await revoke(who, given[0].id);
    v.check("and takes it back like any other", (await reads("jorun", lakarutlatande)) === 403);

    const maja = await somebodyElse(v, "maja");
    await maja.press("menu.desk");
    await maja.press(lang === "en" ? "Before the meeting" : "Inför mötet");
    v.check("who is no registrar can print it and not enter it", (await maja.page.locator("main form").count()) === 0);
    await maja.close();
  },

  /** A provider: its people, its few flikar, and what ends. */
  async provider(v, { who }) {
    const kontrakt = await ask("kontrakt", { who });
    const fullmakt = await ask("opened", { who, to: ["organisation", "insats"], flikar: ["anstallning", "rapport"], purpose: "insats", disclosers: ["arbetsformedlingen", "insats"], rights: ["read", "deposit"], kontrakt });
    const merit = await ask("deposited", { who, staff: "saga", flik: "anstallning", title: "Meriter" });
    const handle = await ask("handle", { staff: "elin", who });
    await v.signIn("elin");
    await v.says("it has no cases", v.t("cases.none"));
    await v.press("menu.mine");
    await v.isAt("mine.title");
    const rows = () => v.page.locator("ul.rows > li").filter({ hasText: handle.slice(0, 6) });
    const told = (await rows().allInnerTexts()).join(" ");
    v.check("it sees what ends when", told.includes("Arbetsprövning") && told.includes(v.t("mine.ends_fullmakt", { purpose: v.t("purpose.insats") })), told);
    const days = await v.page.locator("ul.rows > li").evaluateAll((all) => all.map((one) => one.querySelector(".state").innerText));
    v.check("one line for each that ends", days.length >= 2, days.join());
    await v.press("person.title", { within: rows().first() });
    const reported = (await ask("overview", { who })).documents.some((one) => one.flik === "rapport"); // by this walk, in another way
    v.check("its flikar, and no other", (await tabs(v)).join() === ["anstallning", ...(reported ? ["rapport"] : [])].map((one) => flik(v, one)).join(), (await tabs(v)).join());
    const content = await v.page.content();
    v.check("nothing of what else there is", !content.includes(NOTES) && !content.includes(LETTER) && !content.includes(flik(v, "journal")));
    const shown = await frameOf(v, () => v.press("Meriter"));
    v.check("it reads what is open", shown.status() === 200, String(shown.status()));
    await ask("deposited", { who, staff: "saga", flik: "anstallning", title: "Intyg i en form", kind: "odt" });
    await v.goto(`/staff/people/${handle}`);
    await v.says("what a browser cannot show says so", v.t("person.only_saved"));
    const saved = await v.save("Intyg i en form");
    v.check("and is saved from there", saved.name === "Intyg i en form.odt", saved.name);
    for (const purpose of ["insats", "konsultation"]) {
      const other = await look(v, `/staff/documents/${scene.documents[who].journal}/content?purpose=${purpose}`);
      isRefused(v, `and not the journal, for ${purpose}`, other);
    }
    isRefused(v, "nor as a team", await look(v, `/staff/cases/${"0".repeat(32)}`));

    await v.goto(`/staff/people/${handle}`);
    await v.press("person.deposit");
    const title = `Rapport ${tag(v)}`;
    await v.field("deposit.file").setInputFiles(aFile("rapport.txt", "Det går framåt.\n"));
    await v.choose("deposit.flik", "rapport");
    await v.fill("deposit.document_title", title);
    await v.tick("deposit.others_no");
    await v.press("deposit.send");
    await v.isAt("deposit_plan.title");
    await v.press("deposit_plan.confirm.one");
    await v.isAt("deposit_plan.done.one");
    v.check("the report is in the person's flik", (await ask("overview", { who })).documents.some((one) => one.title === title && one.flik === "rapport"));
    await v.goto(`/staff/people/${handle}/deposit`);
    await v.field("deposit.file").setInputFiles(aFile("rapport.txt", "Fel flik.\n"));
    await v.choose("deposit.flik", "journal");
    await v.fill("deposit.document_title", title);
    await v.tick("deposit.others_no");
    await v.press("deposit.send", { status: 403 });
    await v.isAt("problem.refused.title");

    await v.goto(`/staff/people/${handle}`);
    await v.press("staff_path.title");
    await begins(v, "staff_path.title");
    await v.says("its own part", "Arbetsprövning");
    await v.tick("Ett studiebesök är gjort");
    await v.fill("mine.reached_on", day(3));
    await v.press("mine.mark", { within: v.page.locator("form.sheet"), status: 422 });
    await v.says("what lies ahead is not reached", v.t("mine.wrong_reached"));
    await v.fill("mine.reached_on", day(-1));
    await v.press("mine.mark", { within: v.page.locator("form.sheet") });
    await v.isAt("mine.reached.title");
    const plan = (await ask("overview", { who })).kontrakt.find((one) => one.id === kontrakt);
    v.check("the person's plan has it", plan.milestones.filter((one) => one.reached).length === 1, JSON.stringify(plan.milestones));

    const id = randomBytes(16).toString("hex");
    await act(who, { kind: "set_sparr", id, terms: { target: "flik", flik: "anstallning", everyone: true, recipients: [] } });
    await v.goto(`/staff/people/${handle}`);
    v.check("a Sparr closes at once: the tab is gone", !(await tabs(v)).includes(flik(v, "anstallning")), (await tabs(v)).join());
    isRefused(v, "and the document", await look(v, `/staff/documents/${merit}/content?purpose=insats`));
    await ask("lift_all", { who });
    await v.page.reload();
    v.check("lifted, it is there", (await tabs(v)).includes(flik(v, "anstallning")));

    await ask("end_kontrakt", { id: kontrakt });
    await v.page.reload();
    await v.says("with the kontrakt all of it ends", v.t("person.nothing"));
    isRefused(v, "documents too", await look(v, `/staff/documents/${merit}/content?purpose=insats`));
    await v.press("menu.mine");
    v.check("nothing of the person ends any more", !(await v.text()).includes("Arbetsprövning"));
    await v.press("menu.notices");
    await v.press("erase_orders.title");
    await v.isAt("erase_orders.title");
    await v.press("erase_orders.attest", { within: v.page.locator("ul.rows > li").filter({ hasText: handle.slice(0, 6) }) });
    await v.isAt("erase.done.title");
    v.check("that it erased is in the person's log", (await ask("log", { who })).some((one) => one.kind === "attest_erasure"));
    await v.press("staff.go_on");
    await v.says("nothing is left to erase", v.t("erase_orders.none"));
    await revoke(who, fullmakt);
  },

  /** The catalogue: a provider's own page; whoever is signed in finds it, and that leaves no trace. */
  async catalogue(v, { who }) {
    const word = `snickeri${tag(v).replace(/\W/g, "").toLowerCase()}`;
    await v.signIn("noor");
    await v.press("menu.providers");
    await v.isAt("providers.title");
    await v.press("providers.own");
    await v.isAt("provider_own.title");
    const written = (what) => v.page.locator(`#write_${v.way.language}_${what}`);
    const offers = written("offers");
    await offers.fill("");
    await written("place").fill("Hamngatan 1");
    await v.press("provider_own.save", { status: 422 });
    await v.says("what is missing is told", v.t("providers.wrong_offers"));
    v.check("what was written is still there", (await written("place").inputValue()) === "Hamngatan 1");
    await offers.fill(`Arbetspraktik i ${word}\u202e och coachning.`);
    await v.press("provider_own.save", { status: 422 });
    await v.says("signs that turn text are told", v.t("providers.wrong_signs"));
    v.check("and taken out", (await offers.inputValue()).includes(word) && !(await offers.inputValue()).includes("\u202e"));
    await v.press("provider_own.save");
    await v.isAt("providers.saved.title");

    const elin = await somebodyElse(v, "elin");
    await elin.press("menu.providers");
    v.check("who does not speak for it is not offered to write", (await elin.target("providers.own").count()) === 0);
    isRefused(elin, "and gets no form", await look(elin, "/staff/providers/own"));
    isRefused(elin, "nor writes by hand", await byHand(elin, "/staff/providers/own", { area: "karriar", write_sv_offers: "Annat" }));
    await elin.close();
    const maja = await somebodyElse(v, "maja");
    isRefused(maja, "nor does anybody of another organisation", await look(maja, "/staff/providers/own"));
    await maja.close();

    const person = await new Visitor(v.browser, { ...v.play, walk: "catalogue, and the individual" }).open();
    await person.signIn(who);
    await person.press("menu.more");
    await person.press("providers.title");
    await person.isAt("providers.title");
    const traces = async () => (await ask("log", { who })).filter((one) => one.kind !== "read_own_log").length; // but for that of looking
    const before = await traces();
    await person.fill("providers.words", word.toUpperCase());
    await person.press("providers.find");
    await person.says("it is found by a word", scene.organisations.insats);
    await person.fill("providers.words", "akvarellmålning");
    await person.press("providers.find");
    await person.says("and not by another", person.t("providers.count.many", { n: "0" }));
    await person.fill("providers.words", word);
    await person.choose("providers.area", "karriar");
    await person.press("providers.find");
    await person.press(scene.organisations.insats);
    person.must("to its page", (await person.heading()) === scene.organisations.insats, await person.heading());
    await person.says("what it does, in its own words", word);
    await person.says("that nothing is given by it", person.t("providers.next"));
    v.check("what was looked for stands in no log", (await traces()) === before);
    await person.close();

    await v.goto("/staff/providers/own");
    await v.press("provider_own.take_down");
    await v.isAt("providers.taken_down.title");
    await v.goto(`/staff/providers?q=${word}`);
    await v.says("taken down, nobody finds it", scene.organisations.insats, { not: true });
    await ask("own_page");
  },

  /** A coach: what the person opened, when it ends, and the path. */
  async coach(v, { who }) {
    const fullmakt = await ask("opened", { who, to: ["staff", "vide"], flikar: ["lakarutlatande"], purpose: "stod", disclosers: ["region"] });
    const handle = await ask("handle", { staff: "vide", who });
    await v.signIn("vide");
    await v.press("menu.mine");
    const row = v.page.locator("ul.rows > li").filter({ hasText: handle.slice(0, 6) });
    v.check("the person is among those who opened something, with the last day", (await row.innerText()).includes(v.t("mine.ends_fullmakt", { purpose: v.t("purpose.stod") })));
    await v.press("staff_path.title", { within: row });
    await begins(v, "staff_path.title");
    await v.says("the path says when it ends", v.t("mine.ends_fullmakt", { purpose: v.t("purpose.stod") }));
    await v.says("and nothing of a team's case", TEAM, { not: true });
    await v.press("person.title");
    v.check("one flik", (await tabs(v)).join() === flik(v, "lakarutlatande"));
    const shown = await frameOf(v, () => v.press(LETTER));
    v.check("whose document is read", shown.status() === 200);
    isRefused(v, "no other", await look(v, `/staff/documents/${scene.documents[who].journal}/content?purpose=stod`));
    isRefused(v, "nor that one for another purpose", await look(v, `/staff/documents/${scene.documents[who].lakarutlatande}/content?purpose=konsultation`));
    await revoke(who, fullmakt);
    await v.goto(`/staff/people/${handle}`);
    await v.says("taken back, nothing is shown", v.t("person.nothing"));
    await v.press("menu.mine");
    v.check("and the person is gone from the list", (await row.count()) === 0);
    await v.goto(`/staff/people/${handle}/path`);
    await v.says("the path too", v.t("person.nothing"));
  },

  /** Each refusal of a document is the same to the byte, whatever is behind it; the page that explains says what may be, and the next step. */
  async explain(v, { who }) {
    const { journal, lakarutlatande } = scene.documents[who];
    const kept = await ask("opened", { who, to: ["team", "team"], flikar: ["journal"], purpose: "konsultation", disclosers: ["region"] });
    const gone = await ask("opened", { who, to: ["team", "team"], flikar: ["lakarutlatande"], purpose: "konsultation", disclosers: ["region"] });
    await v.signIn("jorun");
    const content = (id, purpose = "konsultation") => look(v, `/staff/documents/${id}/content?purpose=${purpose}`);
    v.check("open, it is another answer", (await content(journal)).status === 200 && (await content(lakarutlatande)).status === 200);
    await revoke(who, gone);
    await act(who, { kind: "set_sparr", id: randomBytes(16).toString("hex"), terms: { target: "flik", flik: "journal", everyone: true, recipients: [] } });
    const answers = {
      "no such document": await content(randomBytes(16).toString("hex")),
      "a document that was blocked": await content(journal),
      "one of which the fullmakt was revoked": await content(lakarutlatande),
      "one that was never opened": await content(scene.documents.love.lakarutlatande),
      "another purpose": await content(journal, "rehab"),
    };
    const saga = await somebodyElse(v, "saga");
    answers["one of a team that is not theirs"] = await ask("fetch", { cookies: await saga.context.cookies(), language: v.way.language, path: `/staff/documents/${journal}/content?purpose=konsultation` });
    await saga.close();
    const [[first, one], ...others] = Object.entries(answers);
    isRefused(v, `${first} is refused`, one);
    for (const [name, other] of others) v.check(`${name} gets the same bytes as ${first}`, withoutId(other) === withoutId(one), () => `${withoutId(one)}\n${withoutId(other)}`);
    v.check("only an id of fixed length differs", new Set(Object.values(answers).map((answer) => answer.text.match(/[0-9a-f]{32}/)[0])).size === Object.keys(answers).length);

    // Pages of a person: unknown, and known with nothing open.
    await revoke(who, kept);
    const pages = {};
    for (const [name, number] of [["known", scene.people[who].number], ["unknown", scene.unknown]]) {
      await v.goto("/staff/people");
      await v.fill("people.number", number);
      await v.press("people.find");
      const path = new URL(v.page.url()).pathname;
      const short = path.split("/").at(-1);
      const scrubbed = (answer) => withoutId(answer).replaceAll(encodeURIComponent(short), "HANDLE").replaceAll(short, "HANDLE").replaceAll(short.slice(0, 6), "HANDLE").replace(/value=\\"[0-9a-f]{32}\\"/g, "ACT");
      pages[name] = scrubbed(await look(v, path)) + scrubbed(await look(v, `${path}/path`)) + scrubbed(await look(v, `${path}/ask`));
    }
    v.check("a person who is unknown looks like one with nothing open, to the byte", pages.known === pages.unknown, () => `${pages.known.slice(0, 1500)}\n\n${pages.unknown.slice(0, 1500)}`);

    await v.goto("/staff/people");
    await v.fill("people.number", scene.people[who].number);
    await v.press("people.find");
    await v.press(v.t("person.nothing_next"));
    await v.isAt("explain.title");
    await v.says("it tells what may be", v.t("explain.staff.cause_sparr"));
    await v.says("and not what is", v.t("explain.staff.lede"));
    for (const [to, heading] of [["/staff/mine", "mine.title"], ["/staff", "cases.title"], ["/staff/people", "people.title"]]) {
      await v.goto("/explain");
      const next = v.page.locator(`main a[href="${to}"]`);
      await Promise.all([v.page.waitForURL(`**${to}`), next.first().click()]);
      await v.isAt(heading);
    }
    await v.goto("/staff/cases/" + "a".repeat(32), { status: 403 });
    await v.isAt("problem.refused.title");
    await v.press(v.t("problem.refused.next"));
    await v.isAt("explain.title");

    const person = await new Visitor(v.browser, { ...v.play, walk: "explain, and the individual" }).open();
    await person.signIn(who);
    const own = [await look(person, `/me/documents/${scene.documents.love.lakarutlatande}`), await look(person, `/me/documents/${randomBytes(16).toString("hex")}`)];
    isRefused(person, "somebody else's document is refused", own[0]);
    v.check("as one that there is not", withoutId(own[0]) === withoutId(own[1]));
    await person.goto(`/me/documents/${randomBytes(16).toString("hex")}`, { status: 403 });
    await person.press(person.t("problem.refused.next"));
    await person.isAt("explain.title");
    await person.press("menu.overview", { within: person.page.locator("main") });
    await person.isAt("see.title");
    await person.close();
    await ask("lift_all", { who });
  },

  /** The path: a picture that the server drew, and the same as text. */
  async path(v, { who }) {
    const id = await ask("referred", { who });
    const kontrakt = await ask("kontrakt", { who });
    const fullmakt = await ask("opened", { who, to: ["team", "team"], flikar: ["rehabplan"], purpose: "konsultation", disclosers: ["region"] });
    await act("alva", { kind: "accept_case", id, meetings: [new Date(Date.now() + 9 * 86_400_000).toISOString().replace(/\.\d+Z$/, ".000Z")] });
    const isBoth = async (w) => {
      const svg = w.page.locator("figure.path svg");
      w.check("the picture has a name", (await svg.getAttribute("role")) === "img" && (await svg.getAttribute("aria-label")) === w.t("path.picture"));
      if (!(await w.page.locator("figure.path details").evaluate((one) => one.open))) await w.page.locator("figure.path summary").click();
      const items = await w.page.locator("figure.path ol > li").allInnerTexts();
      const stations = await svg.locator("g").count();
      w.check("the text has each station of it", stations === items.length && items.length >= 6, `${stations} stations, ${items.length} lines`);
      const drawn = (await svg.locator("text").allTextContents()).join(" ").replace(/\s+/g, " ");
      const missing = [];
      for (const item of await w.page.locator("figure.path ol > li strong").allInnerTexts()) if (!drawn.includes(item.replace(/\s+/g, " "))) missing.push(item);
      w.check("and the same words", missing.length === 0, `${missing} not in ${drawn}`);
      const states = ["path.state_done", "path.state_now", "path.state_goal", "path.state_next"].map((key) => w.t(key));
      w.check("and says of each whether it is done", items.every((item) => states.some((state) => item.endsWith(state))), items.join("\n"));
      const box = await svg.boundingBox();
      w.check("it fits the screen", box.x >= 0 && box.x + box.width <= (w.way.size === "phone" ? 320 : 1280), JSON.stringify(box));
      return drawn;
    };
    await v.signIn(who);
    await v.press("menu.path");
    await v.isAt("path.title");
    const own = await isBoth(v);
    for (const part of [TEAM, "Arbetsprövning", "En praktikplats är hittad", "Fyra timmar om dagen"]) v.check(`it shows “${part}”`, own.includes(part), own);

    const handle = await ask("handle", { staff: "jorun", who });
    const jorun = await somebodyElse(v, "jorun");
    await jorun.press("staff_path.title", { within: label(id) });
    await begins(jorun, "staff_path.title");
    const theirs = await isBoth(jorun);
    for (const part of [TEAM, "Arbetsprövning", "En praktikplats är hittad"]) v.check(`the team's has “${part}” too`, theirs.includes(part), theirs);
    await revoke(who, fullmakt);
    await jorun.goto(`/staff/people/${handle}/path`);
    await jorun.says("without a fullmakt there is nothing of the kontrakt", "Arbetsprövning", { not: true });
    await jorun.close();
    const lee = await somebodyElse(v, "lee");
    await lee.goto(`/staff/people/${handle}/path`);
    await lee.says("who has nothing to do with it sees none", lee.t("person.nothing"));
    v.check("and no picture", (await lee.page.locator("figure.path").count()) === 0);
    await lee.close();
    await act(who, { kind: "close_case", id });
    await ask("end_kontrakt", { id: kontrakt });
  },

  /** A log reviewer: acts of the own organisation, samples, what was found; never a document. */
  async reviewer(v, { who }) {
    const fullmakt = await ask("opened", { who, to: ["organisation", "arbetsformedlingen"], flikar: ["journal"], purpose: "rehab", disclosers: ["region"] });
    const { journal, lakarutlatande } = scene.documents[who];
    v.check("a colleague reads, and is refused something", (await reads("rut", journal, "rehab")) === 200 && (await reads("rut", lakarutlatande, "rehab")) === 403);
    await v.signIn("saga");
    await v.press("menu.review");
    await v.isAt("review.title");
    const acts = v.page.locator("ol.times > li");
    v.check("the newest of the own organisation are there", (await acts.count()) > 2);
    const all = await v.text();
    v.check("nobody of another organisation, no person and no document", ![scene.staff.jorun.name, scene.staff.elin.name, scene.people[who].name, NOTES, LETTER].some((word) => all.includes(word)), all);
    const links = await v.page.locator("main a").evaluateAll((some) => some.map((one) => one.getAttribute("href")));
    v.check("no way to a person or document", links.every((href) => href.startsWith("/staff/review")), links.join());
    await v.choose("review.outcome", "refused");
    await v.choose("review.kind", "open_reading");
    await v.choose("review.staff", scene.hex_ids.rut);
    await v.press("log.filter");
    v.check("what is filtered by stays chosen", (await v.field("review.outcome").inputValue()) === "refused" && (await v.field("review.kind").inputValue()) === "open_reading");
    v.must("refused readings of hers alone", (await acts.count()) >= 1 && (await acts.evaluateAll((some, [name, outcome]) => some.every((one) => one.innerText.includes(name) && one.innerText.includes(outcome)), [scene.staff.rut.name, v.t("review.refused")])), (await acts.allInnerTexts()).join("\n"));

    const link = acts.first().locator("p.what a");
    const entry = (await link.getAttribute("href")).split("/").at(-1);
    await Promise.all([v.page.waitForURL(`**/staff/review/${entry}`), link.click()]);
    await v.says("which entry", entry);
    await v.says("that it does not say whom", v.t("review_act.no_person"));
    await v.tick("review.follow_up");
    const note = `Frågat kollegan (${v.way.language}).`;
    await v.fill("review_act.note", note);
    await v.press("review_act.save");
    await v.isAt("review.done.title");
    await v.press("staff.go_on");
    await v.says("what was found stands beside it", note);
    await v.says("as to be followed up", v.t("review.follow_up"));

    // A sample that somebody else draws again.
    await v.goto("/staff/review");
    await v.press("review.draw");
    await v.isAt("review_sample.title");
    const drawn = await v.page.locator("ol.times p.what a").evaluateAll((some) => some.map((one) => one.getAttribute("href")));
    const again = await v.page.locator(`a:text-is("${v.t("review_sample.again")}")`).getAttribute("href");
    v.check("some were drawn", drawn.length > 0 && drawn.length <= 10, String(drawn.length));
    await v.goto(again);
    const twice = await v.page.locator("ol.times p.what a").evaluateAll((some) => some.map((one) => one.getAttribute("href")));
    v.check("the same address draws the same", JSON.stringify(twice) === JSON.stringify(drawn), `${drawn}\n${twice}`);
    await v.press("review_sample.another");
    v.check("another draws anew", new URL(v.page.url()).pathname === "/staff/review/sample" && !(await v.page.content()).includes(`>${again.match(/seed=(\d+)/)[1]}<`));

    // One's own act, another organisation's, and those who are no reviewers.
    await v.goto(`/staff/review?staff=${scene.hex_ids.saga}&kind=read_organisation_log`);
    const own = (await acts.first().locator("p.what a").getAttribute("href")).split("/").at(-1);
    await v.goto(`/staff/review/${own}`);
    await v.says("of one's own act nothing is noted", v.t("review_act.own"));
    isRefused(v, "also not by hand", await byHand(v, `/staff/review/${own}`, { finding: "checked", write_note: "" }));
    const tuva = await somebodyElse(v, "tuva");
    isRefused(tuva, "a reviewer of another organisation sees none of it", await look(tuva, `/staff/review/${entry}`));
    await tuva.goto("/staff/review");
    await tuva.says("but her own organisation's", scene.staff.rut.name, { not: true });
    await tuva.close();
    isRefused(v, "a reviewer reads no document", await look(v, `/staff/documents/${journal}/content?purpose=konsultation`));
    const jorun = await somebodyElse(v, "jorun");
    v.check("who is no reviewer has no such menu", (await jorun.page.locator('a[href="/staff/review"]').count()) === 0);
    for (const path of ["/staff/review", "/staff/review/sample", `/staff/review/${entry}`]) isRefused(jorun, `nor ${path.split("/").slice(0, 4).join("/")}`, await look(jorun, path));
    await jorun.close();
    await revoke(who, fullmakt);
  },
});

/** What the browser itself would hold back is sent all the same. */
async function byTheServer(v, key) {
  await v.field(key).evaluate((one) => one.form.setAttribute("novalidate", "")).catch(() => {});
}
