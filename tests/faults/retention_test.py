"""The real program keeps a snapshot, eleven years pass, two administrators prune, and the gateway is killed while it does, again and again."""
import contextlib
import json
import os
import pathlib
import random
import signal
import tempfile
import time
import unittest

import bend as bending
from clock_trial import DAY
from world import PROGRAM, World

SEED = int(os.environ.get("FLIKVAKT_SEED") or 1)
ELEVEN_YEARS = 4018 * DAY


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
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
        environment = self.bend.environment()
        before = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)
        try:
            yield self.world.gateway
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value

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

    def verified(self, *words):
        with self.bent():
            code, said = self.world.verify(*words)
        self.assertEqual(code, 0, said)
        return json.loads(said)

    def start(self):
        self.world.gateway.environment = self.bend.environment()
        self.world.gateway.must_start()

    def test_killed_while_it_prunes_it_goes_on_and_the_log_verifies(self):
        """SPEC STO-18, RET-4, LVR-25"""
        draw = random.Random(SEED)
        self.world.restore()
        self.bend.clock(0)
        self.start()
        self.must("log", "snapshot", second=False)
        size = self.kept()["snapshots"][0]["size"]
        self.assertGreater(size, 100)
        code, _, said = self.administrator("log", "prune", size)
        self.assertEqual(code, 1, said)  # too early
        self.assertEqual(self.administrator("log", "keep", "default", 1829)[0], 2)
        self.must("log", "keep", "register_staff", 36525)
        self.world.end()
        whole = self.verified()
        self.assertEqual((whole["pruned_entries"], whole["begun_at"]), (0, 0))
        self.assertEqual(self.verified("--from", size)["begun_at"], size)

        self.bend.clock(ELEVEN_YEARS)
        self.start()
        self.must("clock", "accept", second=False)
        self.assertEqual(self.administrator("log", "prune", size + 1)[0], 1)
        proposed = self.must("log", "prune", size, second=False)
        self.assertIn("proposal", proposed)
        self.assertEqual(self.kept()["pruned_to"], 0)
        self.must("log", "prune", size)
        self.assertEqual(self.kept()["pruned_to"], size)
        pruned = []
        for _ in range(4):
            time.sleep(draw.uniform(0, 0.05))
            self.world.gateway.stop(signal.SIGKILL)
            pruned.append(self.verified()["pruned_entries"])
            self.start()
        self.assertEqual(pruned, sorted(pruned))
        end = time.monotonic() + 20
        while self.verified()["pruned_entries"] == 0 and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(self.administrator("log", "prune", size)[0], 1)  # pruned that far already
        self.world.end()
        report = self.verified()
        self.assertEqual(report["begun_at"], size)
        self.assertGreater(report["pruned_entries"], size // 10)
        self.assertLess(report["pruned_entries"], size)
        with self.bent():
            code, said = self.world.verify("--from", 3)
        self.assertNotEqual(code, 0, said)
        (self.world.gateway.data / "snapshots" / f"{size}.db").rename(self.world.folder / "taken")
        with self.bent():
            code, said = self.world.verify()
        self.assertEqual(code, 1)
        self.assertIn("acts cannot be carried out again", said)
        self.world.restore()
