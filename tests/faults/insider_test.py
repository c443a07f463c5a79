"""The insider: whoever has the database, every key of the gateway and a shell rewrites the log. A sample by seed in `./dev test`,
300 edits of every kind with FLIKVAKT_LONG=1."""
import collections
import os
import shutil
import time
import unittest

import insider
import insider_edits
import insider_trial
import insider_trials
import sqlcipher_pages
import world
from insider_trial import PLAIN, WHOLE, Edit, Verdict

from witness import Witness

SEED = int(os.environ.get("FLIKVAKT_SEED") or insider_trials.SEED)
SAMPLE_SECONDS, LEAST = 30, 24  # one of each kind and craft, however slow the machine is


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@unittest.skipUnless(world.PROGRAM.exists(), f"{world.PROGRAM} is missing: run ./dev build")
class Insider(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = world.folder_for("insider")
        cls.addClassCleanup(shutil.rmtree, folder, True)
        cls.scene = insider_trial.Scene(folder)
        cls.addClassCleanup(cls.scene.end)
        cls.history = cls.scene.history

    def setUp(self):
        self.addCleanup(self.history.end)
        self.history.put("newest")
        self.data = self.history.data()

    def forger(self):
        return insider.Forger(self.data, self.history.passphrase, self.history.past[insider_edits.BEFORE_SHREDDING])

    # SPEC LVR-1, LVR-2, LVR-4, LVR-5, LVR-6, LVR-14, LVR-18, LVR-21, LVR-22, WIT-7, WIT-8, WIT-10, WIT-23
    def test_every_edit_is_found_by_verify_or_by_a_witness(self):
        is_long, edits = os.environ.get("FLIKVAKT_LONG") == "1", insider_trials.all_edits()
        chosen = insider_trials.sample(edits, insider_trials.EACH if is_long else 12, SEED)
        end = time.monotonic() + SAMPLE_SECONDS
        verdicts, violations = insider_trials.play(self.scene, chosen[:LEAST], SEED)
        more, wrong = insider_trials.play(self.scene, chosen[LEAST:], SEED, until=None if is_long else end)
        verdicts, violations = {**verdicts, **more}, {**violations, **wrong}
        print("\n" + insider_trials.report(verdicts, violations, SEED), flush=True)
        self.assertEqual(violations, {})
        kinds = collections.Counter(edit.kind for edit in verdicts)
        for kind in insider_trial.KINDS:
            self.assertGreaterEqual(kinds[kind], insider_trials.EACH if is_long else 1, kind)
        by = collections.Counter(verdict.by for verdict in verdicts.values())
        self.assertGreater(by["witness"], 0, "no forgery was good enough to need a witness")
        self.assertGreater(by["log verify"], 0)

    def test_an_untouched_log_is_clean_starts_and_is_cosigned_again(self):
        shutil.copy2(self.scene.cosigned, self.data / "cosigned-checkpoint")
        self.assertEqual(insider_trial.verified(self.history), "")
        for note in (self.scene.cosigned, self.scene.recorded):
            self.assertEqual(insider_trial.verified(self.history, "--saved", note), "")
        leaves, note = insider_trial.presented(self.data, self.history)
        self.assertEqual(self.scene.witness.ask(insider_trial.request(len(leaves), leaves, leaves, note))[0], 200)
        self.assertIsNone(insider_trial.started(self.scene))

    def test_whoever_changes_nothing_writes_the_same_bytes(self):
        """The insider reads and writes everything as the gateway does: what they forge is not found for clumsiness."""
        def rows():
            plain = sqlcipher_pages.open_all(sqlcipher_pages.newest_pages(self.data), self.history.key)
            with sqlcipher_pages.rows_of(plain) as connection:
                return {table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall())
                        for table in ("state_row", "entry", "act_record", "tile", "meta")}
        before, forger = rows(), self.forger()
        forger.set_acts(forger.acts)
        forger.write()
        self.assertEqual(rows(), before)
        self.assertEqual(insider_trial.verified(self.history, "--saved", self.scene.cosigned), "")

    def test_an_edit_that_is_undone_is_no_finding(self):
        for edit in insider_trials.sample(insider_trials.all_edits(), 1, SEED):
            self.history.put(edit.base)
            before = contents(self.data)
            edit.make(self.history, self.data, insider_trial.random.Random(SEED))
            self.assertNotEqual(contents(self.data), before, edit.name)
            for name in contents(self.data).keys() - before.keys():
                (self.data / name).unlink()
            for name, content in before.items():
                (self.data / name).write_bytes(content)
            saved = ("--saved", self.scene.recorded) if edit.base == "newest" else ()  # the others are of before it
            self.assertEqual(insider_trial.verified(self.history, *saved), "", edit.name)

    def test_a_witness_without_memory_would_be_a_violation(self):
        """Nothing but the witness's record stands between the insider and another history."""
        self.addCleanup(self.scene.witness_as_it_was)
        self.scene.witness.end()
        for record in (self.scene.folder / "witness" / "seen").glob("*.log"):
            record.unlink()
        Witness(world.PROGRAM, self.scene.folder / "witness", self.scene.gateway.log_key)  # begins a new record
        self.scene.witness.start()
        edit = Edit("truncate", WHOLE, "control", insider_edits.refit(lambda acts, _, forger: acts[:-3]))
        with self.assertRaisesRegex(world.Violation, "the witness cosigned another history"):
            insider_trial.run(self.scene, edit, SEED)

    def test_an_edit_that_changes_nothing_is_not_counted(self):
        with self.assertRaisesRegex(RuntimeError, "changes nothing"):
            insider_trial.run(self.scene, Edit("drop", PLAIN, "control", lambda history, data, chance: None), SEED)

    # SPEC WIT-21, WIT-24
    def test_without_the_kept_checkpoint_a_forged_log_starts_and_no_document_is_opened(self):
        """The insider removes the file in which the gateway keeps what witnesses cosigned; they themselves remember."""
        for forged in (False, True):
            self.history.put("newest")
            if forged:
                forger = self.forger()
                forger.set_acts(insider_edits.without_reading(1)(forger.acts, None, forger))
                forger.write()
                self.assertEqual(insider_trial.verified(self.history), "")
            self.scene.witness_as_it_was()
            self.scene.with_witness()
            self.history.gateway.must_start()
            opens, end = False, time.monotonic() + 20
            while not opens and not self.alarmed() and time.monotonic() < end:
                time.sleep(0.1)
                try:
                    opens = self.history.opens(*world.ALLOWED["team"])
                except (RuntimeError, OSError):  # it may have locked in the middle of the answer
                    self.assertTrue(forged and self.alarms(5), self.history.gateway.said())
            self.assertEqual(opens, not forged, self.history.gateway.said())
            self.history.end()

    def alarmed(self):
        return "ALARM: witness" in self.history.gateway.said()

    def alarms(self, seconds):
        end = time.monotonic() + seconds
        while not self.alarmed() and time.monotonic() < end:
            time.sleep(0.1)
        return self.alarmed()


