#!/usr/bin/python3
"""Bends the rules and the sequencer in many small ways, and asks of each whether a test notices. Called by `./dev test --mutants`.

    ./dev test --mutants                          80 mutants of policy/ and the sequencer, drawn by seed 1
    ./dev test --mutants --only policy/decide.cpp all of them in one file (or one mutant, by the id that its line ends with)
    ./dev test --mutants --list --count 20        which they would be

Mutants: tools/mutation_sites.py. The sources are copied to build/mutants/tree; a mutant is compiled beside that copy and linked
before everything else, so that it stands in for the file it was made from (of a header: its inline functions, which at -O0
nobody has inlined, and the files that include it). Tests run the quick ones first and stop at the first failure. What does not
compile is no mutant, and the next one takes its place. A crash kills as a failure does, and so does a test that takes more than three
times what it takes clean.

Survivors are explained in tests/mutants/survivors.toml: a missing test is no explanation. Those whose reason begins with
`equivalent` behave as the original and are not counted. Exit 1 when less than 95 % are killed, or a survivor is not explained.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
import tomllib
from dataclasses import dataclass

import mutation_sites

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutants"
TREE, BUILD = WORK / "tree", WORK / "build"
SURVIVORS = ROOT / "tests" / "mutants" / "survivors.toml"
SEQUENCER = ["sequencer", "publish_batch", "open_readings", "command_queue", "commit_clock", "lease"]
CODE_IN_HEADERS = {"service/lease.h"}  # of other headers only the constants of time
# The cheapest first; the next when a mutant survives: (program, tests of it or all).
STAGES = {"policy": [("test_policy", ""), ("test_service", "")],
          "service": [("test_service", ""), ("test_gateway", "Races.*:*Serving*:*Revocation*:*Transfer*")]}
LEAST_KILLED = 0.95
SLOW_TEST_MS = 1000
LEAST_SECONDS = 15
TIME_OVER = " (time over)"
LIMITS = ["prlimit", f"--as={8 << 30}", f"--fsize={1 << 30}", "--core=0", "--"]


# Which mutants.

def sources():
    names = sorted(str(path.relative_to(ROOT)) for pattern in ("*.cpp", "*.h") for path in (ROOT / "policy").glob(pattern))
    return names + [f"service/{name}.{end}" for name in SEQUENCER for end in ("cpp", "h") if (ROOT / f"service/{name}.{end}").exists()]


def mutants_of(name):
    found = mutation_sites.sites(name, (ROOT / name).read_text(encoding="utf-8"))
    return [one for one in found if name.endswith(".cpp") or name in CODE_IN_HEADERS or one.operator == "time"]


def chosen(arguments, everything):
    """(mutants in the order in which they are taken, how many of them are wanted)"""
    if arguments.only:
        found = [one for one in everything if arguments.only in (one.file, one.id())]
        return found, arguments.count or len(found)
    drawn = mutation_sites.draw(everything, arguments.seed)
    return drawn, len(drawn) if arguments.all else arguments.count or 80


# Survivors that were looked at.

@dataclass(frozen=True)
class Explained:
    key: tuple
    reason: str

    def is_equivalent(self):
        return self.reason.lower().startswith("equivalent")


def read_survivors(text):
    """By key of the mutant. Raises ValueError, saying which entry is wrong and why."""
    out = {}
    for number, entry in enumerate(tomllib.loads(text).get("survivor", []), 1):
        members = {"file", "operator", "before", "after", "reason"}
        if set(entry) != members or not all(isinstance(value, str) for value in entry.values()):
            raise ValueError(f"survivor {number}: members must be {', '.join(sorted(members))}, all of them text")
        if len(entry["reason"].split()) < 4:
            raise ValueError(f"survivor {number}: the reason must be a sentence")
        key = (entry["file"], entry["operator"], entry["before"], entry["after"])
        if key in out:
            raise ValueError(f"survivor {number}: the same mutant is explained twice")
        out[key] = Explained(key, entry["reason"])
    return out


# The copy and its programs.

def copy_tree():
    """Everything that git knows or would add, in TREE; files that did not change keep their times, so that ninja leaves them."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True,
                            check=True).stdout.decode()
    names = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    for name in names:
        source, target = ROOT / name, TREE / name
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            shutil.copymode(source, target)
    for path in [path for path in TREE.rglob("*") if path.is_file() and str(path.relative_to(TREE)) not in names]:
        path.unlink()
    shared = WORK / "shared"
    if not shared.is_symlink() and (ROOT.parent / "shared").exists():
        shared.symlink_to(ROOT.parent / "shared")


