"""The wall clock goes wrong while the real program runs, and before it starts. clock.py --long plays more of it."""
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import clock
import world

LONG = os.environ.get("FLIKVAKT_LONG") == "1"
SEED = int(os.environ.get("FLIKVAKT_SEED") or 5)


class Clock(unittest.TestCase):
    def test_nothing_opens_in_doubt_and_taking_back_is_acknowledged(self):
        trials = clock.QUICK + (clock.MORE + clock.random_trials(SEED, 60) if LONG else [])
        print(f"seed {SEED}", file=sys.stderr)
        folder = world.folder_for("clock-test")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        drifts = clock.DRIFTS if LONG else []
        found = clock.play(folder, trials, drifts, sys.stderr)
        self.assertEqual(len(found), len(trials) + len(drifts) + 1)
        self.assertEqual({name: wrong for name, wrong in found.items() if wrong}, {})


class Checker(unittest.TestCase):
    """A gateway that does not doubt, or that opens what it should not, is noticed."""

    def trial(self, opens, doubt):
        made = type("Made", (), {"reads": {"short": "short", "later": "later"}, "short_ends": 100, "later_begins": 200})()
        bend = type("Bend", (), {"wall": lambda self: 150.0})()
        trial = clock.Trial(made, bend, "invented", 0, [10], True)
        trial.opens = lambda *one: opens
        trial.in_doubt, trial.take_back = lambda: doubt, lambda: None
        trial.while_wrong()
        return trial.wrong

    def test_a_gateway_that_doubts_and_opens_nothing_is_right(self):
        self.assertEqual(self.trial(False, True), [])

    def test_a_gateway_that_does_not_doubt_is_wrong(self):
        self.assertEqual(self.trial(False, False), ["while wrong: doubt is False"])

    def test_a_gateway_that_opens_in_doubt_is_wrong(self):
        self.assertEqual(len(self.trial(True, True)), 3 + len(world.TAKEN_BACK))


if __name__ == "__main__":
    unittest.main()
