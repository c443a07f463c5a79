"""The guessers find a difference that is there and none that is not; a short run gives equal answers for every cause. With
FLIKVAKT_LONG=1 the figures that P6 needs are measured and judged, for about an hour."""
import os
import random
import re
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import guess
import refusing
import side_channels
import world

LONG = os.environ.get("FLIKVAKT_LONG") == "1"
DECKS, SEED = 3, 11
REASONS = {"unknown document": "unknown", "given to another": "no_fullmakt", "revoked": "no_fullmakt", "paused": "no_fullmakt",
           "expired": "no_fullmakt", "blocked": "blocked", "not your team": "no_fullmakt", "another purpose": "no_fullmakt",
           "erased": "not_in_force", "suspended staff": "actor_not_active", "unknown staff": "actor_unknown"}


def invented(chance, count, later=0.0):
    """Answers that leave on a tick of 50 ms, with a millisecond's noise, some of them so much later."""
    return [(chance.uniform(20, 70) + chance.gauss(0, 0.3) + later, chance.gauss(0, 0.3) + later, 500) for _ in range(count)]


class Guessers(unittest.TestCase):
    names = ["elapsed", "place in the tick", "bytes"]

    def test_what_is_the_same_is_not_told_apart(self):
        chance = random.Random(SEED)
        found = guess.tell_apart(self.names, invented(chance, 4000), invented(chance, 4000))
        self.assertLess(max(found.values()), 0.53, found)

    def test_a_millisecond_is_found(self):
        chance = random.Random(SEED)
        found = guess.tell_apart(self.names, invented(chance, 2000), invented(chance, 2000, 1.0))
        self.assertGreater(found["threshold place in the tick"], 0.9)
        self.assertGreater(found["histogram place in the tick"], 0.9)
        self.assertGreater(found["pairs place in the tick"], 0.9)
        self.assertGreater(found["all together"], 0.9)

    def test_one_byte_is_found(self):
        a = [(1.0, 1.0, 500)] * 200
        found = guess.tell_apart(self.names, a, [(1.0, 1.0, 501)] * 200)
        self.assertEqual(found["threshold bytes"], 1.0)
        self.assertEqual(found["pairs bytes"], 1.0)

    def test_a_rare_delay_is_found_by_the_histogram(self):
        chance = random.Random(SEED)
        b = [(t, place + (20 if chance.random() < 0.2 else 0), size) for t, place, size in invented(chance, 3000)]
        found = guess.tell_apart(self.names, invented(chance, 3000), b)
        self.assertGreater(found["histogram place in the tick"], 0.56)


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print(f"seed {SEED}", file=sys.stderr)
        folder = world.folder_for("side-channels-test")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        made = refusing.Refusing(folder)
        made.gateway.must_start()
        cls.addClassCleanup(made.end)
        made.story.first_certificates()
        cls.sampling = Seeing().run(made, DECKS, SEED, connections=3)
        cls.proposals = side_channels.Sampling().run(made, DECKS, SEED, 3, refusing.Registrars)
        made.gateway.stop()
        cls.said = made.gateway.log.read_text(encoding="utf-8")

    def test_every_cause_was_asked_for_as_often(self):
        counts = {cause: len(samples) for cause, samples in self.sampling.samples.items()}
        self.assertEqual(self.sampling.lost, 0)
        self.assertEqual(set(counts.values()), {DECKS * len(refusing.READERS)}, counts)
        self.assertEqual(len(counts), 23)

    def test_the_causes_were_those_that_they_are_called(self):
        for instance, cause in self.sampling.instances.items():
            found = re.search(re.escape(instance) + r" connection \d+: decided, (\w+)", self.said)
            self.assertIsNotNone(found, cause)
            self.assertEqual(found.group(1), REASONS[cause])

    def test_all_causes_of_a_group_get_one_answer(self):
        self.assertEqual(self.sampling.differing(), {})

    def test_all_causes_of_a_group_are_as_many_bytes(self):
        names = ("bytes on the wire", "bytes of the header", "first piece", "pieces")
        at = [side_channels.FEATURES.index(name) for name in names]
        by_group = {}
        for (group, _), samples in self.sampling.samples.items():
            by_group.setdefault(group, set()).update(tuple(one[n] for n in at) for one in samples.values())
        for group, sizes in by_group.items():
            self.assertEqual(len(sizes), 1, f"{group}: {sizes}")
        self.assertEqual(by_group["open"], by_group["range"])

    def test_a_proposal_of_a_key_says_nothing_of_who_is_known(self):
        self.assertEqual(self.proposals.lost, 0)
        self.assertEqual({cause: len(one) for cause, one in self.proposals.samples.items()},
                         {("key", "known person"): 12, ("key", "unknown person"): 12})
        self.assertEqual(self.proposals.differing(), {})
        self.assertEqual({status for _, status, *_ in self.proposals.answers}, {200})
        sizes = {tuple(one[4:8]) for samples in self.proposals.samples.values() for one in samples.values()}
        self.assertEqual(len(sizes), 1, sizes)

    def test_another_answer_would_be_noticed(self):
        other = Seeing()
        other.answers = {("open", 403, "head", "{}"): {"revoked"}, ("open", 403, "head", '{"detail": "gone"}'): {"erased"}}
        self.assertEqual(list(other.differing()), ["open"])


