#!/usr/bin/python3
"""P6, measured: can anybody tell from an answer's time, size or headers why it is no?

Several organisations ask at once on many connections. Each works through decks: a deck holds every cause once, shuffled, so two
causes of one deck were asked for within the same moment. After each refusal the same connection asks for something that is
answered at once, to see work that was put off. Then guess.py tries to tell each pair of causes apart.

    side_channels.py [--long] [--decks N] [--seed N] [--json FILE] [--pin-server CPU] [--enrolment ROUNDS]

--long: 10,000 answers a cause (about half an hour: the gateway answers an organisation 50 requests a second), judged: exit 1 when a
guesser is right in more than 52 of 100. Answers that differ are exit 1 however few were asked for.
"""
import argparse
import contextlib
import itertools
import json
import os
import pathlib
import random
import shutil
import sys
import time

import guess
import many
import refusing
import world

FEATURES = ["first byte", "last byte", "place in the tick", "ticks", "bytes on the wire", "bytes of the header", "first piece",
            "pieces", "next answer"]
TICK, MARGIN = 50_000_000, 20_000_000  # spec/http.md HTTP-23, nanoseconds
BEST, LEAST = 0.52, 10_000  # issue 3: what no guesser may exceed, over so many pairs
LEAST_OF_KEYS = 3_000  # pairs of proposals of keys: their own rate is low
LONG_DECKS = -(-LEAST // len(refusing.READERS)) + 20  # of each organisation
ROUNDS = 40  # of proposals of keys
RATE = 46  # requests a second of one organisation, below its quota
CONNECTIONS = 6  # of each organisation
CONTROLS = (("open", "revoked"), ("list", "unknown person"), ("key", "known person"))


def tick_after(sent):
    """When the answer to a request that was complete at `sent` should leave."""
    return -(-(sent + MARGIN) // TICK) * TICK


def features(seen, following):
    ticks = (seen.first_at - tick_after(seen.sent)) // TICK
    return (seen.first_at - seen.sent, seen.last_at - seen.sent, seen.first_at % TICK, ticks, seen.wire, len(seen.head),
            seen.first_piece, seen.pieces, following.first_at - following.sent)


def masked(seen):
    """What must be the same for every cause: the answer but for its random id, its time and the id of the act."""
    head = b"\r\n".join(line for line in seen.head.split(b"\r\n") if not line.lower().startswith(b"date:"))
    body = {**json.loads(seen.body)} if seen.body else {}
    for name in ("instance", "act", "time", "handle"):
        if name in body:
            body[name] = len(body[name])
    return head.decode(), json.dumps(body, sort_keys=True)


class Asking:
    """One desk working through its decks."""

    def __init__(self, desk, loop, chance, decks, record):
        self.desk, self.loop, self.chance, self.decks, self.record = desk, loop, chance, decks, record
        self.waiting, self.open, self.due, self.deck = [], 0, time.monotonic_ns(), 0
        self.idle, self.lost = desk.connect(), 0
        self.begin()

    def next_card(self):
        if not self.waiting:
            if self.deck == self.decks:
                return None
            cards = list(self.desk.asks().items())
            self.chance.shuffle(cards)
            self.waiting, self.deck = [(self.deck, *card) for card in cards], self.deck + 1
        return self.waiting.pop()

    def begin(self):
        """Every idle connection gets the next card when its turn has come."""
        while self.idle:
            card = self.next_card()
            if card is None:
                return
            self.open += 1
            self.due = max(self.due + int(2e9 / RATE), time.monotonic_ns())  # a card is two requests
            self.loop.at(self.due, lambda line=self.idle.pop(), card=card: self.ask(line, card))

    def ask(self, line, card):
        deck, cause, make = card
        line.ask(make(), lambda seen: self.follow(line, (deck, cause), seen))

    def follow(self, line, card, seen):
        line.ask(self.desk.send("GET", "/v1/cases"), lambda following: self.close(line, card, seen, following))

    def close(self, line, card, seen, following):
        self.open -= 1
        if seen and following and following.status == 200 and seen.status != 429:
            self.record(self.desk.key, card, seen, following)
        else:
            self.lost += 1
        self.idle.append(line if line.lost is None else self.desk.connect(1)[0])
        self.begin()
        if not self.open and self.deck == self.decks:
            self.loop.ended = True


class Sampling:
    """Samples by (group, cause), paired by deck; and every different answer that a group gave."""

    def __init__(self):
        self.samples, self.answers, self.lost = {}, {}, 0

    def record(self, desk, card, seen, following):
        deck, cause = card
        self.samples.setdefault(cause, {})[(desk, deck)] = features(seen, following)
        self.answers.setdefault((cause[0], seen.status, *masked(seen)), set()).add(cause[1])

    def run(self, made, decks, seed, connections=CONNECTIONS, kind=refusing.Desk):
        loop = many.Loop()
        desks = [kind(made, loop, key, connections) for key in kind.keys]
        asking = [Asking(desk, loop, random.Random(f"{seed} {desk.key}"), decks, self.record) for desk in desks]
        while any(one.open for one in asking):
            loop.run()
        self.lost += sum(one.lost for one in asking)
        loop.close()
        return self

    def pairs(self, one, two):
        """Samples of the decks in which both were asked for."""
        both = sorted(self.samples[one].keys() & self.samples[two].keys())
        return [self.samples[one][key] for key in both], [self.samples[two][key] for key in both]

    def differing(self):
        """Groups that gave more than one answer: the group, and which causes gave which."""
        by_group = {}
        for (group, *answer), causes in self.answers.items():
            by_group.setdefault(group, []).append((answer, sorted(causes)))
        return {group: answers for group, answers in by_group.items() if len(answers) > 1}


def judge(sampling, pairs):
    """One row for each pair of causes: the best guesser and how far chance alone goes."""
    rows = []
    for one, two in pairs:
        a, b = sampling.pairs(one, two)
        found = guess.tell_apart(FEATURES, a, b)
        best = max(found, key=found.get)
        rows.append({"one": " / ".join(one), "two": " / ".join(two), "pairs": len(a), "best": best,
                     "accuracy": round(found[best], 4), "error": round(guess.binomial_error(found[best], len(a)), 4)})
    return rows


def with_delay(samples, nanoseconds):
    """The seeded control: the same answers, as if each had come so much later."""
    return [(one[0] + nanoseconds, one[1] + nanoseconds, (one[2] + nanoseconds) % TICK, *one[3:]) for one in samples]


def control(sampling, cause, nanoseconds=1_000_000):
    """A cause against itself is not told apart; with a millisecond more on one side it is."""
    keys = sorted(sampling.samples[cause])
    first, second = [sampling.samples[cause][key] for key in keys[0::2]], [sampling.samples[cause][key] for key in keys[1::2]]
    found = {ms: max(guess.tell_apart(FEATURES, first, with_delay(second, ms)).values()) for ms in (0, nanoseconds)}
    return {"cause": " / ".join(cause), "itself": round(found[0], 4), "1 ms later": round(found[nanoseconds], 4)}


def same_group(sampling):
    return [pair for pair in itertools.combinations(sorted(sampling.samples), 2) if pair[0][0] == pair[1][0]]


def across(sampling):
    """A refused opening against a refused range: one answer, though whoever asks knows which it was."""
    return [pair for pair in itertools.combinations(sorted(sampling.samples), 2) if (pair[0][0], pair[1][0]) == ("open", "range")]


def measure(folder, decks, seed, cpu=None):
    made = refusing.Refusing(folder)
    made.gateway.must_start()
    if cpu is not None:
        pin(made.gateway.process.pid, cpu)
    made.story.first_certificates()
    try:
        return Sampling().run(made, decks, seed)
    finally:
        made.end()


def enrolment(folder, rounds, seed):
    """Proposals of keys are few: each round is a fresh world, in which each organisation has its 50 again."""
    made, whole = refusing.Refusing(folder), Sampling()
    try:
        for n in range(rounds):
            made.restore()
            made.gateway.must_start()
            made.story.first_certificates()
            round_ = Sampling().run(made, 24, f"{seed} {n}", 3, refusing.Registrars)
            whole.lost += round_.lost
            for (group, *answer), causes in round_.answers.items():
                whole.answers.setdefault((group, *answer), set()).update(causes)
            for cause, samples in round_.samples.items():
                whole.samples.setdefault(cause, {}).update({(n, *key): sample for key, sample in samples.items()})
    finally:
        made.end()
    return whole


def pin(pid, cpu):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), {cpu})


