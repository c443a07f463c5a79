#!/usr/bin/python3
"""Fault points: each kind of act x each call that changes a file x each fault, against the real program.

    tests/faults/points.py                        all of them
    tests/faults/points.py --seed 4 --only 'revoke:7:stall'  one, as a violation names it
    tests/faults/points.py --sample 120 --seed 4  some, drawn by a seed

The numbers of calls are of one run: timers of the program come between, so what a number hits differs a little from run to run. Play a
point several times before you say that it is well.

The checker knows what clients were told and what bytes they received, what `flikvakt log verify` says, and what the gateway serves after it
was started again. FLIKVAKT_BUILD names the built tree.
"""
import argparse
import collections
import contextlib
import errno
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

import disk
import kinds
import promised
from world import ALLOWED, TAKEN_BACK, World, must, must_be_built, wrong

import clients

FAULTS = {  # name: fault, what is lost when the process ends, more
    "kill before, pages kept": (disk.KILL_BEFORE, disk.KEEP_ALL, {}),
    "kill before, unsynced lost": (disk.KILL_BEFORE, disk.LOSE_UNSYNCED, {}),
    "kill after, some lost": (disk.KILL_AFTER, disk.LOSE_SOME, {}),
    "EIO": (disk.ERROR, disk.LOSE_UNSYNCED, {"number": errno.EIO}),
    "EIO from now on": (disk.ERROR, disk.LOSE_SOME, {"number": errno.EIO, "sticky": True}),
    "ENOSPC": (disk.ERROR, disk.LOSE_UNSYNCED, {"number": errno.ENOSPC}),
    "ENOSPC from now on": (disk.ERROR, disk.LOSE_SOME, {"number": errno.ENOSPC, "sticky": True}),
    "short write": (disk.SHORT, disk.LOSE_UNSYNCED, {}),
    "stall": (disk.STALL, disk.LOSE_UNSYNCED, {}),
}
NO_ANSWER = (OSError, clients.SSL.Error)  # a program that does not come to its end is no answer, but a violation


class Point:
    """One kind of act, one call of it, one fault. `seed`: the run's."""

    def __init__(self, kind, call, fault, seed, what=("", "")):
        self.kind, self.call, self.fault, self.seed, self.what = kind, call, fault, seed, what
        self.name = f"{kind}:{call}:{fault}"

    @property
    def own_seed(self):
        return self.seed * 1_000_003 + self.call

    def violated(self, error, hit):
        """What happened, and the words that play it again."""
        return (f"VIOLATION {self.name} ({' '.join(hit or self.what)}): {type(error).__name__}: {error}\n"
                f"    again: points.py --seed {self.seed} --only '{self.name}'")


