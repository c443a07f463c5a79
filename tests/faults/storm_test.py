"""Some storms (storm.py); 300 with FLIKVAKT_LONG=1. And what the checker must find is found."""
import os
import pathlib
import tempfile
import unittest

import disk
import storm
from world import PROGRAM, Violation

import clients
import wire

LONG = os.environ.get("FLIKVAKT_LONG") == "1"
SEED = int(os.environ.get("FLIKVAKT_SEED") or 1)


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class Storms(unittest.TestCase):
    def test_nothing_is_lost_under_load(self):
        with tempfile.TemporaryDirectory(prefix="flikvakt-storm-") as folder:
            total, violations = storm.play_all(pathlib.Path(folder) / "world", range(300 if LONG else 8), SEED)
        print(f"seed {SEED}: {total}, {len(violations)} violations")
        self.assertEqual(violations, [])
        self.assertEqual(storm.idle(total), [])
        self.assertGreater(total["readings"], 20)
        self.assertGreater(total["acts"], 5)


class WhatIsDurable(unittest.TestCase):
    def test_a_byte_needs_a_write_then_a_sync_both_after_the_request(self):
        self.assertTrue(storm.durable_between([10, 25], [(26, 30)], asked=20, answered=31))

    def test_a_byte_before_the_sync_returned_is_found(self):
        self.assertFalse(storm.durable_between([25], [(26, 30)], asked=20, answered=29))

    def test_a_sync_that_began_before_the_write_does_not_count(self):
        self.assertFalse(storm.durable_between([25], [(24, 30)], asked=20, answered=31))

    def test_a_write_before_the_request_does_not_count(self):
        self.assertFalse(storm.durable_between([15], [(16, 30)], asked=20, answered=31))

    def storm_of(self, received, events):
        class OnDisk:
            def events(self):
                return events
        out = storm.Storm(None, OnDisk(), 1)
        out.received = received
        return out

    def test_a_failed_sync_makes_nothing_durable(self):
        write = disk.Event(nanoseconds=25, result=4096, call=b"pwrite", path=b"rows.db-wal")
        good, failed = (disk.Event(nanoseconds=30, bytes=26, result=result, call=b"fdatasync", path=b"rows.db-wal") for result in (0, -5))
        reading = storm.Received("jorun", "r", asked=20, first_byte=31)
        self.storm_of([reading], [write, good]).synced_before_byte()
        with self.assertRaises(Violation):
            self.storm_of([reading], [write, failed]).synced_before_byte()


def answer(status):
    return wire.Answer(f"HTTP/1.1 {status} Words".encode())


class Client:
    """Answers each act with the next status; what stands is what it is told to show."""

    def __init__(self, *statuses, fullmakter=(), sparrar=()):
        self.statuses, self.mine = list(statuses), {"fullmakter": fullmakter, "sparrar": sparrar}

    def overview(self):
        return self.mine

    def log(self):
        return []

    def try_act(self, act, widens):
        return answer(self.statuses.pop(0))


class WhatIsFound(unittest.TestCase):
    def storm(self, milo=None):
        cast = type("Cast", (), {"milo": milo})()
        world = type("World", (), {"cast": cast, "opens": lambda *_: False})()
        return storm.Storm(world, None, 1)

    def test_a_no_that_was_carried_out_is_found(self):
        for record, stands in (("given", {"fullmakter": [{"id": "a", "status": "active"}]}),
                               ("blocks", {"sparrar": [{"id": "a", "in_force": True}]})):
            milo = Client(503, **stands)
            made = self.storm(milo)
            with self.assertRaises(ConnectionError):
                made.act(getattr(made, record), "a", "active", milo, {"kind": "an act"})
            with self.assertRaises(Violation):
                made.after_restart()
            milo.mine = {"fullmakter": [], "sparrar": []}
            made.after_restart()

    def test_a_refusal_that_leaves_what_stood_is_no_violation(self):
        milo = Client(200, 503, fullmakter=[{"id": "a", "status": "active"}])
        made = self.storm(milo)
        made.act(made.given, "a", "active", milo, {"kind": "sign_fullmakt"}, widens=True)
        made.act(made.given, "a", "revoked", milo, {"kind": "revoke_fullmakt"})
        made.after_restart()
        milo.mine["fullmakter"] = [{"id": "a", "status": "revoked"}]
        with self.assertRaisesRegex(Violation, "was active, and is revoked"):
            made.after_restart()

    def test_what_was_taken_back_and_is_read_and_what_was_given_and_is_not_are_found(self):
        made = self.storm()
        made.reader = lambda *_: 200
        made.then_reads((200, 429, 503), "given")
        with self.assertRaisesRegex(Violation, "taken back, then read: 200"):
            made.then_reads((403, 429, 503), "taken back")
        made.reader = lambda *_: 403
        with self.assertRaises(Violation):
            made.then_reads((200, 429, 503), "given")

    def test_a_reading_without_a_name_is_found(self):
        milo = Client()
        milo.log = lambda: [{"kind": "read_own_log"}]
        made = self.storm(milo)
        made.received = [storm.Received("jorun", None, 0, 0)]
        with self.assertRaisesRegex(Violation, "1 of 1 readings have no entry"):
            made.after_restart()

    def test_an_answer_that_is_no_plain_no_is_told(self):
        made = self.storm()

        def job(said):
            raise clients.Refused(f"deposit: {said}")
        made.until_over(lambda: job("HTTP/1.1 500 Internal Server Error: {}"))
        self.assertEqual(len(made.problems), 1)

    def test_a_plain_no_is_not(self):
        made = self.storm()

        def job():
            made.over.set()
            raise clients.Refused("deposit: HTTP/1.1 507 Insufficient Storage: {}")
        made.until_over(job)
        self.assertEqual(made.problems, [])

    def test_storms_in_which_nobody_got_anything_are_found(self):
        self.assertEqual(storm.idle({"readings": 5, "acts": 1, "deposits": 0}), ["deposits"])


if __name__ == "__main__":
    unittest.main()
