#!/usr/bin/python3
"""Builds and runs every test suite and counts them together. Called by `./dev test`.

Suites: the GoogleTest program of each folder under tests/ with *_test.cpp in it (quick modules first), then the Python
suites (files named *_test.py) of tools/tests, tests/partition, tests/cedar, tests/model, tests/demo, tests/e2e, tests/faults and tests/portal. Python suites find the built tree in
FLIKVAKT_BUILD; FLIKVAKT_LONG=1 (--long) makes the tests of random worlds, races and faults play all they have. Why a test was
skipped is printed. With --mutants the tests are tested instead (tools/mutants.py).

The last line of the output is `N passed, N failed, N skipped`. Exit 1 on any failure, and when no test ran.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

import mutants

ROOT = pathlib.Path(__file__).resolve().parent.parent
CPP_ORDER = ["base", "policy", "crypto", "audit", "store", "service", "admin", "gateway"]  # the longest ones last, side by side
ALSO_UNDER_ASAN = ["policy", "crypto", "audit", "service"]
PYTHON_SUITES = {"tools": "tools/tests", "partition": "tests/partition", "cedar": "tests/cedar", "model": "tests/model", "demo": "tests/demo", "e2e": "tests/e2e", "faults": "tests/faults",
                 "portal": "tests/portal"}
NEED_THE_PROGRAM = {"model", "e2e", "faults", "portal"}
NEED_A_TARGET = {"cedar": "policy_cases", "partition": "flikvakt-partition"}
# Files that take a browser minutes each: when their suite is named (`./dev test portal`), and with --long.
BY_NAME_ONLY = {"tests/portal": {"every_page_test.py", "hostile_test.py", "roles_test.py", "trouble_test.py"}}
# How much runs side by side: programs of GoogleTest, and files of these suites. They wait more than they work, above all for the disk,
# each with servers and folders of its own.
PROGRAMS_AT_ONCE = 2
AT_ONCE = {"tests/e2e": 2, "tests/faults": 2, "tests/portal": 2}
SUITE_SECONDS = 900
LONG_SUITE_SECONDS = 8 * 3600  # of one program or Python file: all fault points take hours


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def line(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    def exit_code(self):
        return 0 if self.failed == 0 and self.passed > 0 else 1


def count_gtest(xml_path, exit_code):
    """Counts of a GoogleTest XML report. A crash leaves no report, or one that does not explain the exit code."""
    counts = Counts()
    try:
        cases = ElementTree.parse(xml_path).getroot().iter("testcase")
    except (OSError, ElementTree.ParseError):
        return Counts(failed=1)
    for case in cases:
        if case.find("failure") is not None:
            counts.failed += 1
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            counts.skipped += 1
        else:
            counts.passed += 1
    if exit_code != 0 and counts.failed == 0:
        counts.failed += 1
    return counts


def count_unittest(output, exit_code):
    """Counts from the closing lines of Python's unittest."""
    ran = re.findall(r"^Ran (\d+) tests? in ", output, re.M)
    closing = re.findall(r"^(?:OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$", output, re.M)
    if not ran or not closing:
        return Counts(failed=1)
    named = {key: int(number) for key, number in re.findall(r"([a-z ]+)=(\d+)", closing[-1])}
    named = {key.strip(): number for key, number in named.items()}
    failed = named.get("failures", 0) + named.get("errors", 0) + named.get("unexpected successes", 0)
    skipped = named.get("skipped", 0) + named.get("expected failures", 0)
    # Errors outside a test (class set-up) are not among those that ran.
    passed = max(0, int(ran[-1]) - failed - skipped)
    if exit_code != 0 and failed == 0:
        failed = 1
    return Counts(passed, failed, skipped)


def skip_reasons(output):
    """Why tests of Python's unittest were skipped, each reason once, from its verbose output."""
    return sorted(set(re.findall(r""" \.\.\. skipped ['"](.*)['"]$""", output, re.M)))


def counts_told(output):
    """What a green Python suite says of how much it played: lines that begin with `seed ` or `counts: `."""
    return re.findall(r"^(?:test_.* \.\.\. )?((?:seed|counts:) .*)$", output, re.M)


def run(command, env, seconds, capture):
    """(exit code, output); the whole process group is ended at the deadline."""
    process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True, stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE if capture else None,
                               stderr=subprocess.STDOUT if capture else None, errors="replace")
    try:
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output or ""
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        print(f"stopped after {seconds} s: {' '.join(map(str, command))}", flush=True)
        return 124, output or ""


def build(preset, targets):
    command = [str(ROOT / "dev"), "build", preset, *targets]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode == 0


def without_address_randomisation():
    """ThreadSanitizer of g++ 12 does not start on kernels with 32 bits of it."""
    works = shutil.which("setarch") and subprocess.run(["setarch", "-R", "true"], capture_output=True).returncode == 0
    return ["setarch", "-R"] if works else []


def run_cpp(preset, suite, gtest_filter, env, seconds, capture=True):
    """(counts, output)"""
    program = ROOT / "build" / preset / "tests" / f"test_{suite}"
    report = ROOT / "build" / preset / "reports" / f"{suite}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [program, "--gtest_brief=1", f"--gtest_output=xml:{report}"]
    if gtest_filter:
        command.append(f"--gtest_filter={gtest_filter}")
    if preset == "tsan":
        command = without_address_randomisation() + command
    exit_code, output = run(command, env, seconds, capture)
    return count_gtest(report, exit_code), output


