"""A sample of the fault points (points.py); all of them with FLIKVAKT_LONG=1. And what the checker must find is found."""
import contextlib
import errno
import io
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import unittest.mock

import disk
import kinds
import points
import promised
from world import PROGRAM, Violation, copy

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
        self.bench.counts.clear()  # of the tests of the checker
        happened, violations = points.play_all(self.bench, found, None if LONG else SECONDS)
        print(f"seed {SEED}: {len(happened)} distinct fault points of {len(found)}, {len(violations)} violations")
        self.assertEqual(violations, [])
        print("counts: " + ", ".join(f"{number} {what}" for what, number in sorted(self.bench.counts.items())))
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
        out, world = self.bench.begin(kind), self.bench.world
        shutil.rmtree(world.folder / "prepared", ignore_errors=True)
        copy(world.gateway.data, world.folder / "prepared")
        self.assertIs(self.bench.send(out), True)
        return out

    def refused_by_checker(self, trial, told, words):
        with self.assertRaisesRegex(Exception, words):
            self.bench.after(trial, told)
        self.bench.world.end()

    def with_the_world_as_before(self, trial):
        """Everything on the disk rolled back together to before the act: what only witnesses find."""
        def start():
            world = self.bench.world
            shutil.rmtree(world.gateway.data)
            copy(world.folder / "prepared", world.gateway.data)
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
        trial = self.with_the_world_as_before(self.trial("sign_referral"))
        trial.holds, trial.again = lambda: True, False
        self.refused_by_checker(trial, None, "log verify: 1")

    def test_an_entry_that_was_named_and_is_not_there_is_found(self):
        trial = self.trial("sign_referral")
        self.bench.world.entries.append(100_000)
        self.refused_by_checker(trial, True, "was named, the log ends at")

    def test_each_kind_of_act_that_left_no_trace_is_found(self):
        short = {"enrol_person", "begin_deposit", "refused_reading", "list_documents", "register_staff", "rotate_log_key", "retire_log_key"}
        # Those are found otherwise, or (the revocation list) applied anew at the next start.
        others = {"start_up", "stop", "rotate_keys", "back_up", "apply_crl"}
        for kind in sorted(kinds.KINDS.keys() - others if LONG else short):
            trial = self.with_the_world_as_before(self.trial(kind))
            self.bench.world.saved, self.bench.world.entries = [], []  # its own look alone
            with self.subTest(kind):
                self.refused_by_checker(trial, True, "acknowledged and is not in force|has no entry")

    def test_a_stop_and_a_rotation_without_an_entry_are_found(self):
        for kind in ("stop", "rotate_keys"):
            trial = self.trial(kind)
            with self.subTest(kind), unittest.mock.patch.object(self.bench.world, "log_size", lambda: 1):
                self.refused_by_checker(trial, True, "has no entry")

    def test_a_key_of_the_log_that_does_not_sign_as_the_list_says_is_found(self):
        trial = self.trial("rotate_log_key")
        with unittest.mock.patch.object(kinds.notes.Checkpoint, "is_signed_by", lambda *_: False):
            self.refused_by_checker(trial, True, "the checkpoint says otherwise")

    def test_a_command_that_hangs_is_found(self):
        trial = self.bench.begin("rotate_log_key")
        hangs = subprocess.TimeoutExpired("flikvakt", 60)
        with unittest.mock.patch.object(kinds.subprocess, "run", side_effect=hangs), self.assertRaises(subprocess.TimeoutExpired):
            self.bench.send(trial)
        self.bench.world.end()

    def test_a_start_whose_entry_is_lost_is_found(self):
        self.refused_by_checker(self.with_the_world_as_before(self.trial("start_up")), True, "log verify: 1")

    def test_a_no_that_was_carried_out_is_found(self):
        for kind in ("sign_fullmakt", "lift_sparr", "register_staff"):
            with self.subTest(kind):
                self.refused_by_checker(self.trial(kind), False, "refused and is in force")

    def test_a_reading_without_a_name_is_found(self):
        trial = self.trial("open_reading")
        self.bench.world.received.append(None)
        self.refused_by_checker(trial, True, "reading without a name")

    def test_a_program_that_goes_on_when_it_must_stop_is_found(self):
        trial = self.trial("revoke")
        with unittest.mock.patch.object(self.bench, "promised", lambda hit: {promised.STOPS}):
            self.refused_by_checker(trial, True, "it goes on after")

    def test_a_program_that_stops_when_it_should_go_on_is_found(self):
        for code in (0, 3):
            trial = self.trial("revoke")
            self.bench.world.gateway.stop()
            self.bench.world.gateway.process = Ended(code)
            self.refused_by_checker(trial, True, f"ended with {code}")

    def test_a_crash_of_the_program_is_found(self):
        trial = self.trial("revoke")
        self.bench.world.gateway.process.send_signal(11)
        time.sleep(0.3)
        self.refused_by_checker(trial, None, "ended with -11")


