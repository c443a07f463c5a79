"""The real `flikvakt witness` under a crowd of logs' calls and kill -9: whatever it ever cosigned is one history (SPEC
WIT-12). The log and the checker are tlog.py, written from spec/ alone."""
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from dataclasses import dataclass

import tlog
from world import PROGRAM

from witness import Witness

CALLS = 5000 if os.environ.get("FLIKVAKT_LONG") == "1" else 1000
CALLERS = 8
SEED = int(os.environ.get("FLIKVAKT_SEED") or 1)
ORIGIN = "log.example/flikvakt"


@dataclass(frozen=True)
class Cosigned:
    asked: float
    answered: float
    leaves: tuple


class Crowd:
    """Callers that each grow the log their own way from what they believe the witness saw last. Each has sizes of its own,
    and presents none twice, so that no two roots of one size are ever signed and the witness goes on."""

    def __init__(self, witness, log):
        self.witness, self.log = witness, log
        self.lock = threading.Lock()
        self.presented = {0: ()}  # leaves by size
        self.newest = 0
        self.left = CALLS
        self.cosigned, self.statuses = [], {}

    def next_call(self):
        with self.lock:
            self.left -= 1
            return None if self.left < 0 else (self.newest, self.presented[self.newest])

    def run(self, caller):
        draw = random.Random(SEED * 1000 + caller)
        highest = 0
        while (call := self.next_call()) is not None:
            newest, leaves = call
            if draw.random() < 0.1 and newest > 0:  # a rollback: an earlier checkpoint, as from where it began
                size = draw.choice(sorted(self.presented.copy()))
                self.ask(self.log.request(draw.choice([0, newest]), list(self.presented[size])), self.presented[size])
                continue
            size = max(newest, highest) + 1
            size += (caller - size) % CALLERS
            highest = size
            grown = leaves + tuple(tlog.leaf_hash(draw.randbytes(8)) for _ in range(size - newest))
            with self.lock:
                self.presented[size] = grown
            self.ask(self.log.request(newest, list(grown)), grown)

    def ask(self, body, leaves):
        asked = time.monotonic()
        reply = self.witness.ask(body)
        answered = time.monotonic()
        status, text = reply or ("broken", "")
        if reply is None:
            time.sleep(0.02)  # while it starts again
        with self.lock:
            self.left += reply is None  # no call of those that are counted
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 409:
                self.newest = int(text)
            if status != 200:
                return
            self.newest = len(leaves)
            assert tlog.cosigned_at(self.log.text(list(leaves)), text, self.witness.key), "no cosignature of what was asked"
            self.cosigned.append(Cosigned(asked, answered, leaves))


def contradictions(cosigned):
    """What is cosigned must be one history, and no later call may get an earlier one."""
    found = []
    by_size = sorted(cosigned, key=lambda one: len(one.leaves))
    for earlier, later in zip(by_size, by_size[1:]):
        if later.leaves[:len(earlier.leaves)] != earlier.leaves:
            found.append(f"{len(later.leaves)} does not extend {len(earlier.leaves)}")
    most, most_answered = 0, sorted(cosigned, key=lambda one: one.answered)
    at = 0
    for one in sorted(cosigned, key=lambda one: one.asked):
        while at < len(most_answered) and most_answered[at].answered < one.asked:
            most = max(most, len(most_answered[at].leaves))
            at += 1
        if len(one.leaves) < most:
            found.append(f"{len(one.leaves)} was cosigned after {most}")
    return found


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class WitnessUnderKills(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-witness-")
        self.addCleanup(folder.cleanup)
        self.log = tlog.Log(ORIGIN)
        self.witness = Witness(PROGRAM, folder.name, self.log.verifier())
        self.addCleanup(self.witness.end, signal.SIGKILL)

    def test_no_kill_makes_it_cosign_a_rollback_or_a_fork(self):
        """SPEC WIT-12, WIT-13"""
        draw = random.Random(SEED)
        self.witness.start()
        crowd = Crowd(self.witness, self.log)
        callers = [threading.Thread(target=crowd.run, args=(number,)) for number in range(CALLERS)]
        for caller in callers:
            caller.start()
        kills = 0
        while any(caller.is_alive() for caller in callers):
            time.sleep(draw.uniform(0.05, 0.4))
            self.witness.end(signal.SIGKILL)
            self.witness.start()
            kills += 1
        print(f"seed {SEED}: {CALLS} calls, {kills} kills, answers {crowd.statuses}, {len(crowd.cosigned)} cosigned")
        self.assertEqual(contradictions(crowd.cosigned), [])
        self.assertGreater(len(crowd.cosigned), 20)
        self.assertGreater(kills, 3)
        self.assertLessEqual(set(crowd.statuses), {200, 400, 409, 422, "broken"})
        self.assertEqual(self.witness.end(), 0)

    def test_a_fork_stops_the_log_across_restarts_and_shows_in_the_exit_code(self):
        """SPEC WIT-10, WIT-14"""
        common = [tlog.leaf_hash(b"%d" % i) for i in range(5)]
        one, other = common + [tlog.leaf_hash(b"one")], common + [tlog.leaf_hash(b"other")]
        self.witness.start()
        self.assertEqual(self.witness.ask(self.log.request(0, one))[0], 200)
        self.assertEqual(self.witness.ask(self.log.request(0, other)), (409, "6\n"))
        for _ in range(2):
            self.assertEqual(self.witness.ask(self.log.request(6, one + one))[0], 403)
            self.assertEqual(self.witness.end(), 4)
            self.witness.start()
        evidence = next((self.witness.folder / "seen").glob("*.evidence")).read_text(encoding="utf-8")
        self.assertTrue(evidence.endswith(self.log.note(one) + self.log.note(other)))
        log = (self.witness.folder / "log").read_text(encoding="utf-8")
        self.assertEqual(log.count("ALARM: the log `log.example/flikvakt` has forked"), 3)

    def test_without_its_record_it_does_not_start(self):
        """SPEC WIT-13"""
        self.witness.start()
        self.assertEqual(self.witness.ask(self.log.request(0, [tlog.leaf_hash(b"a")]))[0], 200)
        self.witness.end()
        for record in (self.witness.folder / "seen").glob("*.log"):
            record.unlink()
        ran = subprocess.run([PROGRAM, "witness", "--config", self.witness.config], capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("--init", ran.stderr)


class TheCheckerCanFail(unittest.TestCase):
    def test_a_fork_and_a_rollback_are_found(self):
        good = [Cosigned(1, 2, (b"a",)), Cosigned(3, 4, (b"a", b"b")), Cosigned(3, 5, (b"a", b"b"))]
        self.assertEqual(contradictions(good), [])
        self.assertEqual(contradictions([*good, Cosigned(6, 7, (b"x", b"y", b"z"))]), ["3 does not extend 2"])
        self.assertEqual(contradictions([*good, Cosigned(6, 7, (b"a",))]), ["1 was cosigned after 2"])


if __name__ == "__main__":
    unittest.main()
