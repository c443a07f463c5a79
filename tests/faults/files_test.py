"""Older and edited files against the real program: a sample by seed in `./dev test`, every trial with FLIKVAKT_LONG=1."""
import os
import random
import shutil
import time
import unittest

import files_history
import files_objects
import files_put_back
import files_trial
import files_trials
import files_verdict
import world

SEED = int(os.environ.get("FLIKVAKT_SEED") or files_trials.SEED)
SAMPLE_SECONDS = 30


@unittest.skipUnless(world.PROGRAM.exists(), f"{world.PROGRAM} is missing: run ./dev build")
class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = world.folder_for("files")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.history = files_history.History(cls.folder)
        cls.addClassCleanup(cls.history.end)

    # SPEC REC-1, REC-2, REC-3, REC-4, REC-5, REC-11, REC-12, STO-16, HDF-4, KST-4
    def test_what_is_put_back_or_edited_is_found_and_never_served(self):
        trials, is_long = files_trials.all_trials(), os.environ.get("FLIKVAKT_LONG") == "1"
        if not is_long:
            trials = files_trials.sample(trials, 150, SEED)
            random.Random(SEED).shuffle(trials)  # those for which no time is left are others with another seed
        end = time.monotonic() + SAMPLE_SECONDS
        counts, _, violations = files_trials.play(self.history, trials, SEED, until=None if is_long else end)
        print("\n" + files_trials.report(counts, violations, SEED), flush=True)
        self.assertEqual(violations, {})
        self.assertGreaterEqual(sum(counts.values()), len(trials) if is_long else files_trials.LEAST)

    def test_the_machine_as_a_whole_put_back_is_what_the_verdict_finds_from_outside(self):
        """Database, head file and key store of one earlier moment: only witnesses catch that (spec/recovery.md), so the
        gateway serves what was taken back. A verdict that let this pass could fail nothing."""
        def everything(history, data, _):
            files_put_back.put_files(history, data, "given", (*files_history.ROWS, "head", "keys", "erasures"))
            shutil.rmtree(data / "objects")
            shutil.copytree(history.past["given"] / "objects", data / "objects")
        for damaged in ((), tuple(one[0] for one in world.DOCUMENTS)):
            with self.assertRaisesRegex(files_verdict.Violation, "revoked later: served again"):
                files_trial.run(self.history, files_trial.Trial("control: the whole machine", everything, damaged=damaged), SEED)

    def test_an_untouched_directory_is_no_finding(self):
        for name in ("newest", "killed", "rotated", *files_history.LOG_KEYS):
            self.history.put(name)
            self.assertEqual(files_verdict.Judge(self.history).verdict()[0], "harmless", name)
            self.history.end()

    def test_keys_of_the_log_that_are_not_as_they_were_are_found(self):
        self.history.put("log-key-given-up")
        self.addCleanup(self.history.end)
        self.history.log_keys = files_history.LOG_KEYS["log-key-rotated"]
        with self.assertRaisesRegex(files_verdict.Violation, "the log's keys: .*'compromised'"):
            files_verdict.Judge(self.history).verdict()

    def test_a_document_that_nobody_damaged_must_open(self):
        path = self.object_of("journal")
        trial = files_trial.Trial("control: a document lost", lambda history, data, _: path.unlink())
        with self.assertRaisesRegex(files_verdict.Violation, "though nothing of it was damaged"):
            files_trial.run(self.history, trial, SEED)

    def test_other_bytes_than_the_document_s_are_found(self):
        kept = world.content
        self.addCleanup(setattr, world, "content", kept)
        world.content = lambda name, size: kept("another", size)
        self.history.put("newest")
        self.addCleanup(self.history.end)
        with self.assertRaisesRegex(files_verdict.Violation, "bytes that are not the document's"):
            files_verdict.Judge(self.history).verdict()

    def test_a_locked_gateway_that_changes_files_is_found(self):
        def meddling(history, data, _):
            files_put_back.put_files(history, data, "given", files_history.ROWS)
            program = history.folder / "meddling"
            script = f'#!/bin/sh\nrm -f "{data}/rows.db-wal"\nexec "{history.gateway.program}" "$@"\n'
            program.write_text(script, encoding="utf-8")
            program.chmod(0o755)
            self.addCleanup(setattr, history.gateway, "program", history.gateway.program)
            history.gateway.program = str(program)
        with self.assertRaisesRegex(files_verdict.Violation, "files changed"):
            files_trial.run(self.history, files_trial.Trial("control: a locked gateway that changes files", meddling), SEED)

    def test_nothing_found_where_something_must_be_is_a_violation(self):
        trial = files_trial.Trial("control: nothing to find", lambda history, data, _: (data / "stranger").write_bytes(b"?"))
        with self.assertRaisesRegex(files_verdict.Violation, "nobody noticed"):
            files_trial.run(self.history, trial, SEED)

    def object_of(self, name):
        return files_objects.objects(self.history)[name]


class Names(unittest.TestCase):
    def test_there_are_more_than_three_hundred_and_each_has_a_name_of_its_own(self):
        trials = files_trials.all_trials()
        self.assertGreater(len(trials), 300)
        self.assertEqual([trial.name for trial in trials], [trial.name for trial in files_trials.all_trials()])

    def test_a_sample_has_something_of_every_group_and_follows_from_its_seed(self):
        trials = files_trials.all_trials()
        first, again, other = (files_trials.sample(trials, 150, seed) for seed in (1, 1, 2))
        self.assertEqual({trial.group for trial in first}, {trial.group for trial in trials})
        self.assertEqual([one.name for one in first], [one.name for one in again])
        self.assertNotEqual([one.name for one in first], [one.name for one in other])


if __name__ == "__main__":
    unittest.main()
