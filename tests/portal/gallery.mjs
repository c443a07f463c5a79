// Pictures of pages of an album (tour.py), for people to look at: `full` ones in folders for review, others for docs/gallery.
import { join } from "node:path";
import { album, serve } from "./album.mjs";
import { play } from "./browser.mjs";

await play({
  /** `shots`: of each the number of the page, the file, and whether all of the page is wanted or only what a screen shows. */
  async shots(v, { shots }) {
    const shown = {};
    await serve(v.context, shown);
    for (const { look, file, full, scroll } of shots) {
      shown.look = album.looks[look];
      v.measured += 1;
      await v.page.goto(shown.look.path, { waitUntil: "load" });
      if (scroll) await v.page.evaluate((y) => window.scrollTo(0, y), scroll);
      if (shown.look.frame) await v.page.waitForTimeout(1500); // a viewer of documents says nothing when it is done
      await v.page.screenshot({ path: file, fullPage: Boolean(full) });
    }
    v.check(`${shots.length} pictures`, shots.length > 0);
  },
});
