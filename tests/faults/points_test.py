"""A sample of the fault points (points.py); all of them with FLIKVAKT_LONG=1. And what the checker must find is found."""
import os
import pathlib
import random
import shutil
import signal
import tempfile
import time
import unittest

import disk
import kinds
import points
from world import PROGRAM, copy

LONG = os.environ.get("FLIKVAKT_LONG") == "1"
SEED = int(os.environ.get("FLIKVAKT_SEED") or 1)
SECONDS, KINDS_IN_SAMPLE = 40, 6


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class FaultPoints(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-points-")
        cls.addClassCleanup(folder.cleanup)
        cls.bench = points.Bench(pathlib.Path(folder.name) / "world")
        cls.addClassCleanup(cls.bench.world.end)

    def test_no_fault_loses_what_was_acknowledged_or_brings_back_what_was_taken(self):
        draw = random.Random(SEED)
        names = list(kinds.KINDS) if LONG else ["revoke", "open_reading", *draw.sample(sorted(kinds.KINDS), KINDS_IN_SAMPLE)]
        found = points.enumerate_points(self.bench, dict.fromkeys(names), SEED)
        draw.shuffle(found)
        happened, violations = points.play_all(self.bench, found, None if LONG else SECONDS)
        print(f"seed {SEED}: {len(happened)} distinct fault points of {len(found)}, {len(violations)} violations")
        self.assertEqual(violations, [])
        self.assertGreater(len(happened), 2000 if LONG else 5)

    def test_start_up_syncs_the_log_that_a_kill_left_before_it_builds_on_it(self):
        """SPEC REC-13: what the kill left may be in memory alone."""
        trial = self.bench.begin("open_reading")
        self.assertIs(self.bench.send(trial), True)
        gateway = self.bench.world.gateway
        gateway.stop(signal.SIGKILL)  # within a second: the head file lags
        first = self.bench.disk.now.events
        gateway.must_start()
        calls = [(one.call.decode(), one.path.decode()) for one in self.bench.disk.events(first)]
        self.assertLess(calls.index(("fdatasync", "rows.db-wal")), calls.index(("pwrite", "head")))
        self.bench.world.end()

    # --- the checker can fail ---

    def trial(self, kind):
        self.bench.disk.whole()
        out = self.bench.begin(kind)
        self.assertIs(self.bench.send(out), True)
        return out

    def refused_by_checker(self, trial, told, words):
        with self.assertRaisesRegex(Exception, words):
            self.bench.after(trial, told)
        self.bench.world.end()

    def with_the_world_as_before(self, trial):
        """Everything on the disk rolled back together: what only witnesses find."""
        def start():
            world = self.bench.world
            shutil.rmtree(world.gateway.data)
            copy(world.folder / "kept", world.gateway.data)
            return world.gateway.start()
        trial.start = start
        return trial

    def test_a_revocation_that_is_forgotten_is_found(self):
        self.refused_by_checker(self.with_the_world_as_before(self.trial("revoke")), True, "acknowledged and is not in force")

    def test_a_fullmakt_that_is_forgotten_is_found(self):
        self.refused_by_checker(self.with_the_world_as_before(self.trial("sign_fullmakt")), True, "acknowledged and is not in force")

    def test_bytes_without_an_entry_are_found(self):
        self.refused_by_checker(self.with_the_world_as_before(self.trial("open_reading")), True, "has no entry")

    def test_a_gateway_that_does_not_start_again_is_found(self):
        trial = self.trial("revoke")
        trial.start = lambda: 4
        self.refused_by_checker(trial, True, "does not start again")

    def test_a_log_that_lost_entries_is_found_by_the_saved_checkpoint(self):
        trial = self.trial("sign_referral")
        time.sleep(0.1)
        self.bench.world.saved = self.bench.world.cast.anyone.checkpoint()
        self.refused_by_checker(self.with_the_world_as_before(trial), None, "log verify|not acknowledged|not in force")

    def test_a_crash_of_the_program_is_found(self):
        trial = self.trial("revoke")
        self.bench.world.gateway.process.send_signal(11)
        time.sleep(0.3)
        self.refused_by_checker(trial, None, "ended with -11")


if __name__ == "__main__":
    unittest.main()
