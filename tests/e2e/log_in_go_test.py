"""The log of the real gateway, fetched over HTTP and verified by a checker made of Go's sumdb/note and sumdb/tlog (logcheck/), which
share nothing with ours or with tests/faults/tlog.py. Needs Debian's golang-go and golang-golang-x-mod-dev; skipped without."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "faults")]
import cast
import gateway
import insider
import story
import tlog

PROGRAM = story.program()
GROW = PROGRAM.parent.parent / "tests" / "log_of_size"
SOURCE = pathlib.Path(__file__).resolve().parent / "logcheck" / "logcheck.go"
GOPATH = pathlib.Path("/usr/share/gocode")  # where Debian puts libraries
SIZES = (255, 256, 257, 65_536, 70_000)  # and 1: a gateway that runs has more, but proves from there


def missing():
    if not PROGRAM.exists() or not GROW.exists():
        return f"{PROGRAM} or {GROW} is missing: run ./dev build"
    if not shutil.which("go") or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").exists():
        return "Go is absent: apt-get install golang-go golang-golang-x-mod-dev"
    return ""


@unittest.skipIf(missing(), missing())
class TheLogInGo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-go-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.checker = cls.folder / "logcheck"
        environment = {**os.environ, "GOPATH": str(GOPATH), "GO111MODULE": "off", "GOFLAGS": "", "GOCACHE": str(cls.folder / "cache")}
        subprocess.run(["go", "build", "-o", cls.checker, SOURCE], env=environment, check=True, timeout=600)
        (cls.folder / "gateway").mkdir(mode=0o700)
        cls.gateway = gateway.Gateway(PROGRAM, cls.folder / "gateway")
        cls.gateway.patience = 300
        cls.gateway.found(cast.clients_of_pki())
        cls.first = cls.checkpoint_of_one()
        cls.addClassCleanup(lambda: cls.gateway.stop(signal.SIGKILL))

    @classmethod
    def checkpoint_of_one(cls):
        """`init` writes a second entry as it ends: the data as they lay before it, and the program's checkpoint of them."""
        before = cls.folder / "before"
        shutil.copytree(cls.gateway.data, before)
        forger = insider.Forger(before, (cls.gateway.folder / "words").read_text(encoding="utf-8").strip())
        forger.set_acts(forger.acts[:1])
        forger.write()
        return cls.gateway.write("first", cls.gateway.must("log", "checkpoint", "--data", before)["checkpoint"])

    def grow(self, size):
        """With the real sequencer; nothing may run on it."""
        words = [GROW, self.gateway.data, self.gateway.folder / "words", str(size)]
        subprocess.run(words, check=True, timeout=900, stdin=subprocess.DEVNULL)

    def check(self, *words):
        """(exit code, what the checker said)"""
        base = f"https://localhost:{self.gateway.ports['portal']}/v1/log/"
        ran = subprocess.run([self.checker, "-base", base, "-ca", self.gateway.pki / "ca.pem", "-key", self.gateway.log_key, *words],
                             capture_output=True, text=True, timeout=300, check=False)
        return ran.returncode, (ran.stdout + ran.stderr).strip()

    def check_at(self, size, seconds=60):
        """The gateway may be ready before the entry of its start is durable."""
        end = time.monotonic() + seconds
        while True:
            code, said = self.check()
            if said.startswith(f"size {size}:") or time.monotonic() > end:
                return code, said
            time.sleep(0.1)

    def serve(self, size):
        """A gateway whose newest checkpoint is of this size: its start is the last entry."""
        now = tlog.opened(self.gateway.must("log", "checkpoint", "--data", self.gateway.data)["checkpoint"], self.gateway.log_key)[1]
        if now < size - 1:
            self.grow(size - 1)
        self.gateway.must_start()

    # SPEC CHK-2, CHK-3, CHK-5, CHK-6, CHK-8, CHK-10, TIL-2, TIL-4, MRK-3, MRK-4, MRK-5, API-91, API-92
    def test_checkpoints_tiles_and_proofs_verify_and_a_changed_bit_does_not(self):
        for size in SIZES:
            started = time.monotonic()
            self.serve(size)
            code, said = self.check_at(size)
            print(f"{said} ({time.monotonic() - started:.1f} s)", flush=True)
            self.assertEqual((code, said.split(":")[0]), (0, f"size {size}"), said)
            self.refused(size)
            if size == SIZES[0]:
                self.assertEqual(self.check("-note", self.first), (0, "size 1: 1 tiles, 1 inclusion proofs, 1 consistency proofs"))
            self.gateway.stop(signal.SIGKILL)  # it would write an entry as it stops

    def refused(self, size):
        """The same with one bit changed on its way."""
        words = {"signature": "the checkpoint: ", "root": "the checkpoint: ", "tile0": "the tiles: ", "inclusion": "inclusion of ",
                 "consistency": "consistency of ", **({"tile1": "the tiles: "} if size >= 256 else {})}
        for bend, why in words.items():
            code, said = self.check("-bend", bend)
            self.assertEqual(code, 1, bend)
            self.assertTrue(said.startswith("logcheck: " + why), said)

    def test_another_log_s_key_is_refused(self):
        other = tlog.Log(self.gateway.origin).verifier()
        self.serve(3)
        code, said = self.check("-key", other)
        self.gateway.stop(signal.SIGKILL)
        self.assertEqual(code, 1, said)
        self.assertIn("the checkpoint: ", said)


if __name__ == "__main__":
    unittest.main()
