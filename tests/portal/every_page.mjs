// Looks at the pages of an album (tour.py), each as the gateway sent it, under the address and policy that it came with.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { album, cut, MAY_SCROLL, serve } from "./album.mjs";
import { play } from "./browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
// WCAG 2.2 AA and axe's own best practice; `region` wants every word in a landmark.
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const RULES = { "target-size": { enabled: true } };

// ---- What is looked at in a page

// Language, title, headings, landmarks; nothing wider than the screen, nothing cut off.
const structure = ({ language, mayScroll }) => {
  const wrong = [];
  const root = document.documentElement;
  if (root.lang !== language) wrong.push(`lang is “${root.lang}”`);
  const framed = !document.querySelector("body > header");
  if (!document.title.trim() || document.title.trim().startsWith("–")) wrong.push(`the title is “${document.title}”`);
  if (!framed && !document.title.endsWith(" – Flikvakt")) wrong.push(`the title is “${document.title}”`);
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")];
  if (headings.filter((one) => one.tagName === "H1").length !== 1) wrong.push("not one main heading");
  for (const one of headings) if (!one.textContent.trim()) wrong.push(`an empty ${one.tagName}`);
  if (document.querySelectorAll("main").length !== 1) wrong.push("not one main");
  if (!framed) {
    for (const one of ["body > header", "body > footer"]) if (document.querySelectorAll(one).length !== 1) wrong.push(`not one ${one}`);
    const first = document.querySelector("a, button, input, select, textarea, summary, [tabindex]");
    if (first?.getAttribute("href") !== "#main") wrong.push("the skip link is not first");
  }
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((one, i) => ids.indexOf(one) !== i))) wrong.push(`the id ${id} twice`);
  // Each field has a name, and what stands under it as a hint is read with it.
  for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!one.labels?.length && !one.getAttribute("aria-label")) wrong.push(`a field without a label: ${one.name}`);
    const hint = one.closest(".field")?.querySelector(".hint, .error");
    if (hint && !(one.getAttribute("aria-describedby") ?? "").split(" ").includes(hint.id)) wrong.push(`the hint of ${one.name} is not read with it`);
  }
  for (const [text] of document.body.innerText.matchAll(/\{\{.*?\}\}|\[\[.*?\]\]/g)) wrong.push(`a place that was not filled in: ${text}`);
  wrong.push(...cut(mayScroll));
  return wrong;
};

// WCAG 1.4.12. By a sheet that script adopts: the policy of our pages forbids others.
const space = () => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p, .field, li { margin-bottom: 2em !important; }");
  document.adoptedStyleSheets = [sheet];
};

// Whatever can have the focus shows it.
const focus = () => {
  const wrong = [];
  for (const one of document.querySelectorAll("a[href], button:enabled, input:not([type=hidden]):enabled, select, textarea, summary, [tabindex='0']")) {
    if (!one.checkVisibility() || one.closest("details:not([open])") && one.tagName !== "SUMMARY") continue;
    one.focus({ focusVisible: true });
    if (document.activeElement !== one) continue;
    const style = getComputedStyle(one);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) wrong.push(`no focus on ${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 30)}`);
  }
  return wrong.slice(0, 5);
};

// Under forced colours nothing is told by a background or a shadow alone.
const forced = () => {
  const wrong = [];
  const canvas = getComputedStyle(document.body).backgroundColor;
  const edges = (style) => ["Top", "Right", "Bottom", "Left"].every((side) => parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== "none");
  for (const one of document.querySelectorAll("button:not(.link), .button, input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, .sheet, .note")) {
    if (one.checkVisibility() && !edges(getComputedStyle(one))) wrong.push(`no edge: ${one.tagName}.${one.className}`);
  }
  for (const one of document.querySelectorAll(".state, .tab:not(h2):not(h3), .times > li")) {
    if (!one.checkVisibility()) continue;
    const dot = getComputedStyle(one, "::before");
    const filled = dot.backgroundColor !== canvas && dot.backgroundColor !== "rgba(0, 0, 0, 0)";
    const ringed = parseFloat(dot.borderTopWidth) > 0 && dot.borderTopStyle !== "none";
    if (!filled && !ringed) wrong.push(`the mark of a state is gone: ${one.tagName}.${one.className}`);
  }
  for (const one of document.querySelectorAll("[aria-current]")) {
    if (!one.checkVisibility()) continue;
    const style = getComputedStyle(one);
    const shown = style.outlineStyle !== "none" || edges(style) || style.textDecorationLine === "none" || parseFloat(style.borderLeftWidth) > 0;
    if (!shown) wrong.push("where one is cannot be seen");
  }
  return [...new Set(wrong)];
};

