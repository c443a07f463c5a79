// Walks of administrators: they look at pages, and act by the commands that stand there, word for word.
import { Visitor, ask, day, play, scene } from "./browser.mjs";

const TEAM = "Konsultation Tresjöarna";
const PAGES = ["", "/proposals", "/organisations", "/teams", "/templates", "/health", "/figures"].map((path) => `/administration${path}`);
const reads = (who, document, purpose = "konsultation") => ask("read", { who, document, purpose });
const look = async (v, path) => ask("fetch", { cookies: await v.context.cookies(), language: v.way.language, path });

const somebodyElse = async (v, who) => {
  const other = await new Visitor(v.browser, { ...v.play, walk: `${v.play.walk}, and ${who}` }).open();
  await other.signIn(who);
  return other;
};

const isRefused = (v, name, answer) =>
  v.check(name, answer.status === 403 && answer.text.includes(v.t("problem.refused.title")), `${answer.status}: ${answer.text.slice(0, 300)}`);

/** The command of this page that begins so. */
const command = async (v, beginning) => {
  const all = await v.page.locator("p.commandline").allTextContents();
  const line = all.find((one) => one.startsWith(`flikvakt ${beginning}`));
  v.must(`the page shows \`flikvakt ${beginning} …\``, line !== undefined, all.join("\n"));
  return line;
};

const run = async (v, line, more = {}) => {
  const ran = await ask("flikvakt", { line, ...more });
  v.check(`\`${line.split(" ").slice(0, 4).join(" ")}\` does what it says`, ran.code === 0, JSON.stringify(ran));
  return ran;
};

