"""--journal: how long a whole journal takes to be divided, as a depositor meets it: `POST /v1/partitions` to the real gateway, which runs the
real `flikvakt-partition`; then its parts are sealed. Text alone, and with a picture on every page."""
import contextlib
import io
import os
import pathlib
import random
import statistics
import time

from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

import figures
import servers
from figures import Goal

import cast
import gateway as gateways
import journal
import scenes
import story

LINES, PICTURE = 24, (640, 400)  # of text on a page; pixels of its picture
# Pages, whether each has a picture, the goal in seconds.
JOURNALS = [(40, False, Goal(at_most=1)), (500, False, Goal(at_most=10)), (40, True, None), (500, True, None)]
PATIENCE = 150  # seconds of the client: a child may take 120


def picture(number):
    """A JPEG as a camera or a scanner leaves it: no two alike, and of some size."""
    dice = random.Random(number)
    small = Image.frombytes("RGB", (PICTURE[0] // 8, PICTURE[1] // 8), dice.randbytes(PICTURE[0] // 8 * (PICTURE[1] // 8) * 3))
    out = io.BytesIO()
    small.resize(PICTURE, Image.BICUBIC).save(out, "JPEG", quality=85)
    return out.getvalue()


def made(pages, with_pictures):
    """A journal whose chapters, by their bookmarks, go to the demo's five flikar."""
    out, each = io.BytesIO(), pages // len(journal.CHAPTERS)
    drawing = canvas.Canvas(out, pagesize=A4, invariant=1)
    drawing.setTitle("Journal")
    for page in range(1, pages + 1):
        drawing.setFont("Sans-Regular", 8)
        drawing.drawString(500, 28, f"Sida {page}")
        y = 790
        if (page - 1) % each == 0:
            heading = journal.CHAPTERS[(page - 1) // each][0]
            drawing.bookmarkPage(heading)
            drawing.addOutlineEntry(heading, heading, 0)
            drawing.setFont("Sans-Bold", 15)
            drawing.drawString(60, y, heading)
        drawing.setFont("Sans-Regular", 10)
        for number in range(LINES):
            y -= 18
            drawing.drawString(60, y, f"{page}.{number + 1} " + journal.LINES[(page * 5 + number) % len(journal.LINES)])
        if with_pictures:
            drawing.drawImage(ImageReader(io.BytesIO(picture(page))), 60, 60, 320, 200)
        drawing.showPage()
    drawing.save()
    return out.getvalue()


def told_of(pages, with_pictures):
    return f"a journal of {pages} pages" + (", a picture on each" if with_pictures else "")


def complaints(name, pages, report):
    """What is wrong with the answer: a journal that was not divided as it should costs nothing that is worth to know."""
    if report.get("refusal"):
        return [f"{name}: refused: {report['refusal'].get('reason')}"]
    found = {part["name"]: len(part["pages"]) for part in report["parts"]}
    wanted = {flik: pages // len(journal.CHAPTERS) for _, flik in journal.CHAPTERS}
    out = [f"{name}: pages of its parts: {found}"] if found != wanted else []
    return out + ([f"{name}: left out: {report['left_out'][:3]}"] if report["left_out"] else [])


class Measured:
    def __init__(self, gateway, people):
        self.pid, self.maja, self.milo = gateway.process.pid, people.maja, people.milo
        self.handle = self.maja.handle(self.milo.number)

    def cpu_seconds(self):
        """Of the gateway and of the children that it reaped."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def divide(self, content):
        self.maja.http().stream.settimeout(PATIENCE)
        began, cpu = time.monotonic(), self.cpu_seconds()
        report, parts = journal.divided(self.maja, self.handle, content)
        return {"seconds": time.monotonic() - began, "cpu": self.cpu_seconds() - cpu, "report": report, "parts": parts}

    def seal(self, parts):
        began = time.monotonic()
        for heading, flik in journal.CHAPTERS:
            facts = {"flik": flik, "title": heading, "author": "Enheten", "date": "2026-10-20", "media_type": "application/pdf"}
            self.maja.deposit(self.milo.number, facts, parts[flik])
        return time.monotonic() - began

    def figures_of(self, pages, with_pictures, goal, runs):
        """(figures, what makes them worthless)."""
        name, content = told_of(pages, with_pictures), made(pages, with_pictures)
        first = self.divide(content)  # as warm as the others
        failed = complaints(name, pages, first["report"])
        if failed:
            return [], failed
        ran = [self.divide(content) for _ in range(runs)]
        sealed = [self.seal(one["parts"]) for one in ran]
        return [figures.judged(f"{name}, {len(content) / 1e6:.1f} MB, divided", statistics.median(one["seconds"] for one in ran), "s", goal),
                figures.judged("… CPU of gateway and child", statistics.median(one["cpu"] for one in ran), "s"),
                figures.judged("… its five parts sealed", statistics.median(sealed), "s")], []


def made_gateway(folder, stack):
    """Serving, with the real child; the region may deposit in every flik of the journal. (gateway, people)."""
    gateways.Gateway.lets_all_through = False
    with contextlib.redirect_stdout(io.StringIO()):
        gateway, ids = story.begin(story.program(), folder)
        stack.callback(gateway.end)
        told = scenes.Story(gateway, cast.Cast(gateway, ids), [])
        told.first_certificates()
        told.teams()
        told.enrolment()
    people = told.cast
    told.sign(people.milo, "bench", "Jag låter kommunen läsa min journal.", ["region"], cast.recipient("organisation", people.id("kommun")),
              [flik for _, flik in journal.CHAPTERS], servers.PURPOSE)
    people.kim.act(journal.rule())
    gateway.stop()
    gateway.environment.update(servers.ENVIRONMENT)
    configuration = folder / "flikvakt.toml"
    configuration.write_text(configuration.read_text() + servers.UNLIMITED.format(threads=1))
    gateway.must_start()
    told.first_certificates()
    return gateway, people


def measure(given, folder, stack):
    (folder / "gateway").mkdir(mode=0o700)
    gateway, people = made_gateway(folder / "gateway", stack)
    measured, out, failed = Measured(gateway, people), [], []
    for pages, with_pictures, goal in JOURNALS:
        if given.only in told_of(pages, with_pictures):
            found, wrong = measured.figures_of(pages, with_pictures, goal, given.runs if pages < 100 else min(given.runs, 3))
            out, failed = out + found, failed + wrong
    gateway.stop()
    return {"figures": out, "logs": {"gateway": gateway.must("log", "verify", "--data", gateway.data)}, "failed": failed}
