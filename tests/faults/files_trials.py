#!/usr/bin/python3
"""Files of an earlier time put back, and files edited: every trial by name, in one order that a seed does not change.

    files_trials.py                      all of them, counted
    files_trials.py --only NAME          one, or all whose name begins so
    files_trials.py --sample 60          so many, chosen by the seed
    files_trials.py --list

The seed chooses rows, pages and bits; it is printed. FLIKVAKT_BUILD names the built tree.
"""
import argparse
import collections
import random
import shutil
import sys
import time

import files_history
import files_objects
import files_places
import files_put_back
import files_rows
import files_small
import files_trial
import files_verdict
import world

SEED = 20261122
LEAST = 25  # trials of a sample, however slow the machine is


def all_trials():
    modules = (files_put_back, files_rows, files_small, files_objects, files_places)
    out = [trial for module in modules for trial in module.all_trials()]
    names = collections.Counter(trial.name for trial in out)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise RuntimeError(f"names of trials twice: {twice}")
    return out


def sample(trials, count, seed):
    """Some of every group first."""
    chance, chosen = random.Random(seed), []
    groups = collections.defaultdict(list)
    for trial in trials:
        groups[trial.group].append(trial)
    for group in groups.values():
        chosen += chance.sample(group, min(2, len(group)))
    rest = [trial for trial in trials if trial not in chosen]
    chosen += chance.sample(rest, max(0, min(count - len(chosen), len(rest))))
    return [trial for trial in trials if trial in chosen][:max(count, len(groups) * 2)]


def play(history, trials, seed, say=lambda line: None, until=None):
    """Counts by outcome, what was said by trial, and violations by trial. `until`: when LEAST were played, no trial begins after
    that time."""
    counts, said, violations = collections.Counter(), {}, {}
    for trial in trials:
        started = time.monotonic()
        if until is not None and started > until and len(said) + len(violations) >= LEAST:
            break
        try:
            outcome, words = files_trial.run(history, trial, seed)
            counts[outcome] += 1
            said[trial.name] = (outcome, words)
            say(f"{time.monotonic() - started:5.1f} s  {outcome:11}  {trial.name}  | {words[:160]}")
        except files_verdict.Violation as violation:
            violations[trial.name] = str(violation)
            say(f"{time.monotonic() - started:5.1f} s  VIOLATION    {trial.name}: {violation}\n"
                f"    again: files_trials.py --seed {seed} --only '{trial.name}'")
    return counts, said, violations


def report(counts, violations, seed):
    lines = [f"seed {seed}: {sum(counts.values()) + len(violations)} trials, {len(violations)} violations"]
    lines += [f"  {counts[name]:5}  {name}: {meaning}" for name, meaning in files_verdict.OUTCOMES.items()]
    found = sum(counts[name] for name in ("locked", "not started", "first touch", "verify", "healed"))
    apart = f"harmless ({counts['harmless']}) and accepted ({counts['accepted']}) are counted apart"
    lines.append(f"  {found:5}  found or healed in all; {apart}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[""], help="names, or how names begin")
    parser.add_argument("--sample", type=int, help="so many, chosen by the seed")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    trials = [trial for trial in all_trials() if trial.name.startswith(tuple(given.only))]
    if not trials:
        groups = sorted({trial.group for trial in all_trials()})
        world.wrong(f"--only: no trial's name begins so; names begin with {', '.join(groups)}; --list shows all")
    if given.sample:
        trials = sample(trials, given.sample, given.seed)
    if given.list:
        print("\n".join(trial.name for trial in trials))
        print(len(trials), file=sys.stderr)
        return 0
    world.must_be_built()
    folder = world.folder_for("files")
    try:
        counts, _, violations = play(files_history.History(folder), trials, given.seed, lambda line: print(line, flush=True))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(report(counts, violations, given.seed))
    return 1 if violations or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
