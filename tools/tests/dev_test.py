import pathlib
import re
import subprocess
import unittest

DEV = pathlib.Path(__file__).resolve().parent.parent.parent / "dev"


def run(*words):
    return subprocess.run([DEV, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


class Dev(unittest.TestCase):
    def test_help_lists_every_command(self):
        cases = DEV.read_text(encoding="utf-8").partition("case $command in\n")[2]
        known = set(re.findall(r"^  ([a-z]+)\)", cases, re.M))
        listed = set(re.findall(r"^  ([a-z]+) ", run("help").stdout.partition("Commands:\n")[2], re.M))
        self.assertGreaterEqual(known, {"setup", "build", "demo", "test", "check", "bench"})
        self.assertEqual(listed, known)

    def test_a_mistyped_command_is_guessed(self):
        ran = run("chekc")
        self.assertEqual(ran.returncode, 2)
        self.assertIn("did you mean `./dev check`?", ran.stderr)


if __name__ == "__main__":
    unittest.main()
