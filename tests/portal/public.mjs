// What is there before anyone signs in: the ways to sign in, explanations, accessibility, languages, the way out, pages that are not there.
import { play } from "./browser.mjs";

await play({
  async public(v) {
    await v.goto("/");
    v.check("the address leads to signing in", new URL(v.page.url()).pathname === "/sign-in");
    await v.says("it says what this is", v.t("sign_in.lede"));
    await v.says("the demo is plainly marked", v.t("frame.demo"), { selector: "header" });
    const passkey = v.target("sign_in.passkey");
    v.check("a passkey can be used with a script and not without", (await passkey.isEnabled()) === v.way.javascript);
    const hint = v.page.locator("noscript p").first();
    v.check("without a script the page says what does not work", (await hint.isVisible()) === !v.way.javascript);

    for (const [label, title] of [["frame.explain", "explain.title"], ["frame.accessibility", "accessibility.title"]]) {
      await v.press(label);
      await v.isAt(title);
    }
    await v.goto("/no-such-page", { status: 404 });
    await v.says("it says so", v.t("problem.missing.text"));

    const other = v.way.language === "sv" ? "en" : "sv";
    await v.goto("/explain");
    v.way.language = other;
    await v.press("language.name");
    await v.isAt("explain.title");
    v.check("another language leads back to the same page", new URL(v.page.url()).pathname === "/explain");
    await v.goto("/sign-in");
    await v.says("the choice stays", v.t("sign_in.lede"));
    v.way.language = "sv-x-latt";
    await v.press("language.name");
    await v.says("easy-read Swedish says it shorter", v.t("sign_in.lede"));

    const request = await v.leave("frame.leave", "https://www.smhi.se/");
    v.check("the way out leads to a site that says nothing of this one", request.isNavigationRequest());
    v.check("and does not say where one came from", !request.headers().referer, () => request.headers().referer);
    v.way.language = v.play.way.language;
  },
});
