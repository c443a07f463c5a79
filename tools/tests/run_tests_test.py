import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import run_tests
from run_tests import Counts

REPORT = """<?xml version="1.0"?><testsuites tests="4"><testsuite name="A">
<testcase name="a" status="run" result="completed"/>
<testcase name="b" status="run" result="completed"><failure message="no"/></testcase>
<testcase name="c" status="run" result="skipped"><skipped message="folder absent"/></testcase>
<testcase name="d" status="notrun" result="suppressed"/></testsuite></testsuites>"""


class Counting(unittest.TestCase):
    def gtest(self, text, exit_code):
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "report.xml"
            report.write_text(text)
            return run_tests.count_gtest(report, exit_code)

    def test_a_report_is_counted_case_by_case(self):
        self.assertEqual(self.gtest(REPORT, 1), Counts(1, 1, 2))

    def test_a_program_that_crashed_counts_as_a_failure(self):
        self.assertEqual(run_tests.count_gtest("/nonexistent/report.xml", -11), Counts(failed=1))
        self.assertEqual(self.gtest("<testsuites><testsui", -11), Counts(failed=1))

    def test_a_bad_exit_code_without_a_failed_case_counts_as_a_failure(self):
        good = '<testsuites><testsuite><testcase name="a" status="run"/></testsuite></testsuites>'
        self.assertEqual(self.gtest(good, 0), Counts(1, 0, 0))
        self.assertEqual(self.gtest(good, 1), Counts(1, 1, 0))

    def test_unittest_closing_lines_are_counted(self):
        self.assertEqual(run_tests.count_unittest("...\nRan 3 tests in 0.1s\n\nOK\n", 0), Counts(3, 0, 0))
        self.assertEqual(run_tests.count_unittest("Ran 5 tests in 1s\n\nFAILED (failures=1, errors=1, skipped=1)\n", 1),
                         Counts(2, 2, 1))
        self.assertEqual(run_tests.count_unittest("Ran 1 test in 1s\n\nOK (skipped=1)\n", 0), Counts(0, 0, 1))

    def test_why_tests_were_skipped_is_told_once(self):
        output = "".join(f"test_{name} (x.A.test_{name}) ... skipped '../shared/data is not here'\n" for name in "ab")
        reasons = run_tests.skip_reasons(output + "test_c (x.A.test_c) ... ok\n\nOK (skipped=2)\n")
        self.assertEqual(reasons, ["../shared/data is not here"])
        self.assertEqual(run_tests.skip_reasons('test_a (x.A.test_a) ... skipped "it\'s not built"\n'), ["it's not built"])
        self.assertEqual(run_tests.skip_reasons("test_a (x.A.test_a) ... ok\n\nOK\n"), [])

    def test_how_much_was_played_is_told_of_a_green_suite_too(self):
        output = ("test_a (x.A.test_a) ... seed 5\nok\ntest_b (x.A.test_b) ... revoke: 7 calls, 62 points\nok\n"
                  "seed 1: 20 distinct fault points of 133, 0 violations\ncounts: 3 ended with 3\nseeded otherwise\n")
        self.assertEqual(run_tests.counts_told(output), ["seed 5", "seed 1: 20 distinct fault points of 133, 0 violations",
                                                         "counts: 3 ended with 3"])

    def test_a_python_suite_that_could_not_start_counts_as_a_failure(self):
        self.assertEqual(run_tests.count_unittest("SyntaxError: invalid syntax\n", 1), Counts(failed=1))

    def test_no_test_at_all_is_not_success(self):
        self.assertEqual(Counts().exit_code(), 1)
        self.assertEqual(Counts(skipped=7).exit_code(), 1)
        self.assertEqual(Counts(passed=1).exit_code(), 0)
        self.assertEqual(Counts(passed=9, failed=1).exit_code(), 1)

    def test_the_closing_line_is_plain(self):
        self.assertEqual(Counts(3, 0, 1).line(), "3 passed, 0 failed, 1 skipped")


class Planning(unittest.TestCase):
    cpp, python = ["base", "policy", "crypto"], ["tools"]

    def plan(self, *argv):
        return run_tests.plan(run_tests.parse(argv, self.cpp, self.python), self.cpp, self.python)

    def test_the_whole_runs_again_under_asan_where_doubt_costs_most(self):
        self.assertEqual(self.plan(), [("release", ["base", "policy", "crypto", "tools"], []),
                                       ("asan", ["policy", "crypto"], ["test_policy", "test_crypto"])])

    def test_a_sanitizer_runs_every_suite(self):
        self.assertEqual(self.plan("--sanitize", "tsan"), [("tsan", ["base", "policy", "crypto", "tools"], [])])

    def test_one_suite_builds_only_its_program(self):
        self.assertEqual(self.plan("base:Json*"), [("release", ["base"], ["test_base"])])
        self.assertEqual(self.plan("tools"), [("release", ["tools"], None)])

    def test_a_python_suite_that_plays_what_a_program_prints_builds_that_program(self):
        plan = run_tests.plan(run_tests.parse(["cedar"], self.cpp, ["cedar"]), self.cpp, ["cedar"])
        self.assertEqual(plan, [("release", ["cedar"], ["policy_cases"])])

    def test_what_takes_a_browser_minutes_runs_when_its_suite_is_named(self):
        names = ["roles_test.py", "twice_test.py"]
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            self.assertEqual(run_tests.files_of("tests/portal", names, False), ["twice_test.py"])
        self.assertIn("./dev test portal", told.getvalue())
        self.assertEqual(run_tests.files_of("tests/portal", names, True), names)
        self.assertEqual(run_tests.files_of("tests/e2e", names, False), names)

    def test_an_unknown_suite_is_refused(self):
        with self.assertRaises(SystemExit):
            self.plan("bass")


if __name__ == "__main__":
    unittest.main()
