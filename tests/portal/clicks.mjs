// How many clicks the shortest visible way takes, from the page that signing in leads to. Opening the menu on a phone is a click too.
import { ask, play, scene } from "./browser.mjs";

class Clicks {
  constructor(v) {
    this.v = v;
    this.made = [];
  }

  /** Clicks what is seen; a page may come of it. */
  async click(locator, { comes = true } = {}) {
    this.v.must(`what is clicked can be seen (click ${this.made.length + 1})`, await locator.isVisible(), String(locator));
    this.made.push((await locator.innerText()).trim());
    if (!comes) return locator.click();
    const [response] = await Promise.all([this.v.page.waitForNavigation({ waitUntil: "load" }), locator.click()]);
    return this.v.arrived(response, 200, this.made.at(-1));
  }

  async menu(label) {
    const summary = this.v.page.locator("details.menu > summary");
    if (!(await this.v.target(label).isVisible())) await this.click(summary, { comes: false });
    await this.click(this.v.target(label));
  }

  atMost(most, name) {
    this.v.check(`${name} in at most ${most} clicks`, this.made.length > 0 && this.made.length <= most, `${this.made.length}: ${this.made.join(" › ")}`);
  }
}

await play({
  async few_clicks(v, { who }) {
    const { journal, lakarutlatande } = scene.documents[who];
    const opened = () => ask("opened", { who, to: ["team", "team"], flikar: ["journal", "lakarutlatande"], purpose: "konsultation", disclosers: ["region"] });
    const reads = () => ask("read", { who: "jorun", document: journal, purpose: "konsultation" });
    await opened();
    const case_id = await ask("referred", { who });

    // A team member opens a document: the first flik's, and another's.
    for (const [document, title, tab] of [[journal, "Journalanteckningar", null], [lakarutlatande, "Kort läkarutlåtande", "lakarutlatande"]]) {
      await v.signIn("jorun");
      const clicks = new Clicks(v);
      await clicks.click(v.target("cases.open_person", { within: case_id.slice(0, 6).toUpperCase() }));
      if (tab) await clicks.click(v.page.locator("ul.flikar a").filter({ hasText: scene.flikar[tab][v.way.language === "en" ? "en" : "sv"] }));
      const [response] = await Promise.all([v.page.waitForResponse((one) => one.url().includes(`/staff/documents/${document}/content`)), clicks.click(v.target(title))]);
      v.check("the document is on the screen", response.status() === 200 && (await v.page.locator("iframe.viewer").isVisible()));
      clicks.atMost(3, `a team member opens a document${tab ? " of another flik" : ""}`);
      await v.press("frame.sign_out");
    }

    // Who has read.
    await v.signIn(who);
    const looking = new Clicks(v);
    await looking.menu("menu.log");
    await v.isAt("log.title");
    await v.says("it is there who read", scene.organisations.forsakringskassan);
    looking.atMost(2, "who has read");
    await v.press("frame.sign_out");

    // Taking back.
    await v.signIn(who);
    v.check("before, the team reads", (await reads()) === 200);
    const revoking = new Clicks(v);
    await revoking.click(v.target("see.revoke", { within: "Konsultation Tresjöarna" }));
    await revoking.click(v.target("see.revoke"));
    await v.isAt("revoke.done_title");
    revoking.atMost(3, "a fullmakt is revoked");
    v.check("and the team is refused", (await reads()) === 403);
    await ask("act", { who, act: { kind: "close_case", id: case_id } });
  },
});
