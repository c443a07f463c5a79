"""Every scene of load.py, some seconds of each: counts, never times. load.py --long measures what issue 3 asks for."""
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
        folder = world.folder_for("load-test")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.made = refusing.Refusing(folder)

    def play(self, name):
        """The scene's figures, after what holds under every load: others get what they may, and taking back gets through."""
        out = load.play(self.made, name, LONG, pinned=False)
        for figures in out.get("others", {}).values():
            if isinstance(figures, dict):
                self.assertEqual(figures["errors"], 0, out)
        self.assertEqual((out["narrowing acts"]["person"], out["narrowing acts"]["administrator"]), (200, 200), out)
        self.assertEqual(out["verify"], 0, out)
        return out

    def test_beside_a_flood_others_read_and_persons_revoke(self):
        out = self.play("flood")
        self.assertGreater(out["others"]["beside"]["count"], 0)
        self.assertEqual(out["revocations"]["not acknowledged"], 0, out)
        self.assertIn("429", str(out["flood"]))  # it was more than the quota
        self.assertNotIn("lost", str(out["flood"]))
        grown = out["its own growth"]
        allowed = 200 + 50 * (grown["seconds"] + 2)  # the burst, then the quota
        self.assertLessEqual(grown["entries"], 2 * allowed + 2, grown)  # an opening and its closing each

    def test_beside_a_flood_of_narrowing_acts_persons_revoke(self):
        out = self.play("narrowing")
        self.assertEqual(out["revocations"]["not acknowledged"], 0, out)
        self.assertNotIn("429", str(out["flood"]))  # no rate stands in their way

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


if __name__ == "__main__":
    unittest.main()
