#!/usr/bin/python3
"""Fault points: each kind of act x each call that changes a file x each fault, against the real program.

    tests/faults/points.py                        all of them
    tests/faults/points.py --only revoke:7:stall  one, as a violation names it
    tests/faults/points.py --sample 120 --seed 4  some, drawn by a seed

The checker knows what clients were told and what bytes they received, what `flikvakt log verify` says, and what the gateway serves after it
was started again. FLIKVAKT_BUILD names the built tree.
"""
import argparse
import collections
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
from world import ALLOWED, TAKEN_BACK, World

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
ENDS = {0, -signal.SIGKILL, 3}  # done, killed, or stopped at once because nobody knows what reached the disk
NO_ANSWER = (OSError, subprocess.TimeoutExpired, clients.SSL.Error)


class Violation(AssertionError):
    pass


def must(holds, what):
    if not holds:
        raise Violation(what)


class Point:
    """One kind of act, one call of it, one fault."""

    def __init__(self, kind, call, fault, seed):
        self.kind, self.call, self.fault, self.seed = kind, call, fault, seed
        self.name = f"{kind}:{call}:{fault}"


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
        world.received, world.received_bytes = [], 0
        self.disk.whole()
        world.gateway.environment = self.disk.environment()
        world.gateway.must_start()
        trial = kinds.KINDS[kind](world)
        world.saved = world.cast.anyone.checkpoint() if world.gateway.process else None
        return trial

    def send(self, trial):
        """True, False, or None when nothing is known."""
        try:
            return trial.send()
        except NO_ANSWER:
            return None

    def play(self, point):
        fault, loss, more = FAULTS[point.fault]
        trial = self.begin(point.kind)
        self.disk.arm(point.call, fault, loss, seed=point.seed, **more)
        told = self.stalled(trial) if fault == disk.STALL else self.send(trial)
        happened = bool(self.disk.now.fired)
        self.counts["fired" if happened else "did not happen"] += 1
        self.counts[{True: "acknowledged", False: "refused", None: "no answer"}[told]] += 1
        self.after(trial, told)
        return happened

    def stalled(self, trial):
        """While the call hangs nothing is acknowledged and no byte comes; then it goes on."""
        told = []
        sender = threading.Thread(target=lambda: told.append(self.send(trial)))
        sender.start()
        end = time.monotonic() + 5
        while not self.disk.now.fired and sender.is_alive() and time.monotonic() < end:
            time.sleep(0.002)
        if self.disk.now.fired:
            time.sleep(0.1)
            self.counts["answered while a call hung"] += not sender.is_alive()
        self.disk.now.release = 1
        sender.join(60)
        must(told, "no end after a stall")
        return told[0]

    def after(self, trial, told):
        """What was acknowledged is in force: while the process goes on, and after it was started on a whole disk."""
        world, gateway = self.world, self.world.gateway
        self.let_end(told)
        self.disk.whole()
        world.end()
        gateway.environment = {}
        code = trial.start() if trial.start else gateway.start()
        must(code is None, f"it does not start again: exit code {code}: {gateway.said()}")
        self.check(trial, told)
        if trial.again and told is not True:
            must(trial.send() is True, "sent again, it is not acknowledged")
            must(trial.holds(), "sent again and acknowledged, it is not in force")
        world.end()
        self.verify()

    def let_end(self, told):
        """A process that stopped by itself says 3; one that goes on is killed with what it has not synced."""
        process = self.world.gateway.process
        if process is None:
            return
        try:
            code = process.wait(timeout=2 if told is None else 0.05)
        except subprocess.TimeoutExpired:
            self.disk.now.fired, self.disk.now.die = 1, 1
            process.send_signal(signal.SIGTERM)  # the next call kills it
            code = process.wait(timeout=30)
        must(code in ENDS, f"the program ended with {code}: {self.world.gateway.said()}")
        self.counts[f"ended with {code}"] += 1
        self.world.gateway.process = None

    def check(self, trial, told):
        world = self.world
        if told is True:
            must(trial.holds(), "it was acknowledged and is not in force")
        for name, reading in TAKEN_BACK.items():
            must(not world.opens(*reading), f"{name}: it was taken back before and is open again")
        for name in ALLOWED.keys() - trial.changes:
            must(world.opens(*ALLOWED[name]), f"{name}: it was given before and is refused")
        logged = {one.get("subject") for one in world.cast.milo.log()}
        must(set(world.received) <= logged, "bytes were received of a reading that has no entry")

    def verify(self):
        words = ("--saved", self.world.gateway.write("saved", self.world.saved)) if self.world.saved else ()
        code, said = self.world.verify(*words)
        must(code == 0, f"log verify: {code}: {said}")


def points_of(kind, calls, seed):
    """Every fault that fits the call. Of acts with very many calls of one sort every few calls are taken."""
    every = 1 + len(calls) // 100
    for number, (call, _) in list(enumerate(calls, 1))[seed % every::every]:
        for fault, (what, _, _) in FAULTS.items():
            if what == disk.SHORT and call not in disk.BYTE_CALLS:
                continue
            yield Point(kind, number, fault, seed * 1_000_003 + number)


def enumerate_points(bench, names, seed):
    out = []
    for kind in names:
        calls = bench.calls(kind)
        must(calls, f"{kind}: no call that changes a file was seen")
        found = list(points_of(kind, calls, seed))
        print(f"{kind}: {len(calls)} calls, {len(found)} points", flush=True)
        out += found
    return out


def play_all(bench, points, seconds=None):
    """(played, violations). Ends early after `seconds`."""
    end, violations, happened, started = time.monotonic() + seconds if seconds else None, [], set(), time.monotonic()
    for i, point in enumerate(points):
        if end and time.monotonic() > end:
            break
        try:
            if bench.play(point):
                happened.add(point.name)
        except Exception as error:  # whatever it is, it is about this point; the others are played too
            violations.append(point.name)
            print(f"VIOLATION {point.name} (seed {point.seed}): {type(error).__name__}: {error}", flush=True)
            bench.world.end()
        if i % 200 == 199:
            print(f"{i + 1} of {len(points)} points, {len(happened)} happened, {len(violations)} violations,"
                  f" {time.monotonic() - started:.0f} s", flush=True)
    return happened, violations


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="kind[:call[:fault]]")
    parser.add_argument("--sample", type=int, help="so many points, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="end after so many")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="flikvakt-faults-") as folder:
        bench = Bench(os.path.join(folder, "world"))
        kind, call, fault = ((given.only or "") + "::").split(":")[:3]
        points = enumerate_points(bench, [kind] if kind else list(kinds.KINDS), given.seed)
        points = [one for one in points if call in ("", str(one.call)) and fault in ("", one.fault)]
        if given.sample:
            points = random.Random(given.seed).sample(points, min(given.sample, len(points)))
        happened, violations = play_all(bench, points, given.seconds)
        bench.world.end()
        print(f"{len(happened)} distinct points happened, {len(violations)} violations; "
              + ", ".join(f"{number} {what}" for what, number in sorted(bench.counts.items())))
        return 1 if violations or not happened else 0


if __name__ == "__main__":
    sys.exit(main())
