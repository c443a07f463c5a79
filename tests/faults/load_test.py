"""Every scene of load.py, some seconds of each: counts, never times. With FLIKVAKT_LONG=1 minutes of each, and the figures of issue 3."""
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import load
import refusing
import world

LONG = os.environ.get("FLIKVAKT_LONG") == "1"


class Load(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if LONG:  # as load.py does it: the gateway on one CPU, all clients on another
            cls.addClassCleanup(os.sched_setaffinity, 0, os.sched_getaffinity(0))
            os.sched_setaffinity(0, {1})
        folder = world.folder_for("load-test")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.made = refusing.Refusing(folder)

    def play(self, name):
        """The scene's figures, after what holds under every load."""
        out = load.play(self.made, name, LONG, pinned=LONG)
        if LONG:
            print(f"counts: {name}: {out}")
        self.assertEqual(load.counted(out) + (load.timed(name, out) if LONG else []), [], out)
        return out

    def test_beside_a_flood_others_read_and_persons_revoke(self):
        out = self.play("flood")
        self.assertGreater(out["others"]["beside"]["count"], 0)
        self.assertIn("429", str(out["flood"]))  # it was more than the quota
        self.assertNotIn("lost", str(out["flood"]))
        grown = out["its own growth"]
        self.assertLessEqual(grown["entries"], load.allowed_entries("flood", grown["seconds"]), grown)

    def test_beside_a_flood_of_narrowing_acts_persons_revoke_and_so_does_a_colleague(self):
        """SPEC API-41: the rate is of the staff member who floods."""
        out = self.play("narrowing")
        self.assertIn("('narrowing', 429)", out["flood"])
        self.assertEqual(out["a colleague"]["count"], 30 if LONG else 5)

    def test_strangers_make_one_entry_for_each_source_and_minute(self):
        out = self.play("strangers")
        self.assertGreater(out["strangers"]["401"], 0)
        self.assertGreater(out["strangers"]["400"], 0)
        self.assertLessEqual(out["entries beside the others'"], out["at most"], out)

    def test_beside_silent_connections_others_work(self):
        out = self.play("idle")
        self.assertGreater(out["opened"], 0)

    def test_a_revocation_does_not_wait_for_readers_that_do_not_read(self):
        out = self.play("slow")
        self.assertEqual(out["revocation of what is being read"], 200)
        self.assertEqual(out["readers"]["whole"], 0, out)

    def test_a_revocation_overtakes_what_queued_before_it(self):
        out = self.play("queue")
        self.assertTrue(out["held"])
        self.assertEqual(out["answered while held"], 0)  # nothing is served that is not durable
        self.assertEqual(out["revocation"]["status"], 200)
        self.assertEqual(out["reads"], {"200": 1, "403": load.slow.HELD_READS}, out)


class Figures(unittest.TestCase):
    """Each figure of issue 3 can be missed."""

    def out(self, ratio=1.1, revoked=50, entries=10, errors=0, colleague=50):
        beside = {"count": 9, "p99": revoked}
        return {"others": {"alone": {"errors": 0}, "beside": {"errors": errors}, "ratio of p99": ratio},
                "narrowing acts": {"person": 200, "administrator": 200}, "verify": 0,
                "revocations": {"not acknowledged": 0, "beside, kept connection": beside, "beside, new connection": beside},
                "a colleague": {"not acknowledged": 0, "p99": colleague}, "its own growth": {"entries": entries, "seconds": 10}}

    def test_figures_that_are_met(self):
        for name in ("flood", "narrowing"):
            self.assertEqual(load.counted(self.out()) + load.timed(name, self.out()), [])

    def test_figures_that_are_missed(self):
        self.assertEqual(len(load.timed("flood", self.out(ratio=1.51))), 1)
        self.assertEqual(len(load.timed("flood", self.out(ratio=None))), 1)
        self.assertEqual(len(load.timed("flood", self.out(revoked=201))), 2)
        self.assertEqual(len(load.timed("flood", self.out(entries=1700))), 1)
        self.assertEqual(len(load.timed("narrowing", self.out(entries=200))), 1)
        self.assertEqual(len(load.timed("narrowing", self.out(colleague=900))), 1)
        self.assertEqual(load.timed("strangers", {"entries beside the others'": 9, "at most": 8}), ["strangers made 9 entries: at most 8"])

    def test_counts_that_are_wrong(self):
        self.assertEqual(load.counted(self.out(errors=1)), ["beside: 1 errors"])
        for where, what, value in (("narrowing acts", "person", 503), ("revocations", "not acknowledged", 1),
                                   ("a colleague", "not acknowledged", 1)):
            out = self.out()
            out[where][what] = value
            self.assertEqual(len(load.counted(out)), 1, out)


if __name__ == "__main__":
    unittest.main()
