#!/usr/bin/python3
"""The machine's wall clock goes wrong: jumps, leap seconds, drift, a wrong time at start-up. The steady clock runs on.

    clock.py [--long] [--seed N] [--trial NAME …]

Our clients' clocks go with the gateway's, so that nothing but its own doubt stands in their way; the person's device keeps the
right time. What must hold: in doubt nothing opens; what was taken back, has run out or has not begun stays shut; taking back is
acknowledged in doubt too, at the last entry's time; when the clock is right again and an administrator says so, all is as before.
"""
import argparse
import random
import shutil
import sys
import time

import bend as bending
import many
import world
from clock_trial import DAY, HOUR, Timed, Trial

# Name, seconds that the clock is wrong at start-up, by how much it is then moved while the gateway runs, whether that is doubted.
QUICK = [("a leap second", 0, [-1.0], False), ("ten seconds ahead", 0, [10], True), ("an hour back", 0, [-HOUR], True),
         ("started a day and an hour ahead", 25 * HOUR, [], True), ("started three hours ahead", 3 * HOUR, [], False)]
MORE = [("three hours ahead", 0, [3 * HOUR], True), ("started an hour back", -HOUR, [], True),
        ("a second left out", 0, [1.0], False), ("a smeared leap second", 0, [0.1] * 10, False),
        ("ten seconds back", 0, [-10], True), ("six seconds ahead and back", 0, [6, -6], True),
        ("back by little and little", 0, [-1.5] * 14, True), ("ahead by little and little", 0, [4.0] * 6, True),
        ("thirty hours ahead", 0, [30 * HOUR], True), ("ahead, then back to the right time", 0, [2 * HOUR, -2 * HOUR], True),
        ("a year ahead", 0, [400 * DAY], True), ("a year back", 0, [-400 * DAY], True),
        ("started a year ahead", 400 * DAY, [], True), ("started a year back", -400 * DAY, [], True)]
DRIFTS = [0.0005, -0.0005, 0.05]  # seconds a second: what NTP corrects by, both ways, and much more


def random_trials(seed, count):
    """Jumps of every size, both ways, at start-up and later; clear of the edges of what is doubted."""
    chance, out = random.Random(seed), []
    for n in range(count):
        size = chance.uniform(*chance.choice([(6, 60), (60, HOUR), (HOUR, DAY), (DAY, 300 * DAY)]))
        out.append((f"random {n}: {size:+.0f} s", 0, [size * chance.choice([-1, 1])], True))
    return out


def serving(made, bend):
    made.restore()
    bend.clock(0)
    made.gateway.environment = bend.environment()
    made.gateway.must_start()
    made.story.first_certificates()


def running_transfer(made, bend):
    """A reading that runs when the clock jumps is cut: what has run out meanwhile cannot be known."""
    serving(made, bend)
    who = made.cast.tuva
    stream = who.connect(receive_buffer=4096)
    target = f"/v1/documents/{made.documents['intyg']}/content?purpose={world.TEAM}"
    stream.sendall(many.request("GET", target, who.credentials()))
    first = len(stream.recv(1000))
    bend.clock(10)
    end = time.monotonic() + 60
    while made.figure("flikvakt_readings_open") > 0 and time.monotonic() < end:
        time.sleep(0.1)
    size = first + read_up(stream)
    whole = next(one[4] for one in world.DOCUMENTS if one[0] == "intyg")
    return [] if 0 < first and size < whole else [f"{first} bytes before the jump, {size} in all"]


def read_up(stream):
    """What still comes, to the end."""
    size = 0
    try:
        while got := stream.recv(1 << 16):
            size += len(got)
    except OSError:
        pass
    stream.close()
    return size


def drift(made, bend, rate, seconds=3):
    serving(made, bend)
    bend.clock(0, rate)
    trial = Trial(made, bend, f"drift {rate}", 0, [], False)
    end = time.monotonic() + seconds
    with trial.clients_follow():
        while time.monotonic() < end:
            trial.expect(trial.opens(*world.ALLOWED["robin"]), "what is allowed does not open")
            time.sleep(0.2)
        trial.nothing_taken_back_opens("while drifting")
        trial.expect(not trial.in_doubt(), "doubted")
    return trial.wrong


def play(folder, trials, drifts=(), out=sys.stdout):
    """Trials and what was wrong in each."""
    made = Timed(folder)
    bend, found = bending.Bend(folder), {}
    runs = [(one[0], lambda one=one: Trial(made, bend, *one).run()) for one in trials]
    runs += [(f"drift of {rate}", lambda rate=rate: drift(made, bend, rate)) for rate in drifts]
    runs.append(("a transfer that runs when the clock jumps", lambda: running_transfer(made, bend)))
    try:
        for name, run in runs:
            found[name] = run()
            print(f"{name}: {'; '.join(found[name]) or 'ok'}", file=out, flush=True)
    finally:
        made.end()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--trial", action="append", metavar="NAME", help="as it is printed")
    given = parser.parse_args()
    trials = [*QUICK, *MORE] + (random_trials(given.seed, 60) if given.long or given.trial else [])
    for name in given.trial or []:
        if name not in [one[0] for one in trials]:
            world.wrong(f"--trial: there is no trial `{name}`; there are: {', '.join(one[0] for one in [*QUICK, *MORE])},"
                        f" and those that --long draws by the seed")
    world.must_be_built()
    print(f"seed {given.seed}", flush=True)
    folder = world.folder_for("clock")
    try:
        found = play(folder, [one for one in trials if not given.trial or one[0] in given.trial], [] if given.trial else DRIFTS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    wrong = sum(bool(one) for one in found.values())
    print(f"{len(found)} trials, {wrong} with something wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
