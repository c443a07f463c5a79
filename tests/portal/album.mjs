// Pages that a walk without eyes put into an album (tour.py), opened in a browser: each as the gateway sent it, under the address and the
// policy that it came with.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { scene } from "./browser.mjs";

export const album = JSON.parse(readFileSync(join(scene.album, "album.json"), "utf-8"));
const saved = (file) => readFileSync(join(scene.album, file));
const headersOf = (answer) => {
  const out = {};
  for (const [name, value] of answer.headers) {
    if (/^(set-cookie|content-length|connection|refresh|clear-site-data|strict-transport-security)$/i.test(name)) continue;
    out[name.toLowerCase()] = value;
  }
  return out;
};

// Every answer comes from the album; whatever is not there is empty.
export const serve = async (context, shown) => {
  await context.route("**/*", async (route) => {
    const url = new URL(route.request().url());
    if (url.origin !== album.origin) return route.continue(); // the browser's own viewer of documents
    const path = url.pathname + url.search;
    const { look } = shown;
    const file = album.files[path] ?? look?.images?.[path];
    if (file) return route.fulfill({ status: 200, headers: headersOf(file), body: saved(file.file) });
    if (look && path === look.path && route.request().resourceType() === "document" && !route.request().frame().parentFrame()) {
      return route.fulfill({ status: look.status, headers: headersOf(look), body: saved(look.file) });
    }
    if (look?.frame && path === look.frame.path) return route.fulfill({ status: look.frame.status, headers: headersOf(look.frame), body: saved(look.frame.file) });
    return route.fulfill({ status: 204 });
  });
};

/** What may scroll by itself; it must be reachable by keyboard then. */
export const MAY_SCROLL = [".table", ".paper", ".chart-box"];

/** Runs in the page: what is wider than the screen, cut off, or sticks out of its box. */
export const cut = (mayScroll) => {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > root.clientWidth + 0.5);
    wrong.push(`${root.scrollWidth} wide on a screen of ${root.clientWidth}: ${wide.slice(-3).map((one) => `${one.tagName}.${one.className.baseVal ?? one.className}`).join(" ")}`);
  }
  for (const one of document.querySelectorAll("body *")) {
    if (one.matches(".unseen, textarea, input, select, svg *, iframe, option, .skip")) continue;
    const style = getComputedStyle(one);
    if (style.display === "inline" || style.display === "none" || !one.clientWidth) continue;
    const hides = [style.overflowX, style.overflowY].some((how) => how !== "visible");
    const wide = one.scrollWidth > one.clientWidth + 1;
    const high = one.scrollHeight > one.clientHeight + 1;
    const scrolls = mayScroll.some((selector) => one.matches(selector));
    if (hides && (wide || (high && style.overflowY !== "visible")) && !scrolls) wrong.push(`cut off: ${one.tagName}.${one.className}`);
    // What scrolls must be reachable by keyboard.
    if (hides && wide && scrolls && one.tabIndex < 0) wrong.push(`scrolls, but not by keyboard: ${one.tagName}.${one.className}`);
  }
  // A word that sticks out of its own box, under the next one.
  for (const one of document.querySelectorAll("button, .button, .tab, .state, .chips li, .count, summary, legend, label, dd, dt, td, th, h1, h2, h3")) {
    if (one.closest(".unseen, .table") || getComputedStyle(one).display.startsWith("inline") === false && !one.clientWidth) continue;
    if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth && getComputedStyle(one).display !== "inline") wrong.push(`sticks out: ${one.tagName}.${one.className} “${one.textContent.trim().slice(0, 40)}”`);
  }
  return [...new Set(wrong)];
};
