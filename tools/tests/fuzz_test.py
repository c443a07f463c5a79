import contextlib
import io
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import fuzz

ENDS_WHEN_TOLD = """#!/usr/bin/python3
import signal, sys
def end(*_):
    print("#2 INITED cov: 10 ft: 1\\n#99 DONE cov: 12 ft: 3\\nstat::number_of_executed_units: 99")
    print("stat::new_units_added: 4", flush=True)
    sys.exit(0)
signal.signal(signal.SIGUSR1, end)
while True:
    pass
"""
ENDS_EARLY = """#!/bin/sh
echo "stat::number_of_executed_units: 3"
"""
CRASHES = """#!/bin/sh
echo "Test unit written to /there/http-crash-00"
exit 77
"""


class Fuzz(unittest.TestCase):
    def played(self, program, seconds):
        """What is reported of a program that stands in for a target."""
        with tempfile.TemporaryDirectory() as folder:
            fuzz.BUILD = pathlib.Path(folder)
            path = fuzz.BUILD / "fuzz_http"
            path.write_text(program, encoding="utf-8")
            path.chmod(0o755)
            exit_code, cpu = fuzz.run(path, "http", seconds, 1, fuzz.BUILD / "log")
            line, well = fuzz.report("http", exit_code, cpu, seconds, (fuzz.BUILD / "log").read_text(encoding="utf-8"))
        return cpu, line, well

    def test_a_target_is_stopped_by_its_cpu_time(self):
        cpu, line, well = self.played(ENDS_WHEN_TOLD, 1)
        self.assertTrue(1 <= cpu < 10, cpu)
        self.assertTrue(well, line)
        self.assertRegex(line, r"^http +99 runs in +\d.* coverage 10 to 12, 4 new inputs, clean$")

    def test_a_target_that_ended_before_its_time_is_not_clean(self):
        _, line, well = self.played(ENDS_EARLY, 1)
        self.assertFalse(well)
        self.assertRegex(line, r"ENDED EARLY: 1 CPU s were asked for$")

    def test_what_cannot_be_run_is_refused_in_a_line(self):
        with tempfile.TemporaryDirectory() as folder:
            for words, said in ((["--seconds", "0"], "at least 1"), (["--seconds", "-5"], "at least 1"), (["nosuch"], "there are: http"),
                                (["--programs", folder, "http"], "fuzz_http")):
                told = io.StringIO()
                with self.assertRaises(SystemExit) as ended, contextlib.redirect_stderr(told):
                    fuzz.parse(words)
                self.assertEqual(ended.exception.code, 2)
                self.assertIn(said, told.getvalue().splitlines()[-1])

    def test_programs_may_lie_in_a_folder_named_from_here(self):
        with tempfile.TemporaryDirectory(dir=".") as folder:
            pathlib.Path(folder, "fuzz_http").touch()
            given = fuzz.parse(["--programs", pathlib.Path(folder).name, "http"])
            self.assertEqual(given.programs, pathlib.Path(folder).resolve())

    def test_help_says_what_becomes_of_a_find(self):
        told = io.StringIO()
        with self.assertRaises(SystemExit), contextlib.redirect_stdout(told):
            fuzz.parse(["--help"])
        self.assertIn("tests/fuzz/regressions/<target>/", told.getvalue())

    def test_a_crash_is_told_with_the_file_that_makes_it_happen_again(self):
        _, line, well = self.played(CRASHES, 1)
        self.assertFalse(well)
        self.assertIn("CRASHED (exit 77): /there/http-crash-00", line)

    def test_every_target_has_a_file_a_program_and_seeds(self):
        names = fuzz.targets()
        built = re.findall(r"^fuzz_target\((\w+) ", (fuzz.FUZZ / "CMakeLists.txt").read_text(encoding="utf-8"), re.M)
        files = [path.stem for path in fuzz.FUZZ.glob("*.cpp")
                 if not path.stem.endswith("_test") and not path.with_suffix(".h").exists()]  # with a header: what targets share
        seeds = [path.name for path in (fuzz.FUZZ / "seeds").iterdir()]
        self.assertEqual(names, built)
        self.assertEqual(sorted(names), sorted(files))
        self.assertEqual(sorted(names), sorted(seeds))

    def test_seeds_are_small_and_hold_no_private_key(self):
        for path in [*(fuzz.FUZZ / "seeds").rglob("*"), *(fuzz.FUZZ / "regressions").rglob("*")]:
            if path.is_file():
                self.assertLess(path.stat().st_size, 2048, path)
                self.assertNotIn(b"PRIVATE KEY", path.read_bytes(), path)


if __name__ == "__main__":
    unittest.main()