class Ended:
    """A process that has ended so."""

    def __init__(self, code):
        self.code, self.pid = code, 0

    def wait(self, timeout=None):
        return self.code

    def poll(self):
        return self.code

    def send_signal(self, number):
        pass


def event(nanoseconds, call, path, result=0):
    return disk.Event(nanoseconds=nanoseconds, result=result, counted=1, call=call.encode(), path=path.encode())


class WhatIsPromised(unittest.TestCase):
    def ends(self, number, hit, sticky=False, fault=disk.ERROR):
        return promised.ends(fault, number, sticky, hit)

    def test_a_failed_sync_or_write_of_the_database_stops_it(self):
        for hit in (("fdatasync", "rows.db-wal"), ("pwrite", "rows.db-wal"), ("pwrite", "head"), ("fdatasync", "head")):
            self.assertEqual(self.ends(errno.EIO, hit), {3}, hit)

    def test_a_document_that_could_not_be_synced_is_refused_and_stops_nothing(self):
        hit = ("fsync", "objects/30")
        self.assertEqual(self.ends(errno.EIO, hit), {promised.GOES_ON})
        self.assertTrue(promised.must_be_refused(False, disk.ERROR, hit))
        self.assertTrue(promised.must_be_refused(False, disk.ERROR, ("fdatasync", "keys")))
        self.assertFalse(promised.must_be_refused(True, disk.ERROR, hit))  # what an erasure leaves nobody can open
        for fault, other in ((disk.STALL, hit), (disk.ERROR, ("unlink", "objects/30")), (disk.ERROR, ("fdatasync", "rows.db-wal"))):
            self.assertFalse(promised.must_be_refused(False, fault, other), other)

    def test_a_full_disk_stops_it_only_at_a_sync_or_the_head_file(self):
        self.assertEqual(self.ends(errno.ENOSPC, ("pwrite", "rows.db-wal")), {promised.GOES_ON})
        self.assertEqual(self.ends(errno.ENOSPC, ("fdatasync", "rows.db-wal")), {3})
        self.assertEqual(self.ends(errno.ENOSPC, ("pwrite", "head")), {3})

    def test_a_kill_ends_it_and_what_hangs_or_is_cut_short_does_not(self):
        self.assertEqual(self.ends(0, ("pwrite", "head"), fault=disk.KILL_BEFORE), {-9})
        self.assertEqual(self.ends(0, ("pwrite", "head"), fault=disk.STALL), {promised.GOES_ON})
        self.assertEqual(self.ends(0, ("pwrite", "head"), fault=disk.SHORT), {promised.GOES_ON})

    def test_an_act_in_which_it_ends_may_end_no_other_way(self):
        self.assertEqual(promised.ends_of_its_own({promised.GOES_ON}, (0,)), {0})
        self.assertEqual(promised.ends_of_its_own({3}, (0,)), {0, 3})
        self.assertEqual(promised.ends_of_its_own({-9}, (0,)), {-9})

    def test_what_narrows_has_the_reserve(self):
        def must_be(narrows, hit, sticky=False):
            return promised.must_be_taken_back(narrows, disk.ERROR, errno.ENOSPC, sticky, hit)
        self.assertTrue(must_be(True, ("pwrite", "rows.db-wal")))
        self.assertTrue(must_be(True, ("open", "erasures.00.tmp")))
        self.assertFalse(must_be(True, ("fdatasync", "rows.db-wal")))
        self.assertFalse(must_be(False, ("pwrite", "rows.db-wal")))
        self.assertFalse(must_be(True, ("pwrite", "rows.db-wal"), sticky=True))
        self.assertFalse(must_be(True, None))

    def judged(self, events, answered, narrows=True, told=True):
        return promised.judge_stall(events, narrows, told, answered, released=100)

    def test_an_answer_while_its_own_commit_hangs_is_found(self):
        for call in ("pwrite rows.db-wal", "fdatasync rows.db-wal"):
            stall = [event(10, "stall", call.split()[1]), event(101, *call.split())]
            self.assertTrue(self.judged(stall, answered=105))
            with self.assertRaisesRegex(Violation, "acknowledged while rows.db-wal hung"):
                self.judged(stall, answered=50)
            self.assertTrue(self.judged(stall, answered=50, told=None))  # no answer is none too early

    def test_an_answer_while_the_head_file_of_what_narrows_hangs_is_found(self):
        stall = [event(5, "fdatasync", "rows.db-wal"), event(10, "stall", "head")]
        with self.assertRaises(Violation):
            self.judged(stall, answered=50)
        self.assertFalse(self.judged(stall, answered=50, narrows=False))

    def test_what_hangs_after_the_commit_is_not_the_answer_s(self):
        stall = [event(5, "fdatasync", "rows.db-wal"), event(6, "fdatasync", "head"), event(10, "stall", "rows.db-wal")]
        self.assertFalse(self.judged(stall, answered=50))
        failed = [event(5, "fdatasync", "rows.db-wal", result=-5), event(10, "stall", "rows.db-wal")]
        with self.assertRaises(Violation):
            self.judged(failed, answered=50)


