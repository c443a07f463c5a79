"""Some storms (storm.py); 300 with FLIKVAKT_LONG=1. And what the checker must find is found."""
import os
import pathlib
import tempfile
import unittest

import disk
import storm
from world import PROGRAM

LONG = os.environ.get("FLIKVAKT_LONG") == "1"
SEED = int(os.environ.get("FLIKVAKT_SEED") or 1)


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class Storms(unittest.TestCase):
    def test_nothing_is_lost_under_load(self):
        with tempfile.TemporaryDirectory(prefix="flikvakt-storm-") as folder:
            total, violations = storm.play_all(pathlib.Path(folder) / "world", 300 if LONG else 8, SEED)
        print(f"seed {SEED}: {total}, {len(violations)} violations")
        self.assertEqual(violations, [])
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
        reading = storm.Received("jorun", "r", asked=20, first_byte=31, bytes=1)
        self.storm_of([reading], [write, good]).synced_before_byte()
        with self.assertRaises(storm.Violation):
            self.storm_of([reading], [write, failed]).synced_before_byte()


if __name__ == "__main__":
    unittest.main()
