"""Every page and state of the portal, of every role: without violations of WCAG 2.2 AA that axe-core finds; nothing cut off at 320 points, with more
space between letters, with forced colours, without motion, on paper.

A short run looks for violations on each page once (in one of three languages, light or dark, on a phone or a desktop, by turns), and for what is cut off
on each page in Swedish on a phone; at the rest in samples. With --long each page is looked at in all these ways. The statement on accessibility says so
(accessibility.how.text): whoever changes one changes the other.

A walk without eyes (tour.py) puts all of them into an album; a browser then opens each from there. Which pages there are is in pages.txt, held to the
router's table by tests/gateway/portal_table_test.cpp; which sentences, in the templates and words: what nobody opened fails here.
"""
import collections
import html
import pathlib
import re
import tempfile
import time
import unittest

import album
import everything
import scene
import tour
import visitor

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TEMPLATES, WORDS = ROOT / "web" / "templates", ROOT / "web" / "words"

# Of the table, what has no page of its own: it leads on, or gives a file.
LEADS_ON = {
    ("POST", "/sign-in/demo"), ("POST", "/sign-out"), ("POST", "/me/sessions/end"), ("POST", "/staff/sessions/end"), ("POST", "/me/as/{representative:id}"),
    ("POST", "/staff/people"), ("POST", "/staff/desk/proposals"),
}

PAGES_A_WALK = 25

# Sentences that no test of this file can bring up, and why.
UNSEEN = {
    "act_refused.keys": "a passkey that was copied, which only its counter tells",
    "admin_organisations.none": "somebody is registered", "admin_teams.none": "a team is registered", "admin_templates.none": "a template is registered",
    "desk.no_template": "a template is registered",
    "admin_templates.of_before_a_restore": "nothing was restored",
    "log.none_here": "no log is that long", "review.none_here": "no log is that long", "review_sample.cut": "no log is that long",
    "mine.more": "nobody has that many participants",
    # Problems: their page is seen with other words, but these are not. The statement on accessibility says that some are not.
    "problem.fault.text": "a fault of ours: nobody knows how to bring one up",
    "problem.later.text": "a disk that fails, a queue that is full", "problem.later.next": "a disk that fails, a queue that is full",
    "problem.session.text": "401 is for machines",
    "see.unconfirmed": "nothing was restored", "see.unconfirmed_text": "nothing was restored", "see.reconfirm": "nothing was restored",
    "see.reconfirm_by_them": "nothing was restored",
    "desk.too_long": "no such text waits", "sign.earlier": "no text is that long", "admin_organisations.search": "there are not that many organisations",
    "staff_sign.no_script": "no member of staff here has a passkey for work",
    "taken.unknown": "a log that cannot be read just then", "taken.none_so_far": "no log is that long", "taken.more": "no log is that long",
    "second.no_words": "each kind of proposal has words", "sign.part_changed": "no text is that long",
}


