import pathlib
import re
import subprocess
import tempfile
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

    def missing(self, lines):
        """What `missing_packages` says of a list."""
        text = DEV.read_text(encoding="utf-8")
        function = text[text.index("missing_packages() {"):text.index("\n}\n", text.index("missing_packages() {")) + 3]
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(lines)
            file.flush()
            return subprocess.run(["bash", "-euc", f"{function} missing_packages {file.name}"], capture_output=True, text=True,
                                  check=True).stdout.split()

    def test_a_package_is_not_missing_where_its_program_came_from_elsewhere(self):
        self.assertEqual(self.missing("no-such-package  # why\nno-such-package-2 bash  # why\n# nothing\n"), ["no-such-package"])
        self.assertEqual(self.missing("no-such-package no-such-program  # why\ndpkg\ndpkg no-such-program\n"), ["no-such-package"])


if __name__ == "__main__":
    unittest.main()
