"""The commands that `./dev demo` prints for trying: each is run as it is printed, and does what its title says."""
import contextlib
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "demo"))
import commands
import story

PROGRAM = story.program()
REFUSED = 1


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class CommandsToTry(unittest.TestCase):
    def test_each_runs_as_printed(self):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-e2e-")
        self.addCleanup(folder.cleanup)
        where = pathlib.Path(folder.name)
        with contextlib.redirect_stdout(io.StringIO()):
            gateway, ids = story.begin(PROGRAM, where, witnessed=True)
            self.addCleanup(gateway.end)
            told = story.perform(gateway, ids, where, check=False)
        ready = commands.ready_made(gateway, told, commands.write_profiles(gateway, told))
        self.assertGreaterEqual(len(ready), 9)
        for title, command in ready:
            with self.subTest(title=title):
                ran = subprocess.run(command, shell=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
                self.assertEqual(ran.returncode, REFUSED if "refused" in title else 0, ran.stderr)
        plan = next(one["path"] for one in told.made if one["file"] == "rehabiliteringsplan.pdf")
        self.assertEqual((where / "plan.pdf").read_bytes(), pathlib.Path(plan).read_bytes())
        self.assertFalse((where / "journal.pdf").exists())


if __name__ == "__main__":
    unittest.main()