def report(sampling, seconds, out=sys.stdout):
    rows = judge(sampling, same_group(sampling) + across(sampling))
    for row in sorted(rows, key=lambda row: -row["accuracy"]):
        print(f"{row['accuracy']:.2%} ± {row['error']:.2%}  {row['pairs']:6} pairs  {row['one']} | {row['two']}: {row['best']}",
              file=out)
    return {"seconds": round(seconds), "lost": sampling.lost, "answers that differ": sampling.differing(), "rows": rows,
            "control": [control(sampling, cause) for cause in CONTROLS if cause in sampling.samples]}


def is_of_one_group(row):
    """Whoever asks knows whether it was an opening or a range: those two may differ."""
    return row["one"].split(" / ")[0] == row["two"].split(" / ")[0]


def verdict(result, least):
    """What is wrong with the figures. `least`: so many pairs are needed to judge the guessers; 0: they are not judged."""
    wrong = [f"{group}: {len(answers)} different answers" for group, answers in result["answers that differ"].items()]
    if not least:
        return wrong
    for row in result["rows"]:
        pair = f"{row['one']} | {row['two']}"
        if row["pairs"] < least:
            wrong.append(f"{pair}: only {row['pairs']} pairs, {least} are needed")
        elif row["accuracy"] > BEST and is_of_one_group(row):
            wrong.append(f"{pair}: guessed with {row['accuracy']:.2%} ± {row['error']:.2%} ({row['best']}): at most {BEST:.0%}")
    wrong += [f"control, {one['cause']}: a millisecond is guessed with {one['1 ms later']:.2%}: the guessers see nothing"
              for one in result["control"] if one["1 ms later"] < 0.6]
    return wrong if result["rows"] else ["nothing was measured"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--decks", type=int)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--pin-server", type=int, metavar="CPU")
    parser.add_argument("--enrolment", type=int, metavar="ROUNDS", help="only proposals of keys, about 96 pairs a round; 40 are judged")
    given = parser.parse_args()
    world.must_be_built()
    decks = given.decks or (LONG_DECKS if given.long else 20)
    print(f"seed {given.seed}, {decks} decks for each of {len(refusing.READERS)} organisations", flush=True)
    folder = world.folder_for("side-channels")
    try:
        started = time.monotonic()
        sampling = (enrolment(folder, given.enrolment, given.seed) if given.enrolment else
                    measure(folder, decks, given.seed, given.pin_server))
        seconds = time.monotonic() - started
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result = report(sampling, seconds)
    print(json.dumps({**result, "rows": len(result["rows"])}, ensure_ascii=False, indent=1))
    if given.json:
        given.json.write_text(json.dumps(result, ensure_ascii=False, indent=1))
    of_keys = LEAST_OF_KEYS if given.enrolment and given.enrolment >= ROUNDS else 0
    wrong = verdict(result, of_keys if given.enrolment else LEAST if given.long else 0)
    print("\n".join(f"MISSED {one}" for one in wrong) or "all figures are met")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