class Bench:
    """One world with a failing disk below it."""

    def __init__(self, folder):
        self.world = World(folder)
        self.disk = disk.Disk(self.world.folder / "page", self.world.gateway.data)
        self.counts = collections.Counter()

    def calls(self, kind):
        """(call, path) of each call that changes a file while this act is carried out; none fails."""
        trial = self.begin(kind)
        first = self.disk.now.events
        self.disk.arm()
        told = self.send(trial)
        must(told is True, f"{kind}: without a fault it is not acknowledged: {told}")
        time.sleep(0.05)  # the closing entry of a reading comes after its last byte
        self.disk.now.armed = 0
        out = self.disk.counted(first)
        self.world.end()
        return out

    def begin(self, kind):
        world = self.world
        world.restore()
        world.received, world.entries, world.ended, world.saved, world.was_full = [], [], None, [], False
        self.disk.whole()
        self.point, self.hit = None, None
        world.gateway.environment = self.disk.environment()
        world.gateway.must_start()
        trial = kinds.KINDS[kind](world)
        if world.gateway.process:
            self.save_checkpoint()
        return trial

    def save_checkpoint(self):
        """What the log after the restart must extend. Once more after the answer: the act's own entry is below it."""
        with contextlib.suppress(*NO_ANSWER):
            answer = self.world.cast.anyone.ask("GET", "/v1/log/checkpoint")
            must(answer.status == 200, f"the checkpoint: {answer.status_line}")
            self.world.saved.append(answer.body.decode("utf-8"))

    def send(self, trial):
        """True, False, or None when nothing is known."""
        told = None
        try:
            told = trial.send()
        except NO_ANSWER:
            pass
        self.answered = time.monotonic_ns()
        if told and self.world.gateway.process:
            self.save_checkpoint()
        return told

    def play(self, point):
        fault, loss, more = FAULTS[point.fault]
        trial, first = self.begin(point.kind), self.disk.now.events
        self.point, self.first, self.is_command = point, first, trial.is_command
        narrows, self.world.was_full = trial.direction == kinds.NARROWS, more.get("number") == errno.ENOSPC
        self.disk.arm(point.call, fault, loss, seed=point.own_seed, **more)
        told = self.stalled(trial, first, narrows) if fault == disk.STALL else self.send(trial)
        self.counts[{True: "acknowledged", False: "refused", None: "no answer"}[told]] += 1
        hit = self.call_that_failed()
        if promised.must_be_taken_back(narrows, fault, more.get("number"), more.get("sticky", False), hit):
            self.counts["taken back on a full disk"] += 1
            must(told is True, f"what narrows was not acknowledged on a full disk: {told}")
        must(not (told and promised.must_be_refused(narrows, fault, hit)), f"it was acknowledged though {hit} failed")
        self.after(trial, told)
        self.counts["fired" if self.hit else "did not happen"] += 1
        return bool(self.hit)

    def call_that_failed(self):
        """(call, path), or None: it has not come to that. One that hung is traced as it hung, then as it went on."""
        seen = self.disk.events(self.first) if self.point else []
        seen = [(one.call.decode(), one.path.decode()) for one in seen if one.counted == self.point.call]
        return seen[-1] if seen else None

    def promised(self, hit):
        """How the gateway may end."""
        if self.point is None or (hit and self.is_command and hit[1] not in promised.DATABASE):
            return {promised.GOES_ON}  # the call was a command's
        fault, _, more = FAULTS[self.point.fault]
        return promised.ends(fault, more.get("number"), more.get("sticky", False), hit)

    def stalled(self, trial, first, narrows):
        """While the call hangs nothing is acknowledged that it belongs to; then it goes on."""
        told = []
        sender = threading.Thread(target=lambda: told.append(self.send(trial)))
        sender.start()
        end = time.monotonic() + 5
        while not self.disk.now.fired and sender.is_alive() and time.monotonic() < end:
            time.sleep(0.002)
        if self.disk.now.fired:
            time.sleep(0.1)
        released, self.disk.now.release = time.monotonic_ns(), 1
        sender.join(60)
        must(told, "no end after a stall")
        if promised.judge_stall(self.disk.events(first), narrows, told[0], self.answered, released):
            self.counts["answers that had to wait for a call that hung"] += 1
        return told[0]

    def after(self, trial, told):
        """What was acknowledged is in force: while the process goes on, and after it was started on a whole disk."""
        world, gateway = self.world, self.world.gateway
        self.let_end(trial, told)
        self.disk.whole()
        world.end()
        gateway.environment = {}
        code = trial.start() if trial.start else gateway.start()
        must(code is None, f"it does not start again: exit code {code}: {gateway.said()}")
        self.check(trial, told)
        if told is False and trial.direction == kinds.WIDENS:
            must(not trial.holds(), "it was refused and is in force")
        if trial.again and told is not True:
            must(trial.send() is True, "sent again, it is not acknowledged")
            must(trial.holds(), "sent again and acknowledged, it is not in force")
        world.end()
        self.verify()

    def let_end(self, trial, told):
        """A process that must stop by itself is waited for; one that goes on is killed with what it has not synced."""
        process, now = self.world.gateway.process, self.disk.now
        self.hit = self.call_that_failed()
        if process is None:
            if self.world.ended is not None:
                self.ended(self.world.ended, promised.ends_of_its_own(self.promised(self.hit), trial.ends_with))
            return
        code = ended_within(process, 2 if told is None else 0.05)
        self.hit = self.call_that_failed()  # it may have come to that only now
        if code is None and promised.GOES_ON not in self.promised(self.hit):
            code = ended_within(process, 60)
            must(code is not None, f"it goes on after {self.hit} failed")
        if code is None:
            now.fired, now.die = 1, 1
            process.send_signal(signal.SIGTERM)  # the next call kills it
            self.ended(process.wait(timeout=60), {promised.KILLED, *self.promised(self.call_that_failed())})
        else:
            self.ended(code, self.promised(self.call_that_failed()))
        self.world.gateway.process = None

    def ended(self, code, allowed):
        must(code in allowed, f"the program ended with {code}: {self.world.gateway.said()}")
        self.counts[f"ended with {code}"] += 1

    def check(self, trial, told):
        world = self.world
        if told is True:
            must(trial.holds(), "it was acknowledged and is not in force")
        for name, reading in TAKEN_BACK.items():
            must(not world.opens(*reading), f"{name}: it was taken back before and is open again")
        for name in ALLOWED.keys() - trial.changes:
            must(world.opens(*ALLOWED[name]), f"{name}: it was given before and is refused")
        logged = {one["subject"] for one in world.cast.milo.log() if one.get("subject")}
        must(None not in world.received, "bytes were received of a reading without a name")
        must(set(world.received) <= logged, "bytes were received of a reading that has no entry")

    def verify(self):
        """The log is whole, extends each checkpoint that was saved, and has each entry that an answer named."""
        for saved in dict.fromkeys(self.world.saved):
            code, said = self.world.verify("--saved", self.world.gateway.write("saved", saved))
            must(code == 0, f"log verify: {code}: {said}")
        size = self.world.log_size()
        must(size > max(self.world.entries, default=0), f"entry {self.world.entries} was named, the log ends at {size}")