const motion = () => {
  const wrong = [];
  if (document.getAnimations().length) wrong.push(`${document.getAnimations().length} animations run`);
  for (const one of document.querySelectorAll("*")) {
    const style = getComputedStyle(one);
    const moves = [style.transitionDuration, style.animationDuration].some((text) => text.split(",").some((time) => parseFloat(time) > 0));
    if (moves || style.scrollBehavior === "smooth") wrong.push(`${one.tagName}.${one.className} moves`);
  }
  return wrong.slice(0, 3);
};

// On paper: no menu, no buttons, nothing cut, dark on light.
const paper = () => {
  const wrong = [];
  for (const selector of [".menu", ".tools", ".actions", ".skip", ".back", ".filters"]) {
    for (const one of document.querySelectorAll(selector)) if (getComputedStyle(one).display !== "none") wrong.push(`${selector} is printed`);
  }
  const light = (color) => (color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number).reduce((sum, one) => sum + one, 0) / 3;
  const background = getComputedStyle(document.body).backgroundColor;
  const ink = getComputedStyle(document.querySelector("main h1")).color;
  if (!background.endsWith(", 0)") && light(background) < 240) wrong.push(`the paper is ${background}`);
  if (light(ink) > 80) wrong.push(`the ink is ${ink}`);
  return [...new Set(wrong)];
};

const axe = async (page) => {
  await page.evaluate(AXE);
  const found = await page.evaluate(
    async ([tags, rules]) => {
      const { violations } = await window.axe.run(document, { runOnly: { type: "tag", values: tags }, rules, resultTypes: ["violations"], iframes: false });
      return violations.map((one) => `${one.id}: ${one.nodes.slice(0, 2).map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? ""}`).join(" | ")}`);
    },
    [TAGS, RULES],
  );
  return found;
};

await play({
  /** `looks`: their numbers in the album; `what`: which of the checks. */
  async album(v, { looks, what }) {
    const shown = {};
    await serve(v.context, shown);
    const page = v.page;
    const run = (name, how, argument) => (what.includes(name) ? page.evaluate(how, argument) : []);
    await page.addInitScript(`globalThis.cut = ${cut};`);
    for (const number of looks) {
      const look = album.looks[number];
      shown.look = look;
      v.measured += 1;
      const wrong = [];
      const say = (about, list) => wrong.push(...list.map((one) => `${about}: ${one}`));
      try {
        await page.goto(look.path, { waitUntil: "load" });
        say("structure", await run("structure", structure, { language: look.language.split("-")[0], mayScroll: MAY_SCROLL }));
        if (what.includes("axe")) say("axe", await axe(page));
        say("motion", await run("motion", motion));
        say("forced colours", await run("forced", forced));
        say("focus", await run("focus", focus));
        if (what.includes("spacing")) {
          await page.evaluate(space);
          say("with more space", await page.evaluate(cut, MAY_SCROLL));
        }
        if (what.includes("paper")) {
          await page.emulateMedia({ media: "print" });
          say("on paper", await page.evaluate(paper));
          await page.emulateMedia({ media: null });
        }
      } catch (error) {
        wrong.push(String(error).slice(0, 500));
      }
      if (wrong.length) v.check(`${look.name} (${look.signed_in})`, false, wrong.join("\n"));
    }
    // What was typed wrong is shown again as it was, and the browser says so.
    v.strange = v.strange.filter((one) => !/^the console: The specified value ".*" (cannot be parsed|does not conform)/.test(one));
    v.check(`${looks.length} pages`, looks.length > 0);
  },
});