await play({
  async administrator(v, { who, round }) {
    const days = 2000 + round;
    const wanted = () => ask("flikvakt", { line: "flikvakt log retention --data DATA", sealed: false });
    const proposal = await ask("proposed", { words: ["log", "set-retention", "list_notices", String(days)] });

    await v.goto("/administration");
    v.check("without a session one is asked for a code", new URL(v.page.url()).pathname === "/sign-in/administrator");
    await v.fill("sign_in_code.code", "A".repeat(43));
    await v.press("sign_in_code.button", { status: 422 });
    await v.says("one that is none is told", v.t("sign_in_code.failed"));
    const { code } = await ask("code_of_administrator", { name: "bo" });
    await v.fill("sign_in_code.code", code);
    await v.press("sign_in_code.button");
    await v.isAt("administration.title");
    const thief = await new Visitor(v.browser, { ...v.play, walk: "administrator, and somebody with the same code" }).open();
    await thief.goto("/sign-in/administrator");
    await thief.fill("sign_in_code.code", code);
    await thief.press("sign_in_code.button", { status: 422 });
    await thief.says("a code serves once", thief.t("sign_in_code.failed"));
    for (const path of PAGES) {
      await thief.goto(path);
      v.check(`nobody sees ${path}`, new URL(thief.page.url()).pathname === "/sign-in/administrator", thief.page.url());
    }
    await thief.close();

    await v.says("it is said who is signed in", "Bo");
    await v.says("that something waits", v.t("administration.waiting.one"));
    await v.press("menu.proposals");
    await v.isAt("admin_proposals.title");
    await v.says("what would change", String(days), { must: true });
    await v.says("and how it stands now", v.t("admin_proposals.now"));
    await v.says("who proposed it", "Alice");
    const before = (await wanted()).out;
    await run(v, await command(v, `approve ${proposal}`), { key: "bo", extra: ["--yes"] });
    const after = (await wanted()).out;
    v.check("approved by the second, it stands", after.includes(String(days)) && !before.includes(String(days)), after);
    await v.page.reload();
    await v.says("the page shows what waited at the signing", String(days));
    const again = await new Visitor(v.browser, { ...v.play, walk: "administrator, with a new code" }).open();
    await again.signInAsAdministrator("bo");
    await again.press("menu.proposals");
    await again.says("with a new code nothing waits", again.t("admin_proposals.none"));
    await again.close();
    const own = await ask("proposed", { words: ["log", "set-retention", "list_notices", "1900"] });
    const alice = await new Visitor(v.browser, { ...v.play, walk: "administrator, and who proposed" }).open();
    await alice.signInAsAdministrator("alice");
    await alice.press("menu.proposals");
    await alice.says("who proposed it is told that another approves", alice.t("admin_proposals.own"));
    v.check("and gets no command for it", (await alice.page.locator("p.commandline").allTextContents()).every((line) => !line.startsWith("flikvakt approve")));
    await run(alice, await command(alice, `withdraw ${own}`));
    await alice.close();

    await v.press("menu.organisations");
    await v.isAt("admin_organisations.title");
    for (const name of Object.values(scene.organisations)) await v.says(`${name} is there`, name);
    await v.press(scene.organisations.insats);
    await v.says("with its authorisation", "karriar");
    await v.says("that counts", v.t("administration.period_now"));
    await v.says("its staff", scene.staff.elin.name);
    await v.says("and certificate", v.t("admin_organisation.certificates"));
    await command(v, "authorisation end");
    await command(v, `organisation suspend ${scene.hex_ids.insats}`);
    await v.press("menu.teams");
    await v.says("the team", TEAM);
    await v.says("and who has a place", scene.staff.jorun.name);
    await command(v, `team suspend ${scene.hex_ids.team}`);
    await v.press("menu.templates");
    await v.says("the form that people sign", v.way.language === "en" ? "Before the meeting" : "Inför mötet");
    await command(v, "kontrakt end");

    await v.press("menu.health");
    await v.isAt("admin_health.title");
    const row = async (key) => (await v.page.locator("tr").filter({ has: v.page.getByRole("rowheader", { name: v.t(key), exact: true }) }).first().innerText()).replace(/\s+/g, " ");
    v.check("witnesses confirm the log", (await row("health.witnesses")).includes(v.t("health.witnesses_fresh")), await row("health.witnesses"));
    const cosigned = await row("health.cosigned");
    v.check("how old that is", cosigned.includes(v.t("health.minutes.many", { n: "0" })) || cosigned.includes(v.t("health.minutes.one")), cosigned);
    const size = Number((await row("health.log_size")).match(/\d+/)[0]);
    v.check("the log's entries are counted now", size > 100 && size <= (await ask("log_size")), String(size));
    v.check("the clock fits", (await row("health.clock")).includes(v.t("health.clock_clear")));
    const state = await run(v, await command(v, "status"), { sealed: false });
    v.check("the command gives the same", JSON.parse(state.out).log.size >= size, state.out);
    await v.press("menu.figures");
    await v.isAt("admin_figures.title");
    await v.says("of a month that is not over nothing is told", v.t("admin_figures.none"));
    await command(v, "report --from");

    // Nothing of a person, and nothing that can be done.
    const theirs = Object.values(scene.people).flatMap((one) => [one.name, one.number.slice(2)]);
    for (const path of PAGES) {
      await v.goto(path);
      const html = await v.page.content();
      v.check(`${path} shows nobody`, !theirs.some((word) => html.includes(word)));
      v.check(`${path} has no form but for signing out`, (await v.page.locator('form[method="post"]').count()) === 1);
    }
    const handle = await ask("handle", { staff: "jorun", who });
    for (const path of ["/me", "/me/log", "/staff", "/staff/people", `/staff/people/${handle}`, `/staff/documents/${scene.documents[who].journal}/content?purpose=konsultation`, "/staff/review"]) {
      isRefused(v, `an administrator does not see ${path.split("/").slice(0, 3).join("/")}`, await look(v, path));
    }
    for (const key of ["jorun", "saga", who]) {
      const other = await new Visitor(v.browser, { ...v.play, walk: `administrator, and ${key}` }).open();
      await other.signIn(key);
      for (const path of PAGES) isRefused(other, `${path} is refused`, await look(other, path));
      await other.close();
    }
    await v.press("frame.sign_out");
    await v.goto("/administration");
    v.check("signed out, it asks for a code again", new URL(v.page.url()).pathname === "/sign-in/administrator");
  },

  /** Staff whose organisation vouches for them with its certificate: when that is suspended they are out at both doors. */
  async certificate(v) {
    await v.signInAsAdministrator("bo");
    const nils = await somebodyElse(v, "nils");
    const lee = await somebodyElse(v, "lee");
    v.must("with the certificate they are let in", (await ask("door", { who: "nils" })) === 200 && (await ask("door", { who: "lee" })) === 200);
    await v.goto(`/administration/organisations/${scene.hex_ids.kommun}`);
    await run(v, await command(v, "certificate suspend"), { key: "bo" });
    await nils.goto("/staff");
    v.check("suspended, the session in the portal is over", new URL(nils.page.url()).pathname === "/sign-in", nils.page.url());
    v.check("and the API's door is closed", (await ask("door", { who: "nils" })) !== 200);
    await nils.press("sign_in.demo_as", { values: { name: scene.staff.nils.name }, status: 422 });
    await nils.says("nobody of the organisation comes in", nils.t("sign_in.why_failed"));
    await lee.goto("/staff");
    v.check("those of others stay", new URL(lee.page.url()).pathname === "/staff" && (await ask("door", { who: "lee" })) === 200);
    await v.page.reload();
    await run(v, await command(v, "certificate reinstate"), { key: "bo", second: "alice" });
    v.check("reinstated by two, the door opens", (await ask("door", { who: "nils" })) === 200);
    await nils.signIn("nils");
    await nils.close();
    await lee.close();
  },

  /** What ends access: the command of the page, and the page of whoever lost it. */
  async ending(v, { who }) {
    const { journal } = scene.documents[who];
    const kontrakt = await ask("kontrakt", { who });
    const to_team = await ask("opened", { who, to: ["team", "team"], flikar: ["journal"], purpose: "konsultation", disclosers: ["region"] });
    const to_provider = await ask("opened", { who, to: ["organisation", "insats"], flikar: ["journal"], purpose: "insats", disclosers: ["region"], kontrakt });
    await v.signInAsAdministrator("bo");
    const jorun = await somebodyElse(v, "jorun");
    const elin = await somebodyElse(v, "elin");
    const handles = { jorun: await ask("handle", { staff: "jorun", who }), elin: await ask("handle", { staff: "elin", who }) };
    const opens = async (w, key) => {
      const response = await w.page.goto(`/staff/people/${handles[key]}`);
      return response.status() === 200 && new URL(w.page.url()).pathname.startsWith("/staff/people/") && (await w.page.locator("ul.flikar a").count()) > 0;
    };
    v.must("both read on their pages", (await opens(jorun, "jorun")) && (await opens(elin, "elin")));
    v.must("and at the gateway", (await reads("jorun", journal)) === 200 && (await reads("elin", journal, "insats")) === 200);

    // A staff member is suspended, and comes back when two say so.
    await v.goto(`/administration/organisations/${scene.hex_ids.forsakringskassan}`);
    await run(v, await command(v, `staff suspend ${scene.hex_ids.jorun}`), { key: "bo" });
    v.check("her page is refused at once", !(await opens(jorun, "jorun")), jorun.page.url());
    v.check("the session is over", new URL(jorun.page.url()).pathname === "/sign-in", jorun.page.url());
    v.check("and the gateway refuses her", (await reads("jorun", journal)) === 403);
    v.check("a colleague in the team reads", (await reads("tuva", journal)) === 200);
    await v.page.reload();
    await v.says("the page says so", v.t("standing.suspended"));
    const reinstate = await command(v, `staff reinstate ${scene.hex_ids.jorun}`);
    const alone = await run(v, reinstate, { key: "bo" });
    v.check("one administrator does not bring her back", (await reads("jorun", journal)) === 403, alone.out);
    await run(v, `flikvakt withdraw ${JSON.parse(alone.out).proposal} --data DATA --administrator KEYFILE`, { key: "bo" });
    await run(v, reinstate, { key: "bo", second: "alice" });
    v.check("two do", (await reads("jorun", journal)) === 200);
    await jorun.signIn("jorun");
    v.check("with a new session", await opens(jorun, "jorun"));

    // A team.
    await v.goto("/administration/teams");
    await run(v, await command(v, `team suspend ${scene.hex_ids.team}`), { key: "bo" });
    v.check("a suspended team reads nothing", (await reads("jorun", journal)) === 403 && (await reads("tuva", journal)) === 403);
    v.check("nor does its page show anything", !(await opens(jorun, "jorun")));
    await v.page.reload();
    await run(v, await command(v, `team reinstate ${scene.hex_ids.team}`), { key: "bo", second: "alice" });
    v.check("it reads again", (await reads("jorun", journal)) === 200);

    // A provider's authorisation, and a kontrakt.
    await v.goto(`/administration/organisations/${scene.hex_ids.insats}`);
    await run(v, await command(v, "authorisation end"), { key: "bo" });
    v.check("without authorisation the provider sees nothing at once", !(await opens(elin, "elin")));
    v.check("nor gets anything at the gateway", (await reads("elin", journal, "insats")) === 403);
    await v.page.reload();
    v.check("no authorisation is left to end", (await v.page.locator("p.commandline").allTextContents()).every((line) => !line.startsWith("flikvakt authorisation end")));
    const add = (await command(v, "authorisation add")).replace("AREA", "karriar").replace("DATE", day(-1)).replace("DATE", day(90));
    await run(v, add, { key: "bo" });
    v.check("authorised anew, it reads", (await reads("elin", journal, "insats")) === 200 && (await opens(elin, "elin")));
    await v.goto("/administration/templates");
    await run(v, (await command(v, "kontrakt end")).replace(" ID ", ` ${kontrakt} `), { key: "bo" });
    v.check("with the kontrakt it ends", !(await opens(elin, "elin")) && (await reads("elin", journal, "insats")) === 403);
    await jorun.close();
    await elin.close();
    await ask("act", { who, act: { kind: "revoke_fullmakt", id: to_team } });
    await ask("act", { who, act: { kind: "revoke_fullmakt", id: to_provider } });
  },
});
