// With Tab, Enter, Space and what a choice or a date needs: nobody touches a mouse.
import { ask, play } from "./browser.mjs";

const FAR = 250; // more Tabs than any page has stops

// Runs in the page: what has the focus, where it is, and whether that can be seen.
const focused = () => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const all = [...document.querySelectorAll("*")];
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const points = [[box.left + box.width / 2, box.top + box.height / 2], [box.left + 2, box.top + 2], [box.right - 2, box.bottom - 2]];
  const within = points.filter(([x, y]) => x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight);
  const uncovered = within.some(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && (one.contains(top) || top.contains(one) || (one.labels && [...one.labels].some((label) => label.contains(top))));
  });
  return {
    place: all.indexOf(one),
    tag: one.tagName,
    type: one.type ?? "",
    name: one.name ?? "",
    value: one.value ?? "",
    href: one.getAttribute("href") ?? "",
    action: one.form?.getAttribute("action") ?? "",
    text: (one.labels?.[0]?.textContent || one.textContent || one.getAttribute("aria-label") || "").replace(/\s+/g, " ").trim(),
    seen: uncovered,
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  };
};

// What has the focus now, once the page has scrolled to it: the browser does that when it draws the next time.
const SCROLLS = 2000; // milliseconds
const stopOf = async (v) => {
  const end = Date.now() + SCROLLS;
  let stop = await v.page.evaluate(focused);
  while (stop && !stop.seen && Date.now() < end) stop = await v.page.evaluate(focused);
  return stop;
};

const looked = (v, stop, wrong) => {
  if (!stop.seen) wrong.push(`${stop.tag} “${stop.text.slice(0, 40)}” has the focus outside the window or behind something`);
  if (!stop.ring) wrong.push(`${stop.tag} “${stop.text.slice(0, 40)}” does not show the focus`);
};

// Tab until something fits; each stop on the way is looked at. The order is that of the page, and nothing comes twice.
const tabTo = async (v, what, fits) => {
  const wrong = [];
  let last = -1;
  for (let count = 0; count < FAR; count += 1) {
    await v.page.keyboard.press("Tab");
    const stop = await stopOf(v);
    if (!stop) {
      if (last >= 0) break; // past the end of the page
      continue;
    }
    looked(v, stop, wrong);
    if (stop.place <= last && stop.type !== "date") wrong.push(`the focus goes back to ${stop.tag} “${stop.text.slice(0, 40)}”`);
    last = stop.place;
    if (fits(stop)) {
      v.check(`the way to ${what}`, wrong.length === 0, wrong.join("\n"));
      return stop;
    }
  }
  v.must(`Tab comes to ${what}`, false, wrong.join("\n"));
};

// All stops of a page, from its beginning until the focus leaves it: it is no trap, and nothing that can be clicked is left out.
const allStops = async (v, name) => {
  await v.page.evaluate(() => {
    document.activeElement?.blur?.();
    window.scrollTo(0, 0);
  });
  const stops = [];
  const wrong = [];
  let left = false;
  for (let count = 0; count < FAR; count += 1) {
    await v.page.keyboard.press("Tab");
    const stop = await stopOf(v);
    if (!stop || (stops.length && stop.place === stops[0].place)) {
      left = stops.length > 0;
      if (left) break;
      continue;
    }
    looked(v, stop, wrong);
    if (stop.place !== stops.at(-1)?.place) stops.push(stop);
  }
  if (!left) wrong.push("the focus never leaves the page");
  const places = new Set(stops.map((one) => one.place));
  const missed = await v.page.evaluate(
    ([reached]) => {
      const all = [...document.querySelectorAll("*")];
      return [...document.querySelectorAll("a[href], button:enabled, input:enabled:not([type=hidden]), select:enabled, textarea:enabled, summary, [tabindex='0'], iframe")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length && !reached.includes(all.indexOf(one)))
        .filter((one) => !(one.type === "radio" && [...document.getElementsByName(one.name)].some((other) => reached.includes(all.indexOf(other)))))
        .map((one) => `${one.tagName} “${one.textContent.trim().slice(0, 40)}”`);
    },
    [[...places]],
  );
  if (missed.length) wrong.push(`Tab never comes to ${missed.join(", ")}`);
  const order = stops.map((one) => one.place);
  if (order.some((place, i) => i > 0 && place < order[i - 1])) wrong.push("the order is not that of the page");
  v.check(`${name}: ${stops.length > 3 ? "all" : "few"} stops`, wrong.length === 0 && stops.length > 3, wrong.slice(0, 8).join("\n"));
};

