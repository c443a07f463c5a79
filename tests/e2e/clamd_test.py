"""The scanner of malware is clamd itself, with a signature of our own for the EICAR test file: no database is fetched. Skipped where
clamav-daemon is not installed; then tests/dissect/scanner_test.cpp, with a small clamd of ours, is all there is."""
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "demo"))
import cast
import gateway
import scenes
import story
import wire

CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/bin")
# In two pieces, so that no scanner of this machine takes the test for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    def __init__(self, folder):
        self.folder, self.socket, self.process = folder, folder / "clamd.ctl", None
        (folder / "db").mkdir()
        (folder / "db" / "local.ndb").write_text("Flikvakt.Eicar.Test:0:*:" + EICAR.hex() + "\n", encoding="ascii")
        (folder / "clamd.conf").write_text(f"LocalSocket {self.socket}\nDatabaseDirectory {folder / 'db'}\nTemporaryDirectory {folder}\n"
                                           "Foreground yes\nStreamMaxLength 12M\nMaxFileSize 8M\nMaxScanSize 32M\nAlertExceedsMax yes\n"
                                           "AlertEncrypted yes\nMaxThreads 2\n", encoding="ascii")

    def start(self):
        self.process = subprocess.Popen([CLAMD, f"--config-file={self.folder / 'clamd.conf'}"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while not self.socket.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("clamd did not come up")
            time.sleep(0.1)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)
            self.process = None


@unittest.skipUnless(CLAMD, "clamav-daemon is not installed")
@unittest.skipUnless(story.program().exists(), f"{story.program()} is missing: run ./dev build")
class RealClamd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="flikvakt-clamd-")
        folder = pathlib.Path(cls.temporary.name)
        (folder / "gateway").mkdir(mode=0o700)
        (folder / "clamd").mkdir()
        cls.clamd = Clamd(folder / "clamd")
        cls.clamd.start()
        before = gateway.CONFIGURATION
        gateway.CONFIGURATION = before + f'malware_scanner = "{cls.clamd.socket}"\n'
        try:
            cls.gateway, ids = story.begin(story.program(), folder / "gateway")
        finally:
            gateway.CONFIGURATION = before
        told = scenes.Story(cls.gateway, cast.Cast(cls.gateway, ids), [])
        told.first_certificates()
        cls.milo, cls.maja = told.cast.milo, told.cast.maja
        told.enrol(cls.milo, cls.milo.key, told.cast.kim, told.cast.lee)
        told.sign(cls.milo, "scanned", "Jag låter Försäkringskassan läsa min journal.", ["region"],
                  cast.recipient("organisation", told.cast.id("forsakringskassan")), ["journal"], "rehab")

    @classmethod
    def tearDownClass(cls):
        cls.gateway.end()
        cls.clamd.stop()
        cls.temporary.cleanup()

    def deposit(self, content):
        staff, id = self.maja, wire.new_id()
        facts = {"flik": "journal", "title": "Brev", "author": "Maja Fiktelius", "date": "2026-03-02", "media_type": "text/plain", "size": len(content),
                 "sha256": wire.base64url(hashlib.sha256(content).digest()), "other_subjects": []}
        staff.act({"kind": "begin_deposit", "id": id, "person": staff.handle(self.milo.number), "facts": facts, "other_subjects": []})
        return staff.ask("PUT", f"/v1/deposits/{id}/content", [("Content-Type", "text/plain")], content)

    # SPEC PART-70, PART-72
    def test_what_clamd_finds_is_refused_and_nothing_is_taken_while_it_is_down(self):
        self.assertEqual(self.deposit(b"Ett brev.\n").status, 201)
        self.assertEqual(self.deposit(b"Ett brev. " * 200_000).status, 201)
        found = self.deposit(b"Ett brev: " + EICAR + b"\n")
        self.assertEqual(found.status, 422)
        self.assertIn(b'"reason":"malware"', found.body)
        self.clamd.stop()
        self.assertEqual(self.deposit(b"Ett brev till.\n").status, 503)
        self.clamd.start()
        self.assertEqual(self.deposit(b"Ett brev till.\n").status, 201)

    # SPEC PART-72: what was not looked into is not taken, whichever of its limits clamd has met.
    def test_a_file_that_clamd_does_not_look_into_whole_is_refused(self):
        line = b"Ett brev.\n"
        over_file = self.deposit(line * (9_000_000 // len(line)))  # over MaxFileSize
        self.assertEqual(over_file.status, 422)
        self.assertIn(b'"reason":"malware"', over_file.body)
        over_stream = self.deposit(line * (14_000_000 // len(line)))  # over StreamMaxLength
        self.assertEqual(over_stream.status, 422)
        self.assertIn(b'"reason":"too_large"', over_stream.body)


if __name__ == "__main__":
    unittest.main()