class Programs:
    """The clean build, and what to run of each program. Without optimisation: compiling is most of a mutant's time."""

    def __init__(self):
        self.lock = threading.Lock()
        self.took = {}
        self.compile_commands = {}
        self.link_commands = {}

    def configure(self):
        subprocess.run(["cmake", "-S", TREE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DFLIKVAKT_UNITY=OFF",
                        "--log-level=WARNING"], check=True, stdout=subprocess.DEVNULL)
        for entry in json.loads((BUILD / "compile_commands.json").read_text()):
            if pathlib.Path(entry["file"]).is_relative_to(TREE):  # not what cmake makes for precompiled headers
                name = str(pathlib.Path(entry["file"]).relative_to(TREE))
                self.compile_commands.setdefault(name, shlex.split(entry["command"]))

    def times(self, program, gtest_filter):
        """Of each test of a program that was built and passed clean."""
        with self.lock:
            if (program, gtest_filter) not in self.took:
                self.took[program, gtest_filter] = self.build_and_time(program, gtest_filter)
            return self.took[program, gtest_filter]

    def build_and_time(self, program, gtest_filter):
        started = time.monotonic()
        subprocess.run(["ninja", "-C", BUILD, "-j", str(os.cpu_count()), program], check=True, stdout=subprocess.DEVNULL)
        told = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", program], check=True, capture_output=True, text=True).stdout
        self.link_commands[program] = shlex.split(told.strip().splitlines()[-1].removeprefix(": && ").removesuffix(" && :"))
        built = time.monotonic() - started
        killer, output = run_tests(BUILD / "tests" / program, gtest_filter, {}, WORK / "clean")
        if killer:
            raise SystemExit(f"{program} does not pass without a mutant: {killer}\n{output[-4000:]}")
        print(f"{program}: built in {built:.0f} s, passed clean in {time.monotonic() - started - built:.0f} s", flush=True)
        return times_of(output)

    def compile(self, mutant, text, folder):
        """The objects that stand in for the original ones; none when it does not compile."""
        header = mutant.file.endswith(".h")
        bent = folder / mutant.file
        bent.parent.mkdir(parents=True, exist_ok=True)
        bent.write_text(mutant.applied_to(text), encoding="utf-8")
        if not header:
            return self.compile_all([(self.compile_commands[mutant.file], mutant.file, bent)], folder)
        module = mutant.file.split("/")[0]
        inline = folder / "inline.cpp"
        inline.write_text(f'#include "{mutant.file}"\n', encoding="utf-8")
        users = [name for name in self.compile_commands if name.startswith(f"{module}/")
                 and f'#include "{mutant.file}"' in (TREE / name).read_text(encoding="utf-8")]
        some = next(command for name, command in self.compile_commands.items() if name.startswith(f"{module}/"))
        return self.compile_all([(self.with_header(some) + ["-fkeep-inline-functions"], "inline.cpp", inline)] +
                                [(self.with_header(self.compile_commands[name]), name, TREE / name) for name in users], folder)

    @staticmethod
    def with_header(command):
        """Without the precompiled header, in which the original one is."""
        at = command.index("-include") if "-include" in command else len(command)
        return command[:at] + command[at + 2:]

    @staticmethod
    def compile_all(jobs, folder):
        objects = []
        for command, name, source in jobs:
            target = folder / (name.replace("/", "_") + ".o")
            command = list(command)
            command[command.index("-o") + 1] = str(target)
            command[command.index("-c") + 1] = str(source)
            at = next(at for at, word in enumerate(command) if word.startswith("-I"))
            command.insert(at, f"-I{folder}")
            if subprocess.run(command, cwd=BUILD, capture_output=True, check=False).returncode:
                return []
            objects.append(str(target))
        return objects

    def link(self, program, objects, folder):
        command = list(self.link_commands[program])
        command[command.index("-o") + 1] = str(folder / program)
        first = next(at for at, word in enumerate(command) if word.endswith(".o"))
        linked = subprocess.run(command[:first] + objects + command[first:], cwd=BUILD, capture_output=True, text=True, check=False)
        if linked.returncode:
            raise RuntimeError(f"linking a mutant into {program} failed: {linked.stderr[-1000:]}")
        return folder / program


def times_of(output):
    """Milliseconds of each test of a clean run."""
    return {name: int(ms) for name, ms in re.findall(r"^\[       OK \] (\S+?)(?:, where .*)? \((\d+) ms\)$", output, re.M)}


