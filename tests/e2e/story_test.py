"""The whole story against the real program: `./dev demo --check`."""
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("FLIKVAKT_BUILD", "build/release")


@unittest.skipUnless((BUILD / "admin" / "flikvakt").exists(), f"{BUILD}/admin/flikvakt is missing: run ./dev build")
class TheStory(unittest.TestCase):
    def test_every_promise_is_checked_on_one_line_and_holds(self):
        ran = subprocess.run(["/usr/bin/python3", "-B", ROOT / "demo" / "story.py", "--check"], capture_output=True, text=True,
                             stdin=subprocess.DEVNULL, env={**os.environ, "FLIKVAKT_BUILD": str(BUILD)}, timeout=600)
        lines = re.findall(r"^(?:P[1-8]|consent|journal|evidence|connectors) .*$", ran.stdout, re.MULTILINE)
        self.assertEqual([line.split(" (")[0] for line in lines],
                         [*(f"P{n} ok" for n in range(1, 9)), "consent ok", "journal ok", "evidence ok", "connectors ok"], ran.stdout[-4000:] + ran.stderr[-4000:])
        self.assertEqual(ran.returncode, 0)
        took = re.search(r"^every promise holds; ([0-9.]+) s$", ran.stdout, re.MULTILINE)
        self.assertTrue(took, ran.stdout[-1000:])
        print(f"counts: the story with every check took {took[1]} s", flush=True)


if __name__ == "__main__":
    unittest.main()