def words_of(language):
    """A catalogue with what its base says, as web/words.h reads it."""
    out, last = {}, None
    for line in (WORDS / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("  "):
            out[last] += " " + line.strip()
        else:
            last, _, text = line.partition("=")
            last = last.strip()
            out[last] = text.strip()
    base = out.pop("base", None)
    return {**words_of(base), **out} if base else out


def used_in_templates():
    return {key for file in TEMPLATES.glob("*.html") for key in re.findall(r"\[\[([^\]>][^\]]*)\]\]", file.read_text(encoding="utf-8"))}


def plain(text):
    """What is read, without tags and marks, in single spaces."""
    text = re.sub(r"<[^>]+>", "", text)
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def as_pattern(sentence):
    """Of the catalogue's writing; its places take anything."""
    bare = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", sentence.replace("**", ""))
    parts = [re.escape(re.sub(r"\s+", " ", part)) for part in re.split(r"\{[a-z_]+\}", bare)]
    return re.compile(".*?".join(parts))


class Described:
    """What PortalTest needs of a scene."""

    def __init__(self, world, folder):
        self.world, self.origin, self.folder = world, world.origin, folder
        self.home = folder / "home"
        scene.trust(self.home, world.ca)

    def described(self):
        return {"origin": self.origin, "chromium": scene.CHROMIUM, "words": str(WORDS), "people": {}, "staff": {}, "folder": str(self.folder)}


class EveryPage(scene.PortalTest):
    @classmethod
    def setUpClass(cls):
        scene.need_a_browser()
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-portal-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.told, cls.began = 0, time.monotonic()
        world = everything.Everything(cls.folder)
        cls.addClassCleanup(world.stop)
        world.start()
        cls.scene = Described(world, cls.folder)
        cls.album = album.Album(cls.folder / "album")
        for language in visitor.LANGUAGES:
            tour.Tour(world, cls.album, language).all()
        tour.at_the_end(world, cls.album)
        cls.album.write(world.origin)

    def test_each_page_of_the_table_was_opened(self):
        seen = self.album.patterns | LEADS_ON
        self.assertEqual([], sorted(f"{method} {pattern}" for method, pattern, _ in album.pages() if (method, pattern) not in seen))

    def test_each_sentence_of_the_templates_was_shown(self):
        for language in visitor.LANGUAGES:
            shown = [plain((self.album.folder / look["file"]).read_text(encoding="utf-8")) for look in self.album.looks if look["language"] == language]
            raw = [html.unescape((self.album.folder / look["file"]).read_text(encoding="utf-8")) for look in self.album.looks if look["language"] == language]
            together = "\n".join(shown + raw)  # some sentences are in attributes
            words = words_of(language)
            missing = sorted(key for key in used_in_templates() - set(UNSEEN) if not as_pattern(words[key]).search(together))
            with self.subTest(language):
                self.assertEqual([], missing)

    def test_what_is_left_out_is_in_the_templates(self):
        self.assertLessEqual(set(UNSEEN), used_in_templates())

    # SPEC PORTAL-89
    def test_the_statement_on_accessibility_says_what_the_law_asks_for(self):
        for look in (one for one in self.album.looks if one["name"] == "accessibility"):
            text = plain((self.album.folder / look["file"]).read_text(encoding="utf-8"))
            said = {"en": ("partly compliant", "What is lacking", "assessed the website ourselves", "29 November 2026", "Telefon 0123-45 67 00", "Digg")}.get(
                look["language"], ("delvis förenlig", "Det här brister", "bedömt webbplatsen själva", "29 november 2026", "Telefon 0123-45 67 00", "Digg"))
            for words in said:
                self.assertIn(words, text)
            self.assertIn("https://www.digg.se/", (self.album.folder / look["file"]).read_text(encoding="utf-8"))

    def test_no_page_is_over_100_kib(self):
        large = [(look["name"], look["language"], size) for look in self.album.looks
                 if (size := (self.album.folder / look["file"]).stat().st_size) > 100 * 1024]
        self.assertEqual([], large)

    # ---- In a browser

    def numbers(self, language, every=1, first=0):
        return [number for number, look in enumerate(self.album.looks) if look["language"] == language][first::every]

    def each_page(self):
        """Of each page and state: in which languages it was seen, and which look that is."""
        pages, seen = {}, collections.Counter()
        for number, look in enumerate(self.album.looks):
            seen[look["name"], look["language"]] += 1
            pages.setdefault((look["name"], seen[look["name"], look["language"]]), {})[look["language"]] = number
        return list(pages.values())

    def looks_by_turns(self, ways):
        """Language and way: the looks. Each page once, and neighbours differently."""
        out = collections.defaultdict(list)
        for turn, page in enumerate(self.each_page()):
            languages = [language for language in visitor.LANGUAGES if language in page]
            language = languages[turn % len(languages)]
            out[language, ways[turn // len(visitor.LANGUAGES) % len(ways)]].append(page[language])
        return out

    def look_at(self, language, size, looks, what, **context):
        """In pieces that a walk has time for."""
        return [{"walk": "album", "way": {"language": language, "size": size, "javascript": True}, "looks": looks[start:start + PAGES_A_WALK], "what": what,
                 "context": context} for start in range(0, len(looks), PAGES_A_WALK)]

    def play_album(self, plays, seconds=900):
        self.play("every_page.mjs", plays, seconds, album=str(self.album.folder))

    # SPEC PORTAL-85
    def test_axe_finds_nothing_in_any_page(self):
        """With --long each page in three languages, light and dark, on phone and desktop; else each once, by turns."""
        ways = [(size, scheme) for size in ("phone", "desktop") for scheme in ("light", "dark")]
        by_turns = self.looks_by_turns(ways)
        self.assertEqual(sum(map(len, by_turns.values())), len(self.each_page()))
        self.assertGreater(len(by_turns), 2 * len(ways), "all languages and ways have their share")
        plays = []
        for language in visitor.LANGUAGES:
            for size, scheme in ways:
                looks = self.numbers(language) if scene.LONG else by_turns[language, (size, scheme)]
                plays += self.look_at(language, size, looks, ["axe"], colorScheme=scheme, bypassCSP=True)
        self.play_album(plays, 4 * 3600)

    # SPEC PORTAL-85, PORTAL-86
    def test_every_page_is_well_made_and_nothing_is_cut_off(self):
        """At 320 points, which is a desktop at 400 %, and at 1280; with more space between letters and lines. Each page in Swedish at 320; with --long all."""
        what = ["structure", "focus", "spacing"]
        plays = []
        for language in visitor.LANGUAGES:
            every = 1 if scene.LONG or language == "sv" else 4
            for size in ("phone", "desktop"):
                plays += self.look_at(language, size, self.numbers(language, every if scene.LONG or size == "phone" else 2 * every), what)
        self.play_album(plays, 3600)

    # SPEC PORTAL-88
    def test_forced_colours_reduced_motion_and_paper(self):
        every, plays = 1 if scene.LONG else 4, []
        for language in visitor.LANGUAGES if scene.LONG else ("sv",):
            plays += self.look_at(language, "desktop", self.numbers(language, every), ["forced", "focus", "motion"], forcedColors="active", reducedMotion="reduce")
            plays += self.look_at(language, "desktop", self.numbers(language, every, every // 2), ["paper"], colorScheme="dark")
        self.play_album(plays, 3600)

    def test_a_page_that_is_not_well_made_is_found(self):
        """The checks can fail: of a page that was broken each finds what is wrong."""
        broken = self.album.folder / "broken.html"
        broken.write_text(BROKEN, encoding="utf-8")
        number = len(self.album.looks)
        headers = [["Content-Type", "text/html; charset=utf-8"]]
        self.album.looks.append({"name": "broken", "language": "sv", "path": "/broken", "method": "GET", "status": 200, "file": broken.name,
                                 "headers": headers, "signed_in": ""})
        self.album.write(self.scene.origin)
        try:
            what = ["axe", "structure", "motion", "forced", "focus", "spacing", "paper"]
            told = self.failures_of(self.look_at("sv", "phone", [number], what, bypassCSP=True, colorScheme="dark", reducedMotion="reduce", forcedColors="active"))
        finally:
            self.album.looks.pop()
            self.album.write(self.scene.origin)
        for sign in ("lang is", "not one main heading", "wide on a screen", "cut off", "axe: image-alt", "axe: color-contrast", "moves", "no edge", "no focus on",
                     "is printed", "without a label", "the id x twice"):
            with self.subTest(sign):
                self.assertIn(sign, told)

    def failures_of(self, plays):
        """Plays them elsewhere than among the results of this test."""
        class Aside(EveryPage):
            def runTest(self):
                self.play_album(plays)
        aside = Aside()
        aside.scene, aside.album = self.scene, self.album
        result = unittest.TestResult()
        unittest.TestCase.run(aside, result)
        return "\n".join(text for _, text in result.failures + result.errors)


BROKEN = """<!doctype html><html lang="fr"><head><meta name="viewport" content="width=device-width"><title>x – Flikvakt</title><style>
a:focus { outline: none !important; box-shadow: none } .fade { transition: color 2s; color: #ccc; background: #fff; forced-color-adjust: none }
.cut { width: 5rem; overflow: hidden; white-space: nowrap } .wide { width: 60rem } button { border: 0; forced-color-adjust: none }</style></head>
<body><div class="menu">meny</div><main><h1>Ett</h1><h1>Två</h1><p class="fade" id="x">Svagt</p><p class="cut" id="x">Mycket som inte får plats här</p>
<p class="wide">bred</p><img src="/x.png"><input name="y"><button>Knapp</button><a href="/">länk</a></main></body></html>
"""

if __name__ == "__main__":
    unittest.main()