class Verdict(unittest.TestCase):
    def result(self, accuracy=0.513, pairs=10_122, two="open / blocked", later=0.89, differ=None):
        return {"answers that differ": differ or {}, "control": [{"cause": "open / revoked", "itself": 0.5, "1 ms later": later}],
                "rows": [{"one": "open / revoked", "two": two, "pairs": pairs, "best": "a", "accuracy": accuracy, "error": 0.0035}]}

    def test_figures_that_are_met(self):
        self.assertEqual(side_channels.verdict(self.result(), 10_000), [])
        self.assertEqual(side_channels.verdict(self.result(accuracy=0.56, two="range / closed reading"), 10_000), [])

    def test_figures_that_are_missed_are_told_with_their_error(self):
        self.assertEqual(side_channels.verdict(self.result(accuracy=0.5213), 10_000),
                         ["open / revoked | open / blocked: guessed with 52.13% ± 0.35% (a): at most 52%"])
        self.assertEqual(len(side_channels.verdict(self.result(pairs=9_000), 10_000)), 1)
        self.assertEqual(len(side_channels.verdict(self.result(later=0.5), 10_000)), 1)
        self.assertEqual(side_channels.verdict({**self.result(), "rows": []}, 10_000), ["nothing was measured"])

    def test_a_short_run_is_judged_by_its_answers_alone(self):
        self.assertEqual(side_channels.verdict(self.result(accuracy=0.9), 0), [])
        self.assertEqual(side_channels.verdict(self.result(differ={"open": [1, 2]}), 0), ["open: 2 different answers"])


@unittest.skipUnless(LONG, "FLIKVAKT_LONG=1 measures for about an hour")
class Measured(unittest.TestCase):
    def judged(self, measure, least):
        folder = world.folder_for("side-channels-long")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        result = side_channels.report(measure(folder), 0)
        rows = [row for row in result["rows"] if side_channels.is_of_one_group(row)]
        print(f"counts: {len(rows)} pairs of causes, the best guess: {max(rows, key=lambda row: row['accuracy'])}")
        self.assertEqual(side_channels.verdict(result, least), [])

    def test_nobody_tells_the_causes_apart(self):
        self.judged(lambda folder: side_channels.measure(folder, side_channels.LONG_DECKS, SEED), side_channels.LEAST)

    def test_nobody_tells_from_a_proposal_of_a_key_who_is_known(self):
        self.judged(lambda folder: side_channels.enrolment(folder, side_channels.ROUNDS, SEED), side_channels.LEAST_OF_KEYS)


class Seeing(side_channels.Sampling):
    """Also keeps which problem was whose, to compare with what the gateway's own log calls it."""

    def __init__(self):
        super().__init__()
        self.instances = {}

    def record(self, desk, card, seen, following):
        super().record(desk, card, seen, following)
        found = re.search(rb"urn:flikvakt:problem:\w+", seen.body)
        if card[1][0] == "open" and found:
            self.instances[found.group().decode()] = card[1][1]


if __name__ == "__main__":
    unittest.main()
