"""Eleven years pass, two administrators prune what is older, and the real program is killed while it does, again and again."""
import contextlib
import json
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import time
import unittest

import bend as bending
from clock_trial import DAY
from world import PROGRAM, World

GROW = PROGRAM.parent.parent / "tests" / "log_of_size"
ENTRIES = 30_000  # pruned in more than a hundred pieces
SYNCS = 40  # more than the two orders take, fewer than all the pieces

SEED = int(os.environ.get("FLIKVAKT_SEED") or 1)
ELEVEN_YEARS = 4018 * DAY


@unittest.skipUnless(GROW.exists(), f"{GROW} is missing: run ./dev build")
class Retention(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-retention-")
        cls.addClassCleanup(folder.cleanup)
        cls.world = World(pathlib.Path(folder.name) / "world")
        cls.addClassCleanup(cls.world.end)
        cls.bend = bending.Bend(cls.world.folder)

    @contextlib.contextmanager
    def bent(self):
        """Commands see the gateway's clock."""
        with self.bend.commands_follow():
            yield self.world.gateway

    def administrator(self, *words, second=True):
        """(exit code, output, messages) of one, or of two administrators."""
        with self.bent() as gateway:
            two = ("--second", gateway.folder / "bo.key") if second else ()
            return gateway.run(*words, "--administrator", gateway.folder / "alice.key", *two, "--data", gateway.data)

    def must(self, *words, second=True):
        code, out, err = self.administrator(*words, second=second)
        self.assertEqual(code, 0, err)
        return json.loads(out)

    def kept(self):
        with self.bent() as gateway:
            return json.loads(gateway.run("log", "retention", "--data", gateway.data, sealed=False)[1])

    def left(self):
        """Entries that the pruning has still to go through, as the gateway says."""
        with self.bent():
            return self.world.figure("flikvakt_pruning_left_entries")

    def planned(self, limit):
        with self.bent() as gateway:
            code, out, err = gateway.run("log", "plan-pruning", limit, "--data", gateway.data)
        self.assertEqual(code, 0, out + err)
        return json.loads(out)

    def verified(self, *words):
        with self.bent():
            code, said = self.world.verify(*words)
        self.assertEqual(code, 0, said)
        return json.loads(said)

    def start(self):
        self.world.gateway.environment = self.bend.environment()
        self.world.gateway.must_start()

    def test_killed_while_it_prunes_it_goes_on_and_the_log_verifies(self):
        """SPEC STO-18, RET-3, RET-4, LVR-25"""
        draw = random.Random(SEED)
        self.world.restore()
        grown = subprocess.run([GROW, self.world.gateway.data, self.world.gateway.folder / "words", str(ENTRIES)], capture_output=True, text=True,
                               timeout=300)
        self.assertEqual(grown.returncode, 0, grown.stderr)
        self.bend.clock(0)
        self.start()
        limit = bending.day_after(self.bend.wall())
        code, _, said = self.administrator("log", "prune", limit)
        self.assertEqual(code, 1, said)
        self.assertIn("may be pruned from", said)
        self.assertEqual(self.administrator("log", "set-retention", "default", 1829)[0], 2)
        self.must("log", "set-retention", "register_staff", 36525)
        self.world.end()
        whole = self.verified()
        self.assertEqual((whole["pruned_entries"], whole["begun_at"]), (0, 0))

        self.bend.clock(ELEVEN_YEARS)
        self.start()
        self.must("clock", "accept", second=False)
        plan = self.planned(limit)
        size = plan["entries_before"]
        self.assertGreater(size, ENTRIES)
        proposed = self.must("log", "prune", limit, second=False)
        self.assertIn("proposal", proposed)
        self.assertEqual(proposed["kept_sha256"], plan["kept_sha256"])
        self.assertEqual(self.kept()["pruned_to"], 0)
        self.bend.hold_after_syncs(SYNCS)  # the disk waits: the piece that is being written is not there after the kill
        self.must("log", "prune", limit)
        self.bend.wait_until_held()
        self.world.gateway.stop(signal.SIGKILL)
        self.bend.let_go()
        pruned = [self.verified()["pruned_entries"]]
        for _ in range(3):
            self.start()
            time.sleep(draw.uniform(0, 0.02))
            self.world.gateway.stop(signal.SIGKILL)
            pruned.append(self.verified()["pruned_entries"])
        self.start()
        self.assertEqual(self.kept()["pruned_to"], size)
        self.assertEqual(pruned, sorted(pruned))
        end = time.monotonic() + 60
        while self.left() > 0 and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(self.left(), 0)
        self.assertEqual(self.administrator("log", "prune", limit)[0], 1)  # pruned that far already
        self.world.end()
        report = self.verified()
        self.assertEqual(report["begun_at"], size)
        self.assertEqual(report["pruned_entries"], size - plan["entries_that_stay"])
        self.assertTrue(0 < pruned[0] < report["pruned_entries"], f"not in the middle: {pruned}")
        code, said = self.world.verify()
        self.assertEqual(code, 1)
        self.assertIn("ahead of the clock here", said)  # whoever sets the gateway's clock ahead is found
        self.world.restore()
