// Somebody who knows nothing but the address: finds each role on the page of people by what stands there, and does what that role is for.
import { play } from "./browser.mjs";

const ROLES = {
  sv: {
    individual: "Enskild", lead: "Leder teamet", member: "I teamet Konsultation", care_unit: "Vårdenhet", authority: "Myndighet", desk: "Forum och disk",
    second_desk: "den andra av två", provider: "Insatsaktör", officer: "Ansvarig hos insatsaktören", coach: "Coach", reviewer: "Logggranskare",
    administrator: "Administratör",
  },
  en: {
    individual: "Individual", lead: "Leads the team", member: "In the team Konsultation", care_unit: "Care unit", authority: "Authority", desk: "Forum and desk",
    second_desk: "the second of two", provider: "Provider", officer: "In charge at the provider", coach: "Coach", reviewer: "Log reviewer",
    administrator: "Administrator",
  },
};

/** Opens the first document of the first person in a list of people. */
const readFirst = async (v, list) => {
  await list.first().click();
  await v.page.waitForURL("**/staff/people/*");
  const title = v.page.locator("section.rows h3 a").first();
  v.must("something is open", (await title.count()) === 1, await v.text());
  const [response] = await Promise.all([v.page.waitForResponse((one) => one.url().includes("/content?")), title.click()]);
  v.check("and can be read", response.status() === 200, String(response.status()));
};

const DOES = {
  async individual(v) {
    await v.isAt("see.title");
    await v.says("something is open", v.t("see.open_now"));
    await v.says("a request waits", v.t("see.waiting_requests.one"));
    await v.press("menu.log");
    v.check("somebody has read", (await v.page.locator("ol.times > li").count()) > 0);
    await v.press("menu.path");
    v.check("there is a path", (await v.page.locator("figure.path svg").count()) === 1);
  },
  async lead(v) {
    await v.isAt("cases.title");
    await v.says("a case waits", v.t("cases.waiting_heading"));
    await v.press("cases.lead", { within: v.page.locator("article").filter({ hasText: v.t("cases.since") }).first() });
    v.check("and can be taken up", (await v.target("case.accept").count()) === 1);
    await v.press("menu.teams");
    v.check("the team is there", (await v.page.locator("ul.lines > li").count()) > 2);
  },
  async member(v) {
    await v.isAt("cases.title");
    await readFirst(v, v.page.locator("ul.sheets").last().locator("a.button")); // of the cases that are open
  },
  async care_unit(v) {
    await v.press("people.title");
    v.check("somebody can be looked up", await v.field("people.number").isVisible());
  },
  async authority(v) {
    await DOES.care_unit(v);
  },
  async desk(v) {
    await v.press("menu.desk");
    v.check("the forms are there", (await v.page.locator("main form").count()) >= 4);
  },
  async second_desk(v) {
    await DOES.desk(v);
  },
  async provider(v) {
    await v.press("menu.mine");
    await readFirst(v, v.page.locator("ul.rows h2 a"));
  },
  async officer(v) {
    await v.press("menu.providers");
    await v.press("providers.own");
    await v.isAt("provider_own.title");
  },
  async coach(v) {
    await v.press("menu.mine");
    await readFirst(v, v.page.locator("ul.rows h2 a"));
  },
  async reviewer(v) {
    await v.press("menu.review");
    await v.isAt("review.title");
    v.check("there is something to review", (await v.page.locator("ol.times > li").count()) > 0);
  },
  async administrator(v) {
    await v.isAt("administration.title");
    await v.says("a proposal waits", v.t("administration.waiting.one"));
    await v.press("menu.proposals");
    v.check("with the command that approves it", (await v.page.locator("p.commandline").allTextContents()).some((line) => line.startsWith("flikvakt approve ")));
    await v.press("menu.health");
    await v.isAt("admin_health.title");
  },
};

await play({
  async newcomer(v) {
    await v.goto("/");
    await v.says("the people of the demo are on the first page", v.t("sign_in.demo_heading"));
    await v.says("plainly marked", v.t("frame.demo"), { selector: "header" });
    for (const [role, words] of Object.entries(ROLES[v.way.language])) {
      const one = v.page.locator("section[aria-labelledby=demo] li").filter({ hasText: words }).first();
      v.must(`somebody is there as “${words}”`, (await one.count()) === 1, await v.text());
      const [response] = await Promise.all([v.page.waitForNavigation({ waitUntil: "load" }), one.getByRole("button").click()]);
      await v.arrived(response, 200, words);
      await DOES[role](v);
      await v.press("frame.sign_out");
      v.check("signing out leads back to the people", (await v.page.locator("section[aria-labelledby=demo]").count()) === 1, v.page.url());
    }
  },
});
