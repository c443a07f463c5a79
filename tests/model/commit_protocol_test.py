"""The commit protocol as a model (commit_protocol.pml): every order of its steps keeps the invariants, each broken step breaks the one it
should, and spin really came to where it matters. README.md has the invariants."""
import os
import re
import shutil
import unittest

import pan

LONG = os.environ.get("FLIKVAKT_LONG") == "1"
# Bounds under which every state is looked at. Together they reach every statement.
BOUNDS = {"two connections, a covered reading and another, two crashes": (),
          "one connection, three readings, two crashes": ("-DREADINGS=3", "-DCONNECTIONS=1"),
          "two connections, three readings, no crash": ("-DREADINGS=3", "-DCRASHES=0")}
MORE_BOUNDS = {"two connections, three readings, one crash": ("-DREADINGS=3", "-DCRASHES=1"),
               "two connections, a covered reading and another, three crashes": ("-DCRASHES=3",)}
CLAIM_BOUNDS = ("-DNO_ABORTS", "-DCRASHES=1", "-DCONNECTIONS=1")  # a disk that stays full keeps everybody waiting
# Which step is broken, and each invariant that must then be seen violated.
BROKEN = {"BUG_ACKNOWLEDGED_BEFORE_THE_CUT": ["I1"], "BUG_CUT_DOES_NOT_WAIT": ["I1"], "BUG_LOOKS_BEFORE_IT_ANNOUNCES": ["I1"],
          "BUG_CUT_BEFORE_THE_READINGS_ARE_ADDED": ["I1"], "BUG_FORGOTTEN_BEFORE_THE_WAIT": ["I1"],
          "BUG_ANSWERED_BEFORE_THE_SYNC": ["I2"], "BUG_ANSWERED_THOUGH_ABORTED": ["I2", "I3"], "BUG_NO_UNDO": ["I3"],
          "BUG_SERVES_ON_AFTER_A_FAILED_SYNC": ["I3"], "BUG_HEAD_NOT_BROUGHT_UP": ["I3"], "BUG_HEAD_FILE_LATE": ["I4"],
          "BUG_NO_HEAD_CHECK": ["I4"], "BUG_SENDS_THAT_BLOCK": ["I5"], "BUG_HEAD_BEFORE_COMMIT": ["I6"],
          "BUG_NO_SYNC_AT_START": ["I6"], "BUG_DECIDED_ON_THE_OLD_STATE": ["I7"]}
SOURCE = pan.MODEL.read_text(encoding="utf-8")
REACHED = {number: what for number, line in enumerate(SOURCE.splitlines(), 1) for what in re.findall(r'REACHED\("(.*)"\)', line)}


def never_reached(runs):
    """Statements to which no run came, in no place where they stand, but those that only a violation reaches."""
    nowhere = [key for key, places in runs[0].statements.items() if all(one.unreached[key] >= places for one in runs)]
    own = [key for key in nowhere if "-end-" not in key[1] and not pan.INVARIANT.search(key[1])]
    return list(dict.fromkeys(REACHED.get(line, f"{line}: {text}") for line, text in own))


@unittest.skipUnless(shutil.which("spin"), "spin is missing: run ./dev setup")
class CommitProtocol(unittest.TestCase):
    def test_every_order_of_its_steps_keeps_what_must_hold(self):
        runs = []
        for name, bounds in (BOUNDS | MORE_BOUNDS if LONG else BOUNDS).items():
            found = pan.run(*bounds)
            self.assertEqual((found.violated, found.problems), ("", []), f"{name}: {found.said}\n{found.trail[-6000:]}")
            runs.append(found)
            print(f"counts: {name}: {found.line()}")
        self.assertEqual(never_reached(runs), [])
        print(f"counts: {sum(one.states for one in runs):,} states, {sum(one.transitions for one in runs):,} transitions in all")

    def test_a_revocation_that_is_asked_for_is_acknowledged_or_the_gateway_is_locked(self):
        found = pan.run(*CLAIM_BOUNDS, claim="I5")
        self.assertEqual((found.violated, found.problems), ("", []), f"{found.said}\n{found.trail[-6000:]}")
        print(f"counts: I5: {found.line()}")

    def test_each_broken_step_breaks_what_it_should(self):
        for bug, invariants in BROKEN.items():
            for invariant in invariants:
                with self.subTest(bug=bug, invariant=invariant):
                    if invariant == "I5":
                        found = pan.run(f"-D{bug}", *CLAIM_BOUNDS, claim="I5", optimise="-O1")
                    else:
                        found = pan.run(f"-D{bug}", f"-DONLY={invariant[1:]}", optimise="-O1")
                    self.assertEqual(found.violated, invariant, found.said)
                    self.assertIn("spin: trail ends", found.trail)
        print(f"counts: {sum(map(len, BROKEN.values()))} violations of {len(BROKEN)} broken models")

    def test_each_bug_of_the_model_is_in_the_table_and_each_invariant_is_broken_by_one(self):
        self.assertEqual(set(re.findall(r"\bBUG_[A-Z_]+[A-Z]\b", SOURCE)), set(BROKEN))
        readme = (pan.MODEL.parent / "README.md").read_text(encoding="utf-8")
        named = set(pan.INVARIANT.findall(SOURCE)) | set(re.findall(r"^ltl (I\d)", SOURCE, re.M))
        self.assertEqual(named, {one for many in BROKEN.values() for one in many})
        self.assertEqual(named, set(re.findall(r"^\| \*\*(I\d)\*\*", readme, re.M)))

    # --- the looking itself can fail ---

    def test_a_search_that_did_not_see_everything_is_found(self):
        self.assertIn("max search depth too small", pan.run("-DCRASHES=0", depth=300, optimise="-O1").problems)
        self.assertTrue(pan.run("-DCRASHES=0", megabytes=40, optimise="-O1").problems)
        self.assertTrue(pan.read("").problems)

    def test_statements_that_nothing_reaches_are_found(self):
        missing = never_reached([pan.run("-DCRASHES=0", optimise="-O1")])
        self.assertIn("a restart after the acknowledgement", missing)
        self.assertIn("an older database is refused after a revocation", missing)
        self.assertNotIn("cut while a send is under way", missing)

    def test_a_step_that_is_never_possible_is_found(self):
        source = SOURCE.replace("phase[c] == sending ->", "false ->")
        found = pan.run("-DCRASHES=0", source=source, optimise="-O1")
        self.assertNotEqual(source, SOURCE)
        self.assertIn("invalid end state", found.violated)


if __name__ == "__main__":
    unittest.main()