class Words(unittest.TestCase):
    def test_a_violation_is_told_with_the_words_that_play_it_again(self):
        point = points.Point("revoke", 7, "EIO from now on", 4, ("pwrite", "rows.db-wal"))
        self.assertEqual(point.violated(Violation("it was lost"), None),
                         "VIOLATION revoke:7:EIO from now on (pwrite rows.db-wal): Violation: it was lost\n"
                         "    again: points.py --seed 4 --only 'revoke:7:EIO from now on'")

    def test_a_call_that_is_named_is_played_whatever_the_seed_leaves_out(self):
        calls = [("pwrite", "rows.db-wal")] * 250
        thinned = {point.call for point in points.points_of("revoke", calls, 3)}
        self.assertNotIn(3, thinned)
        again = [point for point in points.points_of("revoke", calls, 3, 3) if point.fault == "stall"]
        self.assertEqual([(point.name, point.own_seed) for point in again], [("revoke:3:stall", 3 * 1_000_003 + 3)])

    def test_what_does_not_exist_is_told_with_what_does(self):
        for only, word in (("nosuch", "revoke, pause"), ("revoke:x", "number of a call"), ("revoke:0", "number"),
                           ("revoke:3:eio", "short write")):
            told = io.StringIO()
            with self.assertRaises(SystemExit) as ended, contextlib.redirect_stderr(told):
                points.chosen(only)
            self.assertEqual(ended.exception.code, 2)
            self.assertIn(word, told.getvalue())
            self.assertEqual(told.getvalue().count("\n"), 1)
        self.assertEqual(points.chosen("revoke:3:EIO"), (["revoke"], 3, "EIO"))


if __name__ == "__main__":
    unittest.main()
