"""Every form that does something, sent three times: once, and twice more at once, as by a finger that trembles. It is done once, and all three
get the same page. And every page and state of the portal carries what it must (carried.py)."""
import concurrent.futures
import contextlib
import pathlib
import re
import tempfile
import time
import unittest

import carried
import everything
import scene
import tour
import visitor
from album import Album

# What is looked up, shown or begun by these can be again: each time it is another one.
BEGINS = re.compile(r'action="/(me|staff)/sign/|data-passkey=|name="waiting"')


def main_of(page):
    """What the page says; times to the minute and ids of forms stay out of it."""
    text = re.sub(r"<[^>]+>", " ", page.text.split("<main", 1)[-1])
    return re.sub(r"\s+", " ", re.sub(r"urn:flikvakt:problem:\w+", "", text))


class TremblingFinger(visitor.Visitor):
    """Whatever it sends as a form it sends twice more, knowing nothing of the first answer."""
    sent, different = 0, []

    def ask(self, method, path, fields=(), body=None):
        cookies = dict(self.cookies)
        first = super().ask(method, path, fields, body)
        does_something = method == "POST" and path.startswith(("/me/", "/staff/")) and first.is_html() and first.status == 200
        if not does_something or BEGINS.search(first.text):
            return first
        with concurrent.futures.ThreadPoolExecutor(2) as both:
            again = list(both.map(lambda _: self.once_more(cookies, path, fields, body), range(2)))
        TremblingFinger.sent += 1
        for page in again:
            if (page.status, main_of(page)) != (first.status, main_of(first)):
                TremblingFinger.different.append(f"{path}: {first.status} {main_of(first)[:300]}\n  and then {page.status} {main_of(page)[:300]}")
        return first

    def once_more(self, cookies, path, fields, body):
        other = visitor.Visitor(self.origin, self.ca, self.language)
        with contextlib.closing(other):
            other.source, other.cookies = self.source, dict(cookies)
            page = other.ask("POST", path, fields, body)
            while page.status == 429:
                time.sleep(0.2)
                page = other.ask("POST", path, fields, body)
            return page


class World(everything.Everything):
    def visitor(self, language="sv", source=1):
        self.visitors.append(TremblingFinger(self.origin, self.ca, language, source))
        return self.visitors[-1]


class Twice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not scene.PROGRAM.exists():
            raise unittest.SkipTest(f"{scene.PROGRAM} is missing: run ./dev build")
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-portal-")
        cls.addClassCleanup(folder.cleanup)
        world = World(pathlib.Path(folder.name), languages=("sv",))
        cls.addClassCleanup(world.stop)
        world.start()
        cls.world, cls.album = world, Album(pathlib.Path(folder.name) / "album")
        tour.Tour(world, cls.album, "sv").all()

    def test_what_is_sent_three_times_is_done_once_with_one_answer(self):
        self.assertEqual(TremblingFinger.different, [], "\n".join(TremblingFinger.different))
        self.assertGreaterEqual(TremblingFinger.sent, 30)
        print(f"counts: {TremblingFinger.sent} forms, each sent three times")

    def test_every_page_carries_what_it_must(self):
        for look in self.album.looks:
            with self.subTest(look["name"]):
                text = (self.album.folder / look["file"]).read_text(encoding="utf-8")
                kind = "frame" if look["path"].split("?")[0].endswith("/content") else "page"
                self.assertEqual(carried.problems(look["headers"], look["status"], text, kind), [])
                if frame := look.get("frame"):
                    self.assertEqual(carried.problems(frame["headers"], frame["status"], "", "document"), [])
        self.assertGreaterEqual(len(self.album.looks), 150)
        print(f"counts: {len(self.album.looks)} pages and states, each with its policy")


if __name__ == "__main__":
    unittest.main()