const enter = async (v, how = "Enter", status = 200) => {
  const [response] = await Promise.all([v.page.waitForNavigation({ waitUntil: "load" }), v.page.keyboard.press(how)]);
  await v.arrived(response, status, how);
};

// The first stop is the link past the menu; it can be seen when it has the focus, and leads to the content.
const skip = async (v) => {
  await v.page.keyboard.press("Tab");
  const stop = await stopOf(v);
  v.check("the first stop skips the menu", stop?.href === "#main" && stop.seen, JSON.stringify(stop));
  await v.page.keyboard.press("Enter");
  const at = await v.page.evaluate(() => document.activeElement?.id);
  v.check("it leads to the content", at === "main", `the focus is at ${at}`);
};

const openMenu = async (v) => {
  const summary = v.page.locator("details.menu > summary");
  if (!(await summary.count()) || !(await summary.isVisible())) return;
  await tabTo(v, "the menu", (one) => one.tag === "SUMMARY");
  await v.page.keyboard.press("Space");
  v.check("Space opens the menu", await v.page.locator("details.menu").evaluate((one) => one.open));
};

const signIn = async (v, { name }) => {
  await v.goto("/sign-in");
  await allStops(v, "signing in");
  await v.goto("/sign-in");
  const label = v.t("sign_in.demo_as", { name });
  await tabTo(v, "the button of a person", (one) => one.tag === "BUTTON" && one.text === label);
  await enter(v);
  await v.isAt("see.title");
};

await play({
  async sign(v, { person }) {
    await signIn(v, person);
    await allStops(v, "who can see what");
    await v.goto("/me");
    await skip(v);
    await tabTo(v, "giving", (one) => one.href === "/me/give");
    await enter(v);
    await tabTo(v, "choosing freely", (one) => one.href === "/me/give/new");
    await enter(v);
    await allStops(v, "the form");
    await v.goto("/me/give/new");
    await skip(v);
    await tabTo(v, "the recipients", (one) => one.name === "recipient");
    await v.page.keyboard.type(person.recipient.slice(0, 12)); // a choice takes letters
    const chosen = await v.page.locator("#recipient option:checked").textContent();
    v.must("the choice is made with letters", chosen.startsWith(person.recipient), chosen);
    await tabTo(v, "a flik", (one) => one.name === "flik" && one.value === "journal");
    await v.page.keyboard.press("Space");
    v.check("Space ticks it", await v.page.locator("input[name=flik][value=journal]").isChecked());
    await tabTo(v, "the end of the form", (one) => one.tag === "BUTTON" && one.type === "submit" && one.action === "/me/give/new");
    await enter(v);
    await v.says("the exact text is there", person.recipient);
    await allStops(v, "signing");
    await tabTo(v, "the text that is signed", (one) => one.tag === "DIV");
    await tabTo(v, "the signature", (one) => one.action === "/me/sign/demo");
    await enter(v, "Space");
    await v.isAt("signed.fullmakt.title");
    await skip(v);
    await tabTo(v, "the overview", (one) => one.href === "/me");
    await enter(v);
    await v.says("it stands there", person.recipient, { selector: "main" });
    const standing = (await ask("overview", { who: person.key })).fullmakter.filter((one) => one.status === "active");
    v.check("it counts", standing.length === person.before + 1, `${standing.length} count`);

    // And back again.
    await skip(v);
    const revoke = await tabTo(v, "taking back", (one) => /\/revoke$/.test(one.href) && one.text.includes(person.recipient));
    await enter(v);
    await allStops(v, "the question");
    await v.page.goto(v.page.url());
    await skip(v);
    await tabTo(v, "the button that takes back", (one) => one.tag === "BUTTON" && /\/revoke$/.test(one.action));
    await enter(v);
    await v.isAt("revoke.done_title");
    await allStops(v, "what was taken back");
    const after = (await ask("overview", { who: person.key })).fullmakter.filter((one) => one.status === "active");
    v.check("it counts no more", after.length === person.before, `${after.length} count after ${revoke.href}`);
    await openMenu(v);
    await tabTo(v, "signing out", (one) => one.action === "/sign-out");
    await enter(v);
    await v.isAt("sign_in.heading");
  },
});
