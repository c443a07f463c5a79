#!/usr/bin/python3
"""Has spin look at every order of the steps of commit_protocol.pml, and says what it found.

    tests/model/pan.py                          every state, within the model's own bounds
    tests/model/pan.py -DCRASHES=0 -DREADINGS=3 other bounds
    tests/model/pan.py -DBUG_NO_UNDO -DONLY=3   a broken step: the way to the violation is printed
    tests/model/pan.py --claim I5 -DNO_ABORTS   the claim about time, under weak fairness
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

MODEL = pathlib.Path(__file__).resolve().parent / "commit_protocol.pml"
DEPTH, HASH_BITS, MEGABYTES, SECONDS = 100_000, 22, 4000, 600
INVARIANT = re.compile(r"\b(I\d)_")


@dataclass
class Found:
    said: str
    states: int = 0
    transitions: int = 0
    megabytes: float = 0
    seconds: float = 0
    violated: str = ""  # the invariant, or what else pan complained about
    trail: str = ""     # the steps that lead there
    unreached: collections.Counter = field(default_factory=collections.Counter)   # (line, statement): in how many places
    statements: collections.Counter = field(default_factory=collections.Counter)  # the same of all that the model has
    problems: list = field(default_factory=list)   # why it did not look at everything

    def line(self):
        return f"{self.states:,} states, {self.transitions:,} transitions, {self.megabytes:.0f} MB, {self.seconds:.1f} s"


def read(said):
    """What pan printed, as Found."""
    found = Found(said)
    for name, pattern in (("states", r"([\d.e+]+) states, stored"), ("transitions", r"([\d.e+]+) transitions"),
                          ("megabytes", r"([\d.]+)\s+total actual memory"), ("seconds", r"elapsed time ([\d.e+-]+) s")):
        match = re.search(pattern, said)
        if match:
            setattr(found, name, type(getattr(found, name))(float(match.group(1))))
        else:
            found.problems.append(f"it does not say its {name}")
    complaint = re.search(r"^pan:\d+: (.*)", said, re.M)
    if complaint:
        named = INVARIANT.search(complaint.group(1))
        found.violated = named.group(1) if named else complaint.group(1)
    errors = re.search(r"errors: (\d+)", said)
    if not errors or int(errors.group(1)) != (1 if complaint else 0):
        found.problems.append("it does not say how many errors there are, or other than it named")
    for words in ("max search depth too small", "out of memory", "reached -DMEMLIM", "aborting", "hash-compact", "bit-state", "Bit statespace"):
        if words in said:
            found.problems.append(words)
    if "Search not completed" in said and not complaint:
        found.problems.append("the search was not completed")
    if not re.search(r"^Full statespace search", said, re.M):
        found.problems.append("not a full search")
    found.unreached.update((int(line), text) for line, text in re.findall(r"\.pml:(\d+), state \d+, \"(.*)\"", said))
    return found


def run(*macros, claim=None, depth=DEPTH, optimise="-O2", megabytes=MEGABYTES, source=None):
    """`macros`: words for spin, as -DCRASHES=1. `source`: another model's text."""
    with tempfile.TemporaryDirectory(prefix="flikvakt-model-") as folder:
        (pathlib.Path(folder) / MODEL.name).write_text(source or MODEL.read_text(encoding="utf-8"), encoding="utf-8")

        def call(*words):
            return subprocess.run(words, cwd=folder, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False)
        made = call("spin", *macros, "-o3", "-a",  # -o3: statements are not merged, so that each is known to be reached or not
                    MODEL.name)
        if made.returncode != 0 or "error:" in made.stdout + made.stderr:
            raise RuntimeError(f"spin: {made.stdout}{made.stderr}")
        how = ["-DNFAIR=3"] if claim else ["-DSAFETY", "-DNOCLAIM"]
        made = call("gcc", optimise, "-w", *how, f"-DMEMLIM={megabytes}", "-o", "pan", "pan.c")
        if made.returncode != 0:
            raise RuntimeError(f"gcc: {made.stderr}")
        what = ["-a", "-f"] if claim else []
        ran = call("./pan", f"-m{depth}", f"-w{HASH_BITS}", *what)
        found = read(ran.stdout + ran.stderr)
        table = re.findall(r"\.pml:(\d+) => (.*)$", call("./pan", "-d").stdout, re.M)
        found.statements.update((int(line), text) for line, text in table)
        if claim and not re.search(rf"never claim\s+\+ \({claim}\)", found.said):
            found.problems.append(f"the claim {claim} was not looked at")
        if found.violated:
            found.trail = call("spin", *macros, "-t", "-p", "-g", MODEL.name).stdout
            found.violated = claim if claim and "acceptance cycle" in found.violated else found.violated
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-D", dest="macros", action="append", default=[], metavar="NAME[=VALUE]")
    parser.add_argument("--claim", choices=["I5"])
    given = parser.parse_args()
    found = run(*(f"-D{one}" for one in given.macros), claim=given.claim)
    print(found.trail + found.line())
    for problem in found.problems:
        print(f"not everything was looked at: {problem}")
    print(f"violated: {found.violated}" if found.violated else "nothing is violated")
    return 1 if found.violated or found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
