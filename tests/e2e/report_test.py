"""The figures of the periodic report, of the real program: six people in one month, told in a later one (the machine's clock is moved for
the program alone, tests/faults/bend.py); what few stand behind is withheld, and bad input is told."""
import contextlib
import csv
import datetime
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "faults")]
import bend
import cast
import clients
import gateway
import scenes
import story
import wire

PROGRAM = story.program()
NUMBERS = ["197302889931", "200002292399", "200004059937", "190901219931", "195704289999", "194608239986"]
LATER = 40 * 86400  # seconds: in another month than now
SVG = "{http://www.w3.org/2000/svg}"


def month_after(month, months):
    number = int(month[:4]) * 12 + int(month[5:]) - 1 + months
    return f"{number // 12:04}-{number % 12 + 1:02}"


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-e2e-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / "gateway").mkdir(mode=0o700)
        cls.gateway = gateway.Gateway(PROGRAM, cls.folder / "gateway")
        cls.config = cls.gateway.folder / "flikvakt.toml"
        cls.gateway.found(cast.clients_of_pki())
        cls.gateway.must_start()
        cls.addClassCleanup(cls.gateway.stop)
        cls.month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
        with contextlib.redirect_stdout(io.StringIO()):
            cls.play(cls.gateway.apply("setup.json", cast.registry_acts()))
        cls.go_on_later()

    @classmethod
    def play(cls, ids):
        cls.cast = cast.Cast(cls.gateway, ids)
        told = scenes.Story(cls.gateway, cls.cast, [])
        told.first_certificates()
        told.teams()
        people = [clients.Person(cls.gateway, number) for number in NUMBERS]
        text = "Teamet får läsa min journal."
        for number, person in enumerate(people):
            told.enrol(person, person.key, cls.cast.kim, cls.cast.lee)
            case = wire.new_id()
            focus = "illness" if number < 5 else "change"
            person.act({"kind": "sign_referral", "id": case, "team": cls.cast.id("team"), "focus": focus, "meetings": []})
            terms = cls.cast.terms(text, ["region"], cast.recipient("team", cls.cast.id("team")), ["journal"], "konsultation", case_id=case)
            person.act({"kind": "sign_fullmakt", "id": wire.new_id(), "text": text, "terms": terms}, widens=True)
        people[0].act({"kind": "revoke_fullmakt", "id": people[0].overview()["fullmakter"][0]["id"]})

    @classmethod
    def go_on_later(cls):
        """The gateway doubts a clock that went so far until an administrator says that it is right; the start after that counts."""
        cls.gateway.stop()
        machine = bend.Bend(cls.folder)
        machine.clock(LATER)
        later = unittest.mock.patch.dict(os.environ, {**machine.environment(), "ASAN_OPTIONS": "verify_asan_link_order=0"})
        later.start()
        cls.addClassCleanup(later.stop)
        cls.gateway.must_start()
        cls.gateway.must("clock", "accept", "--administrator", cls.gateway.folder / "alice.key", "--data", cls.gateway.data)
        cls.gateway.stop()
        cls.gateway.must_start()
        cls.figures = cls.gateway.data / "figures"
        for _ in range(600):
            if cls.figures.exists():
                return
            time.sleep(0.05)
        raise AssertionError("nothing was counted: " + cls.gateway.said())

    def report(self, *words, by=("--config",)):
        given = [*by, self.config] if by == ("--config",) else by
        return self.gateway.run("report", *given, *words)

    def lines(self, *words):
        """CSV as it is written, without --json."""
        command = [self.gateway.program, "report", "--config", self.config, "--from", self.month, "--to", self.month, *words,
                   "--passphrase-file", self.gateway.folder / "words"]
        ran = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    def told(self, text):
        return {(one["month"], one["figure"], one["kind"]): one for one in csv.DictReader(io.StringIO(text.decode("ascii"), newline=""))}

    def test_what_six_people_did_is_told_and_what_one_did_is_withheld(self):
        """SPEC FIG-15, FIG-20, FIG-30"""
        text = self.lines()
        self.assertTrue(text.endswith(b"\r\n"))
        self.assertEqual(text.count(b"\n"), text.count(b"\r\n"))
        self.assertNotIn(b'"', text)
        told = self.told(text)

        def cell(figure, kind):
            one = told[self.month, figure, kind]
            return one["status"], one["events"], one["people"]
        self.assertEqual(cell("people", "all"), ("shown", "", "5"))
        self.assertEqual(cell("fullmakter", "device_key"), ("shown", "6", "5"))
        self.assertEqual(cell("fullmakter", "paper"), ("shown", "0", "0"))
        self.assertEqual(cell("fullmakter", "all"), ("shown", "6", ""))
        self.assertEqual(cell("referrals", "illness"), ("shown", "5", "5"))
        self.assertEqual(cell("referrals", "change"), ("withheld", "", ""))
        self.assertEqual(cell("referrals", "all"), ("withheld", "", ""))
        self.assertEqual(cell("revocations", "device_key"), ("withheld", "", ""))
        self.assertEqual(cell("lead_from_referral", "all"), ("shown", "6", "5"))
        self.assertEqual(told[self.month, "lead_from_referral", "all"]["median_under_days"], "", "six are too few for a median")
        self.assertEqual({one["coverage"] for one in told.values()}, {"log_began"})
        for number in NUMBERS:
            self.assertNotIn(number.encode(), text)
            self.assertNotIn(number.encode(), self.figures.read_bytes())

    def test_a_larger_smallest_group_withholds_more(self):
        """SPEC FIG-20"""
        larger = self.gateway.write("larger.toml", self.config.read_text(encoding="utf-8") + "figures_smallest_group = 6\n")
        code, out, err = self.report("--from", self.month, "--to", self.month, by=("--config", larger))
        self.assertEqual(code, 0, err)
        self.assertIn("withheld: fewer than 6", err)
        self.assertNotIn('"events":6', out)
        smaller = self.gateway.write("smaller.toml", self.config.read_text(encoding="utf-8") + "figures_smallest_group = 4\n")
        code, _, err = self.report("--from", self.month, "--to", self.month, by=("--config", smaller))
        self.assertEqual(code, 2, err)
        self.assertIn("figures_smallest_group", err)

    def test_charts_are_drawn_and_nothing_is_overwritten(self):
        """SPEC FIG-31"""
        out = self.folder / "charts"
        words = ("--from", self.month, "--to", self.month, "--format", "svg", "--out", out)
        code, said, err = self.report(*words)
        self.assertEqual(code, 0, err)
        charts = sorted(out.iterdir())
        self.assertEqual(len(charts), 9)
        for chart in charts:
            text = chart.read_text(encoding="utf-8")
            tree = xml.etree.ElementTree.fromstring(text)
            self.assertEqual(tree.tag, SVG + "svg")
            self.assertTrue(tree.find(SVG + "title").text)
            self.assertTrue(tree.find(SVG + "desc").text)
            self.assertEqual({one.tag for one in tree.iter()} - {SVG + name for name in (
                "svg", "title", "desc", "defs", "pattern", "path", "rect", "text")}, set(), "nothing that runs or is fetched")
            self.assertNotIn("href", text)
            self.assertIn(self.month, [one.text for one in tree.iter(SVG + "text")])
        referrals = (out / f"figures-{self.month}--{self.month}-referrals.svg").read_text(encoding="utf-8")
        self.assertEqual(referrals.count("url(#withheld)"), 2, "the bar that is withheld, and the legend")
        self.assertIn("Remisser", referrals)
        before = {chart: chart.read_bytes() for chart in charts}
        code, _, err = self.report(*words, "--language", "en")
        self.assertEqual(code, 1)
        self.assertIn("exists already", err)
        self.assertEqual({chart: chart.read_bytes() for chart in charts}, before)
        table = self.folder / "table"
        code, _, err = self.report("--from", self.month, "--to", self.month, "--out", table)
        self.assertEqual(code, 0, err)
        self.assertEqual((table / f"figures-{self.month}--{self.month}.csv").read_bytes(), self.lines())

    def test_months_that_are_not_months_not_over_or_not_there(self):
        """SPEC FIG-24"""
        now = month_after(self.month, 1)
        while (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=LATER)).strftime("%Y-%m") > now:
            now = month_after(now, 1)
        for since, until in (("2026-1", self.month), (self.month, "2026-13"), ("", self.month), (self.month, "januari"),
                             (self.month, month_after(self.month, -1)), (self.month, now), (self.month, "9999-01"),
                             ("1999-01", self.month)):
            with self.subTest(since=since, until=until):
                code, out, err = self.report("--from", since, "--to", until)
                self.assertEqual(code, 2, err)
                self.assertEqual(out, "")
        for words in ((), ("--from", self.month), ("--to", self.month), ("--from", self.month, "--to", self.month, "--format", "pdf"),
                      ("--from", self.month, "--to", self.month, "--format", "svg"),
                      ("--from", self.month, "--to", self.month, "--language", "no"),
                      ("--from", self.month, "--to", self.month, "--data", self.gateway.data)):
            with self.subTest(words=words):
                code, out, err = self.report(*words)
                self.assertEqual(code, 2, err)
                self.assertEqual(out, "")
        code, out, err = self.report("--from", month_after(self.month, -3), "--to", month_after(self.month, -2))
        self.assertEqual((code, out), (1, ""))
        self.assertIn("is counted", err)
        code, out, err = self.report("--from", month_after(self.month, -1), "--to", self.month)
        self.assertEqual(code, 0, err)
        self.assertIn(month_after(self.month, -1) + " is not counted", err)
        self.assertIn('"status":"not_counted"', out)

    def test_a_damaged_file_is_told_and_rebuilt_from_the_log(self):
        """SPEC FIG-14, FIG-16"""
        told, good = self.lines(), self.figures.read_bytes()
        self.addCleanup(lambda: self.gateway.process or self.gateway.must_start())
        self.addCleanup(self.figures.write_bytes, good)
        bad = good[:-1] + bytes([good[-1] ^ 1])
        self.figures.write_bytes(bad)
        self.gateway.stop()
        self.gateway.must_start()
        code, out, err = self.report("--from", self.month, "--to", self.month)
        self.assertEqual((code, out), (1, ""))
        self.assertIn("damaged", err)
        self.assertIn("--rebuild", err)
        self.assertEqual(self.cast.anyone.ask("GET", "/v1/health").status, 200, "the gateway serves")
        self.assertIn("are not counted", self.gateway.said())
        code, _, err = self.report("--rebuild")
        self.assertEqual(code, 1, err)
        self.assertEqual(self.figures.read_bytes(), bad, "not beside a gateway that runs")
        self.gateway.stop()
        code, _, err = self.report("--rebuild")
        self.assertEqual(code, 0, err)
        self.assertEqual((self.gateway.data / "figures.old").read_bytes(), bad)
        self.assertEqual(self.lines(), told)


if __name__ == "__main__":
    unittest.main()
