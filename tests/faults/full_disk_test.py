"""What a really full disk does (full_disk.py): nothing is read or deposited, everything can be taken back, and nothing is lost."""
import json
import os
import pathlib
import subprocess
import unittest

from world import PROGRAM

HERE = pathlib.Path(__file__).resolve().parent
NAMESPACE = ["unshare", "-Urm"]


def has_namespaces():
    return subprocess.run([*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
@unittest.skipUnless(has_namespaces(), "no mount namespaces here")
class FullDisk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        ran = subprocess.run(["/usr/bin/python3", "-B", HERE / "full_disk.py"], capture_output=True, text=True, timeout=600)
        if ran.returncode != 0:
            raise AssertionError(ran.stderr)
        cls.told = json.loads(ran.stdout)

    def test_before_it_is_full_readings_and_deposits_are_permitted(self):
        self.assertEqual(self.told["before"], {"read": [200, True], "deposit": 200})

    def test_nothing_is_read_and_nothing_is_taken_in(self):
        self.assertEqual(self.told["full"]["reads"], [[503, False]] * 3)
        self.assertEqual(self.told["full"]["deposit"], 507)
        self.assertTrue(self.told["full"]["alive"])

    def test_what_was_given_can_be_taken_back(self):
        self.assertEqual(self.told["full"]["revocations"], [200, 200])
        self.assertEqual(self.told["full, after the revocations"]["reads"], [503, 503])

    def test_once_there_is_room_it_serves_again_and_what_was_taken_back_stays_so(self):
        self.assertEqual(self.told["emptied"]["read"], [200, True])
        self.assertEqual(self.told["emptied"]["revoked"], [403, 403])
        self.assertEqual(self.told["started again"], {"read": [200, True], "revoked": [403, 403]})
        self.assertEqual(self.told["verify"], 0)


class Words(unittest.TestCase):
    def run_as(self, *words, **more):
        command = ["/usr/bin/python3", "-B", HERE / "full_disk.py", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, **more)

    def test_help_plays_nothing(self):
        ran = self.run_as("--help")
        self.assertEqual(ran.returncode, 0)
        self.assertIn("usage:", ran.stdout)

    @unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
    def test_it_mounts_nothing_where_it_has_no_namespace(self):
        ran = self.run_as(env={**os.environ, "PATH": "/nonexistent"})
        self.assertEqual((ran.returncode, ran.stdout), (2, ""))
        self.assertIn("mount namespace of its own", ran.stderr)


if __name__ == "__main__":
    unittest.main()
