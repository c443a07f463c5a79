#!/usr/bin/python3
"""Makes the pictures of docs/gallery: the portal's main pages on a phone and a desktop, light and dark, with invented people.

    tests/portal/gallery.py                   writes docs/gallery/*.webp
    tests/portal/gallery.py --all FOLDER      every page and state instead, whole, for whoever reviews how they look: four pictures each

Needs the built program (FLIKVAKT_BUILD), and what the tests of this folder need.
"""
import argparse
import io
import pathlib
import shutil
import sys
import tempfile
import unittest

from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
import every_page_test
import everything
import scene
import tour
from album import Album

LARGEST_BYTES = 150_000
# File, page of the tour, screen, colours.
PICTURES = [
    ("sign-in-desktop", "sign-in", "desktop", "light"),
    ("overview-phone", "who can see what", "phone", "light"),
    ("overview-desktop-dark", "who can see what", "desktop", "dark"),
    ("sign-phone", "sign a fullmakt", "phone", "light"),
    ("revoked-phone", "revoked team", "phone", "light"),
    ("log-phone-dark", "who has read", "phone", "dark"),
    ("path-phone", "path", "phone", "light"),
    ("request-desktop", "requests", "desktop", "light"),
    ("staff-person-desktop", "person", "desktop", "light"),
    ("provider-desktop-dark", "mine", "desktop", "dark"),
    ("administration-desktop", "administration, figures in time", "desktop", "light"),
]
SCREENS = {"phone": {"viewport": {"width": 390, "height": 844}, "deviceScaleFactor": 2, "isMobile": True, "hasTouch": True},
           "desktop": {"viewport": {"width": 1280, "height": 860}}}


class Pictures(every_page_test.EveryPage):
    """Not a test: what takes pictures of an album."""

    def runTest(self):
        plays = []
        for size, scheme in sorted({(size, scheme) for _, _, size, scheme, _, _ in self.wanted}):
            shots = [{"look": look, "file": str(file), "full": full} for look, file, its_size, its_scheme, full, _ in self.wanted
                     if (its_size, its_scheme) == (size, scheme)]
            screen = dict(self.screens[size])
            for start in range(0, len(shots), every_page_test.PAGES_A_WALK):
                plays.append({"walk": "shots", "way": {"language": "sv", "size": size, "javascript": True},
                              "shots": shots[start:start + every_page_test.PAGES_A_WALK], "context": {"colorScheme": scheme, **screen}})
        self.play("gallery.mjs", plays, 3600, album=str(self.album.folder))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", type=pathlib.Path, help="a folder for pictures of everything")
    parser.add_argument("--only", default="", help="with --all: pages whose name has this text")
    given = parser.parse_args()
    scene.need_a_browser()
    scene.CHROMIUM = shutil.which("chromium") or scene.CHROMIUM  # which has a viewer of documents
    with tempfile.TemporaryDirectory(prefix="flikvakt-gallery-") as folder:
        folder = pathlib.Path(folder)
        world = everything.Everything(folder, languages=("sv",))
        try:
            world.start()
            album = Album(folder / "album")
            tour.Tour(world, album, "sv").all()
            tour.at_the_end(world, album)
            album.write(world.origin)
            pictures = Pictures()
            pictures.scene, pictures.album = every_page_test.Described(world, folder), album
            shots = folder / "shots"
            shots.mkdir()
            if given.all:
                given.all.mkdir(parents=True, exist_ok=True)
                pictures.screens = {"phone": {"viewport": {"width": 320, "height": 640}}, "desktop": {"viewport": {"width": 1280, "height": 800}}}
                pictures.wanted = [(number, given.all / f"{number:03}-{size}-{scheme}.png", size, scheme, True, look["name"])
                                   for number, look in enumerate(album.looks) if given.only in look["name"]
                                   for size in ("phone", "desktop") for scheme in ("light", "dark")]
                (given.all / "names.txt").write_text("".join(f"{number:03} {look['name']} ({look['signed_in']}) {look['path']}\n"
                                                             for number, look in enumerate(album.looks)), encoding="utf-8")
            else:
                pictures.screens = SCREENS
                number_of = {look["name"]: number for number, look in enumerate(album.looks)}
                pictures.wanted = [(number_of[page], shots / f"{name}.png", size, scheme, False, page) for name, page, size, scheme in PICTURES]
            result = unittest.TestResult()
            unittest.TestCase.run(pictures, result)
            for _, text in result.failures + result.errors:
                print(text, file=sys.stderr)
            if not given.all:
                keep(shots)
            return 1 if result.failures or result.errors else 0
        finally:
            world.stop()


def keep(shots):
    """As WebP, each small enough for a page that shows several."""
    out = ROOT / "docs" / "gallery"
    out.mkdir(exist_ok=True)
    for name, _, _, _ in PICTURES:
        with Image.open(shots / f"{name}.png") as picture:
            for quality in (90, 80, 70, 60, 50):
                buffer = io.BytesIO()
                picture.convert("RGB").save(buffer, "WEBP", quality=quality, method=6)
                if buffer.tell() < LARGEST_BYTES:
                    break
        (out / f"{name}.webp").write_bytes(buffer.getvalue())
        print(f"{name}.webp: {buffer.tell()} bytes")


if __name__ == "__main__":
    sys.exit(main())
