"""A newcomer: `./dev demo` says the portal's address before anything else, and from the page of people that is there every role can be played, without
knowing anything else."""
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import scene

SECONDS = 300  # the whole story, on a busy machine


class Printed:
    """What the demo prints, as it comes."""

    def __init__(self, process):
        self.process, self.lines, self.more = process, [], threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.more:
                self.lines.append(line.rstrip("\n"))
                self.more.notify_all()
        with self.more:
            self.lines.append(None)
            self.more.notify_all()

    def until(self, pattern):
        """The first line that it fits."""
        end = time.monotonic() + SECONDS
        with self.more:
            while True:
                for line in self.lines:
                    if line is None:
                        raise AssertionError("the demo ended: " + "\n".join(one for one in self.lines if one is not None)[-3000:])
                    if found := re.search(pattern, line):
                        return found
                if not self.more.wait(max(0.0, end - time.monotonic())):
                    raise AssertionError(f"not within {SECONDS} seconds: {pattern}")


class Opened:
    """What PortalTest needs of a scene: an address, and nothing of what is behind it."""

    def __init__(self, origin, folder):
        self.origin, self.folder, self.home = origin, folder, folder / "home"
        self.home.mkdir()

    def described(self):
        return {"origin": self.origin, "chromium": scene.CHROMIUM, "words": str(scene.ROOT / "web" / "words"), "people": {}, "staff": {},
                "folder": str(self.folder)}


class Newcomer(scene.PortalTest):
    @classmethod
    def setUpClass(cls):
        scene.need_a_browser()
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-portal-")
        cls.addClassCleanup(folder.cleanup)
        cls.told, cls.began = 0, time.monotonic()
        # As ./dev demo runs it, once the program is built.
        cls.process = subprocess.Popen(["/usr/bin/python3", "demo/story.py"], cwd=scene.ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True, encoding="utf-8", start_new_session=True,
                                       env={**os.environ, "TMPDIR": folder.name, "PYTHONUNBUFFERED": "1"})
        cls.addClassCleanup(cls.end)
        cls.printed = Printed(cls.process)
        cls.first = cls.printed.until(r".")
        cls.address = re.search(r"https://localhost:\d+/", cls.first.string)
        if cls.address:
            cls.printed.until(r"^Open now: " + re.escape(cls.address[0]))
            cls.scene = Opened(cls.address[0].rstrip("/"), pathlib.Path(folder.name))

    @classmethod
    def end(cls):
        cls.process.send_signal(signal.SIGTERM)
        try:
            cls.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(cls.process.pid, signal.SIGKILL)
            cls.process.wait()
        cls.process.stdout.close()

    def test_the_address_is_printed_first(self):
        self.assertTrue(self.address, self.first.string)

    def test_every_role_can_be_played_from_there(self):
        # The browser warns of a certificate that only the demo knows, and a newcomer goes on.
        trusting = {"ignoreHTTPSErrors": True}
        plays = [{"walk": "newcomer", "way": way, "context": trusting} for way in scene.ways(40)]
        self.play("demo.mjs", plays)


if __name__ == "__main__":
    unittest.main()