def ended_within(process, seconds):
    """The exit code, or None."""
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None


def points_of(kind, calls, seed, only=None):
    """Every fault that fits the call. Of acts with very many calls of one sort every few calls are taken, unless one is asked for."""
    every = 1 + len(calls) // 100
    numbered = list(enumerate(calls, 1))[seed % every::every]
    if only is not None:  # another run may have had some more
        numbered = [(only, calls[only - 1] if only <= len(calls) else ("", ""))]
    for number, what in numbered:
        for fault, (sort, _, _) in FAULTS.items():
            if sort == disk.SHORT and what[0] not in ("", *disk.BYTE_CALLS):
                continue
            yield Point(kind, number, fault, seed, what)


def enumerate_points(bench, names, seed, only=None):
    out = []
    for kind in names:
        calls = bench.calls(kind)
        must(calls, f"{kind}: no call that changes a file was seen")
        if only is not None and only > 2 * len(calls):
            wrong(f"{kind} has {len(calls)} calls in this run, not {only}")
        found = list(points_of(kind, calls, seed, only))
        print(f"{kind}: {len(calls)} calls, {len(found)} points", flush=True)
        out += found
    return out


def play_all(bench, points, seconds=None):
    """(names that happened, names that were violated). Ends early after `seconds`."""
    end, violations, happened, started = time.monotonic() + seconds if seconds else None, [], set(), time.monotonic()
    for i, point in enumerate(points):
        if end and time.monotonic() > end:
            break
        try:
            if bench.play(point):
                happened.add(point.name)
        except Exception as error:  # whatever it is, it is about this point; the others are played too
            violations.append(point.name)
            print(point.violated(error, bench.hit), flush=True)
            bench.world.end()
        if i % 200 == 199:
            print(f"{i + 1} of {len(points)} points, {len(happened)} happened, {len(violations)} violations,"
                  f" {time.monotonic() - started:.0f} s", flush=True)
    return happened, violations


def chosen(only):
    """(kinds, number of a call or None, fault or ""), of `kind[:call[:fault]]`."""
    kind, call, fault = ((only or "") + "::").split(":")[:3]
    if kind and kind not in kinds.KINDS:
        wrong(f"--only: there is no kind `{kind}`; there are: {', '.join(kinds.KINDS)}")
    if call and not (call.isdigit() and int(call)):
        wrong(f"--only: expected the number of a call instead of `{call}`")
    if fault and fault not in FAULTS:
        wrong(f"--only: there is no fault `{fault}`; there are: {', '.join(FAULTS)}")
    return [kind] if kind else list(kinds.KINDS), int(call) if call else None, fault


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="KIND[:CALL[:FAULT]]", help="as a violation names it")
    parser.add_argument("--sample", type=int, help="so many points, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="end after so many")
    given = parser.parse_args()
    names, call, fault = chosen(given.only)
    must_be_built()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="flikvakt-faults-") as folder:
        bench = Bench(os.path.join(folder, "world"))
        points = [one for one in enumerate_points(bench, names, given.seed, call) if fault in ("", one.fault)]
        if not points:
            wrong(f"--only: `{fault}` does not fit call {call}")
        if given.sample:
            points = random.Random(given.seed).sample(points, min(given.sample, len(points)))
        happened, violations = play_all(bench, points, given.seconds)
        bench.world.end()
        print(f"{len(happened)} distinct points happened, {len(violations)} violations; "
              + ", ".join(f"{number} {what}" for what, number in sorted(bench.counts.items())))
        return 1 if violations or not happened else 0


if __name__ == "__main__":
    sys.exit(main())
