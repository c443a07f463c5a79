"""The notice hook on a disk that fails and a gateway that is killed: whoever should hear of something is told at least once, of nothing
else, and by one id (SPEC HOOK-6, HOOK-11). The hook's program dies too, now and then, with a line that it has not acknowledged."""
import errno
import hashlib
import json
import os
import pathlib
import random
import stat
import tempfile
import time
import unittest

import disk
from world import PROGRAM, World

import cast
import clients
import wire

ROUNDS = 60 if os.environ.get("FLIKVAKT_LONG") == "1" else 8
SEED = int(os.environ.get("FLIKVAKT_SEED") or 1)
TOLD_AS = {"open_reading": "reading", "request_access": "request", "propose_key": "key_proposed"}  # spec/notice-hook.md
FAULTS = [(disk.KILL_BEFORE, {}), (disk.KILL_AFTER, {}), (disk.ERROR, {"number": errno.EIO}), (disk.ERROR, {"number": errno.ENOSPC, "sticky": True}),
          (disk.NONE, {})]
HOOK = """#!/usr/bin/python3 -S
import json, os, sys
out = os.open({told!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
for number, line in enumerate(sys.stdin):
    if number % 7 == 6:
        os._exit(1)
    os.write(out, line.encode())
    os.fsync(out)
    print(json.loads(line)["id"], flush=True)
"""


def id_of(origin, entry):
    return hashlib.sha256(f"{origin}\n{entry}".encode()).hexdigest()[:32]


def contradictions(origin, logs, lines, first):
    """`logs`: each person's entries by number; `lines`: what the hook was given, from entry `first` on."""
    expected = {id_of(origin, one["entry"]): (TOLD_AS[one["kind"]], number) for number, entries in logs.items() for one in entries
                if one["entry"] >= first and one["outcome"] == "permitted" and one["kind"] in TOLD_AS}
    told = {}
    for line in lines:
        told.setdefault(line["id"], set()).add((line["kind"], line["number"]))
    return ([f"not told: {expected[id]}" for id in expected if id not in told]
            + [f"told of what is not in the log: {told[id]}" for id in told if id not in expected]
            + [f"told otherwise: {told[id]}" for id in told if id in expected and told[id] != {expected[id]}])


class Hooked:
    """A standing world with the hook on; what it is given stays in a file."""

    def __init__(self, folder):
        self.world = World(folder / "world")
        gateway = self.world.gateway
        self.told, program = folder / "told", folder / "hook"
        program.write_text(HOOK.format(told=str(self.told)), encoding="utf-8")
        program.chmod(stat.S_IRWXU)
        with (gateway.folder / "flikvakt.toml").open("a", encoding="utf-8") as config:
            config.write(f'notice_hook = ["{program}"]\nnotice_quiet_minutes = 0\n')
        self.disk = disk.Disk(folder / "page", gateway.data)
        self.draw = random.Random(SEED)

    def lines(self):
        text = self.told.read_text(encoding="utf-8") if self.told.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def restart(self):
        self.world.end()
        self.disk.whole()
        self.world.gateway.environment = self.disk.environment()
        self.world.gateway.must_start()

    def acts(self):
        """As far as the gateway lives; what was answered does not matter here: the log says what happened."""
        people, world = self.world.cast, self.world
        for _ in range(self.draw.randint(3, 8)):
            what = self.draw.randrange(4)
            try:
                if what < 2:
                    world.read(*self.draw.choice([("jorun", "journal", "konsultation"), ("elin", "plan", "insats"), ("jorun", "meriter", "rehab"),
                                                  ("ivo", "plan", "rehab")]))
                elif what == 2:
                    terms = {"recipient": cast.recipient("organisation", people.id("forsakringskassan"))[0], "disclosers": [people.id("region")],
                             "flikar": ["journal"], "purpose": "bedomning", "rights": ["read"], **{"valid_to": cast.period(30)["valid_to"]},
                             "message": "Vi behöver det."}
                    people.lee.try_act({"kind": "request_access", "id": wire.new_id(), "person": people.lee.handle(people.robin.number), "terms": terms})
                else:
                    key = wire.Key()
                    people.ivo.try_act({"kind": "propose_key", "person": people.ivo.handle(people.robin.number), "jwk": key.jwk,
                                        "thumbprint": key.thumbprint})
            except (OSError, clients.Refused, clients.SSL.Error):
                return

    def round(self):
        fault, more = self.draw.choice(FAULTS)
        loss = self.draw.choice([disk.KEEP_ALL, disk.LOSE_UNSYNCED, disk.LOSE_SOME])
        self.disk.arm(self.draw.randint(1, 60), fault, loss, seed=self.draw.randrange(1 << 30), **more)
        self.acts()
        time.sleep(self.draw.uniform(0, 0.3))  # so that the cursor is written in some rounds
        process = self.world.gateway.process
        self.disk.now.fired = self.disk.now.die = self.disk.now.release = 1
        if process.poll() is None:
            process.kill()
        process.wait(timeout=30)
        self.world.gateway.process = None
        self.restart()

    def until_told(self, seconds=90):
        gateway, end = self.world.gateway, time.monotonic() + seconds
        while (status := gateway.must("status", "--data", gateway.data, sealed=False))["notice_hook"]["behind"]:
            assert time.monotonic() < end, f"the hook stays behind: {status['notice_hook']}"
            time.sleep(0.1)


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class NoticesUnderFaults(unittest.TestCase):
    def test_nobody_is_forgotten_and_nothing_is_made_up(self):
        """SPEC HOOK-3, HOOK-6, HOOK-7, HOOK-11"""
        with tempfile.TemporaryDirectory(prefix="flikvakt-hook-") as name:
            hooked = Hooked(pathlib.Path(name))
            world = hooked.world
            first = world.log_size()
            hooked.restart()
            self.addCleanup(world.end)
            hooked.until_told()  # the cursor stands
            for _ in range(ROUNDS):
                hooked.round()
            hooked.until_told()
            logs = {person.number: person.log() for person in (world.cast.milo, world.cast.robin)}
            lines = hooked.lines()
            print(f"seed {SEED}: {ROUNDS} rounds, {len(lines)} lines, {len({line['id'] for line in lines})} notices")
            self.assertEqual(contradictions(world.gateway.origin, logs, lines, first), [])
            self.assertEqual({line["kind"] for line in lines}, set(TOLD_AS.values()))
            world.end()
            self.assertEqual(world.verify()[0], 0)


class TheCheckerCanFail(unittest.TestCase):
    def test_what_is_missing_made_up_or_otherwise_is_found(self):
        logs = {"191212121212": [{"entry": 7, "kind": "open_reading", "outcome": "permitted"}, {"entry": 8, "kind": "open_reading", "outcome": "refused"},
                                 {"entry": 2, "kind": "open_reading", "outcome": "permitted"}]}
        line = {"id": id_of("log", 7), "kind": "reading", "number": "191212121212"}
        self.assertEqual(contradictions("log", logs, [line, line], 5), [])
        self.assertIn("not told", contradictions("log", logs, [], 5)[0])
        self.assertIn("not in the log", contradictions("log", logs, [line, {**line, "id": id_of("log", 8)}], 5)[0])
        self.assertIn("otherwise", contradictions("log", logs, [{**line, "kind": "request"}], 5)[0])
        self.assertIn("otherwise", contradictions("log", logs, [line, {**line, "number": "191212121213"}], 5)[0])


if __name__ == "__main__":
    unittest.main()
