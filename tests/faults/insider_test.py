"""The insider: whoever has the database, every key of the gateway and a shell rewrites the log, whole or pruned. A sample by seed in
`./dev test`; with FLIKVAKT_LONG=1 300 edits of every kind, and 100 of a pruned log."""
import collections
import os
import shutil
import time
import unittest

import insider
import insider_edits
import insider_pruned
import insider_rows
import insider_trial
import insider_trials
import sqlcipher_pages
import world
from insider_base import PRUNED
from insider_trial import PLAIN, WHOLE, Edit, Verdict

from witness import Witness

SEED = int(os.environ.get("FLIKVAKT_SEED") or insider_trials.SEED)
SAMPLE_SECONDS = 30  # for more than one of each kind and craft, and of each kind of a pruned log


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

    def put(self, base):
        self.history.put(base)
        return self.scene.clock_of(base)

    def forger(self):
        return insider.Forger(self.data, self.history.passphrase, self.history.past[insider_edits.BEFORE_SHREDDING])

    # SPEC LVR-1, LVR-2, LVR-4, LVR-5, LVR-6, LVR-14, LVR-18, LVR-21, LVR-22, LVR-23, LVR-24, LVR-27, WIT-7, WIT-8, WIT-10, WIT-23
    def test_every_edit_is_found_by_verify_or_by_a_witness(self):
        is_long, edits = os.environ.get("FLIKVAKT_LONG") == "1", insider_trials.all_edits()
        first, rest = insider_trials.chosen(edits, insider_trials.EACH if is_long else 12, SEED)
        end = time.monotonic() + SAMPLE_SECONDS
        verdicts, violations = insider_trials.play(self.scene, first, SEED)
        more, wrong = insider_trials.play(self.scene, rest, SEED, until=None if is_long else end)
        verdicts, violations = {**verdicts, **more}, {**violations, **wrong}
        print("\n" + insider_trials.report(verdicts, violations, SEED), flush=True)
        self.assertEqual(violations, {})
        kinds = collections.Counter((edit.kind, edit.is_pruned) for edit in verdicts)
        for kind in insider_trial.KINDS:
            self.assertGreaterEqual(kinds[kind, False], insider_trials.EACH if is_long else 1, kind)
            self.assertGreaterEqual(kinds[kind, True], insider_trials.EACH // 3 if is_long else 1, kind)
        by = collections.Counter(verdict.by for verdict in verdicts.values())
        self.assertGreater(by["witness"], 0, "no forgery was good enough to need a witness")
        self.assertGreater(by["log verify"], 0)

    def test_an_untouched_log_is_clean_starts_and_is_cosigned_again(self):
        self.addCleanup(self.scene.witness_as_it_was)
        for base, seen in self.scene.seen.items():
            with self.put(base):
                shutil.copy2(seen.cosigned, self.data / "cosigned-checkpoint")
                self.assertEqual(insider_trial.verified(self.history), "", base)
                for note in (seen.cosigned, seen.recorded, self.scene.recorded):  # a pruned log is still that of before
                    self.assertEqual(insider_trial.verified(self.history, "--saved", note), "", base)
                leaves, note = insider_trial.presented(self.data, self.history)
            self.scene.witness_of(base)
            self.assertEqual(self.scene.witness.ask(insider_trial.request(len(leaves), leaves, leaves, note))[0], 200)
            with self.scene.clock_of(base):
                self.assertIsNone(insider_trial.started(self.scene), base)

    def test_the_pruned_log_is_pruned(self):
        """Most of it is gone, what is left can be read, and it lives on."""
        self.put(PRUNED)
        forger = self.forger()
        bare = sum(bool(entry.bare) for entry in forger.entries)
        size = insider_pruned.pruned_to(forger)
        self.assertGreaterEqual(size, len(self.scene.leaves))
        self.assertGreater(bare, size // 2)
        self.assertGreater(size - bare, 60)
        self.assertGreater(len(forger.entries), size + 5)
        self.assertFalse(any(entry.bare for entry in forger.entries[size:]))

    def test_the_list_of_what_stays_is_read_and_written_as_it_lies(self):
        self.put(PRUNED)
        forger = self.forger()
        kept = insider_rows.unbase64(forger.rows[insider_pruned.PRUNING].json["kept"])
        numbers = insider_pruned.numbers_of(kept)
        self.assertEqual(insider_pruned.list_of(numbers), kept)
        self.assertEqual(numbers, [at for at in range(insider_pruned.pruned_to(forger)) if not forger.entries[at].bare])

    def test_whoever_changes_nothing_writes_the_same_bytes(self):
        """The insider reads and writes everything as the gateway does: what they forge is not found for clumsiness."""
        def rows():
            plain = sqlcipher_pages.open_all(sqlcipher_pages.newest_pages(self.data), self.history.key)
            with sqlcipher_pages.rows_of(plain) as connection:
                return {table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall())
                        for table in ("state_row", "entry", "act_record", "tile", "meta")}
        for base, seen in self.scene.seen.items():
            with self.put(base):
                before, forger = rows(), self.forger()
                forger.set_acts(forger.acts)
                forger.write()
                self.assertEqual(rows(), before, base)
                self.assertEqual(insider_trial.verified(self.history, "--saved", seen.cosigned), "", base)

    def test_an_edit_that_is_undone_is_no_finding(self):
        for edit in insider_trials.chosen(insider_trials.all_edits(), 1, SEED)[0]:
            with self.put(edit.base):
                before = contents(self.data)
                edit.make(self.history, self.data, insider_trial.random.Random(SEED))
                self.assertNotEqual(contents(self.data), before, edit.name)
                for name in contents(self.data).keys() - before.keys():
                    (self.data / name).unlink()
                for name, content in before.items():
                    (self.data / name).write_bytes(content)
                seen = self.scene.seen.get(edit.base)
                saved = ("--saved", seen.recorded) if seen else ()  # the others are of before it
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
            if self.history.gateway.start() is not None:  # it was ready, and the witnesses told it at once
                self.assertTrue(forged and self.alarmed() and "ready: " in self.history.gateway.said(), self.history.gateway.said())
            opens, end = False, time.monotonic() + 60
            while not opens and not self.alarmed() and time.monotonic() < end:
                time.sleep(0.1)
                try:
                    opens = self.history.opens(*world.ALLOWED["team"])
                except (RuntimeError, OSError):  # it may have locked in the middle of the answer
                    self.assertTrue(forged and self.alarms(60), self.history.gateway.said())
            self.assertEqual(opens, not forged, self.history.gateway.said())
            self.history.end()

    def alarmed(self):
        return "ALARM: " in self.history.gateway.said()

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
    def test_there_are_enough_of_every_kind_and_each_has_a_name_of_its_own(self):
        kinds = collections.Counter((edit.kind, edit.is_pruned) for edit in insider_trials.all_edits())
        self.assertEqual(set(kinds), {(kind, is_pruned) for kind in insider_trial.KINDS for is_pruned in (False, True)})
        for (kind, is_pruned), count in kinds.items():
            self.assertGreaterEqual(count, insider_trials.EACH // 3 if is_pruned else insider_trials.EACH, kind)

    def test_what_is_chosen_begins_with_every_kind_and_craft_and_follows_from_its_seed(self):
        edits = insider_trials.all_edits()
        (first, rest), again, other = (insider_trials.chosen(edits, 12, seed) for seed in (1, 1, 2))
        self.assertEqual((first, rest), again)
        self.assertNotEqual(first, other[0])
        self.assertEqual({(edit.kind, edit.craft) for edit in first if not edit.is_pruned},
                         {(edit.kind, edit.craft) for edit in edits if not edit.is_pruned})
        self.assertEqual([edit.kind for edit in first if edit.is_pruned], list(insider_trial.KINDS))
        self.assertEqual(len({edit.name for edit in (*first, *rest)}), len(first) + len(rest))
        counts = collections.Counter((edit.kind, edit.is_pruned) for edit in (*first, *rest))
        self.assertEqual(set(counts.values()), {12, 4})


if __name__ == "__main__":
    unittest.main()