def quick_and_slow(took, gtest_filter):
    """Filters: the quick tests, then the slow ones."""
    slow = sorted((name for name, ms in took.items() if ms >= SLOW_TEST_MS), key=took.get)
    quick = [(gtest_filter or "*") + ("-" + ":".join(slow) if slow else "")] if len(slow) < len(took) else []
    return quick + ([":".join(slow)] if slow else [])


def may_take(took, test):
    """Seconds. Of a test that the clean run does not know: a part of a program that did not begin."""
    return LEAST_SECONDS + 3 * took.get(test, 0) / 1000


def run_tests(program, gtest_filter, took, folder):
    """(what killed it or "", output). Without times in `took` nothing is stopped for being late."""
    scratch = folder / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    command = [*LIMITS, program, "--gtest_fail_fast", "--gtest_color=no"] + ([f"--gtest_filter={gtest_filter}"] if gtest_filter else [])
    with open(folder / "output", "w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(command, cwd=BUILD, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   start_new_session=True, env={**os.environ, "TMPDIR": str(scratch)})
        code = wait_for(process, folder / "output", took)
        try:
            os.killpg(process.pid, signal.SIGKILL)  # also what a test that crashed has left behind
        except ProcessLookupError:
            pass
        process.wait()
    told = (folder / "output").read_text(encoding="utf-8", errors="replace")
    shutil.rmtree(scratch, ignore_errors=True)
    return killer_of(told, code), told


def wait_for(process, output, took):
    """The exit code; None when one test took too long."""
    running, since = "", time.monotonic()
    while True:
        try:
            return process.wait(0.2)
        except subprocess.TimeoutExpired:
            begun = re.findall(r"^\[ RUN      \] (\S+)", output.read_text(encoding="utf-8", errors="replace"), re.M)
        if begun and begun[-1] != running:
            running, since = begun[-1], time.monotonic()
        if took and time.monotonic() - since > may_take(took, running):
            return None


def killer_of(output, code):
    """The test that failed, "" when all passed; `code` is None after the time was over."""
    failed = re.search(r"^\[  FAILED  \] ([\w/]+\.[\w/]+)", output, re.M)
    if failed:
        return failed.group(1)
    begun = re.findall(r"^\[ RUN      \] (\S+)", output, re.M)
    if code is None:
        return (begun[-1] if begun else "the program") + TIME_OVER
    if code != 0:
        return f"{begun[-1] if begun else 'the program'} (ended with {code})"
    return "" if begun else "no test ran"


# The run.

@dataclass
class Result:
    mutant: mutation_sites.Mutant
    killer: str  # "" when it survived
    seconds: float


def killer_in_time(linked, tests, took, folder):
    """A test that took too long may only have waited for the machine: it is played again, after the clean program has."""
    killer, _ = run_tests(linked, tests, took, folder)
    if not killer.endswith(TIME_OVER) or killer.removesuffix(TIME_OVER) not in took:
        return killer
    late = killer.removesuffix(TIME_OVER)
    started = time.monotonic()
    run_tests(BUILD / "tests" / linked.name, late, {}, folder)
    now = {late: 1000 * (time.monotonic() - started)}
    if run_tests(linked, late, now, folder)[0]:
        return killer
    slower = 2 + now[late] / max(took[late], 1)
    return run_tests(linked, tests, {name: slower * ms for name, ms in took.items()}, folder)[0]


def try_mutant(programs, mutant):
    """Its Result; None when it does not compile."""
    started = time.monotonic()
    folder = WORK / "work" / mutant.hash("")[:16]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        objects = programs.compile(mutant, (TREE / mutant.file).read_text(encoding="utf-8"), folder)
        if not objects:
            return None
        for program, gtest_filter in STAGES[mutant.file.split("/")[0]]:
            took = programs.times(program, gtest_filter)
            linked = programs.link(program, objects, folder)
            for tests in quick_and_slow(took, gtest_filter):
                killer = killer_in_time(linked, tests, took, folder)
                if killer:
                    return Result(mutant, killer, time.monotonic() - started)
            linked.unlink()
        return Result(mutant, "", time.monotonic() - started)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_all(mutants, wanted, jobs, attempt, tell):
    """Takes them in order, several at a time, until as many as wanted compiled. (results, how many did not compile)"""
    results, dropped, waiting, running = [], 0, iter(mutants), set()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        while True:
            while len(running) < jobs and len(results) + len(running) < wanted:
                one = next(waiting, None)
                if one is None:
                    break
                running.add(pool.submit(attempt, one))
            if not running:
                return results, dropped
            done, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for result in (future.result() for future in done):
                if result is None:
                    dropped += 1
                else:
                    results.append(result)
                    tell(result)


def what(mutant):
    """`<= -> <`, and the line when that does not say enough."""
    change = f"`{mutant.old}` -> `{mutant.new}`" if mutant.new else f"`{mutant.old}` dropped"
    return change if len(mutant.old) > 30 else f"{change} in `{mutant.before}`"


def line_of(result, explained):
    mutant = result.mutant
    end = f"by {result.killer}" if result.killer else explained.reason if explained else "NOT EXPLAINED"
    state = "killed  " if result.killer else "survived"
    return f"{state} {mutant.file}:{mutant.line} {mutant.operator}: {what(mutant)}: {end} ({result.seconds:.0f} s, {mutant.id()})"


def summary(results, survivors):
    """(last line, exit code)"""
    survived = [one for one in results if not one.killer]
    reasons = [survivors.get(one.mutant.key()) for one in survived]
    equivalent = sum(1 for reason in reasons if reason and reason.is_equivalent())
    killed, counted = len(results) - len(survived), len(results) - equivalent
    share = killed / counted if counted else 0.0
    line = f"counts: {len(results)} mutants, {killed} killed ({100 * share:.1f} %), {len(survived)} survived, explained {len(reasons) - reasons.count(None)}"
    if equivalent:
        line += f", of them {equivalent} equivalent and not counted"
    return line, 0 if counted and share >= LEAST_KILLED and None not in reasons else 1


def entry_for(mutant):
    """What to add to survivors.toml, when there is a reason."""
    quoted = [("'''" + value + "'''") if "'" in value else f"'{value}'" for value in mutant.key()]
    return "\n".join(["[[survivor]]", *(f"{name} = {value}" for name, value in zip(("file", "operator", "before", "after"), quoted)),
                      'reason = ""', ""])


def parse(argv):
    parser = argparse.ArgumentParser(prog="./dev test --mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every mutant there is: many hours")
    parser.add_argument("--only", metavar="FILE", help="the mutants of one file, or the one of this id")
    parser.add_argument("--seed", type=int, default=1, help="which are drawn (1)")
    parser.add_argument("--count", type=int, help="how many (80; with --only all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="at a time (as many as there are processors)")
    parser.add_argument("--list", action="store_true", help="only say which they are")
    arguments = parser.parse_args(argv)
    if arguments.count is not None and arguments.count < 1 or arguments.jobs < 1:
        parser.error("--count and --jobs: at least 1")
    return arguments


def main(argv):
    arguments = parse(argv)
    everything = [one for name in sources() for one in mutants_of(name)]
    survivors = read_survivors(SURVIVORS.read_text(encoding="utf-8"))
    mutants, wanted = chosen(arguments, everything)
    if not mutants:
        print(f"no mutant of `{arguments.only}`; files are: {', '.join(sources())}")
        return 2
    if arguments.list:
        for one in mutants[:wanted]:
            print(f"{one.file}:{one.line} {one.operator}: {what(one)} ({one.id()})")
        return 0
    started = time.monotonic()
    TREE.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(WORK / "work", ignore_errors=True)
    copy_tree()
    programs = Programs()
    programs.configure()
    for module in sorted({one.file.split("/")[0] for one in mutants[:wanted]}):
        programs.times(*STAGES[module][0])  # a clean run comes first
    results, dropped = run_all(mutants, wanted, arguments.jobs, lambda one: try_mutant(programs, one),
                               lambda result: print(line_of(result, survivors.get(result.mutant.key())), flush=True))
    for key in set(survivors) - {one.key() for one in everything}:
        print(f"stale in {SURVIVORS.name}: no such mutant: {' | '.join(key)}")
    for one in results:
        if one.killer and one.mutant.key() in survivors:
            print(f"out of date in {SURVIVORS.name}: killed by {one.killer}: {' | '.join(one.mutant.key())}")
        if not one.killer and one.mutant.key() not in survivors:
            print(f"\nto explain, or better to kill with a test:\n{entry_for(one.mutant)}")
    print(f"{dropped} more did not compile; {time.monotonic() - started:.0f} s")
    line, exit_code = summary(results, survivors)
    print(line, flush=True)
    return exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