class TheJudge(unittest.TestCase):
    def test_what_nobody_noticed_is_said(self):
        refused, found = {0: 409, 314: 422}, "the first 314 entries are not those of saved checkpoint 1"
        fine = Verdict("", 4, refused, found)
        self.assertEqual(insider_trial.not_noticed(fine, True), "")
        self.assertEqual(insider_trial.not_noticed(Verdict("entry 7: …", None, refused, ""), True), "")
        self.assertIn("cosigned another", insider_trial.not_noticed(Verdict("entry 7: …", 4, {0: 409, 314: 200}, found), True))
        self.assertIn("--saved", insider_trial.not_noticed(Verdict("", 4, refused, ""), True))
        self.assertIn("starts on it", insider_trial.not_noticed(Verdict("", None, refused, found), True))
        self.assertIn("neither", insider_trial.not_noticed(Verdict("", None, {}, ""), False))


class Names(unittest.TestCase):
    def test_there_are_three_hundred_of_every_kind_and_each_has_a_name_of_its_own(self):
        kinds = collections.Counter(edit.kind for edit in insider_trials.all_edits())
        self.assertEqual(set(kinds), set(insider_trial.KINDS))
        self.assertGreaterEqual(min(kinds.values()), insider_trials.EACH)

    def test_a_sample_begins_with_every_kind_and_craft_and_follows_from_its_seed(self):
        edits = insider_trials.all_edits()
        first, again, other = ([edit.name for edit in insider_trials.sample(edits, 12, seed)] for seed in (1, 1, 2))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        begins = {(edit.kind, edit.craft) for edit in insider_trials.sample(edits, 12, 1)[:LEAST]}
        crafts = {(edit.kind, edit.craft) for edit in edits}
        self.assertEqual(begins, crafts)


if __name__ == "__main__":
    unittest.main()
