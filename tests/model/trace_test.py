"""Traces of the real program keep the invariants of the model (trial.py); and the checker (trace.py) finds each broken one: in traces made
by hand, and in traces of the real program when what is revoked is another fullmakt, or when everything is rolled back together."""
import os
import pathlib
import random
import tempfile
import unittest

import trial  # first: it finds tests/faults
import disk
import trace
from trace import Ended, Opened, PutBack, Restarted, Revoked, Sent, Synced, Wrote
from world import PROGRAM, World

LONG = os.environ.get("FLIKVAKT_LONG") == "1"
SEED = int(os.environ.get("FLIKVAKT_SEED") or 1)
TRIALS = 120 if LONG else 6


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class RealTraces(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-trace-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)

    def test_traces_of_the_real_program_keep_the_invariants(self):
        total, violations = trial.play_all(self.folder / "world", range(TRIALS), SEED)
        self.assertEqual(violations, [])
        print(f"counts: {TRIALS} trials: " + ", ".join(f"{number} {what}" for what, number in total.items()))
        for what in ("readings", "sends", "acknowledged", "covered sends before it", "locked", "started again"):
            self.assertGreater(total[what], 0, what)

    def test_a_broken_trace_of_the_real_program_is_found(self):
        world = World(self.folder / "other")
        on_disk = disk.Disk(world.folder / "page", world.gateway.data)
        seed = next(filter(self.is_late, range(100)))
        found = trace.broken(trial.play(world, on_disk, seed, False, revokes="coach"))
        self.assertRegex("\n".join(found), "I1: a send of .* after the acknowledgement")
        self.assertIn("I3: an acknowledged revocation is not in force", found)
        whole = [*trial.ROWS, "head", "keys"]  # one snapshot of everything: only witnesses find that
        found = trace.broken(trial.play(world, on_disk, seed, True, keep=whole))
        self.assertIn("I4: an older database serves after an acknowledged revocation", found)
        self.assertIn("I1: what was taken back is served after a restart", found)

    def is_late(self, seed):
        """Whether play() draws with this seed that the kill comes well after the acknowledgement."""
        draw = random.Random(seed)
        draw.choice("abc")
        draw.uniform(0, 1)
        return draw.random() >= 0.3 and draw.uniform(0, 0.2) > 0.1


class BrokenTraces(unittest.TestCase):
    """One good trace, and what is wrong when one thing in it is otherwise."""

    def trace(self, **other):
        one = {"wrote": Wrote(11), "synced": Synced(12, 19), "opened": Opened("r", 10, True), "sent": Sent("r", 20, 25),
               "uncovered": Opened("u", 10, False), "its send": Sent("u", 31, 35), "revoked": Revoked(26, 30), "ended": Ended(40),
               "restarted": Restarted([("open_reading", "r"), ("open_reading", "u"), ("revoke_fullmakt", "f")], True, False), **other}
        return [event for event in one.values() if event is not None]

    def finds(self, *invariants, **other):
        self.assertEqual(sorted({one.partition(":")[0] for one in trace.broken(self.trace(**other))}), sorted(invariants))

    def test_a_good_trace_is_good(self):
        self.finds()
        self.finds(restarted=None)
        self.finds(revoked=Revoked(26, None), restarted=Restarted([("open_reading", "r"), ("open_reading", "u")], False, True))

    def test_a_send_that_begins_or_is_under_way_at_the_acknowledgement_is_found(self):
        for sent in (Sent("r", 31, 33), Sent("r", 29, 31), Sent("r", 29, None)):
            self.finds("I1", sent=sent)

    def test_what_was_taken_back_and_is_served_after_a_restart_is_found(self):
        log = self.trace()[-1].log
        self.finds("I1", restarted=Restarted(log, True, True))

    def test_a_byte_before_its_sync_is_found(self):
        for other in ({"synced": Synced(12, 21)}, {"synced": Synced(10, 19)}, {"synced": None}, {"wrote": None}, {"wrote": Wrote(9)},
                      {"wrote": Wrote(13)}):
            found = {one.partition(":")[0] for one in trace.broken(self.trace(**other))}
            self.assertEqual(found, {"I2"}, other)

    def test_an_entry_that_is_missing_after_the_restart_is_found(self):
        self.finds("I2", "I3", restarted=Restarted([("open_reading", "u"), ("revoke_fullmakt", "f")], True, False))

    def test_a_permit_without_a_byte_that_is_forgotten_is_found(self):
        self.finds("I3", sent=None, restarted=Restarted([("open_reading", "u"), ("revoke_fullmakt", "f")], True, False))

    def test_a_revocation_that_is_forgotten_is_found(self):
        log = self.trace()[-1].log[:2]
        self.finds("I3", restarted=Restarted(log, False, False))
        self.finds("I1", "I3", restarted=Restarted(log, False, True))

    def test_a_rollback_over_an_acknowledged_revocation_must_lock(self):
        self.finds(put_back=PutBack(), restarted=Restarted(None, None, None))
        self.finds("I4", put_back=PutBack(), restarted=Restarted([], False, False))

    def test_a_rollback_that_crosses_no_acknowledged_revocation_may_serve(self):
        self.finds(put_back=PutBack(), revoked=Revoked(26, None), restarted=Restarted([], False, True))

    def test_a_revocation_that_nobody_answers_is_found(self):
        self.finds("I5", revoked=Revoked(26, None), ended=Ended(26 + trace.PATIENCE), restarted=None)
        self.finds(revoked=Revoked(26, None), ended=Ended(40), restarted=None)

    def test_a_gateway_that_locks_for_nothing_is_found(self):
        self.finds("I6", restarted=Restarted(None, None, None))

    def test_a_permit_behind_the_revocation_in_the_log_is_found(self):
        log = [("open_reading", "u"), ("revoke_fullmakt", "f"), ("open_reading", "r")]
        self.finds("I7", restarted=Restarted(log, True, False))


if __name__ == "__main__":
    unittest.main()
