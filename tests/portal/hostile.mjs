// Pages full of hostile strings (hostile.py): each string stands there as text, to the letter, and nothing of it became anything else.
import { album, cut, MAY_SCROLL, serve } from "./album.mjs";
import { play } from "./browser.mjs";

// Whatever a string would call is there to be called.
const trap = () => {
  globalThis.hits = [];
  for (const name of ["canary", "alert", "confirm", "prompt"]) globalThis[name] = (...words) => globalThis.hits.push(`${name}(${words})`);
  document.addEventListener("securitypolicyviolation", (event) => globalThis.hits.push(`${event.violatedDirective}: ${event.blockedURI}`));
};

// Tags and attributes that our templates have; nothing else may be in a page.
const TAGS = "A ARTICLE BDI BLOCKQUOTE BODY BR BUTTON CAPTION CIRCLE CODE DD DETAILS DIV DL DT FIELDSET FIGCAPTION FIGURE FOOTER FORM G H1 H2 H3 HEAD HEADER HTML IFRAME IMG INPUT LABEL LEGEND LI LINE LINK MAIN META NAV NOSCRIPT OL OPTION P PATH RECT SCRIPT SECTION SELECT SMALL SPAN STRONG SUMMARY SVG TABLE TBODY TD TEXT TEXTAREA TH THEAD TITLE TR UL".split(" ");
const ATTRIBUTES = "accept action alt aria-current aria-describedby aria-hidden aria-label aria-labelledby autocapitalize autocomplete charset checked class content cx cy d data-options data-passkey data-problem defer disabled download enctype fill focusable for formnovalidate height hidden href hreflang id inputmode lang max maxlength method min minlength name open pattern r readonly rel required role rows scope selected spellcheck src tabindex target title transform type value viewBox viewbox width x x1 x2 y y1 y2".split(" ");

const strange = ([tags, attributes]) => {
  const wrong = [];
  for (const one of document.querySelectorAll("*")) {
    if (!tags.includes(one.tagName.toUpperCase())) wrong.push(`an element ${one.tagName}`);
    for (const { name, value } of one.attributes) {
      if (!attributes.includes(name)) wrong.push(`${one.tagName} has ${name}`);
      if (/^(href|src|action|formaction)$/.test(name) && !/^(\/|#|\?|https:\/\/localhost:\d+\/)/.test(value)) wrong.push(`${one.tagName} leads to ${value}`);
    }
  }
  return [...new Set(wrong)].slice(0, 6);
};

// Every marked string in what the page shows and holds: number, text, and what follows where the end mark is missing.
const marked = () => {
  const texts = [document.title];
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ELEMENT);
  for (let one = walker.nextNode(); one; one = walker.nextNode()) {
    for (const { value } of one.attributes) if (value.includes("Hq")) texts.push(value);
    if (one.value !== undefined && one.tagName !== "LI") texts.push(String(one.value));
  }
  // A picture breaks its lines between words, and the same text stands beside it: there letters count, not blanks.
  const copy = document.documentElement.cloneNode(true);
  const drawn = [...copy.querySelectorAll("svg")].map((one) => one.textContent);
  for (const one of copy.querySelectorAll("svg")) one.remove();
  texts.push(copy.textContent);
  const found = [];
  const find = (text, isDrawn) => {
    for (const [, number, inner] of text.matchAll(/Hq(\d{3}):([\s\S]*?):\1Hq/g)) found.push([Number(number), inner, isDrawn]);
  };
  for (const text of texts) find(text, false);
  for (const text of drawn) find(text, true);
  return found;
};

const BLANKS = /[ \t\n\r\f\v\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+/g;
const narrow = (text) => text.replace(BLANKS, " ").replace(/^ | $/g, "");

await play({
  /** `looks`: numbers of pages; `expected`: by page, the numbers of the strings that must stand there; `texts`: what each looks like. */
  async strings(v, { looks, expected, texts }) {
    const shown = {};
    await serve(v.context, shown);
    await v.page.addInitScript(trap);
    let seen = 0;
    const standing = new Map(); // by the name of the page, or of a list of several
    for (const number of looks) {
      const look = album.looks[number];
      shown.look = look;
      v.measured += 1;
      const wrong = [];
      await v.page.goto(look.path, { waitUntil: "load" });
      const found = await v.page.evaluate(marked);
      const there = new Set();
      for (const [one, text, isDrawn] of found) {
        there.add(one);
        const isIt = isDrawn ? text.replace(BLANKS, "") === texts[one].replace(BLANKS, "") : narrow(text) === texts[one];
        if (!isIt) wrong.push(`string ${one} is ${JSON.stringify(narrow(text))}, not ${JSON.stringify(texts[one])}`);
      }
      standing.set(look.name, new Set([...(standing.get(look.name) ?? []), ...there]));
      wrong.push(...(await v.page.evaluate(strange, [TAGS, ATTRIBUTES])));
      wrong.push(...(await v.page.evaluate(cut, MAY_SCROLL)).slice(0, 4));
      const hits = await v.page.evaluate(() => globalThis.hits);
      if (hits.length) wrong.push(`something ran: ${hits.slice(0, 3)}`);
      seen += found.length;
      v.check(`${look.name}: ${there.size} strings as text`, wrong.length === 0, wrong.slice(0, 12).join("\n"));
    }
    for (const [name, there] of standing) {
      const missing = (expected[name] ?? []).filter((one) => !there.has(one));
      v.check(`${name}: all that should stand there does`, missing.length === 0, `not there: ${missing.slice(0, 12).join(" ")} (${missing.length})`);
    }
    v.check(`${seen} strings were looked at`, seen > 0);
  },
});