def run_programs(preset, suites, arguments, env, seconds):
    """The programs of GoogleTest, some side by side; what one wrote comes when it has ended, unless it runs alone."""
    def one(suite):
        started = time.monotonic()
        counts, output = run_cpp(preset, suite, arguments.only, env, seconds, capture=len(suites) > 1)
        print(output, end="", flush=True)
        return told(preset, suite, counts, started)

    with concurrent.futures.ThreadPoolExecutor(PROGRAMS_AT_ONCE) as pool:
        return sum(pool.map(one, suites), Counts())


def told(preset, suite, counts, started):
    print(f"{preset:8} {suite:9} {counts.line()} in {time.monotonic() - started:.1f} s", flush=True)
    return counts


def files_of(folder, names, is_named):
    """Which of the files of a Python suite run; what is left out is said."""
    apart = set() if is_named else BY_NAME_ONLY.get(folder, set())
    for name in sorted(apart & set(names)):
        print(f"{name}: left out here; `./dev test {pathlib.Path(folder).name}` runs it", flush=True)
    return sorted(set(names) - apart)


def run_python(folder, name_filter, env, seconds, is_named):
    files = [ROOT / folder / name for name in files_of(folder, [one.name for one in (ROOT / folder).glob("*_test.py")], is_named)]
    counts = Counts()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE.get(folder, 1)) as pool:
        for path, (exit_code, output) in zip(files, pool.map(lambda path: run_file(path, name_filter, env, seconds), files)):
            counts += tell(path.name, exit_code, output)
    return counts


def run_file(path, name_filter, env, seconds):
    command = ["/usr/bin/python3", "-B", "-m", "unittest", "-v", path.name]
    if name_filter:
        command += ["-k", name_filter]
    return run(["/usr/bin/env", "-C", str(path.parent), *command], {**env, "PYTHONPATH": str(path.parent)}, seconds, capture=True)


def tell(name, exit_code, output):
    """Counts of one file of a Python suite; says what failed, and of what did not, how much it played."""
    found = count_unittest(output, exit_code)
    if found.failed:
        print(output, flush=True)
    for line in counts_told(output) if not found.failed else []:
        print(f"{name}: {line}", flush=True)
    for reason in skip_reasons(output):
        print(f"{name}: skipped: {reason}", flush=True)
    return found


def cpp_suites():
    present = sorted(folder.name for folder in (ROOT / "tests").iterdir() if folder.is_dir() and any(folder.glob("*_test.cpp")))
    return [name for name in CPP_ORDER if name in present] + [name for name in present if name not in CPP_ORDER]


def python_suites():
    return [name for name, folder in PYTHON_SUITES.items() if any((ROOT / folder).glob("*_test.py"))]


def targets_of(suite, cpp):
    """What one suite needs built: [] is everything, None nothing."""
    if suite in cpp:
        return [f"test_{suite}"]
    if suite in NEED_A_TARGET:
        return [NEED_A_TARGET[suite]]
    return [] if suite in NEED_THE_PROGRAM else None


def plan(arguments, cpp, python):
    """What to run: a list of (preset, suites, build targets); all targets when the list is empty."""
    if arguments.suite:
        return [(arguments.sanitize or "release", [arguments.suite], targets_of(arguments.suite, cpp))]
    if arguments.sanitize:
        return [(arguments.sanitize, cpp + python, [])]
    again = [name for name in ALSO_UNDER_ASAN if name in cpp]
    runs = [("release", cpp + python, [])]
    return runs + ([("asan", again, [f"test_{name}" for name in again])] if again else [])


def parse(argv, cpp, python):
    parser = argparse.ArgumentParser(prog="./dev test", description="Builds and runs the test suites.")
    parser.add_argument("--sanitize", choices=["asan", "tsan"], help="run everything in this sanitizer's build")
    parser.add_argument("--long", action="store_true", help="all random worlds, races and faults: hours")
    parser.add_argument("--mutants", action="store_true", help="test the tests: see `./dev test --mutants --help`")
    parser.add_argument("filter", nargs="?", default="", help="suite, or suite:filter")
    arguments = parser.parse_args(argv)
    arguments.suite, _, arguments.only = arguments.filter.partition(":")
    if arguments.suite and arguments.suite not in cpp + python:
        parser.error(f"unknown suite `{arguments.suite}`; there are: {', '.join(cpp + python)}")
    return arguments


def main(argv):
    if "--mutants" in argv:
        return mutants.main([word for word in argv if word != "--mutants"])
    cpp, python = cpp_suites(), python_suites()
    arguments = parse(argv, cpp, python)
    seconds = LONG_SUITE_SECONDS if arguments.long else SUITE_SECONDS
    total = Counts()
    for preset, suites, targets in plan(arguments, cpp, python):
        if targets is not None and not build(preset, targets):
            print(f"{preset}: the build failed; its suites did not run", flush=True)
            total += Counts(failed=1)
            continue
        env = {**os.environ, "FLIKVAKT_BUILD": str(ROOT / "build" / preset), "FLIKVAKT_LONG": "1" if arguments.long else ""}
        total += run_programs(preset, [suite for suite in suites if suite in cpp], arguments, env, seconds)
        for suite in (suite for suite in suites if suite not in cpp):
            started = time.monotonic()
            counts = run_python(PYTHON_SUITES[suite], arguments.only, env, seconds, arguments.long or bool(arguments.suite))
            total += told(preset, suite, counts, started)
    print(total.line(), flush=True)
    return total.exit_code()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
